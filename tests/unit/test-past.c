/* Tests what environments had at an earlier time, read from their history. */

#include <sqlite3.h>
#include <stdlib.h>

#include "fixture.h"
#include "model/changes/changes.h"
#include "store/id-list.h"
#include "store/pages.h"
#include "store/sqlite/sqlite.h"
#include "store/store.h"
#include "unit.h"

#define N_ENVIRONMENTS 3
#define ROWS_MAX       40
#define SECOND(n)      (FIXTURE_TIME + (usec_t)(n)*USEC_PER_SEC)

typedef struct Row {
        unsigned release, at; /* at: seconds after FIXTURE_TIME */
        DeploymentStatus status;
} Row;

typedef struct History {
        Row rows[ROWS_MAX];
        size_t n;
} History;

static Arena arena;
static Store *store;
static Uuid ids[N_ENVIRONMENTS];

static void run(const char *sql)
{
        assert_case(sqlite3_exec(sqlite_store(store)->db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
                    sql);
}

/* Declares an environment; created: seconds after FIXTURE_TIME. */
static void declare(size_t environment, unsigned created)
{
        const EnvironmentSpec spec = {
                .object = { .kind = KIND_ENVIRONMENT,
                            .id = ids[environment],
                            .meta = { .name = arena_printf(&arena, "e%zu", environment),
                                      .tenant = "default" } }
        };
        Error error = { 0 };
        Changes changes;

        changes_init(&changes);
        changes_put_tenant(&changes, "default", FIXTURE_TIME);
        changes_put_environment(&changes, &spec, SECOND(created));
        assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
        changes_done(&changes);
}

static void add(History *history, size_t environment, Row row)
{
        char at[TIME_TEXT_SIZE];

        history[environment].rows[history[environment].n++] = row;
        run(arena_printf(&arena,
                         "INSERT INTO environment_history (environment_id, release_id, "
                         "release_name, status, at, by) VALUES ('%s', 'id%u', 'r%u', '%s', '%s', "
                         "'anna')",
                         ids[environment].text, row.release, row.release,
                         deployment_status_to_string(row.status), time_format(SECOND(row.at), at)));
}

static Deployments as_of(unsigned at)
{
        _cleanup_(id_list_done) IdList list;
        Error error = { 0 };
        Deployments found;

        id_list_init(&list);
        for (size_t i = 0; i < N_ENVIRONMENTS; i++)
                id_list_add(&list, ids[i].text);
        assert_case(store_page_as_of(store, id_list_end(&list, &arena), SECOND(at), &arena, &found,
                                     &error) >= 0,
                    "%s", error_message(&error));
        return found;
}

/* Compares a page with the last row of each environment of which takes says that it was there. */
static void check(const History *history, unsigned at, const size_t n_there[N_ENVIRONMENTS])
{
        Deployments found = as_of(at);
        size_t next = 0;

        for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                const Row *rows = history[i].rows;
                const Row *last = n_there[i] > 0 ? &rows[n_there[i] - 1] : NULL;
                const Deployment *row = next < found.n ? &found.items[next] : NULL;
                const char *deployed = NULL;

                if (!last || last->status == DEPLOYMENT_CANCELED) {
                        assert_case(!row || !streq(row->environment_id, ids[i].text), "at %u", at);
                        continue;
                }
                for (size_t j = 0; j < n_there[i]; j++)
                        if (rows[j].status == DEPLOYMENT_DEPLOYED)
                                deployed = arena_printf(&arena, "r%u", rows[j].release);
                assert_case(row && streq(row->environment_id, ids[i].text), "at %u", at);
                assert_string_equal(row->release_name, arena_printf(&arena, "r%u", last->release));
                assert_int_equal(row->status, last->status);
                assert_case(str_equal(row->deployed_release_name, deployed), "%s, not %s at %u",
                            row->deployed_release_name, deployed, at);
                next++;
        }
        assert_int_equal(next, found.n);
}

static Row random_row(unsigned at)
{
        return (Row){ (unsigned)rand() % 4, at, (DeploymentStatus)(rand() % 4) };
}

/* Random histories, also of environments that no document declares. */
static void test_the_state_at_any_time_is_that_of_the_last_row_before(void **state)
{
        (void)state;
        for (unsigned seed = 0; seed < 20; seed++) {
                History history[N_ENVIRONMENTS] = { 0 };
                size_t n_there[N_ENVIRONMENTS];

                srand(seed);
                for (unsigned at = 0; at < ROWS_MAX; at += (unsigned)rand() % 3)
                        for (int n = rand() % 3; n > 0; n--) {
                                size_t to = (size_t)rand() % N_ENVIRONMENTS;

                                if (history[to].n < ROWS_MAX)
                                        add(history, to, random_row(at));
                        }
                for (unsigned at = 0; at <= ROWS_MAX; at++) {
                        for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                                n_there[i] = 0;
                                while (n_there[i] < history[i].n &&
                                       history[i].rows[n_there[i]].at <= at)
                                        n_there[i]++;
                        }
                        check(history, at, n_there);
                }
                run("DELETE FROM environment_history");
                arena_clear(&arena);
        }
}

/* The clock jumps, in both directions. */
static void test_after_all_rows_the_state_is_that_of_the_last_one_stored(void **state)
{
        (void)state;
        for (unsigned seed = 0; seed < 20; seed++) {
                History history[N_ENVIRONMENTS] = { 0 };
                size_t n_there[N_ENVIRONMENTS];

                srand(seed);
                for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                        for (int n = rand() % 20; n > 0; n--)
                                add(history, i, random_row((unsigned)rand() % 1000));
                        n_there[i] = history[i].n;
                }
                check(history, 1000, n_there);
                run("DELETE FROM environment_history");
                arena_clear(&arena);
        }
}

static void test_an_environment_that_is_declared_again_has_no_earlier_release(void **state)
{
        History history[N_ENVIRONMENTS] = { 0 };
        static const size_t nothing[N_ENVIRONMENTS] = { 0 }, old[N_ENVIRONMENTS] = { 2 };

        (void)state;
        add(history, 0, (Row){ 1, 10, DEPLOYMENT_PROMOTING });
        add(history, 0, (Row){ 1, 11, DEPLOYMENT_DEPLOYED });
        declare(0, 20);
        check(history, 9, nothing);
        check(history, 19, old); /* when it was removed is not stored */
        check(history, 20, nothing);
        add(history, 0, (Row){ 2, 30, DEPLOYMENT_PROMOTING });
        assert_int_equal(as_of(30).n, 1);
        assert_string_equal(as_of(30).items[0].release_name, "r2");
        assert_null(as_of(30).items[0].deployed_release_id);
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        for (size_t i = 0; i < N_ENVIRONMENTS; i++)
                ids[i] = object_id(KIND_ENVIRONMENT, "default", arena_printf(&arena, "e%zu", i));
        return store_open(&(StoreOptions){ .path = ":memory:" }, &store, &error);
}

static int tear_down(void **state)
{
        (void)state;
        store_close(store);
        arena_done(&arena);
        return 0;
}

int main(void)
{
#define PAST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                PAST_TEST(test_the_state_at_any_time_is_that_of_the_last_row_before),
                PAST_TEST(test_after_all_rows_the_state_is_that_of_the_last_one_stored),
                PAST_TEST(test_an_environment_that_is_declared_again_has_no_earlier_release),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
