noinst_LIBRARIES += %D%/libbase.a

%C%_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libbase_a_SOURCES = \
	%D%/account.c %D%/account.h \
	%D%/arena.c %D%/arena.h \
	%D%/banned.h \
	%D%/buffer.c %D%/buffer.h \
	%D%/diag.c %D%/diag.h \
	%D%/digest.c %D%/digest.h \
	%D%/error.c %D%/error.h \
	%D%/escape.c %D%/escape.h \
	%D%/file.c %D%/file.h \
	%D%/limits.h %D%/limits-trust.h \
	%D%/log.c %D%/log.h \
	%D%/macros.h \
	%D%/map.c %D%/map.h \
	%D%/parse.c %D%/parse.h \
	%D%/process.c %D%/process.h \
	%D%/quota.c %D%/quota.h \
	%D%/secret.c %D%/secret.h \
	%D%/sort.c %D%/sort.h \
	%D%/suggest.c %D%/suggest.h \
	%D%/text.c %D%/text.h \
	%D%/text-index.c %D%/text-index.h \
	%D%/time.c %D%/time.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/uuid.c %D%/uuid.h \
	%D%/vec.c %D%/vec.h
