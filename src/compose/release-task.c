/* Resolves one draft. The task finds the requested components of the draft, and a digest for each.
 * It fetches and verifies the manifest of each digest. The registry must still serve these
 * manifests, and the manifests of the platforms that components request. If it does, one
 * transaction freezes the release, and the lockfile is written. Otherwise the release stays a
 * draft, and its condition lists the problems.
 *
 *   (TAGS: request the current digest of wanted tags) --> PICK --> MANIFESTS --> IMAGES --> freeze
 *
 * An existing lockfile of the identical document takes precedence: the digests of a published
 * release never change, even after the loss of the database. */

#include "compose/release-task.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits-trust.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "control/formats.h"
#include "lock/lock.h"
#include "lock/statement.h"
#include "store/releases.h"

#define TASK_ARENA_MAX ((size_t)512 * 1024 * 1024)

static void next_step(ReleaseTask *task);

static Subject subject(const ReleaseTask *task)
{
        return subject_of(&task->draft->spec->object);
}

/* --- end of the task -------------------------------------------------------------------------- */

/* If the draft has an owner, calls failed() of the owner, frees the draft and returns true. */
static bool call_owner(DraftState *draft, const DraftFailure *failure)
{
        if (!draft->owner)
                return false;
        draft->owner->failed(draft, failure);
        draft_state_done(draft);
        return true;
}

/* Ends the task, and the release stays a draft. Reports the reason if it is new. */
static void stay_draft(ReleaseTask *task, int code, const char *reason)
{
        DraftState *draft = task->draft;
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error error = { 0 };

        if (call_owner(draft, &(DraftFailure){ code, reason, &task->problems }))
                return;
        changes_init(&changes);
        draft->task = NULL;
        if (!str_equal(draft->reason, reason)) {
                report_condition(
                        &changes, subject(task),
                        (Told){ CONDITION_READY, CONDITION_FALSE, "Unresolved", time_wall() }, "%s",
                        reason);
                if (control_apply(draft->composer->control, &changes, &error) < 0)
                        log_error("release '%s': %s", draft->spec->object.meta.name,
                                  error_message(&error));
                log_warning("release '%s' stays a draft: %s", draft->spec->object.meta.name,
                            reason);
                free(draft->reason);
                draft->reason = strdup(reason);
        }
        release_task_free(task);
        if (draft->again)
                draft_state_add(draft, "something changed meanwhile");
        draft->again = false;
        control_kick(draft->composer->control);
}

static void stay_draft_for(ReleaseTask *task, const Error *error)
{
        stay_draft(task, error->kind == ERROR_INTERNAL ? error->code : 0, error_message(error));
}

/* Copies resolved_at, configs and source from the published lockfile if it has the component.
 * Otherwise takes configs and source from the part. */
static int complete_component(ReleaseTask *task, const Part *part, ReleaseComponent *component)
{
        const ReleaseComponent *before = release_task_published(task, component->component_id);

        if (!before) {
                part_source(part, &task->arena, &component->source);
                return part_configs(part, &task->arena, &component->configs);
        }
        component->resolved_at = before->resolved_at;
        component->configs = before->configs;
        component->source = before->source;
        return 0;
}

static ReleaseComponent component_of(const Part *part, usec_t now)
{
        const ComponentSpec *component = part->want->component;

        return (ReleaseComponent){
                .component_id = component->object.id.text,
                .component_name = component->object.meta.name,
                .role = part->want->role,
                .repository = component->image_repository,
                .digest = part->picked.digest,
                .tag = part->picked.tag,
                .semver = part->picked.semver,
                .channel = part->picked.channel,
                .media_type = part->manifest.media_type,
                .artifact = artifact_kind(part->manifest.artifact ? part->manifest.artifact : ""),
                .size = part->manifest.size,
                .resolved_at = now,
                .platforms = part->manifest.platforms,
                .replaces = component->replaces,
        };
}

