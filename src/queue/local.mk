src_reconcile_libreconcile_a_SOURCES += \
	%D%/due-heap.c \
	%D%/due-heap.h
