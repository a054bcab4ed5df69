bin_PROGRAMS += relmanctl
relmanctl_SOURCES = \
	%D%/ctl.h \
	%D%/explain.c \
	%D%/lint.c \
	%D%/main.c \
	%D%/schema.c \
	%D%/verify.c
relmanctl_LDADD = \
	src/spec/libspec.a src/version/libversion.a src/lock/liblock.a src/model/libmodel.a src/base/libbase.a \
	$(YAML_LIBS) $(CJSON_LIBS) $(PCRE2_LIBS) $(SYSTEMD_LIBS) $(CRYPTO_LIBS)
