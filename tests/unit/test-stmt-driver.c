/* Tests the store on a driver without a database. The driver records each call, and returns rows of
 * the test. So the store uses a database only through the functions of a driver. */

#include <ctype.h>

#include "base/buffer.h"
#include "fixture.h"
#include "model/changes/changes.h"
#include "store/driver.h"
#include "store/events.h"
#include "store/releases.h"
#include "unit.h"

#define LOG_MAX 4096

typedef struct Recording {
        Store base; /* must be the first member */
        Buffer log;
        const char *const *cells; /* the cells of the rows that the driver returns; NULL: no rows */
        size_t n_columns, n_rows, at;
        StoreFault step_fails, commit_fails, fault;
        unsigned n_in_use;
} Recording;

static Arena arena;

static Recording *recording(Store *store)
{
        return (Recording *)store;
}

static int record(Store *store, const char *what)
{
        return buffer_printf(&recording(store)->log, "%s\n", what);
}

static int fail_with(Recording *store, StoreFault fault, Error *err)
{
        store->fault = fault;
        return fault_set(err, fault, "the recording says no");
}

static void on_close(Store *store)
{
        buffer_done(&recording(store)->log);
        store_done(store);
}

static int on_probe(Store *store, Error *err)
{
        (void)err;
        return record(store, "probe");
}

static int on_prepare(Store *store, Error *err)
{
        (void)err;
        return record(store, "prepare");
}

static int on_begin(Store *store, Error *err)
{
        (void)err;
        return record(store, "begin");
}

static int on_commit(Store *store, Error *err)
{
        Recording *self = recording(store);

        (void)record(store, "commit");
        return self->commit_fails ? fail_with(self, self->commit_fails, err) : 0;
}

static StoreFault on_rollback(Store *store)
{
        (void)record(store, "rollback");
        return recording(store)->fault;
}

static int on_get(Stmt *stmt, StmtId id, Error *err)
{
        (void)err;
        stmt->handle = stmt->store;
        recording(stmt->store)->n_in_use++;
        return buffer_printf(&recording(stmt->store)->log, "get %.12s...\n",
                             stmt_text(id)->shared ? stmt_text(id)->shared : "another dialect");
}

static void on_done(Stmt *stmt)
{
        recording(stmt->store)->n_in_use--;
}

static int on_bind_text(Stmt *stmt, const char *name, const char *text, bool is_copied)
{
        return buffer_printf(&recording(stmt->store)->log, "  %s = %s%s\n", name,
                             text ? text : "NULL", is_copied ? " (copied)" : "");
}

static int on_bind_int(Stmt *stmt, const char *name, int64_t value)
{
        return buffer_printf(&recording(stmt->store)->log, "  %s = %lld\n", name, (long long)value);
}

static int on_bind_key(Stmt *stmt, const char *name, SortKey key)
{
        return buffer_printf(&recording(stmt->store)->log, "  %s = %zu bytes\n", name, key.size);
}

static int on_step(Stmt *stmt, Error *err)
{
        Recording *self = recording(stmt->store);

        (void)record(stmt->store, "step");
        if (self->step_fails)
                return fail_with(self, self->step_fails, err);
        return self->at < self->n_rows ? (int)!!++self->at : 0;
}

static int64_t on_n_written(const Stmt *stmt)
{
        (void)stmt;
        return 1;
}

static const char *cell(Stmt *stmt, int column)
{
        Recording *self = recording(stmt->store);

        return self->cells[(self->at - 1) * self->n_columns + (size_t)column];
}

static int on_read_text(Stmt *stmt, int column, const char **ret, size_t *ret_size)
{
        *ret = cell(stmt, column);
        *ret_size = *ret ? strlen(*ret) : 0;
        return 0;
}

static int64_t on_read_int(Stmt *stmt, int column)
{
        const char *text = cell(stmt, column);

        return text ? strtoll(text, NULL, 10) : 0;
}

static int on_read_key(Stmt *stmt, int column, SortKey *ret)
{
        ret->data = (const uint8_t *)cell(stmt, column);
        ret->size = ret->data ? strlen((const char *)ret->data) : 0;
        return 0;
}

static const StoreDriver driver = {
        .close = on_close,
        .probe = on_probe,
        .prepare = on_prepare,
        .begin = on_begin,
        .commit = on_commit,
        .rollback = on_rollback,
        .get = on_get,
        .done = on_done,
        .bind_text = on_bind_text,
        .bind_int = on_bind_int,
        .bind_key = on_bind_key,
        .step = on_step,
        .n_written = on_n_written,
        .read_text = on_read_text,
        .read_int = on_read_int,
        .read_key = on_read_key,
};

