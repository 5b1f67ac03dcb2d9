# tests/lint - the rules of HACKING.md, held by programs; each takes a tree as argument, or finds its own
LINTS = tests/lint/format tests/lint/headers tests/lint/manuals tests/lint/shell
if HAVE_PYTHON
LINTS += tests/lint/floors tests/lint/lengths tests/lint/libraries tests/lint/lists tests/lint/selftest tests/lint/text
endif
TESTS += $(LINTS)
EXTRA_DIST += tests/lint
