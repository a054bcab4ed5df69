# All folders, in the order a linker needs them.
ALL_LIBS = \
	src/api/libapi.a src/web/libweb.a src/reconcile/libreconcile.a src/preview/libpreview.a src/why/libwhy.a src/sync/libsync.a src/compose/libcompose.a \
	src/deploy/libdeploy.a src/record/librecord.a src/publish/libpublish.a src/git/libgit.a src/forge/libforge.a src/edit/libedit.a src/checks/libchecks.a src/plan/libplan.a src/control/libcontrol.a src/queue/libqueue.a \
	src/watch/libwatch.a src/event/libevent.a src/program/libprogram.a src/release/librelease.a src/spec/libspec.a \
	src/verify/libverify.a src/lock/liblock.a src/trust/libtrust.a src/version/libversion.a src/calendar/libcalendar.a src/registry/libregistry.a src/http/libhttp.a src/store/libstore.a \
	src/model/libmodel.a src/base/libbase.a \
	$(MICROHTTPD_LIBS) $(CURL_LIBS) $(SQLITE_LIBS) $(YAML_LIBS) $(CJSON_LIBS) $(PCRE2_LIBS) $(PSL_LIBS) $(CBOR_LIBS) $(SYSTEMD_LIBS) \
	$(CRYPTO_LIBS)

sbin_PROGRAMS += relmand
relmand_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(MICROHTTPD_CFLAGS)
relmand_SOURCES = src/relmand.c src/daemon-config.c src/daemon-config.h src/daemon-notify.c src/daemon-notify.h \
	src/daemon-options.c src/daemon-options.h src/daemon-signing.c src/daemon-signing.h src/daemon-summary.c src/daemon-summary.h
relmand_LDADD = $(ALL_LIBS)
