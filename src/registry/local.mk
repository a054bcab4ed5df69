noinst_LIBRARIES += %D%/libregistry.a

%C%_libregistry_a_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS) $(PSL_CFLAGS) $(CRYPTO_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libregistry_a_SOURCES = \
	%D%/answer.c \
	%D%/artifact.c %D%/artifact.h \
	%D%/challenge.c %D%/challenge.h \
	%D%/connector.c %D%/connector.h \
	%D%/credentials.c %D%/credentials.h \
	%D%/docker-config.c \
	%D%/fall-back.c \
	%D%/head.c \
	%D%/helper.c %D%/helper.h \
	%D%/images.c \
	%D%/internal.h \
	%D%/json-key-set.c %D%/json-key-set.h \
	%D%/json-keys.c %D%/json-keys.h \
	%D%/json-span.c %D%/json-span.h \
	%D%/layout.c %D%/layout.h \
	%D%/link.c %D%/link.h \
	%D%/login.c \
	%D%/manifest.c \
	%D%/mirror.c \
	%D%/manifest-json.c %D%/manifest-json.h \
	%D%/manifest-walk.c %D%/manifest-walk.h \
	%D%/realm.c %D%/realm.h \
	%D%/registry.c %D%/registry.h \
	%D%/request.c \
	%D%/scope.c %D%/scope.h \
	%D%/tag-collector.c %D%/tag-collector.h \
	%D%/tags.c \
	%D%/token.c %D%/token.h \
	%D%/token-cache.c \
	%D%/token-json.c
