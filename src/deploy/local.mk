src_reconcile_libreconcile_a_SOURCES += \
	%D%/cancel.c \
	%D%/deployment.c \
	%D%/environment-check.c \
	%D%/environment-pending.c \
	%D%/environment-reconcile.c \
	%D%/environment-wanted.c \
	%D%/environment-wanted.h \
	%D%/environments.c \
	%D%/environments.h \
	%D%/promote.c
