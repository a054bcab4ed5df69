/* Tests the store: changes are stored, failed changes are not stored in part, and every query uses
 * an index. */

#include <sqlite3.h>
#include <unistd.h>

#include "fixture.h"
#include "model/changes/changes.h"
#include "model/enum-names.h"
#include "store/events.h"
#include "store/pages.h"
#include "store/release-json.h"
#include "store/releases.h"
#include "store/sqlite/sqlite.h"
#include "store/store.h"
#include "store/version-pages.h"
#include "unit.h"

static Arena arena;
static const TagFilter all_tags = { .after = "", .limit = 100 };
static char folder[] = "/tmp/relman-test-store-XXXXXX";
static char path[100];

static RegistrySpec registry = { .object = { .kind = KIND_REGISTRY,
                                             .id = { "10000000-0000-5000-8000-000000000001" },
                                             .meta = { .name = "example", .tenant = "default" },
                                             .digest = DIGEST_A,
                                             .place = { "r.yaml", 1, 1 } },
                                 .url = "https://registry.example.com" };
static ComponentSpec component = { .object = { .kind = KIND_COMPONENT,
                                               .id = { "8d1e0000-0000-5000-8000-000000000001" },
                                               .meta = { .name = "api", .tenant = "default" },
                                               .digest = DIGEST_A,
                                               .place = { "c.yaml", 7, 1 } },
                                   .image_repository = "registry.example.com/myapp/api",
                                   .default_channel = "stable" };
static ComponentSpec other = { .object = { .kind = KIND_COMPONENT,
                                           .id = { "8d1e0000-0000-5000-8000-000000000002" },
                                           .meta = { .name = "migrate", .tenant = "default" },
                                           .digest = DIGEST_A,
                                           .place = { "c.yaml", 17, 1 } },
                               .image_repository = "registry.example.com/myapp/migrate",
                               .default_channel = "stable" };
static ReleaseSpec release_spec = { .object = {
                                            .kind = KIND_RELEASE,
                                            .id = { "5f0c0000-0000-5000-8000-000000000003" },
                                            .meta = { .name = "myapp-v2.3.1", .tenant = "default" },
                                            .digest = DIGEST_C,
                                            .place = { "l.yaml", 3, 1 } } };

static Store *open_store(void)
{
        const StoreOptions options = { .path = path, .now = FIXTURE_TIME };
        Store *store;
        Error error = { 0 };

        assert_case(store_open(&options, &store, &error) == 0, "%s", error_message(&error));
        return store;
}

static void apply(Store *store, Changes *changes)
{
        Error error = { 0 };

        assert_case(store_apply(store, changes, &error) == 0, "%s", error_message(&error));
        changes_clear(changes);
}

static SortKey key_of(uint8_t c)
{
        uint8_t *data = arena_memdup(&arena, &c, 1);

        return (SortKey){ data, 1 };
}

static VersionMap version_of(const char *tag, const char *digest, uint8_t key)
{
        return (VersionMap){ .id = version_map_id(component.object.id.text, digest),
                             .tag = tag,
                             .digest = digest,
                             .semver = tag + 1,
                             .channel = "stable",
                             .sort_key = key_of(key),
                             .specificity = 3,
                             .resolved_at = FIXTURE_TIME };
}

static void put_objects(Store *store)
{
        Changes changes;
        Release release = fixture_release();

        changes_init(&changes);
        changes_put_tenant(&changes, "default", FIXTURE_TIME);
        changes_put_registry(&changes, &registry, FIXTURE_TIME);
        changes_put_component(&changes, &component, registry.object.id.text, FIXTURE_TIME);
        changes_put_component(&changes, &other, NULL, FIXTURE_TIME);
        changes_put_release(&changes, &release, &release_spec);
        apply(store, &changes);
        changes_done(&changes);
}

static StoredObjects read_objects(Store *store, ObjectKind kind)
{
        const ObjectCursor cursor = { .kind = kind, .after = "", .limit = 100 };
        StoredObjects objects;
        Error error = { 0 };

        assert_int_equal(store_objects_after(store, &cursor, &arena, &objects, &error), 0);
        return objects;
}

static void test_objects_are_kept_with_their_places(void **state)
{
        Store *store = open_store();
        StoredObjects objects;
        Error error = { 0 };
        const char *json;

        (void)state;
        put_objects(store);
        store_close(store);
        store = open_store();
        assert_int_equal(read_objects(store, KIND_REGISTRY).n, 1);
        assert_int_equal(read_objects(store, KIND_RELEASE).n, 1);
        objects = read_objects(store, KIND_COMPONENT);
        assert_int_equal(objects.n, 2);
        for (size_t i = 0; i < objects.n; i++)
                if (objects.items[i].kind == KIND_COMPONENT &&
                    streq(objects.items[i].name, "api")) {
                        assert_string_equal(objects.items[i].declared_file, "c.yaml");
                        assert_int_equal(objects.items[i].declared_line, 7);
                        assert_false(objects.items[i].stalled);
                }
        assert_int_equal(store_document(store, KIND_COMPONENT, component.object.id.text, &arena,
                                        &json, &error),
                         0);
        assert_non_null(strstr(json, "\"imageRepository\":\"registry.example.com/myapp/api\""));
        assert_true(store_document(store, KIND_COMPONENT, "none", &arena, &json, &error) < 0);
        assert_int_equal(error.kind, ERROR_NOT_FOUND);
        error_done(&error);
        store_close(store);
}

