/* Uses the database while allocations, calls on files or statements fail. Acknowledged changes must
 * be stored, and failed changes must not be stored in part. */

#include <glob.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "failing.h"
#include "fixture.h"
#include "model/changes/changes-checks.h"
#include "store/backup.h"
#include "store/checks.h"
#include "store/events.h"
#include "store/facts.h"
#include "store/pages.h"
#include "store/releases.h"
#include "store/restore.h"
#include "store/version-pages.h"
#include "unit.h"

static char folder[] = "/dev/shm/relman-test-failing-XXXXXX";
static char path[100], base[100], copy[100], older[100];

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
static StreamSpec stream = { .object = { .kind = KIND_STREAM,
                                         .id = { "20000000-0000-5000-8000-000000000004" },
                                         .meta = { .name = "app", .tenant = "default" },
                                         .digest = DIGEST_A,
                                         .place = { "s.yaml", 1, 1 } },
                             .name_template = "{stream}-{seq}" };
static EnvironmentSpec environment = { .object = { .kind = KIND_ENVIRONMENT,
                                                   .id = { "30000000-0000-5000-8000-000000000005" },
                                                   .meta = { .name = "prod", .tenant = "default" },
                                                   .digest = DIGEST_B,
                                                   .place = { "e.yaml", 1, 1 } } };
#define COMPONENT_ID   component.object.id.text
#define RELEASE_ID     release_spec.object.id.text
#define ENVIRONMENT_ID environment.object.id.text

/* --- objects and changes ---------------------------------------------------------------------- */

static Event event_of(EventType type, const char *data, const char *id)
{
        Event event = { .type = type,
                        .tenant = "default",
                        .kind = KIND_COMPONENT,
                        .object_id = COMPONENT_ID,
                        .object_name = "api",
                        .data = data,
                        .at = FIXTURE_TIME };

        (void)snprintf(event.id.text, sizeof(event.id.text), "%s", id);
        return event;
}

static VersionMap version_of(const char *tag, const char *digest, const char *key)
{
        return (VersionMap){ .id = version_map_id(COMPONENT_ID, digest),
                             .tag = tag,
                             .digest = digest,
                             .semver = tag + 1,
                             .channel = "stable",
                             .build_metadata = "b7",
                             .sort_key = { (const uint8_t *)key, strlen(key) },
                             .specificity = 3,
                             .resolved_at = FIXTURE_TIME };
}

/* Adds the changes of a poll of the component. */
static void add_versions(Changes *changes)
{
        static const char *const tags[] = { "v1.0.0", "v1.1.0" };
        static const char *const digests[] = { DIGEST_A, DIGEST_B };
        static const TagRecord broken = { .tag = "v0", .problem = "404", .first_seen_at = 1 };
        static const Manifest manifest = { .digest = DIGEST_A,
                                           .media_type = "m",
                                           .size = 5,
                                           .platforms = { fixture_platforms, 2 } };
        static const SyncState sync = { .list_digest = DIGEST_A,
                                        .rules_digest = DIGEST_B,
                                        .synced_at = FIXTURE_TIME,
                                        .n_tags = 2 };
        static const TagPast past = { "v1.0.0", DIGEST_C, NULL, 1, 2, IMAGE_CHANGE_BASE };
        static const Drift drift = { "v1.0.0",     DIGEST_A,          DIGEST_C,
                                     FIXTURE_TIME, IMAGE_CHANGE_BASE, true };
        static const Assignment assignment = { "hotfix", DIGEST_C, "2.3.2",
                                               "stable", "uid:0",  FIXTURE_TIME };
        Channel channel = { .name = "stable",
                            .tag = "v1.1.0",
                            .digest = DIGEST_B,
                            .semver = "1.1.0",
                            .sort_key = { (const uint8_t *)"b", 1 },
                            .specificity = 3,
                            .moved_at = FIXTURE_TIME };

        for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
                TagRecord tag = { .tag = tags[i],
                                  .digest = digests[i],
                                  .first_seen_at = 1,
                                  .changed_at = 2,
                                  .checked_at = 3 };
                VersionMap version = version_of(tags[i], digests[i], i ? "b" : "a");

                changes_put_tag(changes, COMPONENT_ID, &tag);
                changes_put_version(changes, COMPONENT_ID, &version);
        }
        changes_put_tag(changes, COMPONENT_ID, &broken);
        changes_add_tag_history(changes, COMPONENT_ID, &past);
        changes_put_channel(changes, COMPONENT_ID, &channel);
        changes_put_sync(changes, COMPONENT_ID, &sync);
        changes_put_manifest(changes, COMPONENT_ID, &manifest, FIXTURE_TIME);
        changes_put_drift(changes, COMPONENT_ID, &drift);
        changes_put_assignment(changes, COMPONENT_ID, &assignment);
}

