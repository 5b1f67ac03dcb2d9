# tests - each folder has its fragment; the integration tests are started by scripts/test
TEST_LIBS = libhttp.la libgate.la libwork.la libstore.la libwire.la libconf.la liblog.la libcore.la libpen.la libbase.la $(CHECK_LIBS)

include tests/unit/local.mk
include tests/stress/local.mk
include tests/lint/local.mk
EXTRA_DIST += tests/integration