static size_t n_with_digest(Store *store, const char *tenant, const char *digest)
{
        const ReleaseFilter filter = { .tenant = tenant, .digest = digest };
        const Page page = { .limit = 10 };
        Error error = { 0 };
        Releases releases;

        assert_int_equal(store_search(store, &filter, &page, &arena, &releases, &error), 0);
        return releases.n;
}

static void test_a_release_reads_back_as_it_was(void **state)
{
        Store *store = open_store();
        Release wanted = fixture_release(), release;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        assert_int_equal(store_release(store, wanted.id.text, &arena, &release, &error), 1);
        assert_string_equal(release.display_name, "MyApp 2.3.1");
        assert_int_equal(release.components.n, 2);
        assert_string_equal(release.components.items[0].digest, DIGEST_A);
        assert_string_equal(release.components.items[0].platforms.items[1].platform, "linux/arm64");
        assert_null(release.components.items[1].tag);
        assert_string_equal(release.source_ref.build_id, "812");
        assert_int_equal(release.created_at, FIXTURE_TIME);
        assert_int_equal(n_with_digest(store, "default", DIGEST_B), 1);
        assert_int_equal(n_with_digest(store, "default", DIGEST_C), 0);
        assert_int_equal(n_with_digest(store, "other", DIGEST_B), 0);
        assert_int_equal(store_release(store, "none", &arena, &release, &error), 0);
        store_close(store);
}

/* Returns the number of releases, from a search with an empty page. */
static int64_t count_releases(Store *store, const char *status)
{
        const ReleaseFilter filter = { .tenant = "default", .status = status };
        const Page none = { 0 };
        Releases found;
        Error error = { 0 };

        assert_int_equal(store_search(store, &filter, &none, &arena, &found, &error), 0);
        return found.total;
}

/* Adds N_PAGED releases. Each is a second newer than the release before it, and the release of the
 * fixture is the oldest. */
#define N_PAGED 9
static void put_series(Store *store)
{
        Changes changes;

        changes_init(&changes);
        for (size_t i = 0; i < N_PAGED; i++) {
                Release release = fixture_release();

                release.name = arena_printf(&arena, "r%zu", i);
                release.id = uuid_of((const char *[]){ "release", release.name, NULL });
                release.created_at += (i + 1) * USEC_PER_SEC;
                changes_put_release(&changes, &release, &release_spec);
        }
        apply(store, &changes);
        changes_done(&changes);
}

/* Tests all pages, because the store reads pages near the end in reverse order. */
static void test_every_page_of_a_search_is_a_slice_of_all(void **state)
{
        const ReleaseFilter filter = { .tenant = "default" };
        const Page whole = { .limit = N_PAGED + 1 };
        Store *store = open_store();
        Releases all, found;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        put_series(store);
        assert_int_equal(store_search(store, &filter, &whole, &arena, &all, &error), 0);
        assert_int_equal(all.n, N_PAGED + 1);
        for (size_t i = 0; i < N_PAGED; i++)
                assert_int_equal(all.items[i].name[1], '0' + (int)(N_PAGED - 1 - i));
        for (size_t limit = 1; limit <= N_PAGED + 2; limit++)
                for (size_t offset = 0; offset <= N_PAGED + 2; offset++) {
                        const Page page = { (int64_t)limit, (int64_t)offset };
                        size_t wanted = MIN(limit, all.n - MIN(offset, all.n));

                        assert_int_equal(
                                store_search(store, &filter, &page, &arena, &found, &error), 0);
                        assert_int_equal(found.total, N_PAGED + 1);
                        assert_int_equal(found.n, wanted);
                        for (size_t i = 0; i < wanted; i++)
                                assert_string_equal(found.items[i].name,
                                                    all.items[offset + i].name);
                }
        store_close(store);
}

/* Releases of one second are not in the order of their names: s-9 comes after s-10. */
static void test_releases_of_one_second_are_in_the_order_in_which_they_were_made(void **state)
{
        const Release first = fixture_release();
        const ReleaseFilter filters[] = { { .tenant = "default" },
                                          { .tenant = "default", .text = "s-" },
                                          { .tenant = "default", .status = "ready" },
                                          { .tenant = "default", .digest = DIGEST_A } };
        Store *store = open_store();
        Releases found;
        Changes changes;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        changes_init(&changes);
        for (size_t i = 1; i <= 12; i++) {
                Release release = first;

                release.name = arena_printf(&arena, "s-%zu", i);
                release.id = uuid_of((const char *[]){ "release", release.name, NULL });
                release.created_at += USEC_PER_SEC;
                changes_put_release(&changes, &release, &release_spec);
        }
        apply(store, &changes);
        changes_done(&changes);
        for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
                for (size_t offset = 0; offset < 12; offset++) {
                        const Page page = { .limit = 1, .offset = (int64_t)offset };

                        assert_int_equal(
                                store_search(store, &filters[i], &page, &arena, &found, &error), 0);
                        assert_string_equal(found.items[0].name,
                                            arena_printf(&arena, "s-%zu", 12 - offset));
                }
        store_close(store);
}

