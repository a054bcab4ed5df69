noinst_LIBRARIES += %D%/libprogram.a

%C%_libprogram_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libprogram_a_SOURCES = \
	%D%/program-input.c \
	%D%/program-input.h \
	%D%/program-run.c \
	%D%/program-run.h
