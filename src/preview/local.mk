src_reconcile_libreconcile_a_SOURCES += \
	%D%/preview-heads.c \
	%D%/preview-internal.h \
	%D%/preview-releases.c \
	%D%/preview.c \
	%D%/preview.h
