noinst_LIBRARIES += %D%/libgit.a

%C%_libgit_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libgit_a_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/change.c %D%/change.h \
	%D%/fetch.c %D%/fetch.h \
	%D%/git.h \
	%D%/import.c %D%/import.h \
	%D%/push.c \
	%D%/remote.c %D%/remote.h \
	%D%/run.c %D%/run.h \
	%D%/step.c %D%/step.h