/* The total is a stored number. Each change of a release must update it. */
static void test_the_total_follows_changes_of_releases(void **state)
{
        const Release first = fixture_release();
        Store *store = open_store();
        Changes changes;

        (void)state;
        put_objects(store);
        put_series(store);
        put_series(store); /* adding the same releases again does not change the total */
        assert_int_equal(count_releases(store, NULL), N_PAGED + 1);
        changes_init(&changes);
        changes_set_status(&changes, first.id.text, RELEASE_ARCHIVED, FIXTURE_TIME);
        apply(store, &changes);
        assert_int_equal(count_releases(store, NULL), N_PAGED + 1);
        assert_int_equal(count_releases(store, "archived"), 1);
        assert_int_equal(count_releases(store, "ready"), N_PAGED);
        changes_delete_object(&changes, KIND_RELEASE, first.id.text);
        apply(store, &changes);
        assert_int_equal(count_releases(store, NULL), N_PAGED);
        changes_done(&changes);
        store_close(store);
}

static void test_heads_of_releases_are_read_without_their_components(void **state)
{
        const Release first = fixture_release();
        const Uuid unknown = object_id(KIND_RELEASE, "default", "unknown");
        Store *store = open_store();
        Releases heads;
        Error error = { 0 };
        char ids[128];
        size_t used;

        (void)state;
        put_objects(store);
        (void)snprintf(ids, sizeof(ids), "[\"%s\",\"%s\"]", unknown.text, first.id.text);
        used = arena.used;
        assert_int_equal(store_page_release_heads(store, ids, &arena, &heads, &error), 0);
        assert_int_equal(heads.n, 1);
        assert_string_equal(heads.items[0].id.text, first.id.text);
        assert_string_equal(heads.items[0].name, first.name);
        assert_int_equal(heads.items[0].components.n, 0);
        /* only the row and its texts were read: no components and no labels */
        assert_true(arena.used - used < 2 * sizeof(Release));
        store_close(store);
}

/* Checks the versions, newest first. Pages of one row must equal one large page, in all channels
 * and in one channel. */
static void check_newest_pages(Store *store, const char *id)
{
        static const char *const channels[] = { NULL, "stable" };
        Error error = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
                NewestCursor all = { .channel = channels[i], .limit = 10, .arena = &arena };
                NewestCursor one = { .channel = channels[i], .limit = 1, .arena = &arena };
                VersionMaps versions, page;

                assert_int_equal(store_versions_newest(store, id, &all, &arena, &versions, &error),
                                 0);
                assert_int_equal(versions.n, 2);
                assert_string_equal(versions.items[0].tag, "v1.1.0");
                for (size_t j = 0; j < versions.n; j++) {
                        assert_int_equal(
                                store_versions_newest(store, id, &one, &arena, &page, &error), 0);
                        assert_int_equal(page.n, 1);
                        assert_string_equal(page.items[0].digest, versions.items[j].digest);
                }
                assert_int_equal(store_versions_newest(store, id, &one, &arena, &page, &error), 0);
                assert_int_equal(page.n, 0);
        }
}

/* Checks that counting in steps of any size gives the same number. */
static void check_version_counts(Store *store, const char *id)
{
        Error error = { 0 };

        for (size_t limit = 1; limit <= 3; limit++) {
                VersionCursor cursor = { .limit = limit };
                int64_t n = 0, sum = 0;
                int r;

                do {
                        r = store_versions_count(store, id, &cursor, &n, &error);
                        assert_true(r >= 0);
                        sum += n;
                } while (r > 0);
                assert_int_equal(sum, 2);
        }
}

/* Checks that pages of one row equal one large page. */
static void check_version_pages(Store *store, const char *id)
{
        VersionCursor all = { .limit = 10 }, one = { .limit = 1 };
        VersionMaps versions, page;
        Error error = { 0 };

        assert_int_equal(store_versions_after(store, id, &all, &arena, &versions, &error), 0);
        assert_int_equal(versions.n, 2);
        for (size_t i = 0; i < versions.n; i++) {
                assert_int_equal(store_versions_after(store, id, &one, &arena, &page, &error), 0);
                assert_int_equal(page.n, 1);
                assert_string_equal(page.items[0].digest, versions.items[i].digest);
        }
        assert_int_equal(store_versions_after(store, id, &one, &arena, &page, &error), 0);
        assert_int_equal(page.n, 0);
}

