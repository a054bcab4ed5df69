noinst_LIBRARIES += %D%/libstore.a
MIGRATIONS = state/0001-initial.sql state/0002-release-seal.sql state/0003-release-counts.sql \
	state/0004-approval-persons.sql
EXTRA_DIST += state/embed $(MIGRATIONS)

src/store/migrations.c: $(MIGRATIONS) state/embed
	$(AM_V_GEN)$(MKDIR_P) src/store && cd $(srcdir) && \
		$(SHELL) state/embed $(MIGRATIONS) > $(abs_builddir)/$@.tmp && \
		mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@
CLEANFILES += src/store/migrations.c

%C%_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(CJSON_CFLAGS)
%C%_libstore_a_SOURCES = \
	%D%/apply.c %D%/apply.h \
	%D%/apply-versions.c \
	%D%/aside.c %D%/aside.h \
	%D%/audit.c \
	%D%/backup.c %D%/backup.h \
	%D%/connection.c %D%/connection.h \
	%D%/error.c \
	%D%/events.h \
	%D%/migrations.h \
	%D%/pages.h \
	%D%/place.c %D%/place.h \
	%D%/query-objects.c \
	%D%/query-releases.c \
	%D%/query-versions.c \
	%D%/query-search.c %D%/query-tenants.c %D%/tenants.h %D%/version-pages.h \
	%D%/releases.h \
	%D%/restore.c %D%/restore.h \
	%D%/release-json.c %D%/release-json.h \
	%D%/rows.c %D%/rows.h \
	%D%/apply-deployments.c \
	%D%/receivers.c %D%/query-environments.c \
	%D%/schema.c %D%/schema-compare.c %D%/schema.h \
	%D%/seal.c %D%/seal.h \
	%D%/sql.c \
	%D%/stmt.c %D%/stmt.h \
	%D%/store.c %D%/store.h
nodist_%C%_libstore_a_SOURCES = %D%/migrations.c
