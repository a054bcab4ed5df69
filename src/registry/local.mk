noinst_LIBRARIES += %D%/libregistry.a

%C%_libregistry_a_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS) $(PSL_CFLAGS) $(CRYPTO_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libregistry_a_SOURCES = \
	%D%/answer-error.c \
	%D%/wire/artifact.c %D%/wire/artifact.h \
	%D%/wire/challenge.c %D%/wire/challenge.h \
	%D%/call.c \
	%D%/content.h \
	%D%/connector.c %D%/connector.h \
	%D%/credentials.c %D%/credentials.h \
	%D%/docker-config.c \
	%D%/document.c %D%/document.h \
	%D%/wire/facts-json.c %D%/wire/facts-json.h \
	%D%/fall-back.c \
	%D%/head.c \
	%D%/helper.c %D%/helper.h \
	%D%/images.c \
	%D%/internal.h \
	%D%/wire/json-key-set.c %D%/wire/json-key-set.h \
	%D%/wire/json-keys.c %D%/wire/json-keys.h \
	%D%/wire/json-span.c %D%/wire/json-span.h \
	%D%/layout.c %D%/layout.h \
	%D%/wire/link-header.c %D%/wire/link-header.h \
	%D%/login.c \
	%D%/manifest.c \
	%D%/mirror.c \
	%D%/wire/manifest-json.c %D%/wire/manifest-json.h \
	%D%/wire/manifest-walk.c %D%/wire/manifest-walk.h \
	%D%/realm.c %D%/realm.h \
	%D%/referrers.c \
	%D%/registry.c %D%/registry.h \
	%D%/request.c \
	%D%/wire/scope.c %D%/wire/scope.h \
	%D%/tag-collector.c %D%/tag-collector.h \
	%D%/tag-links.c %D%/tag-links.h \
	%D%/tag-slices.c %D%/tag-slices.h \
	%D%/tags.c \
	%D%/token.c %D%/token.h \
	%D%/token-cache.c \
	%D%/token-json.c
