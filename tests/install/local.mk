# tests/install - make installcheck: what was installed can be used
EXTRA_DIST += tests/install/check

installcheck-local:
	CC='$(CC)' CFLAGS='$(PEN_CFLAGS) $(CFLAGS)' DESTDIR='$(DESTDIR)' bindir='$(bindir)' sbindir='$(sbindir)' libexecdir='$(libexecdir)' libdir='$(libdir)' \
		$(srcdir)/tests/install/check
