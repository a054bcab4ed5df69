noinst_LIBRARIES += %D%/libtrust.a

%C%_libtrust_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(CJSON_CFLAGS) $(CBOR_CFLAGS)
%C%_libtrust_a_SOURCES = \
	%D%/annotations.c %D%/annotations.h \
	%D%/base64.c %D%/base64.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/certificate.c %D%/certificate.h \
	%D%/dsse.c %D%/dsse.h \
	%D%/entry-body.c %D%/entry-body.h \
	%D%/hash.c %D%/hash.h \
	%D%/json.c %D%/json.h \
	%D%/key.c %D%/key.h \
	%D%/log-entry.c %D%/log-entry.h \
	%D%/notation/algorithm.c %D%/notation/algorithm.h \
	%D%/notation/cbor-item.c %D%/notation/cbor-item.h \
	%D%/notation/chain.c %D%/notation/chain.h \
	%D%/notation/cose.c \
	%D%/notation/envelope.c %D%/notation/envelope.h \
	%D%/notation/headers.c %D%/notation/headers.h \
	%D%/notation/jws.c \
	%D%/notation/notation.c %D%/notation/notation.h \
	%D%/notation/subject.c %D%/notation/subject.h \
	%D%/predicate.c %D%/predicate.h \
	%D%/proto-json.c %D%/proto-json.h \
	%D%/sct.c %D%/sct.h \
	%D%/signing.h \
	%D%/sigstore.c %D%/sigstore.h \
	%D%/simple-signing.c %D%/simple-signing.h \
	%D%/statement.c %D%/statement.h \
	%D%/time-stamp.c %D%/time-stamp.h \
	%D%/trusted-root.c %D%/trusted-root.h
