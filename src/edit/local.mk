noinst_LIBRARIES += %D%/libedit.a

%C%_libedit_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_libedit_a_SOURCES = \
	%D%/edit.c %D%/edit.h \
	%D%/events.c %D%/events.h \
	%D%/pointer.c %D%/pointer.h
