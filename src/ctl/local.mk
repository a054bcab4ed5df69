bin_PROGRAMS += relmanctl
relmanctl_SOURCES = \
	%D%/client/answer-shape.c %D%/client/answer-shape.h \
	%D%/promotion/approvals.c %D%/promotion/checks.c %D%/promotion/promote.h \
	%D%/backup.c %D%/backup.h \
	%D%/catalog.c \
	%D%/client/client.c %D%/client/client.h \
	%D%/complete.c \
	%D%/create.c \
	%D%/ctl.h \
	%D%/describe.c \
	%D%/diff.c %D%/diff.h \
	%D%/events.c \
	%D%/export.c \
	%D%/print/paint.c %D%/print/paint.h \
	%D%/print/yaml.c %D%/print/yaml.h \
	%D%/explain/explain.c %D%/explain/explain.h \
	%D%/explain/explain-known.c \
	%D%/explain/explain-ask.c \
	%D%/explain/explain-print.c \
	%D%/promotion/gates.c \
	%D%/get.c \
	%D%/guess.c \
	%D%/key.c \
	%D%/kinds.c \
	%D%/lint.c \
	%D%/lock/lock.c %D%/lock/lock-files.h \
	%D%/list.c %D%/list.h \
	%D%/help.c \
	%D%/init/images.c %D%/init/images.h \
	%D%/init/init.c \
	%D%/main.c \
	%D%/request.c \
	%D%/unknown.c \
	%D%/verbs.c %D%/verbs.h \
	%D%/options.c %D%/options.h %D%/pages.c \
	%D%/plan/plan-replay.c \
	%D%/plan/plan.c %D%/plan/plan.h \
	%D%/allow-move.c \
	%D%/as-of.c %D%/as-of.h \
	%D%/promotion/promote.c %D%/promotion/rollback.c %D%/protected.c \
	%D%/registry-tags.c %D%/registry-tags.h \
	%D%/lock/render.c \
	%D%/restore.c \
	%D%/state-path.c %D%/state-path.h \
	%D%/status.c \
	%D%/schema.c \
	%D%/print/fit.c %D%/print/fit.h %D%/print/table.c %D%/print/table.h \
	%D%/sync.c \
	%D%/open.c \
	%D%/token.c \
	%D%/input.c %D%/input.h \
	%D%/lock/audit-verify.c %D%/lock/lock-read.c %D%/lock/registry-check.c %D%/lock/registry-check.h %D%/lock/verify.c %D%/lock/verify-environment.c %D%/lock/verify-running.c %D%/lock/verify-statement.c \
	%D%/promotion/why.c
relmanctl_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
relmanctl_LDADD = \
	src/guess/libguess.a src/release/librelease.a src/spec/libspec.a src/lock/liblock.a src/verify/libverify.a src/trust/libtrust.a src/version/libversion.a src/calendar/libcalendar.a src/registry/libregistry.a \
	src/http/libhttp.a src/store/libstore.a src/model/libmodel.a src/base/libbase.a \
	$(CURL_LIBS) $(SQLITE_LIBS) $(PSL_LIBS) $(CBOR_LIBS) $(YAML_LIBS) $(CJSON_LIBS) $(PCRE2_LIBS) $(SYSTEMD_LIBS) $(CRYPTO_LIBS)
