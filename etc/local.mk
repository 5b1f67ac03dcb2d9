# etc - the configuration as installed: every default shown.  One that an operator has changed is neither replaced nor removed.
EXTRA_DIST += etc/penstock.conf
penstocksysconfdir = $(sysconfdir)/penstock
INSTALLED_CONF = $(DESTDIR)$(penstocksysconfdir)/penstock.conf

install-data-local:
	test -e '$(INSTALLED_CONF)' || \
		{ $(MKDIR_P) '$(DESTDIR)$(penstocksysconfdir)' && $(INSTALL_DATA) $(srcdir)/etc/penstock.conf '$(INSTALLED_CONF)'; }

uninstall-local:
	! cmp -s $(srcdir)/etc/penstock.conf '$(INSTALLED_CONF)' || rm -f '$(INSTALLED_CONF)'
