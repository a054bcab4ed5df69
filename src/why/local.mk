noinst_LIBRARIES += %D%/libwhy.a

%C%_libwhy_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libwhy_a_SOURCES = \
	%D%/component-rows.c \
	%D%/environment-steps.c \
	%D%/steps.c \
	%D%/steps.h \
	%D%/tag-steps.c \
	%D%/why.c \
	%D%/why.h