/* Objects that clients and receivers create. */
static const Approval approval = { "30000000-0000-5000-8000-000000000005",
                                   "5f0c0000-0000-5000-8000-000000000003",
                                   "uid:1",
                                   "anna",
                                   FIXTURE_TIME,
                                   false,
                                   "looks good" };

static void add_words(Changes *changes)
{
        static const Condition condition = { CONDITION_STALLED, CONDITION_TRUE, "SpecInvalid",
                                             "why", FIXTURE_TIME };
        const Uuid tenant = tenant_id("default");
        const Deployment deployment = { .tenant_id = tenant.text,
                                        .environment_id = "30000000-0000-5000-8000-000000000005",
                                        .release_id = "5f0c0000-0000-5000-8000-000000000003",
                                        .release_name = "myapp-v2.3.1",
                                        .status = DEPLOYMENT_DEPLOYED,
                                        .at = FIXTURE_TIME,
                                        .by = "uid:0",
                                        .promotion_id = "p1",
                                        .evidence_ref = "e",
                                        .deployed_release_id =
                                                "5f0c0000-0000-5000-8000-000000000003" };
        static const Hold hold = { .environment_id = "30000000-0000-5000-8000-000000000005",
                                   .release_id = "5f0c0000-0000-5000-8000-000000000003",
                                   .since = FIXTURE_TIME,
                                   .by = "uid:0",
                                   .reason = "frozen" };
        static const AuditEntry audit = { .at = FIXTURE_TIME,
                                          .tenant = "default",
                                          .actor = { .tenant = "default",
                                                     .principal = "uid:0",
                                                     .origin = "unix",
                                                     .action = "POST /x",
                                                     .idempotency_key = "key",
                                                     .request_digest = DIGEST_A },
                                          .kind = KIND_RELEASE,
                                          .object_id = "5f0c0000-0000-5000-8000-000000000003",
                                          .object_name = "myapp-v2.3.1",
                                          .result_id = "r",
                                          .detail = "d" };
        static const ReceiverState receiver = { .name = "chat",
                                                .position = 1,
                                                .delivered_at = FIXTURE_TIME,
                                                .failing_since = FIXTURE_TIME,
                                                .problem = "503" };
        static const DeadLetter letter = { "chat", 1, "gone", FIXTURE_TIME };
        static const CheckResult ran = { .environment_id = ENVIRONMENT_ID,
                                         .release_id = RELEASE_ID,
                                         .promotion_id = "",
                                         .name = "smoke",
                                         .status = CHECK_FAILED,
                                         .started_at = FIXTURE_TIME,
                                         .reported_at = FIXTURE_TIME,
                                         .by = PRINCIPAL_SELF,
                                         .output = "no login" };
        static const CheckResult running = { .environment_id = ENVIRONMENT_ID,
                                             .release_id = RELEASE_ID,
                                             .promotion_id = "",
                                             .name = "load",
                                             .status = CHECK_RUNNING,
                                             .started_at = FIXTURE_TIME };
        Event moved = event_of(EVENT_TAG_MOVED, "{}", "40000000-0000-7000-8000-000000000001");
        Event drift = event_of(EVENT_DRIFT_DETECTED, "{}", "40000000-0000-7000-8000-000000000002");

        changes_set_condition(changes, KIND_COMPONENT, COMPONENT_ID, &condition);
        changes_put_deployment(changes, &deployment);
        changes_put_hold(changes, &hold);
        changes_set_approval(changes, &approval, true);
        changes_put_check(changes, &ran);
        changes_put_check(changes, &running);
        changes_put_output_run(changes, ENVIRONMENT_ID, "key",
                               &(OutputRun){ .lock_digest = DIGEST_A,
                                             .release = "one",
                                             .commit = "c0ffee",
                                             .at = FIXTURE_TIME });
        changes_add_event(changes, &moved);
        changes_add_event(changes, &drift);
        changes_add_audit(changes, &audit);
        changes_put_receiver(changes, &receiver);
        changes_add_dead_letter(changes, &letter);
}

static void add_all(Changes *changes)
{
        static Release release;

        release = fixture_release();
        release.stream_id = stream.object.id.text;
        release.sequence = 1;
        changes_put_tenant(changes, "default", FIXTURE_TIME);
        changes_put_registry(changes, &registry, FIXTURE_TIME);
        changes_put_component(changes, &component, registry.object.id.text, FIXTURE_TIME);
        changes_put_component(changes, &other, NULL, FIXTURE_TIME);
        changes_put_stream(changes, &stream, FIXTURE_TIME);
        changes_put_environment(changes, &environment, FIXTURE_TIME);
        changes_put_release(changes, &release, &release_spec);
        add_versions(changes);
        add_words(changes);
}

