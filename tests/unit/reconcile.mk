# unit tests of the controllers and of src/reconcile
UNIT_RECONCILE_LIBS = src/reconcile/libreconcile.a src/preview/libpreview.a src/why/libwhy.a src/sync/libsync.a src/compose/libcompose.a \
	src/deploy/libdeploy.a src/record/librecord.a src/publish/libpublish.a src/git/libgit.a src/forge/libforge.a src/edit/libedit.a src/checks/libchecks.a src/plan/libplan.a src/control/libcontrol.a src/queue/libqueue.a \
	src/watch/libwatch.a src/event/libevent.a src/program/libprogram.a src/release/librelease.a src/spec/libspec.a \
	src/verify/libverify.a src/lock/liblock.a src/trust/libtrust.a src/version/libversion.a src/calendar/libcalendar.a src/registry/libregistry.a src/http/libhttp.a src/store/libstore.a \
	$(UNIT_MODEL_LIBS) $(PCRE2_LIBS) $(CURL_LIBS) $(PSL_LIBS) $(CBOR_LIBS) $(SQLITE_LIBS) \
	$(YAML_LIBS)
check_PROGRAMS += tests/unit/test-replay
tests_unit_test_replay_SOURCES = tests/unit/test-replay.c tests/unit/unit.h
tests_unit_test_replay_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-plan
tests_unit_test_plan_SOURCES = tests/unit/test-plan.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_plan_LDADD = $(UNIT_RECONCILE_LIBS)

# a test of the complete daemon
check_PROGRAMS += tests/unit/test-failing-daemon
tests_unit_test_failing_daemon_SOURCES = tests/unit/test-failing-daemon.c tests/unit/layout.h $(FAILING_SOURCES)
tests_unit_test_failing_daemon_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_failing_daemon_LDFLAGS = $(FAILING_LINK) -Wl,--wrap=sqlite3_step
tests_unit_test_failing_daemon_LDADD = $(ALL_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-waiters
tests_unit_test_waiters_SOURCES = tests/unit/test-waiters.c tests/unit/unit.h
tests_unit_test_waiters_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_waiters_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-queue
tests_unit_test_queue_SOURCES = tests/unit/test-queue.c $(FAILING_SOURCES)
tests_unit_test_queue_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_queue_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-watch
tests_unit_test_watch_SOURCES = tests/unit/test-watch.c tests/unit/unit.h
tests_unit_test_watch_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_watch_LDADD = src/watch/libwatch.a $(UNIT_MODEL_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test-due
tests_unit_test_due_SOURCES = tests/unit/test-due.c tests/unit/unit.h
tests_unit_test_due_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_due_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-settled
tests_unit_test_settled_SOURCES = tests/unit/test-settled.c tests/unit/unit.h
tests_unit_test_settled_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_settled_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=time_monotonic
tests_unit_test_settled_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-load
tests_unit_test_load_SOURCES = tests/unit/test-load.c tests/unit/unit.h $(FAILING_SOURCES)
tests_unit_test_load_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_load_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sqlite3_step,--wrap=usleep,--wrap=time_monotonic
tests_unit_test_load_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-publish
tests_unit_test_publish_SOURCES = tests/unit/test-publish.c tests/unit/fixture.h tests/unit/unit.h
tests_unit_test_publish_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_publish_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-program
tests_unit_test_program_SOURCES = tests/unit/test-program.c tests/unit/unit.h
tests_unit_test_program_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_program_LDADD = src/program/libprogram.a src/lock/liblock.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)

check_PROGRAMS += tests/unit/test-edit
tests_unit_test_edit_SOURCES = tests/unit/test-edit.c tests/unit/unit.h
tests_unit_test_edit_LDADD = src/edit/libedit.a $(UNIT_BASE_LIBS) $(YAML_LIBS)

check_PROGRAMS += tests/unit/test-git
tests_unit_test_git_SOURCES = tests/unit/test-git.c tests/unit/unit.h
tests_unit_test_git_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_git_LDADD = src/git/libgit.a src/program/libprogram.a src/lock/liblock.a src/trust/libtrust.a $(UNIT_MODEL_LIBS) $(YAML_LIBS)

check_PROGRAMS += tests/unit/test-sync
tests_unit_test_sync_SOURCES = tests/unit/test-sync.c tests/unit/layout.h tests/unit/host.h tests/unit/unit.h
tests_unit_test_sync_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_sync_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-compose
tests_unit_test_compose_SOURCES = tests/unit/test-compose.c tests/unit/world.h tests/unit/layout.h tests/unit/unit.h
tests_unit_test_compose_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_compose_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-preview
tests_unit_test_preview_SOURCES = tests/unit/test-preview.c tests/unit/world.h tests/unit/layout.h tests/unit/unit.h
tests_unit_test_preview_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_preview_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-deploy
tests_unit_test_deploy_SOURCES = tests/unit/test-deploy.c tests/unit/deploy.h tests/unit/world.h tests/unit/layout.h $(FAILING_SOURCES)
tests_unit_test_deploy_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_deploy_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-follows
tests_unit_test_follows_SOURCES = tests/unit/test-follows.c tests/unit/deploy.h tests/unit/world.h tests/unit/layout.h
tests_unit_test_follows_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_follows_LDADD = $(UNIT_RECONCILE_LIBS)
check_PROGRAMS += tests/unit/test-check-runner
tests_unit_test_check_runner_SOURCES = tests/unit/test-check-runner.c tests/unit/deploy.h tests/unit/world.h tests/unit/layout.h
tests_unit_test_check_runner_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_check_runner_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-check-reports
tests_unit_test_check_reports_SOURCES = tests/unit/test-check-reports.c tests/unit/deploy.h tests/unit/world.h tests/unit/layout.h
tests_unit_test_check_reports_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_check_reports_LDADD = $(UNIT_RECONCILE_LIBS)

check_PROGRAMS += tests/unit/test-receiver
tests_unit_test_receiver_SOURCES = tests/unit/test-receiver.c tests/unit/unit.h
tests_unit_test_receiver_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_receiver_LDADD = $(UNIT_RECONCILE_LIBS)
