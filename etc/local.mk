# etc - the configuration as installed: every default shown
penstocksysconfdir = $(sysconfdir)/penstock
dist_penstocksysconf_DATA = etc/penstock.conf
