noinst_LIBRARIES += %D%/libpreview.a

%C%_libpreview_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libpreview_a_SOURCES = \
	%D%/preview-answer.c \
	%D%/preview-environments.c \
	%D%/preview-heads.c \
	%D%/preview-internal.h \
	%D%/preview-releases.c \
	%D%/preview-replay.c \
	%D%/preview-sources.c \
	%D%/preview-tree.c \
	%D%/preview-versions.c \
	%D%/preview-warnings.c \
	%D%/preview.c \
	%D%/preview.h
