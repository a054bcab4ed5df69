noinst_LIBRARIES += %D%/libspec.a

%C%_libspec_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_libspec_a_SOURCES = \
	%D%/assemble.c %D%/assemble.h \
	%D%/check.c %D%/check.h \
	%D%/check-checks.c %D%/check-format.c %D%/check-people.c %D%/check-promotions.c %D%/check-references.c %D%/check-together.c %D%/check-windows.c \
	%D%/config/config-branches.c %D%/config/config-branches.h \
	%D%/config/config.c %D%/config/config.h %D%/config/config-checks.c \
	%D%/config/config-checks.h \
	%D%/config/config-git.c %D%/config/config-git.h %D%/config/config-outputs.c %D%/config/config-outputs.h %D%/config/config-pull-request.c %D%/config/config-pull-request.h %D%/config/config-refuse.c %D%/config/config-refuse.h %D%/config/config-people.c %D%/config/config-people.h \
	%D%/config/config-proxy.c %D%/config/config-proxy.h %D%/config/config-roles.c %D%/config/config-roles.h %D%/config/config-specs.c %D%/config/config-specs.h %D%/config/config-signing.c %D%/config/config-signing.h %D%/config/config-webhooks.c %D%/config/config-webhooks.h \
	%D%/tree/git-head.c %D%/tree/git-head.h \
	%D%/load.c %D%/spec.h \
	%D%/report.c %D%/report.h \
	%D%/commit.h %D%/source.h %D%/source-commit.c %D%/source-folder.c \
	%D%/tree/tree.c %D%/tree/tree-open.c %D%/tree/tree-read.c %D%/tree/tree-walk.c %D%/tree/tree.h %D%/tree/walk.h \
	%D%/unit.c %D%/unit.h \
	%D%/tree/yaml.c %D%/tree/yaml.h
