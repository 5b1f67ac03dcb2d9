# systemd - the unit, its socket, the user it runs as and the folder it keeps
systemdsystemunit_DATA = systemd/penstockd.service
dist_systemdsystemunit_DATA = systemd/penstockd.socket
dist_sysusers_DATA = systemd/sysusers.d/penstock.conf
dist_tmpfiles_DATA = systemd/tmpfiles.d/penstock.conf
EXTRA_DIST += systemd/penstockd.service.in
CLEANFILES += systemd/penstockd.service

# Paths are settled by make, since the install folders may still change after configure.
systemd/penstockd.service: systemd/penstockd.service.in Makefile
	$(AM_V_GEN)mkdir -p systemd && sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/systemd/penstockd.service.in > $@
