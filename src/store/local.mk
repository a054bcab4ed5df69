noinst_LIBRARIES += %D%/libstore.a
MIGRATIONS = state/0001-initial.sql state/0002-release-seal.sql state/0003-release-counts.sql \
	state/0004-approval-persons.sql state/0005-artifacts.sql state/0006-tag-moves.sql state/0007-audit-outcome.sql \
	state/0008-deployment-reason.sql state/0009-approval-verdicts.sql state/0010-calendars.sql \
	state/0011-times.sql state/0012-history-times.sql state/0013-groups.sql \
	state/0014-checks.sql state/0015-release-digests.sql \
	state/0016-hold-retries.sql \
	state/0017-check-runs.sql state/0018-version-ids.sql \
	state/0019-history-after.sql \
	state/0020-image-facts.sql state/0021-promotion-statements.sql state/0022-signatures.sql state/0023-tag-changes.sql \
	state/0024-image-numbers.sql \
	state/0025-output-results.sql state/0026-signature-ends.sql
EXTRA_DIST += state/embed state/schema.digest $(MIGRATIONS)

src/store/sqlite/migrations.c: $(MIGRATIONS) state/schema.digest state/embed
	$(AM_V_GEN)$(MKDIR_P) src/store/sqlite && cd $(srcdir) && \
		$(SHELL) state/embed $(MIGRATIONS) > $(abs_builddir)/$@.tmp && \
		mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@
CLEANFILES += src/store/sqlite/migrations.c

%C%_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(CJSON_CFLAGS)
%C%_libstore_a_SOURCES = \
	%D%/apply-checks.c \
	%D%/apply-deployments.c \
	%D%/apply-versions.c \
	%D%/apply.c %D%/apply.h \
	%D%/audit.c \
	%D%/backup.h \
	%D%/driver.c %D%/driver.h \
	%D%/digests.h \
	%D%/events.h \
	%D%/export-tables.c %D%/export.h \
	%D%/fault.c %D%/fault.h \
	%D%/image-json.c %D%/image-json.h \
	%D%/images.h \
	%D%/id-list.c %D%/id-list.h \
	%D%/pages.h \
	%D%/query/query-digests.c \
	%D%/query/query-cells.c %D%/cells.h \
	%D%/query/query-checks.c %D%/checks.h \
	%D%/query/query-environments.c \
	%D%/query/query-facts.c %D%/facts.h \
	%D%/query/query-images.c \
	%D%/query/query-objects.c \
	%D%/query/query-releases.c %D%/releases.h \
	%D%/query/query-replay.c %D%/replay-pages.h \
	%D%/query/query-search.c \
	%D%/query/query-statements.c %D%/statements.h \
	%D%/query/query-tenants.c %D%/tenants.h \
	%D%/query/query-tag-moves.c \
	%D%/query/query-versions.c %D%/version-pages.h \
	%D%/receivers.c \
	%D%/release-json.c %D%/release-json.h \
	%D%/restore.h \
	%D%/rows.c %D%/rows.h \
	%D%/seal.c %D%/seal.h \
	%D%/sql/sql.c %D%/sql/sql.h \
	%D%/sql/sql-objects.c \
	%D%/sql/sql-versions.c \
	%D%/sql/sql-releases.c \
	%D%/sql/sql-checks.c \
	%D%/sql/sql-environments.c \
	%D%/sql/sql-events.c \
	%D%/sql/sql-images.c \
	%D%/sql/sql-statements.c \
	%D%/stmt.c %D%/stmt.h \
	%D%/store.c %D%/store.h \
	%D%/sqlite/backup.c \
	%D%/sqlite/connection.c %D%/sqlite/connection.h \
	%D%/sqlite/control.c \
	%D%/sqlite/copy.c %D%/sqlite/copy.h \
	%D%/sqlite/error.c \
	%D%/sqlite/export-schema.c \
	%D%/sqlite/export.c \
	%D%/sqlite/import.c \
	%D%/sqlite/migrations.h \
	%D%/sqlite/open.c \
	%D%/sqlite/place.c %D%/sqlite/place.h \
	%D%/sqlite/quarantine.c %D%/sqlite/quarantine.h \
	%D%/sqlite/restore.c \
	%D%/sqlite/seal-check.c \
	%D%/sqlite/schema.c %D%/sqlite/schema-compare.c %D%/sqlite/schema.h \
	%D%/sqlite/sqlite.h \
	%D%/sqlite/stmt.c \
	%D%/sqlite/transaction.c
nodist_%C%_libstore_a_SOURCES = %D%/sqlite/migrations.c