static void test_tags_versions_channels_and_all_else_are_kept(void **state)
{
        const char *id = component.object.id.text;
        Store *store = open_store();
        TagRecord tag = { .tag = "v1.0.0",
                          .digest = DIGEST_A,
                          .first_seen_at = 1,
                          .changed_at = 2,
                          .checked_at = 3,
                          .missing = 1 };
        TagRecord broken = { .tag = "v0", .problem = "404", .first_seen_at = 1 };
        Channel channel = { .name = "stable",
                            .tag = "v1.1.0",
                            .digest = DIGEST_B,
                            .semver = "1.1.0",
                            .specificity = 3,
                            .moved_at = FIXTURE_TIME };
        SyncState sync = { .list_digest = DIGEST_A,
                           .rules_digest = DIGEST_B,
                           .synced_at = FIXTURE_TIME,
                           .n_tags = 2,
                           .n_missing = 1 },
                  sync_back;
        Manifest manifest = { .digest = DIGEST_A,
                              .media_type = "m",
                              .size = 5,
                              .platforms = { fixture_platforms, 2 } },
                 manifest_back;
        Condition condition = { CONDITION_STALLED, CONDITION_TRUE, "SpecInvalid", "why",
                                FIXTURE_TIME };
        Event event = { .id = uuid_new(FIXTURE_TIME),
                        .type = EVENT_TAG_MOVED,
                        .tenant = "default",
                        .kind = KIND_COMPONENT,
                        .object_id = id,
                        .object_name = "api",
                        .data = "{}",
                        .at = FIXTURE_TIME };
        const TagPast past = { "v1.0.0", DIGEST_C, NULL, 1, 2, IMAGE_CHANGE_BASE };
        VersionMap a = version_of("v1.0.0", DIGEST_A, 1), b = version_of("v1.1.0", DIGEST_B, 2);
        VersionFilter filter = { 0 };
        TagPasts history;
        TagRecords tags;
        VersionMaps versions;
        Channels channels;
        Conditions conditions;
        Events events;
        Changes changes;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        channel.sort_key = b.sort_key;
        changes_init(&changes);
        changes_put_tag(&changes, id, &tag);
        changes_put_tag(&changes, id, &broken);
        changes_add_tag_history(&changes, id, &past);
        changes_put_version(&changes, id, &a);
        changes_put_version(&changes, id, &b);
        changes_put_channel(&changes, id, &channel);
        changes_put_sync(&changes, id, &sync);
        changes_put_manifest(&changes, id, &manifest, FIXTURE_TIME);
        changes_set_condition(&changes, KIND_COMPONENT, id, &condition);
        changes_add_event(&changes, &event);
        apply(store, &changes);
        assert_int_equal(store_tags_after(store, id, &all_tags, &arena, &tags, &error), 0);
        assert_int_equal(tags.n, 2);
        assert_string_equal(tags.items[0].tag, "v0");
        assert_null(tags.items[0].digest);
        assert_string_equal(tags.items[0].problem, "404");
        assert_int_equal(tags.items[1].missing, 1);
        assert_int_equal(store_tag_history(store, id, "v1.0.0", &arena, &history, &error), 0);
        assert_int_equal(history.n, 1);
        assert_string_equal(history.items[0].digest, DIGEST_C);
        assert_int_equal(history.items[0].until, 2);
        assert_int_equal(history.items[0].change, IMAGE_CHANGE_BASE);
        assert_int_equal(store_versions(store, id, &filter, &arena, &versions, &error), 0);
        assert_int_equal(versions.n, 2);
        assert_string_equal(versions.items[0].tag, "v1.1.0"); /* newest first */
        filter.digest = DIGEST_A;
        assert_int_equal(store_versions(store, id, &filter, &arena, &versions, &error), 0);
        assert_int_equal(versions.n, 1);
        check_version_pages(store, id);
        check_newest_pages(store, id);
        check_version_counts(store, id);
        assert_int_equal(store_channels(store, id, &arena, &channels, &error), 0);
        assert_string_equal(channels.items[0].digest, DIGEST_B);
        assert_int_equal(store_sync_state(store, id, &sync_back, &error), 0);
        assert_string_equal(sync_back.rules_digest, DIGEST_B);
        assert_int_equal(sync_back.n_missing, 1);
        assert_int_equal(store_manifest(store, id, DIGEST_A, &arena, &manifest_back, &error), 1);
        assert_int_equal(manifest_back.platforms.n, 2);
        assert_int_equal(store_conditions(store, KIND_COMPONENT, id, &arena, &conditions, &error),
                         0);
        assert_int_equal(conditions.n, 1);
        assert_string_equal(conditions.items[0].message, "why");
        assert_int_equal(store_events(store, 0, 10, &arena, &events, &error), 0);
        assert_string_equal(events.items[events.n - 1].id.text, event.id.text);
        assert_true(events.items[events.n - 1].sequence > 0);

        changes_delete_version(&changes, id, DIGEST_A);
        changes_delete_channel(&changes, id, "stable");
        changes_clear_condition(&changes, KIND_COMPONENT, id, CONDITION_STALLED);
        apply(store, &changes);
        filter.digest = NULL;
        assert_int_equal(store_versions(store, id, &filter, &arena, &versions, &error), 0);
        assert_int_equal(versions.n, 1);
        assert_int_equal(store_channels(store, id, &arena, &channels, &error), 0);
        assert_int_equal(channels.n, 0);
        assert_int_equal(store_conditions(store, KIND_COMPONENT, id, &arena, &conditions, &error),
                         0);
        assert_int_equal(conditions.n, 0);

        changes_delete_object(&changes, KIND_COMPONENT, id);
        apply(store, &changes);
        assert_int_equal(store_tags_after(store, id, &all_tags, &arena, &tags, &error), 0);
        assert_int_equal(tags.n, 0); /* the tags of the component were deleted too */
        changes_done(&changes);
        store_close(store);
}

static void test_a_change_that_fails_keeps_none_of_the_list(void **state)
{
        Store *store = open_store();
        TagRecord tag = { .tag = "v1.0.0", .digest = DIGEST_A };
        StoreStats before, after;
        TagRecords tags;
        Changes changes;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        changes_init(&changes);
        changes_put_tag(&changes, component.object.id.text, &tag);
        changes_put_tag(&changes, "no such component", &tag);
        store_stats(store, &before);
        assert_true(store_apply(store, &changes, &error) < 0);
        assert_non_null(strstr(error_message(&error), "FOREIGN KEY"));
        error_done(&error);
        store_stats(store, &after);
        assert_int_equal(before.n_rows, after.n_rows);
        assert_int_equal(
                store_tags_after(store, component.object.id.text, &all_tags, &arena, &tags, &error),
                0);
        assert_int_equal(tags.n, 0);
        changes_done(&changes);
        store_close(store);
}