/* Deletes or changes an object of each kind. */
static void add_second(Changes *changes)
{
        static const Drift drift = { "v1.0.0",     DIGEST_A,          DIGEST_C,
                                     FIXTURE_TIME, IMAGE_CHANGE_BASE, true };

        changes_set_declared(changes, KIND_COMPONENT, COMPONENT_ID, (Place){ "d.yaml", 3, 1 });
        changes_set_declared(changes, KIND_STREAM, stream.object.id.text,
                             (Place){ "d.yaml", 9, 1 });
        changes_set_status(changes, RELEASE_ID, RELEASE_DEPLOYED, FIXTURE_TIME + 1);
        changes_delete_hold(changes, ENVIRONMENT_ID);
        changes_set_approval(changes, &approval, false);
        changes_delete_deployment(changes, ENVIRONMENT_ID);
        changes_delete_version(changes, COMPONENT_ID, DIGEST_A);
        changes_delete_channel(changes, COMPONENT_ID, "stable");
        changes_delete_assignment(changes, COMPONENT_ID, DIGEST_C);
        changes_delete_drift(changes, COMPONENT_ID, &drift);
        changes_clear_condition(changes, KIND_COMPONENT, COMPONENT_ID, CONDITION_STALLED);
        changes_prune_events(changes, 1, FIXTURE_TIME + 1);
        changes_delete_object(changes, KIND_COMPONENT, other.object.id.text);
}

/* --- queries ---------------------------------------------------------------------------------- */

#define ASK(what)                                                                                  \
        do {                                                                                       \
                int r_ = (what);                                                                   \
                if (r_ < 0)                                                                        \
                        return r_;                                                                 \
        } while (0)

static int write_objects(Store *store, Arena *arena, Buffer *out, Error *err)
{
        static const ObjectKind kinds[] = { KIND_REGISTRY, KIND_COMPONENT, KIND_RELEASE,
                                            KIND_STREAM, KIND_ENVIRONMENT };
        StoredObjects objects;

        for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
                const ObjectCursor cursor = { .kind = kinds[kind], .after = "", .limit = 100 };

                ASK(store_objects_after(store, &cursor, arena, &objects, err));
                for (size_t i = 0; i < objects.n; i++) {
                        const StoredObject *object = &objects.items[i];
                        const char *json = NULL;

                        ASK(store_document(store, object->kind, object->id, arena, &json, err));
                        (void)buffer_printf(out, "%s %s %s:%u %u %d %s\n", object->id, object->name,
                                            object->declared_file ? object->declared_file : "-",
                                            object->declared_line, object->status, object->stalled,
                                            json);
                }
        }
        ASK(store_drafts(store, arena, &objects, err));
        (void)buffer_printf(out, "%zu drafts\n", objects.n);
        return 0;
}

static int write_tags(Store *store, Arena *arena, Buffer *out, Error *err)
{
        const DueFilter due_filter = { .before = FIXTURE_TIME, .limit = 5 };
        const TagFilter after = { "", 5 };
        const FactKeys keys = { &(FactKey){ COMPONENT_ID, "v1.0.0" }, 1 };
        const Page page = { .limit = 5 };
        TagPasts history, pasts;
        TagRecords tags, *of_keys;
        ReleasedTags *released;
        TagMoves *moves;
        TagFactsList facts;
        TagDigests digests;
        TagRecord tag;
        DueTags due;

        ASK(store_tags_after(store, COMPONENT_ID, &after, arena, &tags, err));
        ASK(store_tag_history(store, COMPONENT_ID, "v1.0.0", arena, &history, err));
        for (size_t i = 0; i < tags.n; i++)
                (void)buffer_printf(out, "%s %s %s\n", tags.items[i].tag,
                                    tags.items[i].digest ? tags.items[i].digest : "-",
                                    tags.items[i].problem ? tags.items[i].problem : "-");
        for (size_t i = 0; i < history.n; i++)
                (void)buffer_printf(out, "was %s\n", history.items[i].digest);
        ASK(store_tag_pasts(store, COMPONENT_ID, &page, arena, &pasts, err));
        for (size_t i = 0; i < pasts.n; i++)
                (void)buffer_printf(out, "left %s\n", pasts.items[i].digest);
        ASK(store_tag_facts_after(store, COMPONENT_ID, &after, arena, &facts, err));
        ASK(store_facts_tags(store, &keys, arena, &of_keys, err));
        ASK(store_facts_tag_moves(store, &keys, arena, &moves, err));
        ASK(store_facts_released_tags(store, &keys, arena, &released, err));
        (void)buffer_printf(out, "%zu tags of keys, %zu moves, %zu released\n", of_keys[0].n,
                            moves[0].n, released[0].n);
        ASK(store_tag(store, COMPONENT_ID, "v1.0.0", arena, &tag, err));
        ASK(store_due_tags(store, COMPONENT_ID, &due_filter, arena, &due, err));
        (void)buffer_printf(out, "%zu after, %zu due\n", tags.n, due.n);
        ASK(store_used_digests(store, COMPONENT_ID, arena, &digests, err));
        for (size_t i = 0; i < digests.n; i++)
                (void)buffer_printf(out, "used %s\n", digests.items[i].digest);
        ASK(store_live_tags(store, COMPONENT_ID, arena, &digests, err));
        for (size_t i = 0; i < digests.n; i++)
                (void)buffer_printf(out, "live %s\n", digests.items[i].digest);
        return 0;
}

