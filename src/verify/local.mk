noinst_LIBRARIES += %D%/libverify.a

%C%_libverify_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(CJSON_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libverify_a_SOURCES = \
	%D%/check-layer.c %D%/check-layer.h \
	%D%/policy.c %D%/policy.h \
	%D%/signature-json.c %D%/signature-json.h \
	%D%/unmet.c %D%/unmet.h \
	%D%/verification.c %D%/verification.h