/* Adds the commit of the specs to the metadata. */
static int add_spec_commit(ReleaseTask *task, Release *release)
{
        const char *commit = task_control(task)->spec_commit;
        const Pairs *labels = &task->draft->spec->object.meta.labels;
        Pair *items;

        if (!commit[0])
                return 0;
        items = arena_alloc_array(&task->arena, labels->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        if (labels->n > 0)
                memcpy(items, labels->items, labels->n * sizeof(*items));
        items[labels->n] = (Pair){ .key = "specCommit", .value = commit };
        release->metadata = (Pairs){ .items = items, .n = labels->n + 1 };
        return 0;
}

static int build_release(ReleaseTask *task, Release *ret)
{
        const ReleaseSpec *spec = task->draft->spec;
        const DraftState *draft = task->draft;
        usec_t now = time_wall();

        *ret = (Release){
                .id = spec->object.id,
                .tenant = spec->object.meta.tenant,
                .name = spec->object.meta.name,
                .display_name = object_display_name(&spec->object),
                .source_ref = spec->source_ref,
                .status = RELEASE_READY,
                .created_at = task->is_published ? task->published.created_at : now,
                .updated_at = now,
                .metadata = spec->object.meta.labels,
                .spec_digest = spec->object.digest,
                .managed_by = draft->managed_by,
                .stream_id = draft->stream_id,
                .sequence = draft->sequence,
                .created_by = draft->created_by,
                .created_person = draft->created_person,
        };
        if (add_spec_commit(task, ret) < 0)
                return -ENOMEM;
        ret->components.n = task->wants.n;
        ret->components.items =
                arena_alloc_array(&task->arena, task->wants.n, sizeof(ReleaseComponent));
        if (!ret->components.items)
                return -ENOMEM;
        for (size_t i = 0; i < task->wants.n; i++) {
                ReleaseComponent *component = &ret->components.items[i];

                *component = component_of(&task->parts[i], now);
                if (complete_component(task, &task->parts[i], component) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static void freeze(ReleaseTask *task)
{
        const Control *control = task_control(task);
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };
        const char *const data[] = { "specDigest", task->draft->spec->object.digest, "specCommit",
                                     control->spec_commit[0] ? control->spec_commit : NULL, NULL };
        Release release;

        changes_init(&changes);
        for (size_t i = 0; i < task->wants.n; i++) /* includes manifests that are stored already */
                changes_put_manifest(&changes, task->wants.items[i].component->object.id.text,
                                     &task->parts[i].manifest, time_wall());
        if (build_release(task, &release) < 0) {
                stay_draft(task, -ENOMEM, "out of memory");
                return;
        }
        if (formats_check_release(&control->options, &release, &error) < 0) {
                stay_draft_for(task, &error);
                return;
        }
        if (task->draft->owner) {
                changes_put_tenant(&changes, release.tenant, release.created_at);
                report_event(&changes, EVENT_RELEASE_CREATED, subject(task), release.updated_at,
                             data);
        }
        changes_put_release(&changes, &release, task->draft->spec);
        release_task_put_images(task, &changes);
        if (task->draft->owner && task->draft->owner->commit)
                task->draft->owner->commit(task->draft, &changes, &release);
        report_event(&changes, EVENT_RELEASE_READY, subject(task), release.updated_at, data);
        if (control_apply(control, &changes, &error) < 0) {
                stay_draft_for(task, &error);
                return;
        }
        log_notice("release '%s' is ready: %zu component%s", release.name, release.components.n,
                   text_plural(release.components.n));
        /* A client that requested this release expects the lockfile now. For a release of a stream,
         * relmand handles the environments that follow the stream first. */
        if (!release.stream_id)
                queue_handle_now(control->queue, KEY_RELEASE_LOCK, release.id.text);
        if (task->draft->owner)
                task->draft->owner->done(task->draft, &release);
        draft_state_done(task->draft);
        control_kick(control);
}

/* Ends the task if there is a reason, or memory ran out. reason may be NULL for lack of memory.
 * Returns true if the task was ended. */
static bool give_up(ReleaseTask *task, const char *reason)
{
        bool is_short = task->arena.failed;

        if (is_short || reason)
                stay_draft(task, is_short ? -ENOMEM : 0, is_short ? "out of memory" : reason);
        return is_short || reason; /* stay_draft() has freed the task */
}

/* --- picking ---------------------------------------------------------------------------------- */

static int pick(ReleaseTask *task, Part *part, Error *err)
{
        const char *id = part->want->component->object.id.text;
        const ReleaseComponent *before = release_task_published(task, id);
        const WantKnown known = { .channels = &part->channels,
                                  .versions = &part->versions,
                                  .tag = part->has_tag ? &part->tag : NULL };
        Component component;

        if (before) {
                part->picked = (Picked){ .digest = before->digest,
                                         .tag = before->tag,
                                         .semver = before->semver,
                                         .channel = before->channel };
                return 0;
        }
        if ((part->want->type == WANT_HEAD || part->want->type == WANT_VERSION) &&
            part_component(part, &component) && component.versions_are_old) {
                part->problem = arena_printf(&task->arena, VERSIONS_ARE_OLD,
                                             part->want->component->object.meta.name);
                return part->problem ? 0 : error_oom(err);
        }
        return release_pick(part->want, &known, &task->arena, &part->picked) < 0 ? error_oom(err)
                                                                                 : 0;
}

/* Picks a digest for each requested component. */
static int pick_all(ReleaseTask *task, Picked **ret, Error *err)
{
        Picked *picks = arena_alloc_array(&task->arena, task->wants.n, sizeof(*picks));
        int r;

        if (!picks)
                return error_oom(err);
        r = release_task_read_wants(task, err);
        for (size_t i = 0; i < task->wants.n && r >= 0; i++) {
                if (!task->parts[i].problem)
                        r = pick(task, &task->parts[i], err);
                picks[i] = task->parts[i].picked;
        }
        if (r >= 0)
                r = release_task_read_manifests(task, err);
        *ret = picks;
        return r;
}

/* True if the task collects all problems, including those that only registries can report. A client
 * of the API waits for such an answer. Other drafts are retried, so the requests would be
 * useless. */
static bool collects_all(const ReleaseTask *task)
{
        return task->draft->managed_by == MANAGED_BY_API;
}

static void begin_step(ReleaseTask *task, TaskStep step, void (*ask)(Part *part))
{
        task->step = step;
        for (size_t i = 0; i < task->wants.n; i++)
                if (!task->parts[i].problem && !task->parts[i].picked.reason)
                        ask(&task->parts[i]);
        if (task->n_calls == 0)
                next_step(task);
}

/* Called after tags were resolved: picks a digest for each requested component, and begins the step
 * TASK_MANIFESTS. */
static void begin_manifests(ReleaseTask *task)
{
        _cleanup_(error_done) Error error = { 0 };
        const char *reason;
        Picked *picks;

        if (pick_all(task, &picks, &error) < 0) {
                stay_draft_for(task, &error);
                return;
        }
        reason = release_task_problems(task);
        if (reason && collects_all(task))
                reason = NULL; /* the next loop finds this reason again, together with the others */
        else if (!reason && task->draft->spec->same_version)
                reason = release_check_same_version(&task->wants, picks, &task->arena);
        if (give_up(task, reason))
                return;
        begin_step(task, TASK_MANIFESTS, part_ask_manifest);
}

/* Stores manifests of artifacts that the component does not accept. Then the next poll does not
 * treat these artifacts as versions, and a range selects another version. */
static void keep_artifacts(ReleaseTask *task)
{
        const Control *control = task_control(task);
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                const char *id = part->want->component->object.id.text;

                if (!part->has_manifest || part->was_known || !part->manifest.artifact ||
                    admission_takes(part->want->component, part->manifest.artifact))
                        continue;
                changes_put_manifest(&changes, id, &part->manifest, time_wall());
                control->calls->evaluate_again(control->userdata, id);
        }
        if (changes.n > 0 && store_apply(control->store, &changes, &error) < 0)
                log_error("release '%s': %s", subject(task).name, error_message(&error));
}

/* Stores the results of verifications, also those that refuse the release. */
static void keep_signatures(const ReleaseTask *task)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        release_task_put_signatures(task, &changes);
        if (changes.n > 0 && store_apply(task_control(task)->store, &changes, &error) < 0)
                log_error("release '%s': %s", subject(task).name, error_message(&error));
}

/* Called after manifests are known. */
static void begin_signatures(ReleaseTask *task)
{
        keep_artifacts(task);
        if (give_up(task, collects_all(task) ? NULL : release_task_problems(task)))
                return;
        begin_step(task, TASK_SIGNATURES, part_ask_signatures);
}

/* Called after signatures are verified: checks that the registry serves the manifests and the
 * manifests of their platforms. */
static void begin_images(ReleaseTask *task)
{
        _cleanup_(error_done) Error error = { 0 };

        keep_signatures(task);
        if (give_up(task, collects_all(task) ? NULL : release_task_problems(task)))
                return;
        /* facts are optional: those that cannot be read are unknown */
        if (release_task_read_images(task, &error) < 0)
                log_warning("release '%s': what its images say of themselves is not known: %s",
                            subject(task).name, error_message(&error));
        begin_step(task, TASK_IMAGES, part_ask_images);
}

static void next_step(ReleaseTask *task)
{
        switch (task->step) {
        case TASK_TAGS: begin_manifests(task); break;
        case TASK_MANIFESTS: begin_signatures(task); break;
        case TASK_SIGNATURES: begin_images(task); break;
        case TASK_IMAGES:
                if (!give_up(task, release_task_problems(task)))
                        freeze(task);
                break;
        }
}

/* --- start of the task ------------------------------------------------------------------------ */

/* With signing in relmand.yaml, checks that relmand signed the lockfile: relmand would sign again
 * what somebody else has written. */
static int check_signature(const ReleaseTask *task, const char *stem, SignedLock *item, Error *err)
{
        const Signing *signing = task_control(task)->options.signing;
        _cleanup_(arena_done) Arena arena = { 0 };
        _cleanup_(freep) char *path = NULL;
        _cleanup_(freep) char *text = NULL;
        const TrustKey *key;
        size_t size;
        int r;

        if (!signing)
                return 0;
        arena_init(&arena, (size_t)4 * ENVELOPE_MAX);
        item->keys = &signing->keys;
        path = text_printf("%s" LOCK_STATEMENT_SUFFIX, stem);
        if (!path)
                return error_oom(err);
        r = file_read(path, ENVELOPE_MAX, &text, &size, err);
        return r < 0 ? r : lock_statement_verify(item, text, size, &arena, &key, err);
}

/* Reads the lockfile of the identical document, if it exists and is intact. */
static void read_published(ReleaseTask *task)
{
        const ReleaseSpec *spec = task->draft->spec;
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *data = NULL;
        _cleanup_(freep) char *stem =
                lock_stem(task_control(task)->options.locks_path, spec->object.meta.tenant,
                          LOCK_ROOM_RELEASES, spec->object.meta.name);
        const char *path = stem ? arena_printf(&task->arena, "%s" LOCK_SUFFIX, stem) : NULL;
        size_t size;
        Lock lock;

        if (!path || file_read(path, LOCK_FILE_MAX, &data, &size, &error) < 0)
                return;
        if (lock_read_native(path, data, size, &task->arena, &lock, &error) < 0 ||
            check_signature(task, stem, &(SignedLock){ path, data, size, &lock, NULL }, &error) <
                    0) {
                log_warning("release '%s': its old lockfile is not used: %s",
                            spec->object.meta.name, error_message(&error));
                return;
        }
        if (!streq(lock.release.spec_digest, spec->object.digest) ||
            !streq(lock.release.id.text, spec->object.id.text) ||
            lock.release.components.n != task->wants.n)
                return;
        task->published = lock.release;
        task->is_published = true;
}

static int find_parts(ReleaseTask *task, Error *err)
{
        Component component;

        task->parts = arena_alloc_array(&task->arena, task->wants.n, sizeof(*task->parts));
        task->problems.items =
                arena_alloc_array(&task->arena, task->wants.n, sizeof(ReleaseProblem));
        if (!task->parts || !task->problems.items)
                return error_oom(err);
        for (size_t i = 0; i < task->wants.n; i++) {
                Part *part = &task->parts[i];

                part->task = task;
                part->want = &task->wants.items[i];
                if (!part_component(part, &component))
                        return part_unserved(part, err)->code;
                part->registry = arena_strdup(&task->arena, component.registry_key);
                if (!part->registry)
                        return error_oom(err);
        }
        return 0;
}

/* Mode partial: finds the release that is deployed in the environment of pinFrom. */
static int find_base(ReleaseTask *task, WantsInput *input, Error *err)
{
        const ReleaseSpec *spec = task->draft->spec;
        const char *name = spec->pin_from.environment;
        Store *store = task_control(task)->store;
        Deployment deployment;
        Uuid id;
        int r;

        if (spec->mode != RELEASE_PARTIAL)
                return 0;
        id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, name);
        r = store_deployment(store, id.text, &task->arena, &deployment, err);
        if (r < 0)
                return r;
        if (r > 0 && deployment.deployed_release_id)
                r = store_release(store, deployment.deployed_release_id, &task->arena, &task->base,
                                  err);
        else
                r = 0;
        if (r == 0)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                 "nothing is deployed in environment '%s' yet", name);
        input->base = &task->base.components;
        return MIN(r, 0);
}

