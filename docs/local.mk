# docs - manual pages are installed, the rest is for readers of the source
dist_man_MANS += docs/man/penstock.1 docs/man/penstock.conf.5 docs/man/penstock.7 docs/man/penstockd.8
EXTRA_DIST += docs/patterns.md docs/ARCHITECTURE.md docs/openapi.yaml
