# docs - manual pages are installed, the rest is for readers of the source
dist_man_MANS += docs/man/penstock.conf.5
EXTRA_DIST += docs/ARCHITECTURE.md
