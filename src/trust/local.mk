noinst_LIBRARIES += %D%/libtrust.a

%C%_libtrust_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(CJSON_CFLAGS)
%C%_libtrust_a_SOURCES = \
	%D%/base64.c %D%/base64.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/dsse.c %D%/dsse.h \
	%D%/json.h \
	%D%/key.c %D%/key.h \
	%D%/proto-json.c %D%/proto-json.h \
	%D%/signing.h \
	%D%/simple-signing.c %D%/simple-signing.h \
	%D%/statement.c %D%/statement.h
