# Units, and the user and folders they need. Paths are those of this build.
UNIT_FILES = %D%/relmand.service %D%/relmand.socket %D%/relmand-hooks.socket %D%/relman-backup.service %D%/relman.sysusers %D%/relman.tmpfiles
systemdsystemunit_DATA = %D%/relmand.service %D%/relmand.socket %D%/relmand-hooks.socket %D%/relman-backup.service
dist_systemdsystemunit_DATA = %D%/relman-backup.timer
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = %D%/relman.catalog
DEBIAN_FILES = debian/changelog debian/control debian/copyright debian/relmanctl.install debian/relmanctl.lintian-overrides \
	debian/relmand.docs debian/relmand.install debian/relmand.lintian-overrides debian/relmand.postrm debian/relmand.prerm \
	debian/rules debian/source/format
EXTRA_DIST += $(DEBIAN_FILES) $(UNIT_FILES:=.in) etc/relmand.yaml \
	etc/examples/registry.yaml etc/examples/components.yaml etc/examples/release.yaml etc/examples/environments.yaml
CLEANFILES += $(UNIT_FILES)
all-local: $(UNIT_FILES) $(COMPLETIONS)

$(UNIT_FILES): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/relmand.service: %D%/relmand.service.in
%D%/relmand.socket: %D%/relmand.socket.in
%D%/relmand-hooks.socket: %D%/relmand-hooks.socket.in
%D%/relman-backup.service: %D%/relman-backup.service.in
%D%/relman.sysusers: %D%/relman.sysusers.in
%D%/relman.tmpfiles: %D%/relman.tmpfiles.in

# Where each shell looks by itself.
COMPLETIONS = %D%/completion.bash %D%/completion.zsh %D%/completion.fish
bashcompletionsdir = $(datadir)/bash-completion/completions
zshcompletionsdir = $(datadir)/zsh/$(ZSH_COMPLETIONS)
ZSH_COMPLETIONS = site-functions
fishcompletionsdir = $(datadir)/fish/vendor_completions.d
CLEANFILES += $(COMPLETIONS)
$(COMPLETIONS): relmanctl
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./relmanctl complete $(@:%D%/completion.%=%) >$@.tmp && mv $@.tmp $@

# An administrator's configuration is never overwritten.
install-data-local: $(COMPLETIONS)
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(sysconfdir)/relman/specs' \
		'$(DESTDIR)$(docdir)/examples' '$(DESTDIR)$(bashcompletionsdir)' '$(DESTDIR)$(zshcompletionsdir)' \
		'$(DESTDIR)$(fishcompletionsdir)'
	$(INSTALL_DATA) %D%/relman.sysusers '$(DESTDIR)$(sysusersdir)/relman.conf'
	$(INSTALL_DATA) %D%/relman.tmpfiles '$(DESTDIR)$(tmpfilesdir)/relman.conf'
	$(INSTALL_DATA) $(srcdir)/etc/examples/*.yaml '$(DESTDIR)$(docdir)/examples'
	$(INSTALL_SCRIPT) $(srcdir)/etc/git/pre-commit $(srcdir)/etc/ci/relman-check $(srcdir)/etc/ci/relman-comment $(srcdir)/doc/make-image \
		'$(DESTDIR)$(docdir)/examples'
	$(INSTALL_DATA) $(srcdir)/etc/prometheus/relman.rules.yaml $(srcdir)/etc/grafana/relman-dashboard.json '$(DESTDIR)$(docdir)'
	$(INSTALL_DATA) $(srcdir)/etc/container/relman.container $(srcdir)/etc/container/compose.yaml \
		'$(DESTDIR)$(docdir)/examples'
	$(INSTALL_DATA) $(srcdir)/etc/kubernetes/relman.yaml '$(DESTDIR)$(docdir)/examples/kubernetes.yaml'
	$(INSTALL_DATA) %D%/completion.bash '$(DESTDIR)$(bashcompletionsdir)/relmanctl'
	$(INSTALL_DATA) %D%/completion.zsh '$(DESTDIR)$(zshcompletionsdir)/_relmanctl'
	$(INSTALL_DATA) %D%/completion.fish '$(DESTDIR)$(fishcompletionsdir)/relmanctl.fish'
	test -e '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml' || \
		$(INSTALL_DATA) $(srcdir)/etc/relmand.yaml '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml'
uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/relman.conf' '$(DESTDIR)$(tmpfilesdir)/relman.conf' \
		'$(DESTDIR)$(bashcompletionsdir)/relmanctl' '$(DESTDIR)$(zshcompletionsdir)/_relmanctl' \
		'$(DESTDIR)$(fishcompletionsdir)/relmanctl.fish'
	rm -rf '$(DESTDIR)$(docdir)/examples' '$(DESTDIR)$(docdir)/relman.rules.yaml' '$(DESTDIR)$(docdir)/relman-dashboard.json'
	! cmp -s $(srcdir)/etc/relmand.yaml '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml' || \
		rm -f '$(DESTDIR)$(sysconfdir)/relman/relmand.yaml'
	-rmdir '$(DESTDIR)$(sysconfdir)/relman/specs' '$(DESTDIR)$(sysconfdir)/relman' 2>/dev/null
