noinst_LIBRARIES += %D%/libspec.a

%C%_libspec_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_libspec_a_SOURCES = \
	%D%/assemble.c %D%/assemble.h \
	%D%/check.c %D%/check.h \
	%D%/check-checks.c %D%/check-format.c %D%/check-people.c %D%/check-promotions.c %D%/check-references.c %D%/check-together.c %D%/check-windows.c \
	%D%/config.c %D%/config.h %D%/config-checks.c \
	%D%/config-checks.h \
	%D%/config-outputs.c %D%/config-outputs.h %D%/config-people.c %D%/config-people.h %D%/config-roles.c %D%/config-roles.h %D%/config-signing.c %D%/config-signing.h \
	%D%/git-head.c %D%/git-head.h \
	%D%/load.c %D%/spec.h \
	%D%/report.c %D%/report.h \
	%D%/tree.c %D%/tree-open.c %D%/tree-read.c %D%/tree-walk.c %D%/tree.h %D%/walk.h \
	%D%/unit.c %D%/unit.h \
	%D%/yaml.c %D%/yaml.h
