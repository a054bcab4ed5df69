# Manual pages. The field references are made from the same tables that read the files.
dist_man_MANS += %D%/relman.7 %D%/relmand.8 %D%/relmanctl.1 %D%/relman-lock.5
nodist_man_MANS = %D%/relman-spec.5 %D%/relmand.yaml.5
# The pages for users, beside README.md of the package.
dist_doc_DATA += %D%/events.md %D%/gitops.md %D%/glossary.md %D%/lockfiles.md %D%/operating.md %D%/registries.md \
	%D%/releases.md %D%/reliability.md %D%/tutorial.md %D%/versions.md %D%/web.md %D%/page-drawer.png
# Pictures of the page, which UPDATE_SCREENSHOTS=1 tests/integration/test_page.py takes.
EXTRA_DIST += %D%/page-light.png %D%/page-dark.png %D%/page-narrow.png
EXTRA_DIST += %D%/make-image \
	etc/git/pre-commit etc/git/relmand.yaml etc/ci/relman-check etc/ci/relman-comment etc/ci/github/action.yml etc/ci/gitlab/relman.yml \
	etc/prometheus/relman.rules.yaml etc/grafana/relman-dashboard.json \
	etc/container/Containerfile etc/container/make-image etc/container/relmand.yaml etc/container/relman.container \
	etc/container/compose.yaml etc/kubernetes/relman.yaml
EXTRA_DIST += %D%/relman-spec.5.head %D%/relman-spec.5.tail %D%/relmand.yaml.5.head
CLEANFILES += $(nodist_man_MANS)

%D%/relman-spec.5: %D%/relman-spec.5.head %D%/relman-spec.5.tail relmanctl
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { cat $(srcdir)/$@.head && ./relmanctl schema --man metadata && \
	echo '.SH KINDS' && ./relmanctl schema --man kinds && cat $(srcdir)/$@.tail; } >$@.tmp && \
	mv $@.tmp $@
%D%/relmand.yaml.5: %D%/relmand.yaml.5.head relmanctl
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { cat $(srcdir)/$@.head && ./relmanctl schema --man config && \
	printf '.SH SEE ALSO\n.BR relmand (8),\n.BR relman-spec (5)\n'; } >$@.tmp && mv $@.tmp $@

check-man: $(dist_man_MANS) $(nodist_man_MANS) relmand relmanctl
	for page in $(dist_man_MANS); do echo $(srcdir)/$$page; done | \
		xargs mandoc -T lint -W warning $(nodist_man_MANS)
	./relmanctl help all | $(PYTHON3) $(top_srcdir)/tests/lint/man.py $(srcdir)/%D%/relmanctl.1 VERBS
	./relmand --help | $(PYTHON3) $(top_srcdir)/tests/lint/man.py $(srcdir)/%D%/relmand.8 OPTIONS
.PHONY: check-man
