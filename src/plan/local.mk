noinst_LIBRARIES += %D%/libplan.a

%C%_libplan_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
%C%_libplan_a_SOURCES = \
	%D%/commit-parts.c \
	%D%/commit-parts.h \
	%D%/evaluate.c \
	%D%/evaluate.h \
	%D%/merge.c \
	%D%/merge.h \
	%D%/plan-specs.c \
	%D%/plan-specs.h \
	%D%/plan-versions.c \
	%D%/plan-versions.h \
	%D%/replay-compare.c \
	%D%/replay-component.h \
	%D%/replay-releases.c \
	%D%/replay-tags.c \
	%D%/replay.c \
	%D%/replay.h \
	%D%/settled.c \
	%D%/settled.h \
	%D%/stored-tags.c \
	%D%/stored-tags.h \
	%D%/tag-load.c \
	%D%/tag-load.h \
	%D%/tag-order.c \
	%D%/tag-order.h \
	%D%/tag-set.c \
	%D%/tag-set.h \
	%D%/tag-survey.c \
	%D%/tag-survey.h \
	%D%/tag-walk.c \
	%D%/tag-walk.h