static int write_versions(Store *store, Arena *arena, Buffer *out, Error *err)
{
        static const VersionFilter filters[] = { { 0 },
                                                 { .channel = "stable", .limit = 1 },
                                                 { .digest = DIGEST_A },
                                                 { .tag = "v1.1.0" } };
        const Uuid id = version_map_id(COMPONENT_ID, DIGEST_B);
        NewestCursor newest = { .limit = 1, .arena = arena };
        VersionCursor cursor = { .limit = 5 };
        int64_t n = 0;
        VersionMaps page;
        const char *component_id = NULL;
        Assignments assignments;
        DriftCounts counts;
        Manifests manifests;
        Channels channels;
        SyncState sync;
        Manifest manifest;
        VersionMap version;
        Drifts drifts;

        for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
                VersionMaps versions;

                ASK(store_versions(store, COMPONENT_ID, &filters[i], arena, &versions, err));
                for (size_t k = 0; k < versions.n; k++)
                        (void)buffer_printf(out, "%s %s\n", versions.items[k].tag,
                                            versions.items[k].semver);
        }
        ASK(store_versions_after(store, COMPONENT_ID, &cursor, arena, &page, err));
        (void)buffer_printf(out, "%zu in a page, up to %s\n", page.n, cursor.tag);
        for (size_t i = 0; i < 2; i++) { /* the first page and the next page */
                ASK(store_versions_newest(store, COMPONENT_ID, &newest, arena, &page, err));
                (void)buffer_printf(out, "newest: %zu\n", page.n);
        }
        cursor = (VersionCursor){ .limit = 1 };
        ASK(store_versions_count(store, COMPONENT_ID, &cursor, &n, err));
        (void)buffer_printf(out, "counted %lld\n", (long long)n);
        ASK(store_version(store, id.text, arena, &version, &component_id, err));
        ASK(store_channels(store, COMPONENT_ID, arena, &channels, err));
        ASK(store_sync_state(store, COMPONENT_ID, &sync, err));
        ASK(store_assignments(store, COMPONENT_ID, arena, &assignments, err));
        (void)buffer_printf(out, "%zu channels, %s, %zu assigned, of %s\n", channels.n,
                            sync.list_digest, assignments.n, component_id ? component_id : "-");
        ASK(store_manifest(store, COMPONENT_ID, DIGEST_A, arena, &manifest, err));
        ASK(store_manifests(store, COMPONENT_ID, arena, &manifests, err));
        for (size_t i = 0; i < manifests.n; i++)
                (void)buffer_printf(out, "%s %zu\n", manifests.items[i].media_type,
                                    manifests.items[i].platforms.n);
        ASK(store_drift(store, COMPONENT_ID, arena, &drifts, err));
        ASK(store_drift_counts(store, arena, &counts, err));
        return buffer_printf(out, "%zu drifts, %zu with drift\n", drifts.n, counts.n);
}

static void write_release(const Release *release, Buffer *out)
{
        (void)buffer_printf(out, "release %s %s %s\n", release->name,
                            release_status_to_string(release->status),
                            release->source_ref.branch ? release->source_ref.branch : "-");
        for (size_t i = 0; i < release->components.n; i++)
                (void)buffer_printf(out, " %s %s %zu\n",
                                    release->components.items[i].component_name,
                                    release->components.items[i].digest,
                                    release->components.items[i].platforms.n);
}

