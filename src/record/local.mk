noinst_LIBRARIES += %D%/librecord.a

%C%_librecord_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_librecord_a_SOURCES = \
	%D%/record.c %D%/record.h