static void test_a_second_store_on_one_file_is_refused(void **state)
{
        const StoreOptions options = { .path = path, .now = FIXTURE_TIME };
        Store *store = open_store(), *second = NULL;
        Error error = { 0 };

        (void)state;
        assert_int_equal(store_open(&options, &second, &error), -EWOULDBLOCK);
        assert_non_null(strstr(error_message(&error), arena_printf(&arena, "pid %d", getpid())));
        error_done(&error);
        store_close(store);
}

static void note_loss(void *userdata, const Error *failure)
{
        *(int *)userdata += failure != NULL;
}

/* Removes or replaces a file in one of several ways. */
static void take_away(const char *file, const char *way)
{
        const char *elsewhere = arena_printf(&arena, "%s.elsewhere", file);

        if (streq(way, "removed"))
                assert_int_equal(unlink(file), 0);
        else
                assert_int_equal(rename(file, elsewhere), 0);
        if (streq(way, "replaced")) {
                FILE *made = fopen(file, "we");

                assert_non_null(made);
                assert_int_equal(fclose(made), 0);
        }
}

static void test_a_database_that_is_moved_replaced_or_removed_takes_nothing_more(void **state)
{
        static const char *const suffixes[] = { "", "-wal", "-shm" }, *const ways[] = {
                "moved", "removed", "replaced"
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(suffixes) * ARRAY_SIZE(ways) * 2; i++) {
                const char *suffix = suffixes[i % 3], *way = ways[i / 3 % 3];
                const char *own = arena_printf(&arena, "%s-%zu", path, i);
                const char *file = arena_printf(&arena, "%s%s", own, suffix);
                int n_lost = 0;
                const StoreOptions options = { .path = own,
                                               .now = FIXTURE_TIME,
                                               .watch = { note_loss, &n_lost } };
                Error error = { 0 };
                Store *store;
                Changes changes;

                assert_int_equal(store_open(&options, &store, &error), 0);
                put_objects(store);
                take_away(file, way);
                changes_init(&changes);
                changes_put_tenant(&changes, "other", FIXTURE_TIME);
                /* writes and store_probe() notice the loss; the watchdog and /readyz use
                 * store_probe() */
                assert_case((i < 9 ? store_apply(store, &changes, &error)
                                   : store_probe(store, &error)) == -ESTALE,
                            "%s %s: %s", way, suffix, error_message(&error));
                assert_non_null(strstr(error_message(&error), file));
                assert_int_equal(n_lost, 1);
                error_done(&error);
                assert_true(store_is_lost(store, NULL) < 0);
                assert_true(store_apply(store, &changes, NULL) < 0);
                changes_done(&changes);
                store_close(store);
        }
}

static void test_what_was_stored_before_a_journal_was_removed_is_kept(void **state)
{
        static const char *const suffixes[] = { "-wal", "-shm" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
                Store *store;
                StoredObjects objects;
                Error error = { 0 };

                (void)snprintf(path, sizeof(path), "%s/journal-%zu.db", folder, i);
                store = open_store();
                put_objects(store);
                take_away(arena_printf(&arena, "%s%s", path, suffixes[i]), "removed");
                assert_int_equal(store_probe(store, &error), -ESTALE);
                error_done(&error);
                store_close(store);
                store = open_store();
                objects = read_objects(store, KIND_COMPONENT);
                assert_int_equal(objects.n, 2);
                assert_null(store_notice(store));
                store_close(store);
        }
}

static void test_a_database_that_disappeared_is_reported(void **state)
{
        Store *store = open_store();

        (void)state;
        assert_null(store_notice(store));
        store_close(store);
        assert_int_equal(unlink(path), 0);
        store = open_store();
        assert_non_null(store_notice(store));
        assert_non_null(strstr(store_notice(store), path));
        store_close(store);
}

static void test_a_newer_schema_is_refused_and_left_alone(void **state)
{
        const StoreOptions options = { .path = path, .now = FIXTURE_TIME };
        Store *store = open_store();
        Error error = { 0 };
        sqlite3 *db;

        (void)state;
        store_close(store);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_open(&options, &store, &error), -EPROTONOSUPPORT);
        assert_non_null(strstr(error_message(&error), "999"));
        error_done(&error);
}

/* Only the seal of the release shows this damage. It is found late, after statements were
 * prepared. */