static int write_releases(Store *store, Arena *arena, Buffer *out, Error *err)
{
        static const ReleaseFilter filters[] = {
                { .tenant = "default" },
                { .tenant = "default", .status = "ready" },
                { .tenant = "default", .component_id = "8d1e0000-0000-5000-8000-000000000001" },
                { .tenant = "default", .digest = DIGEST_A },
                { .tenant = "default",
                  .text = "myapp",
                  .version = "2.3.1",
                  .since = 1,
                  .until = FIXTURE_TIME * 2 },
        };
        static const Page page = { 10, 0 };
        NamedReleases old;
        ReleaseUses uses;
        Releases found;
        Release release;
        int r;

        r = store_release(store, RELEASE_ID, arena, &release, err);
        ASK(r);
        if (r > 0)
                write_release(&release, out);
        ASK(store_release_by_name(store, "default", "myapp-v2.3.1", arena, &release, err));
        ASK(store_named_releases(store, "default", "[\"myapp-v2.3.1\"]", arena, &old, err));
        (void)buffer_printf(out, "%zu of that name\n", old.n);
        r = store_stream_newest(store, stream.object.id.text, arena, &release, err);
        ASK(r);
        ASK(store_stream_candidate(store, stream.object.id.text, arena, &release, err));
        ASK(store_stream_old(store, stream.object.id.text, 0, arena, &old, err));
        ASK(store_release_use(store, arena, &uses, err));
        (void)buffer_printf(out, "%d newest, %zu old, %zu used\n", r, old.n, uses.n);
        ASK(store_releases_of_component(store, COMPONENT_ID, &page, arena, &found, err));
        (void)buffer_printf(out, "%zu of component\n", found.n);
        for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
                ASK(store_search(store, &filters[i], &page, arena, &found, err));
                (void)buffer_printf(out, "%zu of %ld found\n", found.n, (long)found.total);
        }
        return 0;
}

static int write_environments(Store *store, Arena *arena, Buffer *out, Error *err)
{
        static const Page page = { 10, 0 };
        OutputRun run;
        Approvals approvals;
        DeploymentRuns runs;
        Deployments all;
        Deployment one;
        const char *ids;
        Hold hold;
        CheckResults checks;
        Failure failure;
        int r;

        ASK(store_deployments_of(store, RELEASE_ID, arena, &all, err));
        for (size_t i = 0; i < all.n; i++)
                (void)buffer_printf(out, "%s %s\n", all.items[i].release_name, all.items[i].by);
        r = store_deployment(store, ENVIRONMENT_ID, arena, &one, err);
        ASK(r);
        ASK(store_history(store, ENVIRONMENT_ID, &page, arena, &all, err));
        (void)buffer_printf(out, "%d here, %zu once\n", r, all.n);
        ids = arena_printf(arena, "[\"%s\"]", ENVIRONMENT_ID);
        ASK(ids ? store_page_as_of(store, ids, FIXTURE_TIME, arena, &all, err) : error_oom(err));
        ASK(store_history_of_release(store, RELEASE_ID, arena, &all, err));
        ASK(store_was_deployed(store, ENVIRONMENT_ID, RELEASE_ID, err));
        ASK(store_runs(store, ENVIRONMENT_ID, RELEASE_ID, arena, &runs, err));
        ASK(store_failure(store, ENVIRONMENT_ID, RELEASE_ID, arena, &failure, err));
        r = store_hold(store, ENVIRONMENT_ID, arena, &hold, err);
        ASK(r);
        (void)buffer_printf(out, "hold %s\n", r > 0 ? hold.reason : "-");
        ASK(store_output_run(store, ENVIRONMENT_ID, "key", arena, &run, err));
        (void)buffer_printf(out, "output has %s, commit %s\n", run.release ? run.release : "-",
                            run.commit ? run.commit : "-");
        ASK(store_checks_output(store, ENVIRONMENT_ID, RELEASE_ID, arena, &checks, err));
        for (size_t i = 0; i < checks.n; i++)
                (void)buffer_printf(out, "check %s %s\n", checks.items[i].name,
                                    checks.items[i].output ? checks.items[i].output : "-");
        ASK(store_running_checks(store, ENVIRONMENT_ID, arena, &checks, err));
        (void)buffer_printf(out, "%zu checks run\n", checks.n);
        ASK(store_approvals(store, ENVIRONMENT_ID, RELEASE_ID, arena, &approvals, err));
        return buffer_printf(out, "%zu approvals\n", approvals.n);
}

