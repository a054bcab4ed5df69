# Units and the user they need. Paths are those of this build.
UNIT_FILES = %D%/relmand.service %D%/relman.sysusers
systemdsystemunit_DATA = %D%/relmand.service
sysusersdir = $(prefix)/lib/sysusers.d
EXTRA_DIST += %D%/relmand.service.in %D%/relman.sysusers.in etc/relmand.yaml \
	etc/examples/registry.yaml etc/examples/components.yaml etc/examples/release.yaml etc/examples/environments.yaml
CLEANFILES += $(UNIT_FILES)
all-local: $(UNIT_FILES)

$(UNIT_FILES): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/relmand.service: %D%/relmand.service.in
%D%/relman.sysusers: %D%/relman.sysusers.in

# An administrator's configuration is never overwritten.
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(sysconfdir)/relman/specs' \
		'$(DESTDIR)$(docdir)/examples'
	$(INSTALL_DATA) %D%/relman.sysusers '$(DESTDIR)$(sysusersdir)/relman.conf'
	$(INSTALL_DATA) $(srcdir)/etc/examples/*.yaml '$(DESTDIR)$(docdir)/examples'
	test -e '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml' || \
		$(INSTALL_DATA) $(srcdir)/etc/relmand.yaml '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml'
uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/relman.conf'
	rm -rf '$(DESTDIR)$(docdir)/examples'
	! cmp -s $(srcdir)/etc/relmand.yaml '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml' || \
		rm -f '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml'
	-rmdir '$(DESTDIR)$(sysconfdir)/relman/specs' '$(DESTDIR)$(sysconfdir)/relman' 2>/dev/null
