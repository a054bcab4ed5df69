noinst_LIBRARIES += %D%/libapi.a

%C%_libapi_a_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS)
%C%_libapi_a_SOURCES = \
	%D%/api.c %D%/api.h \
	%D%/audit.c \
	%D%/entity.c %D%/entity.h \
	%D%/event-stream.c \
	%D%/handle-backup.c \
	%D%/catalog/handle-components.c \
	%D%/handle-environments.c \
	%D%/handle-events.c \
	%D%/handle-health.c \
	%D%/handle-hook.c \
	%D%/handle-keys.c \
	%D%/handle-metrics.c \
	%D%/handle-openapi.c \
	%D%/web/handle-web.c \
	%D%/handle-plan.c \
	%D%/handle-receivers.c \
	%D%/handle-registries.c \
	%D%/handle-specs-hook.c \
	%D%/handle-status.c \
	%D%/web/handle-session.c \
	%D%/catalog/handle-tags.c \
	%D%/handle-tenants.c \
	%D%/catalog/handle-versions.c \
	%D%/handlers.h \
	%D%/hook-request.h \
	%D%/lookup.c %D%/lookup.h \
	%D%/page.c %D%/page.h \
	%D%/page-rows.c %D%/page-rows.h \
	%D%/plan-body.c %D%/plan-body.h \
	%D%/release-components.c \
	%D%/routes.c \
	%D%/internal.h \
	%D%/write-request.c %D%/write-request.h \
	%D%/describe/openapi.c %D%/describe/openapi.h \
	%D%/describe/schema.c %D%/describe/schema.h \
	%D%/describe/schema-releases.c \
	%D%/environment/handle-approvals.c %D%/environment/handle-calendars.c %D%/environment/handle-checks.c %D%/environment/handle-gates.c %D%/environment/handle-groups.c %D%/environment/handle-outputs.c %D%/environment/handle-rollback.c %D%/environment/handle-statements.c %D%/environment/handle-why.c \
	%D%/describe/schema-status.c \
	%D%/describe/schema-web.c \
	%D%/release/handle-digests.c %D%/release/handle-promote.c %D%/release/handle-releases.c %D%/release/handle-releases-write.c \
	%D%/matrix/handle-matrix.c %D%/matrix/matrix.c %D%/matrix/matrix.h %D%/matrix/matrix-json.c \
	%D%/registry/history.c \
	%D%/lock/handle-lock.c %D%/lock/held.c %D%/lock/held.h \
	%D%/hook/auth.c %D%/hook/hook.h %D%/hook/payload.c %D%/hook/push.c \
	%D%/http/access.c %D%/http/access.h \
	%D%/http/answer.c %D%/http/answer.h \
	%D%/http/body.c %D%/http/body.h \
	%D%/http/browser.c %D%/http/browser.h \
	%D%/http/connection.c %D%/http/connection.h \
	%D%/http/dispatch.c %D%/http/dispatch.h \
	%D%/http/drain.c %D%/http/drain.h \
	%D%/http/framing.c %D%/http/framing.h \
	%D%/http/parameters.c %D%/http/parameters.h \
	%D%/http/linger.c %D%/http/linger.h \
	%D%/http/listener.c %D%/http/listener.h \
	%D%/http/path.c %D%/http/path.h \
	%D%/http/problem.c \
	%D%/http/reply.c %D%/http/reply.h \
	%D%/http/request.c %D%/http/request.h \
	%D%/http/route.c %D%/http/route.h \
	%D%/http/session.c %D%/http/session.h \
	%D%/http/server.c %D%/http/server.h \
	%D%/http/sliced.c %D%/http/sliced.h \
	%D%/http/socket.c %D%/http/socket.h \
	%D%/http/token.c %D%/http/token.h \
	%D%/http/token-file.c %D%/http/token-file.h
