/* Tests upgrades of a schema, with migrations of this test. An upgrade is atomic, and the backup
 * before it is intact. A failed upgrade leaves neither a change nor a backup. */

#include <dirent.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "store/store.h"
#include "unit.h"

#define NOW (1795453200 * USEC_PER_SEC) /* 2026-11-23T17:00:00Z */

/* These migrations replace those of the library. Only the parts that store_open() checks must be as
 * in state/. */
#define FIRST                                                                                      \
        "CREATE TABLE releases (id TEXT PRIMARY KEY, name TEXT, display_name TEXT, components "    \
        "TEXT, source_ref TEXT, spec_digest TEXT, created_at TEXT, seal TEXT);"                    \
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"                       \
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents(id) ON " \
        "DELETE CASCADE);"                                                                         \
        "INSERT INTO parents VALUES (1, 'a'), (2, 'b'); INSERT INTO children VALUES (1, 1), (2, 2);"
/* Rebuilds a table as SQLite recommends. This deletes child rows if foreign keys are on. */
#define REBUILD                                                                                    \
        "CREATE TABLE new_parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT);"        \
        "INSERT INTO new_parents (id, name) SELECT id, name FROM parents;"                         \
        "DROP TABLE parents; ALTER TABLE new_parents RENAME TO parents;"

/* Same variables as in store/sqlite/migrations.h, but not const. */
extern unsigned store_n_migrations;
extern const char *store_migrations[4];
extern const char store_schema_digest[];
unsigned store_n_migrations;
const char *store_migrations[4];
const char store_schema_digest[] = "none"; /* makes the store compare schemas object by object */

static char folder[] = "/tmp/relman-test-upgrade-XXXXXX", path[100];

static void use(unsigned n, const char *second, const char *third)
{
        store_migrations[0] = FIRST;
        store_migrations[1] = second;
        store_migrations[2] = third;
        store_n_migrations = n;
}

static int open_it(Store **ret, Error *error)
{
        const StoreOptions options = { .path = path, .now = NOW };

        return store_open(&options, ret, error);
}

static int64_t ask(const char *file, const char *sql)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *stmt = NULL;
        int64_t answer;

        assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        answer = sqlite3_column_int64(stmt, 0);
        sqlite3_finalize(stmt);
        sqlite3_close(db);
        return answer;
}

static unsigned count_backups(void)
{
        DIR *dir = opendir(folder);
        unsigned n = 0;

        assert_non_null(dir);
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                const char *end = strrchr(entry->d_name, '.');

                n += end && (streq(end, ".bak") || streq(end, ".tmp")) ? 1 : 0;
        }
        closedir(dir);
        return n;
}

static void make_old(void)
{
        Store *store = NULL;
        Error error = { 0 };

        use(1, NULL, NULL);
        assert_case(open_it(&store, &error) == 0, "%s", error_message(&error));
        assert_null(store_notice(store));
        store_close(store);
        assert_int_equal(count_backups(), 0); /* a new database needs no backup */
}

static void test_all_steps_are_taken_and_the_copy_is_of_before(void **state)
{
        char backup[160];
        Store *store = NULL;
        Error error = { 0 };
        struct stat st;

        (void)state;
        make_old();
        use(3, REBUILD, "INSERT INTO parents (id, name) VALUES (3, 'c')");
        assert_case(open_it(&store, &error) == 0, "%s", error_message(&error));
        (void)snprintf(backup, sizeof(backup), "%s.1-20261123T170000Z.bak", path);
        assert_non_null(strstr(store_notice(store), backup));
        store_close(store);
        assert_int_equal(ask(path, "PRAGMA user_version"), 3);
        assert_int_equal(ask(path, "SELECT count(*) FROM parents"), 3);
        assert_int_equal(ask(path, "SELECT count(*) FROM children"), 2);
        assert_int_equal(ask(backup, "PRAGMA user_version"), 1);
        assert_int_equal(ask(backup, "SELECT count(*) FROM parents"), 2);
        assert_int_equal(stat(backup, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(count_backups(), 1);
}

static void test_two_copies_of_one_second_are_both_kept(void **state)
{
        Store *store = NULL;
        Error error = { 0 };

        (void)state;
        make_old();
        use(2, REBUILD, NULL);
        assert_int_equal(open_it(&store, &error), 0);
        store_close(store);
        assert_int_equal(unlink(path), 0);

        use(1, NULL, NULL);
        assert_int_equal(open_it(&store, &error), 0);
        store_close(store);
        use(2, REBUILD, NULL);
        assert_int_equal(open_it(&store, &error), 0);
        store_close(store);
        assert_int_equal(count_backups(), 2);
}

static void refuses(const char *second, const char *third, const char *says)
{
        Store *store = NULL;
        Error error = { 0 };

        make_old();
        use(3, second, third);
        assert_true(open_it(&store, &error) < 0);
        assert_case(strstr(error_message(&error), says), "%s", error_message(&error));
        error_done(&error);
        assert_int_equal(ask(path, "PRAGMA user_version"), 1);
        assert_int_equal(ask(path, "SELECT count(*) FROM parents"), 2);
        assert_int_equal(ask(path, "SELECT count(*) FROM pragma_table_info('parents')"), 2);
        /* no backup remains: the backups of a daemon that restarts repeatedly would fill the
         * disk */
        assert_int_equal(count_backups(), 0);
}

static void test_a_step_that_fails_takes_the_ones_before_back(void **state)
{
        (void)state;
        refuses(REBUILD, "INSERT INTO nowhere VALUES (1)", "schema 2 to 3: ");
}

static void test_a_step_that_leaves_orphans_is_not_committed(void **state)
{
        (void)state;
        refuses(REBUILD, "DELETE FROM parents WHERE id = 2",
                "a row of 'children' belongs to none of 'parents'");
}

static int set_up(void **state)
{
        (void)state;
        memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
        if (!mkdtemp(folder))
                return -1;
        (void)snprintf(path, sizeof(path), "%s/state.db", folder);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_steps_are_taken_and_the_copy_is_of_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_two_copies_of_one_second_are_both_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_step_that_fails_takes_the_ones_before_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_step_that_leaves_orphans_is_not_committed, set_up,
                                        tear_down),
};
TEST_PROGRAM("upgrade", tests, NULL, NULL)
