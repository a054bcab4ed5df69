noinst_LIBRARIES += %D%/libpublish.a

%C%_libpublish_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libpublish_a_SOURCES = \
	%D%/commit-message.c %D%/commit-message.h \
	%D%/output-edit.c %D%/output-edit.h \
	%D%/output-git.c %D%/output-git.h \
	%D%/output-hook.c \
	%D%/output-hook.h \
	%D%/output-memory.c %D%/output-memory.h \
	%D%/output-file.c \
	%D%/branch.h %D%/output-pull.c \
	%D%/output-name.c \
	%D%/output-state.c %D%/output-state.h \
	%D%/output.h \
	%D%/output.c \
	%D%/publish-environment.c \
	%D%/publish-files.c \
	%D%/publish-statement.c \
	%D%/publish-streams.c \
	%D%/publish.c \
	%D%/publish.h \
	%D%/published.c \
	%D%/publisher.c \
	%D%/publisher.h \
	%D%/sweep.c