void release_task_start(DraftState *draft)
{
        Model *model = draft->composer->control->model;
        ReleaseTask *task = calloc(1, sizeof(*task));
        _cleanup_(error_done) Error error = { 0 };
        WantsInput input;
        int r;

        if (!task) {
                log_error("release '%s': out of memory", draft->spec->object.meta.name);
                (void)call_owner(
                        draft,
                        &(DraftFailure){ -ENOMEM, "out of memory",
                                         &(ReleaseProblems){
                                                 0 } }); /* a draft without an owner gets no call: a
                                                            later poll makes it due again */
                return;
        }
        task->draft = draft;
        task->next = next_step;
        task->model = model_ref(model);
        task->step = TASK_TAGS;
        arena_init(&task->arena, TASK_ARENA_MAX);
        input = (WantsInput){ model->components.items, model->components.n, NULL };
        r = find_base(task, &input, &error);
        if (r >= 0)
                r = release_wants(draft->spec, &input, &task->arena, &task->wants, &error);
        if (r >= 0)
                r = find_parts(task, &error);
        if (r >= 0 && task->wants.n == 0)
                r = error_set(&error, ERROR_INVALID, -ENOENT,
                              "there is no component to make it of");
        draft->task = task;
        if (r < 0) {
                stay_draft_for(task, &error);
                return;
        }
        read_published(task);
        for (size_t i = 0; i < task->wants.n; i++)
                if (task->parts[i].want->type == WANT_TAG && !task->is_published)
                        part_ask_tag(&task->parts[i]);
        if (task->n_calls == 0)
                next_step(task);
}