static void test_the_replacement_of_a_damaged_one_has_complete_transactions(void **state)
{
        const StoreOptions options = { .path = path, .may_rebuild = true, .now = FIXTURE_TIME };
        TagRecord tag = { .tag = "v1.0.0", .digest = DIGEST_A };
        Store *store = open_store();
        TagRecords tags;
        Changes changes;
        Error error = { 0 };
        sqlite3 *db;

        (void)state;
        put_objects(store);
        store_close(store);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(
                sqlite3_exec(db, "UPDATE releases SET spec_digest = 'another'", NULL, NULL, NULL),
                SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_case(store_open(&options, &store, &error) == 0, "%s", error_message(&error));
        assert_non_null(strstr(store_notice(store), "is not as it was resolved"));
        put_objects(store);
        changes_init(&changes);
        changes_put_tag(&changes, component.object.id.text, &tag);
        changes_put_tag(&changes, "no such component", &tag);
        assert_true(store_apply(store, &changes, &error) < 0);
        error_done(&error);
        changes_done(&changes);
        assert_int_equal(
                store_tags_after(store, component.object.id.text, &all_tags, &arena, &tags, &error),
                0);
        assert_int_equal(tags.n, 0);
        store_close(store);
}

static void add_event(Store *store, EventType type, const char *name, usec_t at)
{
        Event event = { .id = uuid_new(at),
                        .type = type,
                        .tenant = "default",
                        .kind = KIND_RELEASE,
                        .object_id = "id",
                        .object_name = name,
                        .data = "{}",
                        .at = at };
        Changes changes;

        changes_init(&changes);
        changes_add_event(&changes, &event);
        apply(store, &changes);
        changes_done(&changes);
}

static void test_events_are_narrowed(void **state)
{
        static const struct {
                EventFilter filter;
                const char *names;
        } cases[] = {
                { { .limit = 10 }, "abcd" },
                { { .limit = 2 }, "ab" },
                { { .limit = 2, .newest = true }, "cd" },
                { { .limit = 10, .since = FIXTURE_TIME + 2 * USEC_PER_SEC }, "cd" },
                { { .limit = 1, .since = FIXTURE_TIME + USEC_PER_SEC }, "b" },
                { { .limit = 10, .types = ",release.ready," }, "bd" },
                { { .limit = 1, .types = ",release.ready,", .newest = true }, "d" },
                { { .limit = 10, .types = ",release.read," }, "" },
                { { .limit = 10, .types = ",release.created,release.ready," }, "abcd" },
                { { .limit = 10, .kind = "Release", .name = "c" }, "c" },
                { { .limit = 10, .kind = "Component", .name = "c" }, "" },
        };
        Store *store = open_store();
        Error error = { 0 };
        Events events;
        int64_t before, last;

        (void)state;
        put_objects(store);
        assert_int_equal(store_last_event(store, &before, &error), 0);
        for (unsigned i = 0; i < 4; i++)
                add_event(store, i % 2 ? EVENT_RELEASE_READY : EVENT_RELEASE_CREATED,
                          (const char *[]){ "a", "b", "c", "d" }[i],
                          FIXTURE_TIME + i * USEC_PER_SEC);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                EventFilter filter = cases[i].filter;
                char names[16] = "";

                filter.after = before;
                assert_int_equal(
                        store_tenant_events(store, "default", &filter, &arena, &events, &error), 0);
                for (size_t j = 0; j < events.n; j++)
                        names[j] = events.items[j].object_name[0];
                assert_case(streq(names, cases[i].names), "case %zu: '%s'", i, names);
        }
        assert_int_equal(store_last_event(store, &last, &error), 0);
        assert_int_equal(last, before + 4);
        assert_int_equal(store_tenant_events(
                                 store, "default",
                                 &(EventFilter){ .after = before, .until = last - 2, .limit = 9 },
                                 &arena, &events, &error),
                         0);
        assert_int_equal(events.n, 2);
        store_close(store);
}

/* Only statements with a comment that says so may scan a complete table. */
static void test_every_query_goes_through_an_index(void **state)
{
        Store *store = open_store();
        size_t n = 0;

        (void)state;
        for (StmtId id = 0; id < STMT_MAX_; id++) {
                const char *sql = arena_printf(&arena, "EXPLAIN QUERY PLAN %s", sqlite_text(id));
                sqlite3_stmt *stmt;

                assert_case(sqlite3_prepare_v2(sqlite_store(store)->db, sql, -1, &stmt, NULL) ==
                                    SQLITE_OK,
                            "%s: %s", sqlite_text(id), sqlite3_errmsg(sqlite_store(store)->db));
                while (sqlite3_step(stmt) == SQLITE_ROW) {
                        const char *detail = (const char *)sqlite3_column_text(stmt, 3);

                        assert_case(strncmp(detail, "SCAN", 4) != 0 ||
                                            streq(detail, "SCAN CONSTANT ROW") ||
                                            strncmp(sqlite_text(id), "SELECT /*scan", 13) == 0 ||
                                            ((strstr(detail, "VIRTUAL TABLE") ||
                                              streq(detail, "SCAN places")) &&
                                             strstr(sqlite_text(id), "/*scan: one release")) ||
                                            (streq(detail, "SCAN p") &&
                                             strstr(sqlite_text(id), "/*scan: of the page")),
                                    "%s\n  %s", sqlite_text(id), detail);
                        assert_case(!strstr(detail, "USE TEMP B-TREE") ||
                                            strstr(sqlite_text(id), "/*scan") ||
                                            strstr(sqlite_text(id), "/*sort"),
                                    "%s\n  %s", sqlite_text(id), detail);
                        n++;
                }
                sqlite3_finalize(stmt);
        }
        assert_true(n > 20);
        store_close(store);
}

