noinst_LIBRARIES += %D%/libsync.a

%C%_libsync_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libsync_a_SOURCES = \
	%D%/assignment.c \
	%D%/components.c \
	%D%/figures.c \
	%D%/figures.h \
	%D%/pass.h \
	%D%/poll-index.c \
	%D%/poll.c \
	%D%/poller.h \
	%D%/registries.c \
	%D%/schedule.c \
	%D%/state.h \
	%D%/sync-calls.c \
	%D%/sync-changed.c \
	%D%/live/sync-drift-report.c \
	%D%/live/sync-drift.c \
	%D%/live/sync-platforms.c \
	%D%/sync-end.c \
	%D%/sync-finish.c \
	%D%/sync-flips.c \
	%D%/sync-history.c \
	%D%/sync-inspect.c \
	%D%/sync-list.c \
	%D%/sync-moves.c %D%/sync-moves.h \
	%D%/sync-notes.c \
	%D%/sync-order.c \
	%D%/sync-resolve.c \
	%D%/sync-round.c \
	%D%/sync-run.c %D%/sync-run.h \
	%D%/sync-state.c \
	%D%/sync-step.c \
	%D%/sync-stop.c \
	%D%/sync-tags.c \
	%D%/sync-versions.c \
	%D%/sync-wait.c \
	%D%/sync-write.c \
	%D%/sync.c \
	%D%/sync.h \
	%D%/turns.c \
	%D%/turns.h
