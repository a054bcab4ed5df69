/* Makes each allocation of relman, cJSON and SQLite fail in turn. Nothing may be stored or read in
 * part, or get a wrong name. For the libraries, the test uses their allocator hooks. */

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/uuid.h"
#include "fixture.h"
#include "model/changes/changes.h"
#include "store/events.h"
#include "store/releases.h"
#include "unit.h"

#define POINTS_MAX 20000 /* more allocations than any of these jobs makes */

static struct {
        unsigned n, fails_at; /* number of allocations; number of the allocation that fails, 0:
                               * none */
        bool is_permanent;    /* all later allocations fail too */
} allocations;

static bool has_failed(void)
{
        return allocations.fails_at > 0 && allocations.n >= allocations.fails_at;
}

static bool fails(void)
{
        allocations.n++;
        if (!has_failed() || (allocations.n > allocations.fails_at && !allocations.is_permanent))
                return false;
        errno = ENOMEM;
        return true;
}

static void fail_allocation(unsigned n)
{
        allocations.n = 0;
        allocations.fails_at = n;
        allocations.is_permanent = false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
        return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
        return fails() ? NULL : __real_realloc(old, size);
}

static sqlite3_mem_methods sqlite_memory, sqlite_real;

static void *sqlite_malloc(int size)
{
        return fails() ? NULL : sqlite_real.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
        return fails() ? NULL : sqlite_real.xRealloc(old, size);
}

/* --- a store ---------------------------------------------------------------------------------- */

static char folder[] = "/tmp/relman-test-scarce-XXXXXX";
static char path[100];

static int set_up(void **state)
{
        cJSON_Hooks hooks = { __wrap_malloc, free };

        (void)state;
        cJSON_InitHooks(&hooks);
        if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_real) != SQLITE_OK)
                return -1;
        sqlite_memory = sqlite_real;
        sqlite_memory.xMalloc = sqlite_malloc;
        sqlite_memory.xRealloc = sqlite_realloc;
        if (sqlite3_config(SQLITE_CONFIG_MALLOC, &sqlite_memory) != SQLITE_OK ||
            sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK || !mkdtemp(folder))
                return -1;
        (void)snprintf(path, sizeof(path), "%s/state.db", folder);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

static Store *open_store(void)
{
        const StoreOptions options = { .path = path, .now = FIXTURE_TIME };
        Error error = { 0 };
        Store *store;

        assert_case(store_open(&options, &store, &error) == 0, "%s", error_message(&error));
        return store;
}

static ReleaseSpec spec = { .object = { .kind = KIND_RELEASE,
                                        .id = { "5f0c0000-0000-5000-8000-000000000003" },
                                        .meta = { .name = "myapp-v2.3.1", .tenant = "default" },
                                        .digest = DIGEST_C,
                                        .place = { "l.yaml", 3, 1 } } };

/* Lists changes: a tenant, the release of the fixture with an id made of n, and a condition. */
static void list_changes(Changes *changes, unsigned n)
{
        Release release = fixture_release();

        changes_init(changes);
        (void)snprintf(release.id.text, sizeof(release.id.text), "5f0c0000-0000-5000-8000-%012u",
                       n);
        release.name = release.id.text;
        changes_put_tenant(changes, "default", FIXTURE_TIME);
        changes_put_release(changes, &release, &spec);
        changes_set_condition(changes, KIND_RELEASE, release.id.text,
                              &(Condition){ .type = CONDITION_READY,
                                            .status = CONDITION_TRUE,
                                            .reason = "Locked",
                                            .message = release.name,
                                            .since = FIXTURE_TIME });
}

static size_t count(const char *sql)
{
        sqlite3 *db;
        sqlite3_stmt *stmt;
        size_t n;

        fail_allocation(0);
        assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        n = (size_t)sqlite3_column_int64(stmt, 0);
        assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        return n;
}

