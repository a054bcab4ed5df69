src_reconcile_libreconcile_a_SOURCES += \
	%D%/report.c \
	%D%/report.h
