noinst_LIBRARIES += %D%/libversion.a

%C%_libversion_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
%C%_libversion_a_SOURCES = \
	%D%/date-format.c %D%/date-format.h \
	%D%/date-text.c %D%/date-text.h \
	%D%/date.c %D%/date.h \
	%D%/digits.c %D%/digits.h \
	%D%/explain.c %D%/explain.h \
	%D%/extract.c %D%/extract.h \
	%D%/lexical.c \
	%D%/modifier.c %D%/modifier.h \
	%D%/numeric.c \
	%D%/policy-compile.c %D%/policy-compile.h \
	%D%/policy-digest.c \
	%D%/policy.c %D%/policy.h \
	%D%/range-date.c %D%/range-date.h \
	%D%/range.c %D%/range.h \
	%D%/regex.c %D%/regex.h \
	%D%/semver.c %D%/semver.h \
	%D%/sequential.c \
	%D%/slow.c %D%/slow.h \
	%D%/sort-key.c %D%/sort-key.h \
	%D%/strategy.h \
	%D%/version.c %D%/version.h
