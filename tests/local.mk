# A unit test links only the layer under test and the layers below it, so that the link fails if a layer calls
# a higher layer. The included files name the sources of each test. The libraries in UNIT_... are in the order
# that a linker needs.
UNIT_BASE_LIBS = src/base/libbase.a $(CRYPTO_LIBS) $(SYSTEMD_LIBS) $(CMOCKA_LIBS)
UNIT_MODEL_LIBS = src/model/libmodel.a $(UNIT_BASE_LIBS) $(CJSON_LIBS)
UNIT_VERSION_LIBS = src/version/libversion.a src/calendar/libcalendar.a $(UNIT_MODEL_LIBS) $(PCRE2_LIBS)

# Sources and flags of tests that make calls in the test process fail. The functions of arenas are wrapped,
# so that each of their calls can fail.
FAILING_SOURCES = tests/unit/failing.c tests/unit/failing.h tests/unit/unit.h
FAILING_LINK = $(AM_LDFLAGS) -Wl,--wrap=arena_alloc,--wrap=arena_alloc_array,--wrap=arena_memdup,--wrap=arena_strdup \
	-Wl,--wrap=arena_strndup,--wrap=arena_printf

EXTRA_PROGRAMS =
check_DATA =
include tests/unit/base.mk
include tests/unit/model.mk
include tests/unit/calendar.mk
include tests/unit/version.mk
include tests/unit/release.mk
include tests/unit/spec.mk
include tests/unit/registry.mk
include tests/unit/trust.mk
include tests/unit/store.mk
include tests/unit/lock.mk
include tests/unit/reconcile.mk
include tests/unit/api.mk

# Tests of the programs, most of them with a real registry.
# The longest come first, so that none of them runs alone at the end.
dist_check_SCRIPTS += \
	tests/integration/test_restore.py tests/integration/test_upgrade.py tests/integration/test_hostile.py \
	tests/integration/test_once.py tests/integration/test_daemon.py \
	tests/integration/test_tokens.py \
	tests/integration/test_units.py tests/integration/test_versions.py tests/integration/test_charts.py tests/integration/test_signatures.py tests/integration/test_hostile_signatures.py tests/integration/test_notation.py tests/integration/test_admission.py tests/integration/test_sigstore.py \
	tests/integration/test_connectors.py tests/integration/test_login.py tests/integration/test_web.py tests/integration/test_reference_tools.py tests/integration/test_layout.py tests/integration/test_verify.py \
	tests/integration/test_manners.py tests/integration/test_hooks.py tests/integration/test_first.py tests/integration/test_story.py tests/integration/test_promote.py tests/integration/test_status.py tests/integration/test_api.py tests/integration/test_lists.py tests/integration/test_write.py tests/integration/test_contract.py tests/integration/test_ctl.py tests/integration/test_skew.py tests/integration/test_answers.py tests/integration/test_abuse.py tests/integration/test_framing.py tests/integration/test_outputs.py tests/integration/test_events.py tests/integration/test_receivers.py tests/integration/test_disk.py \
	tests/integration/test_memory.py tests/integration/test_mirrors.py tests/integration/test_moves.py tests/integration/test_why.py tests/integration/test_questions.py tests/integration/test_windows.py tests/integration/test_calendars.py \
	tests/golden/test_lint.py tests/golden/test_render.py
EXTRA_DIST += tests/golden/lint tests/golden/render tests/golden/why.txt tests/golden/questions.txt \
	tests/lib/docker_registry.py tests/lib/relman.py tests/lib/standin.py tests/lib/state.py tests/lib/receiver.py tests/lib/event_site.py tests/lib/metrics.py tests/lib/packages.sh \
	tests/lib/get-docker-registry tests/lib/get-sigstore-seeds tests/lib/booted.py tests/lib/boot-systemd tests/lib/make-root tests/lib/check-other-release tests/lib/build-packages \
	tests/integration/test_systemd.py tests/integration/test_container.py tests/integration/sandbox-probe.c tests/lib/write_openapi.py \
	tests/contract/package.json tests/contract/package-lock.json tests/contract/list.ts tests/contract/admission.mjs tests/contract/kubernetes.mjs tests/contract/sigstore-sign.mjs tests/contract/sigstore-verify.mjs tests/contract/redocly.yaml \
	tests/lint/layers.py tests/lint/cycles.py tests/lint/cycles.known tests/lint/sizes.py tests/lint/cleanups.py tests/lint/coverage.py tests/lint/memcheck tests/lint/analyze tests/lint/analyze.known tests/lint/cppcheck.known tests/lint/headers-alone tests/lint/test_gates.py
# Tests of databases (restored, upgraded, damaged), of pages whose commands are run, and of alerts.
dist_check_SCRIPTS += \
	tests/integration/test_tutorial.py tests/integration/test_gitops.py tests/integration/test_pipelines.py tests/integration/test_alerts.py tests/integration/test_examples.py tests/integration/test_export.py
