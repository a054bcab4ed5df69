noinst_LIBRARIES += %D%/liblock.a

%C%_liblock_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS) $(CJSON_CFLAGS)
%C%_liblock_a_SOURCES = \
	%D%/admission.c \
	%D%/admission-kubernetes.c \
	%D%/chain.c %D%/chain.h \
	%D%/charts.c \
	%D%/check.c \
	%D%/copies.c \
	%D%/dotenv.c \
	%D%/format.c %D%/format.h \
	%D%/format-parts.c \
	%D%/helm.c \
	%D%/internal.h \
	%D%/json.c \
	%D%/lock.h \
	%D%/native.c \
	%D%/policy-json.c \
	%D%/promotion.c %D%/promotion.h \
	%D%/read.c \
	%D%/running.h %D%/running-match.c %D%/running-parts.c %D%/running-parts.h %D%/running-pods.c %D%/running-read.c \
	%D%/statement.c %D%/statement.h \
	%D%/yaml-text.c %D%/yaml-text.h
