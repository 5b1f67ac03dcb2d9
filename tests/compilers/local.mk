# tests/compilers - the stress programs as another compiler makes them, and under valgrind; scripts/test starts it
COMPILERS = tests/compilers/check
EXTRA_DIST += $(COMPILERS)