/* Requests the same objects in both orders. At least one order is not that of the ids. */
static void test_facts_of_a_page_are_in_its_order(void **state)
{
        static const ConditionType types[] = { CONDITION_STALLED, CONDITION_READY };
        static const char *const channels[] = { "stable", "beta" };
        const char *ids[] = { component.object.id.text, other.object.id.text };
        Store *store = open_store();
        Changes changes;

        (void)state;
        put_objects(store);
        changes_init(&changes);
        for (size_t i = 0; i < 4; i++) {
                const char *id = ids[i / 2];

                changes_set_condition(&changes, KIND_COMPONENT, id,
                                      &(Condition){ .type = types[i % 2],
                                                    .status = CONDITION_TRUE,
                                                    .reason = "R",
                                                    .message = "",
                                                    .since = FIXTURE_TIME });
                changes_put_channel(&changes, id,
                                    &(Channel){ .name = channels[i % 2],
                                                .tag = "v1",
                                                .digest = DIGEST_A,
                                                .sort_key = key_of(1),
                                                .moved_at = FIXTURE_TIME });
        }
        apply(store, &changes);
        changes_done(&changes);
        for (size_t first = 0; first < 2; first++) {
                const char *page = arena_printf(&arena, "[\"%s\",\"none\",\"%s\"]", ids[first],
                                                ids[1 - first]);
                ObjectTimesRows times;
                ObjectDocuments documents;
                ObjectConditions conditions;
                ComponentChannels heads;
                Error error = { 0 };

                assert_int_equal(
                        store_page_times(store, KIND_COMPONENT, page, &arena, &times, &error), 0);
                assert_int_equal(store_page_documents(store, KIND_COMPONENT, page, &arena,
                                                      &documents, &error),
                                 0);
                assert_int_equal(store_page_conditions(store, KIND_COMPONENT, page, &arena,
                                                       &conditions, &error),
                                 0);
                assert_int_equal(store_page_channels(store, page, &arena, &heads, &error), 0);
                assert_true(times.n == 2 && documents.n == 2 && conditions.n == 4 && heads.n == 4);
                for (size_t i = 0; i < 4; i++) {
                        const char *id = ids[i / 2 ? 1 - first : first];

                        assert_string_equal(times.items[i / 2].id, id);
                        assert_string_equal(documents.items[i / 2].id, id);
                        assert_non_null(
                                strstr(documents.items[i / 2].json, "\"kind\":\"Component\""));
                        assert_string_equal(conditions.items[i].id, id);
                        assert_int_equal(conditions.items[i].condition.type, types[1 - i % 2]);
                        assert_string_equal(heads.items[i].id, id);
                        assert_string_equal(heads.items[i].channel.name, channels[1 - i % 2]);
                }
        }
        store_close(store);
}

/* The query for a list of many objects reads no row with a complete document. */
static void test_times_of_a_page_are_read_from_an_index(void **state)
{
        static const StmtId statements[] = { STMT_PAGE_TIMES_COMPONENT,
                                             STMT_PAGE_TIMES_ENVIRONMENT };
        Store *store = open_store();

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
                const char *text = sqlite_text(statements[i]);
                const char *sql = arena_printf(&arena, "EXPLAIN QUERY PLAN %s", text);
                sqlite3_stmt *stmt;
                bool is_covered = false;

                assert_int_equal(sqlite3_prepare_v2(sqlite_store(store)->db, sql, -1, &stmt, NULL),
                                 SQLITE_OK);
                while (sqlite3_step(stmt) == SQLITE_ROW)
                        is_covered |= strstr((const char *)sqlite3_column_text(stmt, 3),
                                             "SEARCH o USING COVERING INDEX") != NULL;
                sqlite3_finalize(stmt);
                assert_case(is_covered, "%s", text);
        }
        store_close(store);
}

/* Stores an environment with two conditions: one is a problem, the other a notice. */
static void put_problem(Store *store, const char *tenant, unsigned number)
{
        const char *name = arena_printf(&arena, "e%u", number);
        const EnvironmentSpec environment = {
                .object = { .kind = KIND_ENVIRONMENT,
                            .id = object_id(KIND_ENVIRONMENT, tenant, name),
                            .meta = { .name = name, .tenant = tenant } },
        };
        Condition condition = { .type = CONDITION_READY,
                                .status = CONDITION_FALSE,
                                .reason = "NoRelease",
                                .message = "",
                                .since = FIXTURE_TIME + number * USEC_PER_SEC };
        const char *id = environment.object.id.text;
        Changes changes;

        changes_init(&changes);
        changes_put_tenant(&changes, tenant, FIXTURE_TIME);
        changes_put_environment(&changes, &environment, FIXTURE_TIME);
        changes_set_condition(&changes, KIND_ENVIRONMENT, id, &condition);
        condition.type = CONDITION_HELD;
        condition.status = CONDITION_TRUE;
        condition.reason = "OnHold";
        changes_set_condition(&changes, KIND_ENVIRONMENT, id, &condition);
        apply(store, &changes);
        changes_done(&changes);
}

typedef int (*ReadTroubles)(Store *store, const TroubleFilter *filter, Arena *in, Troubles *ret,
                            Error *err);

/* Newer problems of another tenant must not hide an older problem. */
static void test_a_tenant_sees_its_problems_beside_many_of_another(void **state)
{
        static const ReadTroubles readers[] = { store_troubles, store_notices };
        const TroubleFilter ours = { "ours", 3 }, all = { NULL, 3 }, none = { "none", 3 };
        const Uuid id = object_id(KIND_ENVIRONMENT, "ours", "e0");
        Store *store = open_store();
        Troubles found;
        Error error = { 0 };

        (void)state;
        put_problem(store, "ours", 0);
        for (unsigned i = 1; i <= 3; i++)
                put_problem(store, "theirs", i);
        for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
                assert_int_equal(readers[i](store, &ours, &arena, &found, &error), 0);
                assert_int_equal(found.n, 1);
                assert_string_equal(found.items[0].object_id, id.text);
                assert_int_equal(readers[i](store, &all, &arena, &found, &error), 0);
                assert_int_equal(found.n, 3);
                assert_int_equal(readers[i](store, &none, &arena, &found, &error), 0);
                assert_int_equal(found.n, 0);
        }
        store_close(store);
}

