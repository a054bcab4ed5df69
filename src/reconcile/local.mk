noinst_LIBRARIES += %D%/libreconcile.a

%C%_libreconcile_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libreconcile_a_SOURCES = \
	%D%/adopt.c \
	%D%/calls.c \
	%D%/catalog.c \
	%D%/catalog.h \
	%D%/command-components.c \
	%D%/command-create.c \
	%D%/command-events.c \
	%D%/command-internal.h \
	%D%/command-releases.c \
	%D%/command.c \
	%D%/command.h \
	%D%/declared-files.c %D%/declared-files.h \
	%D%/due.c \
	%D%/git-specs.c %D%/git-specs.h \
	%D%/internal.h \
	%D%/load-report.c \
	%D%/load-report.h \
	%D%/load-stored.c %D%/load-stored.h \
	%D%/load.c \
	%D%/load-record.c %D%/load-record.h \
	%D%/loop.c \
	%D%/loop.h \
	%D%/prune-wait.c \
	%D%/reconcile.c \
	%D%/reconcile.h
