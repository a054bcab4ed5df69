/* Tests the past states of environments, which relman reads from their history, and which digests
 * are still needed. */

#include <sqlite3.h>
#include <stdlib.h>

#include "fixture.h"
#include "model/changes/changes.h"
#include "store/digests.h"
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

/* Compares the state at a time with the last row of each environment. n_there: the number of rows
 * of each environment at that time. */
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

/* Uses random histories, including environments that no document declares. */
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

/* The clock jumps forward and back. */
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
        check(history, 19, old); /* the time of its removal is not stored */
        check(history, 20, nothing);
        add(history, 0, (Row){ 2, 30, DEPLOYMENT_PROMOTING });
        assert_int_equal(as_of(30).n, 1);
        assert_string_equal(as_of(30).items[0].release_name, "r2");
        assert_null(as_of(30).items[0].deployed_release_id);
}

/* --- an environment that is declared again ---------------------------------------------------- */

static void remove_environment(size_t environment)
{
        Error error = { 0 };
        Changes changes;

        changes_init(&changes);
        changes_delete_object(&changes, KIND_ENVIRONMENT, ids[environment].text);
        assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
        changes_done(&changes);
}

static void put_releases(unsigned n)
{
        run("PRAGMA foreign_keys = off");
        for (unsigned i = 1; i <= n; i++)
                run(arena_printf(&arena,
                                 "INSERT INTO releases (id, tenant_id, name, display_name, "
                                 "components, spec_digest, created_at, updated_at) VALUES ('id%u', "
                                 "'t', 'r%u', '', '[]', '', '', '')",
                                 i, i));
}

/* Returns the results of all statements for r1 to r3 in the first environment:
 * - its last releases
 * - for each release: whether it was promoted and deployed, its number of runs, and its failure
 * - whether r1 came before r2
 * Reads of single rows and of pages must agree. */
static const char *describe(void)
{
        const char *id = ids[0].text;
        const char *pairs = arena_printf(
                &arena, "[[\"%s\",\"id1\"],[\"%s\",\"id2\"],[\"%s\",\"id3\"]]", id, id, id);
        const char *text = "";
        size_t n_deployed = 0, n_runs = 0, n_failures = 0;
        Error error = { 0 };
        PairFailures failures;
        ReleasePairs deployed;
        PairRuns all_runs;
        Rollbacks last;

        assert_true(store_page_rollbacks(store, arena_printf(&arena, "[\"%s\"]", id), 4, &arena,
                                         &last, &error) >= 0);
        for (size_t i = 0; i < last.n; i++)
                text = arena_printf(&arena, "%s%s ", text, last.items[i].release_name);
        for (unsigned i = 1; i <= 3; i++) {
                const char *release = arena_printf(&arena, "id%u", i);
                int was_promoted = store_was_promoted(store, id, release, &error);
                int was_deployed = store_was_deployed(store, id, release, &error);
                DeploymentRuns runs;
                Failure failure;

                assert_true(was_promoted >= 0 && was_deployed >= 0);
                assert_true(store_runs(store, id, release, &arena, &runs, &error) >= 0);
                assert_true(store_failure(store, id, release, &arena, &failure, &error) >= 0);
                text = arena_printf(&arena, "%s| %d %d %zu %s ", text, was_promoted, was_deployed,
                                    runs.n, failure.reason ? failure.reason : "-");
                n_deployed += was_deployed > 0;
                n_runs += runs.n;
                n_failures += failure.reason != NULL;
        }
        assert_true(store_page_were_deployed(store, pairs, &arena, &deployed, &error) >= 0);
        assert_int_equal(deployed.n, n_deployed);
        assert_true(store_page_runs(store, pairs, &arena, &all_runs, &error) >= 0);
        assert_int_equal(all_runs.n, n_runs);
        assert_true(store_page_failures(store, pairs, &arena, &failures, &error) >= 0);
        for (size_t i = 0; i < failures.n; i++)
                n_failures -= failures.items[i].failure.reason != NULL;
        assert_int_equal(n_failures, 0);
        return arena_printf(&arena, "%s| %d", text,
                            store_was_deployed_before(store, id, "id1", "id2", &error));
}

