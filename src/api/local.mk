noinst_LIBRARIES += %D%/libapi.a

%C%_libapi_a_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS)
%C%_libapi_a_SOURCES = \
	%D%/access.c %D%/access.h \
	%D%/api.c %D%/api.h \
	%D%/body.c %D%/body.h \
	%D%/entity.c %D%/entity.h \
	%D%/connection.c %D%/connection.h \
	%D%/follow.c \
	%D%/framing.c %D%/framing.h \
	%D%/handle-backup.c \
	%D%/find.c %D%/find.h \
	%D%/handle-components.c \
	%D%/handle-environments.c \
	%D%/handle-events.c \
	%D%/handle-plan.c \
	%D%/handle-receivers.c \
	%D%/handle-registries.c \
	%D%/handle-releases.c \
	%D%/handle-tags.c \
	%D%/handle-versions.c \
	%D%/handle-hook.c \
	%D%/handlers.h \
	%D%/health.c \
	%D%/hook.h \
	%D%/hook-auth.c \
	%D%/hook-payload.c \
	%D%/internal.h \
	%D%/json.c %D%/json.h \
	%D%/linger.c %D%/linger.h \
	%D%/listener.h \
	%D%/metrics.c \
	%D%/page.c %D%/page.h %D%/parameters.c %D%/parameters.h \
	%D%/problem.c \
	%D%/openapi.c \
	%D%/request.c %D%/request.h \
	%D%/route.c \
	%D%/routes.c \
	%D%/schema.c %D%/schema.h \
	%D%/schema-releases.c \
	%D%/server.c \
	%D%/socket.c \
	%D%/tenant.c \
	%D%/token.c %D%/token.h \
	%D%/token-file.c %D%/token-file.h \
	%D%/status.c %D%/stop.c \
	%D%/write.c \
	%D%/write-releases.c
