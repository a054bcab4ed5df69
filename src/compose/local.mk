noinst_LIBRARIES += %D%/libcompose.a

%C%_libcompose_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libcompose_a_SOURCES = \
	%D%/composer.c \
	%D%/composer.h \
	%D%/draft-state.c \
	%D%/drafts.c \
	%D%/drafts.h \
	%D%/release-facts.c \
	%D%/release-images.c \
	%D%/release-ask.c \
	%D%/release-signatures.c \
	%D%/release-parts.c \
	%D%/release-problems.c \
	%D%/release-task.c \
	%D%/release-task.h \
	%D%/stream-report.c \
	%D%/stream-retire.c \
	%D%/stream-why.c \
	%D%/stream-why.h \
	%D%/streams.c \
	%D%/streams.h \
	%D%/wanted.c