static int write_words(Store *store, Arena *arena, Buffer *out, Error *err)
{
        static const EventFilter filter = { .limit = 10 };
        static const TroubleFilter problems = { .limit = 10 };
        DeadLetters letters;
        ReceiverState receiver;
        Conditions conditions;
        AuditEntries entries;
        AuditEntry entry;
        Troubles troubles;
        Events events;
        const Actor actor = { .tenant = "default", .principal = "uid:0", .idempotency_key = "key" };
        int64_t last;

        ASK(store_conditions(store, KIND_COMPONENT, COMPONENT_ID, arena, &conditions, err));
        ASK(store_troubles(store, &problems, arena, &troubles, err));
        (void)buffer_printf(out, "%zu conditions, %zu troubles\n", conditions.n, troubles.n);
        ASK(store_events(store, 0, 10, arena, &events, err));
        for (size_t i = 0; i < events.n; i++)
                (void)buffer_printf(out, "%ld %s %s\n", (long)events.items[i].sequence,
                                    event_type_to_string(events.items[i].type),
                                    events.items[i].data);
        ASK(store_tenant_events(store, "default", &filter, arena, &events, err));
        ASK(store_last_event(store, &last, err));
        ASK(store_event_sequence(store, "40000000-0000-7000-8000-000000000001", &last, err));
        ASK(store_audit(store, "default", &filter, arena, &entries, err));
        ASK(store_last_audit(store, &last, err));
        ASK(store_has_audit_before(store, &filter, err));
        ASK(store_has_events_before(store, &filter, err));
        ASK(store_count_unaccepted(store, "uid:0", 0, &last, err));
        ASK(store_audit_by_key(store, &actor, arena, &entry, err));
        ASK(store_receiver(store, "chat", arena, &receiver, err));
        ASK(store_dead_letters(store, "chat", 10, arena, &letters, err));
        return buffer_printf(out, "%zu events, %zu audited, %zu dead\n", events.n, entries.n,
                             letters.n);
}

static int write_all(Store *store, Buffer *out, Error *err)
{
        static int (*const readers[])(Store *, Arena *, Buffer *,
                                      Error *) = { write_objects,      write_tags,
                                                   write_versions,     write_releases,
                                                   write_environments, write_words };
        _cleanup_(arena_done) Arena arena;

        arena_init(&arena, TEST_ARENA_MAX);
        for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
                ASK(readers[i](store, &arena, out, err));
        return store_probe(store, err);
}

/* --- the databases ---------------------------------------------------------------------------- */

static int open_at(const char *where, Store **ret, Error *err)
{
        const StoreOptions options = { .path = where, .now = FIXTURE_TIME };

        return store_open(&options, ret, err);
}

/* Returns the content of a database as text, read without failures. */
static char *content_of(Store *store)
{
        Error error = { 0 };
        Buffer out;

        buffer_init(&out, 1024 * 1024);
        assert_case(write_all(store, &out, &error) >= 0, "%s", error_message(&error));
        return buffer_take(&out);
}

static void remove_all(const char *where)
{
        static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };

        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
                char name[200];

                (void)snprintf(name, sizeof(name), "%s%s", where, suffixes[i]);
                (void)unlink(name);
        }
}

