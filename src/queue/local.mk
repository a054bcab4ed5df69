noinst_LIBRARIES += %D%/libqueue.a

%C%_libqueue_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libqueue_a_SOURCES = \
	%D%/dependents.c \
	%D%/dependents.h \
	%D%/due-heap.c \
	%D%/due-heap.h \
	%D%/queue.c \
	%D%/queue.h
