noinst_LIBRARIES += %D%/libforge.a

%C%_libforge_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libforge_a_SOURCES = \
	%D%/api.c %D%/api.h \
	%D%/forge.c %D%/forge.h
