noinst_LIBRARIES += %D%/libwatch.a

%C%_libwatch_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libwatch_a_SOURCES = %D%/watch.c %D%/watch.h
