noinst_LIBRARIES += %D%/libcontrol.a

%C%_libcontrol_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libcontrol_a_SOURCES = \
	%D%/component.h \
	%D%/control.c \
	%D%/control.h \
	%D%/formats.c \
	%D%/formats.h \
	%D%/gate-facts.c \
	%D%/gate-facts.h \
	%D%/gate-windows.c \
	%D%/gate-windows.h \
	%D%/images.c \
	%D%/images.h \
	%D%/keys.h \
	%D%/options.h \
	%D%/report.c \
	%D%/report.h