/* Tests with a correct clock, and with a clock that was set back before all rows. */
static void test_what_a_removed_environment_had_does_not_count(void **state)
{
        static const unsigned declared[] = { 100, 5, 0 };

        (void)state;
        put_releases(3);
        for (size_t i = 0; i < ARRAY_SIZE(declared); i++) {
                History history[N_ENVIRONMENTS] = { 0 };

                declare(0, 5);
                add(history, 0, (Row){ 1, 10, DEPLOYMENT_PROMOTING });
                add(history, 0, (Row){ 1, 11, DEPLOYMENT_DEPLOYED });
                add(history, 0, (Row){ 2, 12, DEPLOYMENT_DEPLOYED });
                add(history, 0, (Row){ 3, 13, DEPLOYMENT_FAILED });
                assert_string_equal(describe(), "r2 r1 | 1 1 1 - | 1 1 1 - | 1 0 0 no reason was "
                                                "given | 1");
                remove_environment(0);
                declare(0, declared[i]);
                assert_string_equal(describe(), "| 0 0 0 - | 0 0 0 - | 0 0 0 - | 0");
                assert_int_equal(as_of(1000).n, 0);

                /* the clock is set back to before the document's time */
                add(history, 0, (Row){ 2, 1, DEPLOYMENT_DEPLOYED });
                add(history, 0, (Row){ 1, 0, DEPLOYMENT_DEPLOYED });
                declare(0, 200); /* a document that is changed keeps its history */
                assert_string_equal(describe(), "r1 r2 | 1 1 1 - | 1 1 1 - | 0 0 0 - | 0");
                run("DELETE FROM environment_history");
                remove_environment(0);
        }
}

/* --- digests ---------------------------------------------------------------------------------- */

#define N_RELEASES 60
#define N_IMAGES   12

static const char *digest_of(unsigned image, unsigned part)
{
        return arena_printf(&arena, "sha256:%032x%032x", image, part);
}

/* Stores a release of some images, each with two platforms. The digests of a platform may belong to
 * several images. */
static void put_release(unsigned number, const char *tenant, ReleaseStatus status)
{
        PlatformDigest platforms[N_IMAGES][2];
        ReleaseComponent components[N_IMAGES];
        Release release = { .id = object_id(KIND_RELEASE, tenant,
                                            arena_printf(&arena, "r%u", number)),
                            .tenant = tenant,
                            .name = arena_printf(&arena, "r%u", number),
                            .display_name = "",
                            .status = status,
                            .components = { components, 0 },
                            .created_at = FIXTURE_TIME,
                            .updated_at = FIXTURE_TIME,
                            .spec_digest = DIGEST_A };
        Error error = { 0 };
        Changes changes;

        for (unsigned i = 0; i < N_IMAGES; i++) {
                if (rand() % 4 > 0)
                        continue;
                platforms[i][0] = (PlatformDigest){ "linux/amd64", digest_of(i, 1) };
                platforms[i][1] = (PlatformDigest){ "linux/arm64", digest_of(i / 2, 2) };
                components[release.components.n++] =
                        (ReleaseComponent){ .component_id = arena_printf(&arena, "c%u", i),
                                            .component_name = arena_printf(&arena, "c%u", i),
                                            .repository = arena_printf(&arena, "r/%u", i % 3),
                                            .digest = digest_of(i, 0),
                                            .media_type = "m",
                                            .platforms = { platforms[i], 2 } };
        }
        changes_init(&changes);
        changes_put_tenant(&changes, tenant, FIXTURE_TIME);
        changes_put_release(&changes, &release, NULL);
        assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
        changes_done(&changes);
}

/* Walks over all rows in steps. Returns the digests that are needed, each once. */
static const char *walk_rows(const char *repository, const char *kept, size_t limit)
{
        DigestWalk walk = { "default", repository, kept, "", "", "", "", limit };
        const char *all = "", *last = "";
        Error error = { 0 };
        DigestRows rows;

        do {
                assert_case(store_digest_rows(store, &walk, &arena, &rows, &error) >= 0, "%s",
                            error_message(&error));
                for (size_t i = 0; i < rows.n; i++) {
                        const DigestRow *row = &rows.items[i];

                        if (row->is_needed && !streq(row->digest, last)) {
                                assert_true(strcmp(row->digest, last) > 0);
                                last = row->digest;
                                all = arena_printf(&arena, "%s%s\n", all, last);
                        }
                        walk.digest = row->digest;
                        walk.of_digest = row->of_digest;
                        walk.at_repository = row->repository;
                        walk.release_id = row->release_id;
                }
        } while (rows.n == limit);
        return all;
}

