noinst_LIBRARIES += %D%/libchecks.a

%C%_libchecks_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libchecks_a_SOURCES = \
	%D%/check-http.c \
	%D%/check-lock.c \
	%D%/check-output.c \
	%D%/check-program.c \
	%D%/check-runner.c \
	%D%/check-runner.h \
	%D%/check-runs.h