static int set_up(void **state)
{
        static Recording store;

        store = (Recording){ .base = { .driver = &driver } };
        buffer_init(&store.log, LOG_MAX);
        arena_init(&arena, TEST_ARENA_MAX);
        *state = &store;
        return 0;
}

static int tear_down(void **state)
{
        Recording *store = *state;

        assert_int_equal(store->n_in_use, 0); /* all statements were released */
        assert_null(store_close(&store->base));
        arena_done(&arena);
        return 0;
}

static void two_changes(Changes *changes)
{
        const Event event = { .id = { "01900000-0000-7000-8000-000000000001" },
                              .type = EVENT_RELEASE_READY,
                              .tenant = "default",
                              .kind = KIND_RELEASE,
                              .object_id = "an object",
                              .object_name = "v1",
                              .data = "{}",
                              .at = FIXTURE_TIME };

        changes_init(changes);
        changes_delete_hold(changes, "an environment");
        changes_add_event(changes, &event);
}

static void test_changes_are_one_transaction(void **state)
{
        Recording *store = *state;
        Error error = { 0 };
        Changes changes;
        StoreStats stats;

        two_changes(&changes);
        assert_int_equal(store_apply(&store->base, &changes, &error), 0);
        assert_string_equal(store->log.data, "prepare\n"
                                             "begin\n"
                                             "get DELETE FROM ...\n"
                                             "  :environment = an environment\n"
                                             "step\n"
                                             "get INSERT INTO ...\n"
                                             "  :id = 01900000-0000-7000-8000-000000000001\n"
                                             "  :tenant = d4e8d45a-1cf6-5761-81c2-36530696e1ac\n"
                                             "  :type = release.ready\n"
                                             "  :kind = Release\n"
                                             "  :object = an object\n"
                                             "  :name = v1\n"
                                             "  :data = {}\n"
                                             "  :at = 2026-11-23T17:00:00Z (copied)\n"
                                             "step\n"
                                             "commit\n");
        store_stats(&store->base, &stats);
        assert_int_equal(stats.n_transactions, 1);
        assert_int_equal(stats.n_rows, 2);
        changes_done(&changes);
}

static void on_added(void *userdata)
{
        ++*(unsigned *)userdata;
}

/* The reported reason depends only on the kind of the fault. */
static void test_a_failed_transaction_is_rolled_back(void **state)
{
        static const struct {
                StoreFault step, commit;
                const char *reason;
        } cases[] = {
                { STORE_FAULT_FULL, STORE_FAULT_NONE, "StorageFull" },
                { STORE_FAULT_FAILED, STORE_FAULT_NONE, "StorageFailed" },
                { STORE_FAULT_DAMAGED, STORE_FAULT_NONE, "StorageFailed" },
                { STORE_FAULT_NONE, STORE_FAULT_DENIED, "StorageFailed" },
                { STORE_FAULT_BUSY, STORE_FAULT_NONE, NULL },
                { STORE_FAULT_NONE, STORE_FAULT_MOVED, NULL },
        };
        Recording *store = *state;
        unsigned n_added = 0;
        EventWatch watch = { .added = on_added, .userdata = &n_added };
        StoreStats stats;
        Changes changes;

        store_watch_events(&store->base, &watch);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                StoreFault expected = cases[i].step ? cases[i].step : cases[i].commit;
                const StoreTrouble *trouble = store_trouble(&store->base);
                Error error = { 0 };

                store->step_fails = cases[i].step;
                store->commit_fails = cases[i].commit;
                two_changes(&changes);
                buffer_clear(&store->log);
                assert_true(store_apply(&store->base, &changes, &error) < 0);
                assert_case(store_fault(&error) == expected, "case %zu: fault %u", i,
                            store_fault(&error));
                assert_case(strstr(store->log.data, "rollback\n"), "case %zu", i);
                assert_case(!strstr(store->log.data, "commit\n") == !cases[i].commit, "case %zu",
                            i);
                assert_case(!trouble->message[0] == !cases[i].reason, "case %zu", i);
                if (cases[i].reason)
                        assert_string_equal(trouble->reason, cases[i].reason);
                store_stats(&store->base, &stats);
                assert_int_equal(stats.n_rows, 0);
                assert_int_equal(n_added, 0);
                store->base.trouble = (StoreTrouble){ 0 };
                error_done(&error);
                changes_done(&changes);
        }
        store_unwatch_events(&store->base, &watch);
}

