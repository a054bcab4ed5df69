src_reconcile_libreconcile_a_SOURCES += \
	%D%/drafts.c \
	%D%/drafts.h \
	%D%/release-problems.c \
	%D%/release-task.c \
	%D%/release-task.h \
	%D%/streams.c \
	%D%/streams.h
