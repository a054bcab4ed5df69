src_reconcile_libreconcile_a_SOURCES += \
	%D%/output-hook.c \
	%D%/output-hook.h \
	%D%/output-run.c \
	%D%/output-run.h \
	%D%/output.c \
	%D%/publish-check.c \
	%D%/publish-environment.c \
	%D%/publish-files.c \
	%D%/publish-streams.c \
	%D%/publish.c \
	%D%/publish.h