static void copy_file(const char *from, const char *to)
{
        _cleanup_(freep) char *data = NULL;
        Error error = { 0 };
        size_t size;
        FILE *file = NULL;

        assert_case(file_read(from, 64 * 1024 * 1024, &data, &size, &error) >= 0, "%s",
                    error_message(&error));
        remove_all(to);
        file = fopen(to, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static void change(Store *store, void (*add)(Changes *changes))
{
        Changes changes;
        Error error = { 0 };

        changes_init(&changes);
        add(&changes);
        assert_case(store_apply(store, &changes, &error) >= 0, "%s", error_message(&error));
        changes_done(&changes);
}

static char *content_before, *content_after, *content_empty, *content_upgraded;

/* Makes a database of the first schema, with rows. */
static void make_older(void)
{
        const char *source = getenv("SRCDIR");
        _cleanup_(freep) char *sql = NULL;
        char name[4096];
        Error error = { 0 };
        size_t size;
        sqlite3 *db;

        (void)snprintf(name, sizeof(name), "%s/tests/data/schema-1.sql", source ? source : ".");
        assert_case(file_read(name, 1024 * 1024, &sql, &size, &error) >= 0, "%s",
                    error_message(&error));
        assert_int_equal(sqlite3_open(older, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Makes a database with objects of every kind. Keeps its content as text, before and after further
 * changes. */
static int make_base(void **state)
{
        Store *store;
        Error error = { 0 };

        (void)state;
        assert_non_null(mkdtemp(folder));
        (void)snprintf(path, sizeof(path), "%s/state.db", folder);
        (void)snprintf(base, sizeof(base), "%s/base.db", folder);
        (void)snprintf(copy, sizeof(copy), "%s/copy.db", folder);
        (void)snprintf(older, sizeof(older), "%s/older.db", folder);
        assert_case(open_at(base, &store, &error) >= 0, "%s", error_message(&error));
        change(store, add_all);
        content_before = content_of(store);
        store_close(store);
        copy_file(base, path);
        assert_case(open_at(path, &store, &error) >= 0, "%s", error_message(&error));
        change(store, add_second);
        content_after = content_of(store);
        store_close(store);
        assert_string_not_equal(content_before, content_after);
        remove_all(path);
        assert_case(open_at(path, &store, &error) >= 0, "%s", error_message(&error));
        content_empty = content_of(store);
        store_close(store);
        make_older();
        copy_file(older, path);
        assert_case(open_at(path, &store, &error) >= 0, "%s", error_message(&error));
        content_upgraded = content_of(store);
        store_close(store);
        return 0;
}

static int remove_base(void **state)
{
        (void)state;
        free(content_before);
        free(content_after);
        free(content_empty);
        free(content_upgraded);
        return test_remove_tree(folder);
}

/* --- reading ---------------------------------------------------------------------------------- */

static Store *opened;

static void reopen(const void *input)
{
        Error error = { 0 };

        opened = store_close(opened);
        copy_file(input, path);
        assert_case(open_at(path, &opened, &error) >= 0, "%s", error_message(&error));
}

static int read_all(const void *input, Buffer *out, Error *err)
{
        (void)input;
        return write_all(opened, out, err);
}

static void test_a_question_is_answered_completely_or_not_at_all(void **state)
{
        const FailingJob job = { .name = "questions", .run = read_all, .input = base, .stride = 3 };
        size_t n_allocations, n_statements;

        (void)state;
        reopen(base);
        n_allocations = failing_sweep(FAILING_ALLOCATIONS, &job);
        n_statements = failing_sweep(FAILING_STATEMENTS, &job);
        opened = store_close(opened);
        print_message("# %zu allocations, %zu statements\n", n_allocations, n_statements);
}

static char *content_at(const char *where)
{
        Store *store;
        Error error = { 0 };
        char *content;

        assert_case(open_at(where, &store, &error) >= 0, "%s", error_message(&error));
        content = content_of(store);
        store_close(store);
        return content;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool is_applied;

static int apply_second(const void *input, Buffer *out, Error *err)
{
        Changes changes;
        int r;

        (void)input;
        is_applied = false;
        changes_init(&changes);
        add_second(&changes);
        r = store_apply(opened, &changes, err);
        is_applied = r >= 0;
        changes_done(&changes);
        return r < 0 ? r : buffer_puts(out, "applied");
}

static void check_applied(const void *input)
{
        _cleanup_(error_done) Error lost = { 0 };
        char *content;

        (void)input;
        if (store_is_lost(opened, &lost) < 0) {
                /* Here relmand would exit. The next process may find data that was not synced, but
                 * it must be complete. */
                opened = store_close(opened);
                content = content_at(path);
                assert_true(streq(content, content_after) ||
                            (!is_applied && streq(content, content_before)));
        } else {
                content = content_of(opened);
                assert_string_equal(content, is_applied ? content_after : content_before);
        }
        free(content);
}

static void test_changes_are_kept_all_or_none(void **state)
{
        const FailingJob job = { .name = "changes",
                                 .prepare = reopen,
                                 .run = apply_second,
                                 .check = check_applied,
                                 .input = base,
                                 .by_place = true,
                                 .stride = 3 };
        size_t n_allocations, n_calls, n_statements;

        (void)state;
        n_allocations = failing_sweep(FAILING_ALLOCATIONS, &job);
        n_calls = failing_sweep(FAILING_CALLS, &job);
        n_statements = failing_sweep(FAILING_STATEMENTS, &job);
        opened = store_close(opened);
        print_message("# %zu allocations, %zu calls, %zu statements\n", n_allocations, n_calls,
                      n_statements);
}

/* --- complete databases ----------------------------------------------------------------------- */

static int open_and_ask(const void *input, Buffer *out, Error *err)
{
        _cleanup_(store_closep) Store *store = NULL;
        int r;

        (void)input;
        r = open_at(path, &store, err);
        if (r >= 0)
                r = store_probe(store, err);
        return r < 0 ? r : buffer_puts(out, "opened");
}

static void drop_aside(void)
{
        char pattern[200];
        glob_t found;

        (void)snprintf(pattern, sizeof(pattern), "%s.*-2*", path);
        if (glob(pattern, 0, NULL, &found) != 0)
                return;
        for (size_t i = 0; i < found.gl_pathc; i++)
                assert_int_equal(unlink(found.gl_pathv[i]), 0);
        globfree(&found);
}

static void prepare_file(const void *input)
{
        remove_all(path);
        drop_aside();
        if (input)
                copy_file(input, path);
}

static void check_nothing_lost(const void *input)
{
        char *content = content_at(path);

        assert_string_equal(content, input ? content_before : content_empty);
        free(content);
}

static void check_upgraded(const void *input)
{
        char *content = content_at(path);

        (void)input;
        assert_string_equal(content, content_upgraded);
        free(content);
}

static void sweep_all(const FailingJob *job)
{
        size_t n[FAILING_WHAT_MAX_];

        for (FailingWhat what = 0; what < FAILING_WHAT_MAX_; what++)
                n[what] = failing_sweep(what, job);
        print_message("# %s: %zu allocations, %zu calls, %zu statements\n", job->name, n[0], n[1],
                      n[2]);
}

static void test_a_database_is_opened_or_left_as_it_was(void **state)
{
        const FailingJob made = { .name = "made",
                                  .prepare = prepare_file,
                                  .run = open_and_ask,
                                  .check = check_nothing_lost,
                                  .by_place = true,
                                  .stride = 3 };
        const FailingJob there = { .name = "there",
                                   .prepare = prepare_file,
                                   .run = open_and_ask,
                                   .check = check_nothing_lost,
                                   .input = base,
                                   .by_place = true,
                                   .stride = 3 };
        const FailingJob old = { .name = "of an older schema",
                                 .prepare = prepare_file,
                                 .run = open_and_ask,
                                 .check = check_upgraded,
                                 .input = older,
                                 .by_place = true,
                                 .stride = 3 };

        (void)state;
        sweep_all(&made);
        sweep_all(&there);
        sweep_all(&old);
}

static void prepare_backup(const void *input)
{
        remove_all(copy);
        reopen(input);
}

static int copied = -1; /* the descriptor of the copy */

static int back_up(const void *input, Buffer *out, Error *err)
{
        _cleanup_(store_backup_freep) StoreBackup *backup = NULL;
        int r;

        (void)input;
        r = store_backup_new(opened, &backup, err);
        if (r >= 0)
                do
                        r = store_backup_step(backup, err);
                while (r > 0);
        if (r >= 0)
                r = copied = store_backup_open(backup, err);
        return r < 0 ? r : buffer_puts(out, "copied");
}

/* Copies the content of the descriptor to a file. */
static void save_copy(void)
{
        FILE *file = fopen(copy, "we");
        char block[4096];
        ssize_t n;

        assert_non_null(file);
        while ((n = read(copied, block, sizeof(block))) > 0)
                assert_int_equal(fwrite(block, 1, (size_t)n, file), n);
        assert_int_equal(n, 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(close(copied), 0);
        copied = -1;
}

static void check_backup(const void *input)
{
        char *content;

        (void)input;
        opened = store_close(opened);
        if (copied < 0)
                return;
        save_copy();
        content = content_at(copy);
        assert_string_equal(content, content_before);
        free(content);
}

static void test_a_backup_is_complete_or_there_is_none(void **state)
{
        const FailingJob job = { .name = "backup",
                                 .prepare = prepare_backup,
                                 .run = back_up,
                                 .check = check_backup,
                                 .input = base,
                                 .by_place = true,
                                 .stride = 3 };

        (void)state;
        (void)failing_sweep(FAILING_ALLOCATIONS, &job);
        (void)failing_sweep(FAILING_CALLS, &job);
        opened = store_close(opened);
}

static void prepare_restore(const void *input)
{
        Error error = { 0 };

        drop_aside();
        remove_all(path);
        copy_file(input, path);
        assert_case(open_at(path, &opened, &error) >= 0, "%s", error_message(&error));
        change(opened, add_second);
        opened = store_close(opened);
}

static int restore(const void *input, Buffer *out, Error *err)
{
        const RestoreOptions options = { .from = input, .path = path, .now = FIXTURE_TIME };
        Restored restored = { 0 };
        int r;

        r = store_restore(&options, &restored, err);
        if (r < 0)
                return r;
        r = buffer_printf(out, "%u %ld %s", restored.schema, (long)restored.last_event,
                          restored.kept ? restored.kept : "-");
        restored_done(&restored);
        return r;
}

/* The content must be that of the old database or of the backup. For the backup, only the hold is
 * checked, because its event numbers continue. */
static void check_restored(const void *input)
{
        char *content = content_at(path);

        (void)input;
        assert_true(streq(content, content_after) || strstr(content, "hold frozen"));
        free(content);
}

static void test_a_restore_leaves_the_old_database_or_the_new_one(void **state)
{
        const FailingJob job = { .name = "restore",
                                 .prepare = prepare_restore,
                                 .run = restore,
                                 .check = check_restored,
                                 .input = base,
                                 .by_place = true,
                                 .stride = 3 };

        (void)state;
        sweep_all(&job);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_question_is_answered_completely_or_not_at_all),
        cmocka_unit_test(test_changes_are_kept_all_or_none),
        cmocka_unit_test(test_a_database_is_opened_or_left_as_it_was),
        cmocka_unit_test(test_a_backup_is_complete_or_there_is_none),
        cmocka_unit_test(test_a_restore_leaves_the_old_database_or_the_new_one),
};

TEST_PROGRAM("failing-store", tests, make_base, remove_base)
