# tests - each folder has its fragment; the integration tests are started by scripts/test
TEST_LIBS = libhttp.a libgate.a libwork.a libstore.a libwire.a libconf.a liblog.a libcore.a libpen.a libbase.a \
	$(MICROHTTPD_LIBS) $(CURL_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(CHECK_LIBS)

# A test may hold a format in a table, borrow literals where the daemon owns memory, and stand in front of the C library.
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS) -Wno-format-nonliteral -Wno-write-strings -Wno-missing-prototypes \
	-fvisibility=default

# All tests tell TAP.  The deadline of a case is for one that hangs, so it leaves room for a busy machine and for sanitizers.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' CC='$(CC)'; export top_srcdir top_builddir CC; \
	CK_FORK=$${CK_FORK-no} CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER-15}; export CK_FORK CK_TIMEOUT_MULTIPLIER;

# The programs of tests/unit find penstock-exec beside themselves, as penstockd does.
noinst_DATA = tests/unit/penstock-exec
tests/unit/penstock-exec: penstock-exec
	$(AM_V_GEN)mkdir -p tests/unit && ln -sf ../../penstock-exec $@
CLEANFILES += tests/unit/penstock-exec

include tests/unit/local.mk
include tests/stress/local.mk
include tests/lint/local.mk
include tests/model/local.mk
include tests/compilers/local.mk
include tests/install/local.mk
include tests/integration/local.mk