# The page in a browser. run-tests compares its vendored files with the npm registry.
dist_check_SCRIPTS += tests/integration/test_page.py tests/integration/test_page_views.py
EXTRA_DIST += tests/contract/browser.mjs tests/web/vendor.py
EXTRA_DIST += tests/lint/words.py tests/lint/words.known tests/lint/prose tests/contract/textlintrc.json
EXTRA_DIST += tests/lint/man.py tests/lint/operating.py tests/lint/alerts.test.yaml tests/lib/console.py tests/lib/faults.py tests/lib/forge.py tests/lib/get-program tests/lib/kill_points.py tests/lib/signatures.py tests/lib/notation.py tests/data/schema-1.sql tests/data/schema-2.sql tests/data/schema-3.sql tests/data/schema-4.sql tests/data/schema-5.sql tests/data/schema-6.sql tests/data/schema-7.sql tests/data/schema-8.sql tests/data/schema-9.sql tests/data/schema-10.sql tests/data/schema-11.sql tests/data/schema-12.sql tests/data/schema-13.sql tests/data/schema-14.sql tests/data/schema-15.sql tests/data/schema-16.sql tests/data/schema-17.sql tests/data/schema-18.sql tests/data/schema-19.sql tests/data/schema-20.sql tests/data/schema-21.sql tests/data/schema-22.sql tests/data/schema-23.sql tests/data/schema-24.sql tests/data/schema-25.sql tests/data/schema-26.sql
# Test scripts need no build, but the programs that they run must be built first.
check-local: relmand relmanctl $(UNIT_FILES) $(nodist_man_MANS)

# Tests of outputs in Git repositories.
dist_check_SCRIPTS += tests/integration/test_git_outputs.py tests/integration/test_git_specs.py tests/integration/test_pull_requests.py
EXTRA_DIST += tests/lib/git_repository.py tests/lib/git_server.py

# Tests of what hosts run.
dist_check_SCRIPTS += tests/integration/test_running.py
EXTRA_DIST += tests/data/running tests/data/notation tests/data/manifests

# Tests of mistakes of users with the complete texts of messages, and of requests that wait for a lockfile.
dist_check_SCRIPTS += tests/integration/test_mistakes.py tests/integration/test_lock_wait.py

# Gates between a release and an environment.
dist_check_SCRIPTS += tests/integration/test_gates.py tests/integration/test_signing.py tests/integration/test_checks.py tests/integration/test_run_checks.py
dist_check_SCRIPTS += tests/integration/test_past.py tests/integration/test_images.py tests/integration/test_replay.py
dist_check_SCRIPTS += tests/integration/test_http_checks.py
dist_check_SCRIPTS += tests/integration/test_people.py
dist_check_SCRIPTS += tests/integration/test_follows.py tests/integration/test_ways.py
dist_check_SCRIPTS += tests/integration/test_gates_story.py tests/integration/test_gate_mistakes.py

# Tests of specs that are reloaded while requests are in progress.
dist_check_SCRIPTS += tests/integration/test_reload.py

# Tests the Debian packages on a booted systemd. Not in "make check", because it builds packages without
# sanitizers and needs root.
check-systemd: all
	@SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(PYTHON3) $(top_srcdir)/tests/integration/test_systemd.py $(ONLY)
.PHONY: check-systemd

# Makes the container image of these programs and tests it. Not in "make check", because it needs root, and its size
# counts without sanitizers only.
check-container: relmand relmanctl
	@SRCDIR='$(abs_top_srcdir)' BUILDDIR='$(abs_top_builddir)' $(PYTHON3) $(top_srcdir)/tests/integration/test_container.py $(ONLY)
.PHONY: check-container

# Builds and tests relman on the other supported release of Debian. Not in "make check", because it needs root
# and some minutes.
check-other-release:
	@$(top_srcdir)/tests/lib/check-other-release '$(abs_top_builddir)'
.PHONY: check-other-release

# "make check-cases CASES=FILE" checks relman with test cases of other programs, "make check-cases SIGSTORE=DIR"
# with bundles of Sigstore's conformance suite. SEEDS=FILE names seeds.json of the npm package @sigstore/tuf, which
# is downloaded otherwise.
EXTRA_PROGRAMS += tests/cases/check-cases tests/cases/check-sigstore
tests_cases_check_cases_SOURCES = tests/cases/check-cases.c tests/cases/case.c tests/cases/cases.h \
	tests/cases/versions.c tests/cases/picks.c
tests_cases_check_cases_LDADD = $(UNIT_VERSION_LIBS)
tests_cases_check_sigstore_SOURCES = tests/cases/check-sigstore.c
tests_cases_check_sigstore_LDADD = $(UNIT_TRUST_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)
check-cases: tests/cases/check-cases tests/cases/check-sigstore
	@test -n '$(CASES)$(SIGSTORE)' || { echo 'check-cases: say CASES=FILE or SIGSTORE=DIR' >&2; exit 2; }
	@test -z '$(CASES)' || tests/cases/check-cases $(CASES)
	@test -z '$(SIGSTORE)' || { \
		seeds='$(SEEDS)'; \
		test -n "$$seeds" || seeds=$$($(top_srcdir)/tests/lib/get-sigstore-seeds '$(abs_top_builddir)') && \
		tests/cases/check-sigstore "$$seeds" '$(SIGSTORE)'; }
.PHONY: check-cases

# Builds the programs that otherwise only single targets build, so that a change that breaks one is found
# early.
all-extra: tests/cases/check-cases tests/cases/check-sigstore tests/fault/replay $(bench_programs)
.PHONY: all-extra
