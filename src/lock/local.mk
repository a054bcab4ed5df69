noinst_LIBRARIES += %D%/liblock.a

%C%_liblock_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_liblock_a_SOURCES = \
	%D%/lock.h \
	%D%/native.c \
	%D%/read.c
