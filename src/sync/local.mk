src_reconcile_libreconcile_a_SOURCES += \
	%D%/assign.c \
	%D%/poll-index.c \
	%D%/schedule.c \
	%D%/sync-drift.c \
	%D%/sync-end.c \
	%D%/sync-flips.c \
	%D%/sync-inspect.c \
	%D%/sync-notes.c \
	%D%/sync-slices.c \
	%D%/sync-tags.c \
	%D%/sync-wait.c \
	%D%/sync-write.c \
	%D%/sync.c \
	%D%/sync.h \
	%D%/turns.c \
	%D%/turns.h
