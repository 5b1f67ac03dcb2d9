# docs - manual pages are installed, the rest is for readers of the source
dist_man_MANS += docs/man/penstock.1 docs/man/penstock.conf.5 docs/man/penstock.7 docs/man/penstockd.8
EXTRA_DIST += docs/ARCHITECTURE.md docs/decisions docs/openapi.yaml docs/examples/tour.conf

# A program for README.md, built as one outside the tree would be: from the public headers and the library alone.
noinst_PROGRAMS += docs/examples/generator
docs_examples_generator_LDADD = libpenstock.la