static void test_rows_are_what_the_driver_reads(void **state)
{
        static const char *const cells[] = {
                /* each row begins with a tag */
                "v1", DIGEST_A, NULL,          "10", "20", "30", "0", "1",
                "v2", NULL,     "no manifest", "11", "21", "31", "5", "0",
        };
        Recording *store = *state;
        Error error = { 0 };
        const TagFilter first = { .after = "", .limit = 3 };
        TagRecords tags;

        store->cells = cells;
        store->n_columns = 8;
        store->n_rows = 2;
        assert_int_equal(
                store_tags_after(&store->base, "a component", &first, &arena, &tags, &error), 0);
        assert_int_equal(tags.n, 2);
        assert_string_equal(tags.items[0].digest, DIGEST_A);
        assert_null(tags.items[0].problem);
        assert_int_equal(tags.items[0].missing, 1);
        assert_null(tags.items[1].digest);
        assert_string_equal(tags.items[1].problem, "no manifest");
        assert_int_equal(tags.items[1].pushed_at, 5);
        assert_string_equal(store->log.data, "get SELECT tag, ...\n"
                                             "  :component = a component\n"
                                             "  :after = \n"
                                             "  :limit = 3\n"
                                             "step\nstep\nstep\n");
        assert_int_equal(store_probe(&store->base, &error), 0);
        assert_non_null(strstr(store->log.data, "probe\n"));
}

static void test_faults_are_distinguished(void **state)
{
        (void)state;
        for (StoreFault fault = STORE_FAULT_NONE + 1; fault < STORE_FAULT_MAX_; fault++) {
                Error error = { 0 };
                bool may_pass = fault == STORE_FAULT_FULL || fault == STORE_FAULT_FAILED ||
                                fault == STORE_FAULT_DENIED || fault == STORE_FAULT_BUSY;

                assert_true(fault_set(&error, fault, "fault") < 0);
                assert_int_equal(store_fault(&error), fault);
                assert_int_equal(store_fault_may_pass(&error), may_pass);
                error_done(&error);
                assert_int_equal(store_fault(&error), STORE_FAULT_NONE);
        }
}

/* True if the text contains the word, not only as a part of another word. */
static bool has_word(const char *text, const char *word)
{
        for (const char *at = text; (at = strstr(at, word)); at++)
                if ((at == text || !isalnum((unsigned char)at[-1])) &&
                    !isalnum((unsigned char)at[strlen(word)]))
                        return true;
        return false;
}

/* True if max() has two arguments. In other databases max() is only an aggregate. */
static bool has_max_of_two(const char *text)
{
        for (const char *at = text; (at = strcasestr(at, "max(")); at++) {
                size_t n = strcspn(at, ",)");

                if (at[n] == ',')
                        return true;
        }
        return false;
}

/* SQL text that only SQLite understands must not be shared: it must be in the column of SQLite. */
static void test_shared_texts_have_nothing_of_one_dialect(void **state)
{
        static const char *const words[] = { "rowid",      "json_each",     "instr",
                                             "CROSS JOIN", "sqlite_schema", "INSERT OR",
                                             "REPLACE",    "GLOB",          "IFNULL",
                                             "PRAGMA",     "AUTOINCREMENT" };
        size_t n_sqlite = 0;

        (void)state;
        for (StmtId id = 0; id < STMT_MAX_; id++) {
                const StmtText *text = stmt_text(id);

                n_sqlite += text->sqlite != NULL;
                for (size_t i = 0; i < ARRAY_SIZE(words) && text->shared; i++)
                        assert_case(!has_word(text->shared, words[i]), "%s", text->shared);
                assert_case(!text->shared || (!strstr(text->shared, "+r.") &&
                                              !strstr(text->shared, " IS NULL OR ") &&
                                              !has_max_of_two(text->shared)),
                            "%s", text->shared);
        }
        assert_true(n_sqlite > 0);
        /* negative controls: the functions find such texts */
        assert_true(has_word("SELECT rowid, tag", "rowid"));
        assert_true(has_max_of_two("SET a = max(a, excluded.a)"));
        assert_false(has_max_of_two("SELECT COALESCE(MAX(a), 0)"));
        assert_false(has_word("SELECT browid FROM t", "rowid"));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes_are_one_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_transaction_is_rolled_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_rows_are_what_the_driver_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_faults_are_distinguished, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shared_texts_have_nothing_of_one_dialect, set_up,
                                        tear_down),
};
TEST_PROGRAM("stmt-driver", tests, NULL, NULL)
