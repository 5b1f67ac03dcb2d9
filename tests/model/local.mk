# tests/model - the protocols of src/lib as models for spin, gone through by `make check`
MODEL = tests/model/check
TESTS += $(MODEL)
EXTRA_DIST += $(MODEL) tests/model/lock.pml tests/model/park.pml tests/model/roam.pml tests/model/sem.pml tests/model/sleep.pml
