# tests/lint - the rules of HACKING.md, held by programs; each takes a tree as argument, or finds its own
LINT = tests/lint/format tests/lint/headers tests/lint/manuals tests/lint/shell
PYTHON_LINT = tests/lint/documents tests/lint/floors tests/lint/lengths tests/lint/libraries tests/lint/lists tests/lint/openapi \
	tests/lint/options tests/lint/packages tests/lint/selftest tests/lint/symbols tests/lint/text
if HAVE_PYTHON
LINT += $(PYTHON_LINT)
endif
TESTS += $(LINT)
EXTRA_DIST += $(LINT) $(PYTHON_LINT) tests/lint/tree.py