/* The negative control of the tests above: a query without an index is reported as a scan. */
/* Times have a resolution of one second, and a clock may be set back. */
static void test_approvals_are_listed_in_the_order_they_were_given(void **state)
{
        static const char *const given[] = { "uid:2", "uid:9", "uid:1", "uid:2" };
        static const char *const newest_first[] = { "uid:2", "uid:1", "uid:9" };
        const Uuid id = object_id(KIND_ENVIRONMENT, "default", "e0");
        const Release release = fixture_release();
        Store *store = open_store();
        Approvals found;
        Error error = { 0 };

        (void)state;
        put_objects(store);
        put_problem(store, "default", 0);
        for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
                const Approval approval = { .environment_id = id.text,
                                            .release_id = release.id.text,
                                            .by = given[i],
                                            .person = given[i],
                                            .at = FIXTURE_TIME - (i == 2) * USEC_PER_HOUR };
                Changes changes;

                changes_init(&changes);
                changes_set_approval(&changes, &approval, true);
                apply(store, &changes);
                changes_done(&changes);
        }
        assert_int_equal(store_environment_approvals(store, id.text, 10, &arena, &found, &error),
                         0);
        assert_int_equal(found.n, ARRAY_SIZE(newest_first));
        for (size_t i = 0; i < found.n; i++)
                assert_string_equal(found.items[i].by, newest_first[i]);
        store_close(store);
}

static void test_a_scan_would_be_seen(void **state)
{
        Store *store = open_store();
        sqlite3_stmt *stmt;

        (void)state;
        assert_int_equal(
                sqlite3_prepare_v2(sqlite_store(store)->db,
                                   "EXPLAIN QUERY PLAN SELECT * FROM tags WHERE problem = 'x'", -1,
                                   &stmt, NULL),
                SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_int_equal(strncmp((const char *)sqlite3_column_text(stmt, 3), "SCAN", 4), 0);
        sqlite3_finalize(stmt);
        store_close(store);
}

static int set_up(void **state)
{
        static unsigned n;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        if (n == 0 && !mkdtemp(folder))
                return -1;
        (void)snprintf(path, sizeof(path), "%s/state-%u.db", folder, n++);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_done(&arena);
        return 0;
}

static int remove_folder(void **state)
{
        (void)state;
        return test_remove_tree(folder);
}

/* The platforms of a component are stored as a JSON object of digests, which may be damaged. */
static void test_a_damaged_release_is_refused(void **state)
{
        static const struct {
                const char *platforms;
                int r;
        } cases[] = {
                { "{\"linux/amd64\":\"sha256:1\"}", 0 },
                { "{}", 0 },
                { "{\"linux/amd64\":1}", -EBADMSG },
                { "[\"linux/amd64\"]", -EBADMSG },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(error_done) Error error = { 0 };
                _cleanup_(arena_done) Arena own;
                ReleaseComponents components;
                const char *json;

                arena_init(&own, 1024 * 1024);
                json = arena_printf(&own,
                                    "[{\"componentId\":\"i\",\"componentName\":\"api\","
                                    "\"imageRepository\":\"r.example/api\",\"digest\":\"sha256:2\","
                                    "\"role\":\"%s\",\"resolvedAt\":\"2026-01-01T00:00:00Z\","
                                    "\"size\":1,\"platforms\":%s}]",
                                    component_role_names[0], cases[i].platforms);
                assert_case(components_from_json(json, &own, &components, &error) == cases[i].r,
                            "platforms %s: %s", cases[i].platforms, error_message(&error));
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_damaged_release_is_refused),
        cmocka_unit_test_setup_teardown(test_objects_are_kept_with_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_release_reads_back_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_page_of_a_search_is_a_slice_of_all, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
                test_releases_of_one_second_are_in_the_order_in_which_they_were_made, set_up,
                tear_down),
        cmocka_unit_test_setup_teardown(test_heads_of_releases_are_read_without_their_components,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_total_follows_changes_of_releases, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_tags_versions_channels_and_all_else_are_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_that_fails_keeps_none_of_the_list, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_second_store_on_one_file_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
                test_a_database_that_is_moved_replaced_or_removed_takes_nothing_more, set_up,
                tear_down),
        cmocka_unit_test_setup_teardown(test_what_was_stored_before_a_journal_was_removed_is_kept,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_database_that_disappeared_is_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_newer_schema_is_refused_and_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
                test_the_replacement_of_a_damaged_one_has_complete_transactions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events_are_narrowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_query_goes_through_an_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_facts_of_a_page_are_in_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approvals_are_listed_in_the_order_they_were_given,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times_of_a_page_are_read_from_an_index, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_scan_would_be_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_tenant_sees_its_problems_beside_many_of_another,
                                        set_up, tear_down),
};
TEST_PROGRAM("store", tests, NULL, remove_folder)