/* Finds the same digests in the JSON of the releases. */
static const char *scan_releases(const char *repository, const char *kept)
{
        const Uuid tenant = tenant_id("default");
        const char *sql = arena_printf(
                &arena,
                "SELECT group_concat(d || char(10), '') FROM (SELECT DISTINCT p.value AS d FROM "
                "releases r, json_each(r.components) c, json_tree(c.value) p WHERE r.tenant_id = "
                "'%s' AND (r.status <> 'archived' OR instr('%s', r.id) > 0) AND p.value LIKE "
                "'sha256:%%' AND ('%s' = '' OR json_extract(c.value, '$.imageRepository') = '%s') "
                "ORDER BY d)",
                tenant.text, kept, repository ? repository : "", repository ? repository : "");
        sqlite3_stmt *stmt;
        const char *all;

        assert_int_equal(sqlite3_prepare_v2(sqlite_store(store)->db, sql, -1, &stmt, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        all = (const char *)sqlite3_column_text(stmt, 0);
        all = arena_strdup(&arena, all ? all : "");
        sqlite3_finalize(stmt);
        return all;
}

static int count_rows(const char *table)
{
        sqlite3_stmt *stmt;
        int n;

        assert_int_equal(sqlite3_prepare_v2(sqlite_store(store)->db,
                                            arena_printf(&arena, "SELECT count(*) FROM %s", table),
                                            -1, &stmt, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        n = sqlite3_column_int(stmt, 0);
        sqlite3_finalize(stmt);
        return n;
}

/* Uses random releases of two tenants. A digest may belong to both a live and an archived
 * release. */
static void test_a_walk_finds_the_digests_of_all_live_releases(void **state)
{
        const Uuid kept = object_id(KIND_RELEASE, "default", "r7");
        const char *list = arena_printf(&arena, "[\"%s\"]", kept.text);
        Error error = { 0 };
        Changes changes;

        (void)state;
        srand(1);
        for (unsigned i = 0; i < N_RELEASES; i++)
                put_release(i, i % 5 == 0 ? "other" : "default",
                            i == 7 || i % 6 > 0 ? RELEASE_ARCHIVED : RELEASE_READY);
        for (size_t limit = 1; limit < 50; limit += 7) {
                assert_string_equal(walk_rows(NULL, "[]", limit), scan_releases(NULL, "[]"));
                assert_string_equal(walk_rows(NULL, list, limit), scan_releases(NULL, list));
                assert_string_equal(walk_rows("r/1", list, limit), scan_releases("r/1", list));
        }
        /* a release that is stored again, and one that is deleted */
        put_release(6, "default", RELEASE_READY);
        changes_init(&changes);
        for (unsigned i = 12; i < 36; i++) {
                const Uuid id = object_id(KIND_RELEASE, "default", arena_printf(&arena, "r%u", i));

                changes_delete_object(&changes, KIND_RELEASE, id.text);
        }
        assert_case(store_apply(store, &changes, &error) == 0, "%s", error_message(&error));
        changes_done(&changes);
        assert_string_equal(walk_rows(NULL, "[]", 1000), scan_releases(NULL, "[]"));
        run("DELETE FROM releases");
        assert_string_equal(walk_rows(NULL, "[]", 1000), "");
        assert_int_equal(count_rows("release_digests"), 0);
}

/* --- the last releases ------------------------------------------------------------------------ */

static void test_the_last_different_releases_of_each_environment(void **state)
{
        static const unsigned deployed[] = { 1, 2, 3, 4, 2, 2, 4, 5, 5 };
        History history[N_ENVIRONMENTS] = { 0 };
        Error error = { 0 };
        Rollbacks found;
        const char *page = arena_printf(&arena, "[\"%s\",\"%s\"]", ids[0].text, ids[1].text);

        (void)state;
        put_releases(5);
        declare(0, 0);
        declare(1, 0);
        for (unsigned i = 0; i < ARRAY_SIZE(deployed); i++) {
                add(history, 0, (Row){ deployed[i], i, DEPLOYMENT_PROMOTING });
                add(history, 0, (Row){ deployed[i], i, DEPLOYMENT_DEPLOYED });
                add(history, 1, (Row){ deployed[i], i, DEPLOYMENT_FAILED });
        }
        run("DELETE FROM releases WHERE id = 'id2'");
        assert_case(store_page_rollbacks(store, page, 4, &arena, &found, &error) >= 0, "%s",
                    error_message(&error));
        assert_int_equal(found.n, 3); /* 5, 4, 2, 3 without the deleted release */
        assert_string_equal(found.items[0].release_name, "r5");
        assert_string_equal(found.items[1].release_name, "r4");
        assert_string_equal(found.items[2].release_name, "r3");
        assert_int_equal(found.items[1].at, SECOND(6));
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
                PAST_TEST(test_what_a_removed_environment_had_does_not_count),
                PAST_TEST(test_a_walk_finds_the_digests_of_all_live_releases),
                PAST_TEST(test_the_last_different_releases_of_each_environment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