static void assert_all_or_none(size_t n)
{
        assert_int_equal(count("SELECT count(*) FROM releases"), n);
        assert_int_equal(count("SELECT count(*) FROM release_components"), 2 * n);
        assert_int_equal(count("SELECT count(*) FROM conditions"), n);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_names_are_the_same_without_memory(void **state)
{
        const char *const parts[] = { "default", "Component", "api", NULL };
        Uuid wanted = uuid_of(parts), id;

        (void)state;
        for (unsigned n = 1; n < 10; n++) {
                fail_allocation(n);
                id = uuid_of(parts);
                assert_string_equal(id.text, wanted.text);
        }
        fail_allocation(0);
}

/* If a change could not be added to the list, applying the list must be an error. */
static void test_changes_that_lack_some_are_not_stored(void **state)
{
        Store *store = open_store();
        size_t n_points = 0, before = count("SELECT count(*) FROM releases");

        (void)state;
        for (unsigned n = 1; n < POINTS_MAX; n++) {
                Changes changes;
                Error error = { 0 };
                bool failed;

                fail_allocation(n);
                list_changes(&changes, 1000);
                failed = has_failed();
                fail_allocation(0);
                if (!failed) {
                        changes_done(&changes);
                        break;
                }
                n_points++;
                assert_int_equal(store_apply(store, &changes, &error), -ENOMEM);
                error_done(&error);
                changes_done(&changes);
                assert_all_or_none(before);
        }
        assert_true(n_points > 0);
        store_close(store);
}

/* A failed transaction must be rolled back, so that the next transaction can be stored. */
static void test_a_transaction_that_memory_breaks_off_leaves_nothing(void **state)
{
        Store *store = open_store();
        size_t n_stored = count("SELECT count(*) FROM releases"), n_failed = 0;
        bool failed = true;

        (void)state;
        for (unsigned n = 1; n < POINTS_MAX && failed; n++) {
                Changes changes;
                Error error = { 0 };
                int r;

                list_changes(&changes, n);
                fail_allocation(n);
                r = store_apply(store, &changes, &error);
                failed = has_failed();
                fail_allocation(0);
                n_failed += r < 0;
                /* a transaction can succeed: SQLite's json_valid() reports a lack of memory as
                 * invalid text */
                n_stored += r >= 0;
                error_done(&error);
                assert_all_or_none(n_stored);
                if (r < 0) {
                        assert_case(store_apply(store, &changes, &error) == 0,
                                    "after allocation %u: %s", n, error_message(&error));
                        assert_all_or_none(++n_stored);
                }
                changes_done(&changes);
        }
        assert_false(failed);
        assert_true(n_failed > 10);
        store_close(store);
}

/* A new store has no prepared statements, not even COMMIT. */
static void test_a_transaction_of_a_new_store_is_rolled_back(void **state)
{
        bool failed = true;
        size_t n_failed = 0;

        (void)state;
        for (unsigned n = 1; n < POINTS_MAX && failed; n += 1 + n / 40) {
                Store *store = open_store();
                Changes changes;
                Error error = { 0 };
                size_t before = count("SELECT count(*) FROM releases");
                int r, again = 0;

                list_changes(&changes, 100000 + n);
                fail_allocation(n);
                allocations.is_permanent = true;
                r = store_apply(store, &changes, &error);
                failed = has_failed();
                fail_allocation(0);
                error_done(&error);
                if (r < 0) {
                        n_failed++;
                        assert_all_or_none(before);
                        again = store_apply(store, &changes, &error);
                }
                assert_case(again == 0, "after allocation %u: %s", n, error_message(&error));
                assert_all_or_none(before + 1);
                changes_done(&changes);
                store_close(store);
        }
        assert_true(n_failed > 10);
}

static void assert_whole(const Release *release)
{
        assert_string_equal(release->display_name, "MyApp 2.3.1");
        assert_string_equal(release->source_ref.commit_sha, "4f1c");
        assert_string_equal(release->source_ref.branch, "main");
        assert_string_equal(release->source_ref.build_id, "812");
        assert_int_equal(release->components.n, 2);
        assert_string_equal(release->components.items[0].digest, DIGEST_A);
        assert_string_equal(release->components.items[0].tag, "v2.3.1");
        assert_string_equal(release->components.items[0].semver, "2.3.1");
        assert_string_equal(release->components.items[0].channel, "stable");
        assert_int_equal(release->components.items[0].platforms.n, 2);
        assert_string_equal(release->components.items[0].platforms.items[1].digest, DIGEST_C);
        assert_string_equal(release->components.items[1].digest, DIGEST_B);
}

/* Reads a release while allocation n fails. Allocates padding bytes in the arena first, so that the
 * arena grows at different texts. Returns true if there was an n-th allocation. */
static bool read_release(Store *store, unsigned n, size_t padding, size_t *n_failed)
{
        Error error = { 0 };
        Release release;
        Arena arena;
        bool failed;
        int r;

        arena_init(&arena, TEST_ARENA_MAX);
        assert_non_null(arena_alloc(&arena, padding));
        fail_allocation(n);
        r = store_release(store, "5f0c0000-0000-5000-8000-000000999999", &arena, &release, &error);
        failed = has_failed();
        fail_allocation(0);
        if (r > 0)
                assert_whole(&release);
        else
                assert_case(r == -ENOMEM, "allocation %u: %d %s", n, r, error_message(&error));
        *n_failed += r < 0;
        error_done(&error);
        arena_done(&arena);
        return failed;
}

static void test_a_release_is_read_completely_or_not_at_all(void **state)
{
        Store *store = open_store();
        Changes changes;
        Error error = { 0 };
        size_t n_failed = 0;

        (void)state;
        list_changes(&changes, 999999);
        assert_int_equal(store_apply(store, &changes, &error), 0);
        changes_done(&changes);
        for (size_t padding = 16; padding < 1024; padding += 16)
                for (unsigned n = 1; read_release(store, n, padding, &n_failed); n++)
                        ;
        assert_true(n_failed > 1000);
        store_close(store);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_the_same_without_memory),
        cmocka_unit_test(test_changes_that_lack_some_are_not_stored),
        cmocka_unit_test(test_a_transaction_that_memory_breaks_off_leaves_nothing),
        cmocka_unit_test(test_a_transaction_of_a_new_store_is_rolled_back),
        cmocka_unit_test(test_a_release_is_read_completely_or_not_at_all),
};
TEST_PROGRAM("scarce", tests, set_up, tear_down)
