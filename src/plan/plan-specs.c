#include "plan/plan-specs.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "control/report.h"
#include "release/status.h"

static Subject subject_of_stored(const StoredObject *stored)
{
        return (Subject){
                .kind = stored->kind,
                .id = stored->id,
                .tenant = stored->tenant,
                .name = stored->name,
        };
}

static const StoredObject *find_stored(const Map *by_id, const Object *object)
{
        return map_get(by_id, object->id.text);
}

/* Adds the event of a new or changed object. Registries have no such event. */
static void add_event(SpecPlan *plan, const Object *object, bool created, usec_t now)
{
        const char *const data[] = { "digest", object->digest, "displayName",
                                     object_display_name(object), NULL };

        if (object->kind == KIND_COMPONENT)
                report_event(&plan->changes,
                             created ? EVENT_COMPONENT_CREATED : EVENT_COMPONENT_UPDATED,
                             subject_of(object), now, data);
        else if (object->kind == KIND_RELEASE && created)
                report_event(&plan->changes, EVENT_RELEASE_CREATED, subject_of(object), now, data);
}

static Release draft_of(const ReleaseSpec *spec, usec_t now)
{
        return (Release){
                .id = spec->object.id,
                .tenant = spec->object.meta.tenant,
                .name = spec->object.meta.name,
                .display_name = object_display_name(&spec->object),
                .source_ref = spec->source_ref,
                .status = RELEASE_DRAFT,
                .created_at = now,
                .updated_at = now,
                .metadata = spec->object.meta.labels,
                .spec_digest = spec->object.digest,
        };
}

static void put(SpecPlan *plan, const Model *model, const Object *object, usec_t now)
{
        changes_put_tenant(&plan->changes, object->meta.tenant, now);
        switch (object->kind) {
        case KIND_REGISTRY:
                changes_put_registry(&plan->changes, (const RegistrySpec *)object, now);
                break;
        case KIND_COMPONENT: {
                const ComponentSpec *component = (const ComponentSpec *)object;
                const RegistrySpec *registry = model_component_registry(model, component);

                changes_put_component(&plan->changes, component,
                                      registry ? registry->object.id.text : NULL, now);
                break;
        }
        case KIND_RELEASE: {
                const ReleaseSpec *spec = (const ReleaseSpec *)object;
                Release release = draft_of(spec, now);

                changes_put_release(&plan->changes, &release, spec);
                break;
        }
        case KIND_STREAM:
                changes_put_stream(&plan->changes, (const StreamSpec *)object, now);
                break;
        case KIND_ENVIRONMENT:
                changes_put_environment(&plan->changes, (const EnvironmentSpec *)object, now);
                break;
        case KIND_CALENDAR:
                changes_put_calendar(&plan->changes, (const CalendarSpec *)object, now);
                break;
        case KIND_GROUP: changes_put_group(&plan->changes, (const GroupSpec *)object, now); break;
        case OBJECT_KIND_MAX_: break;
        }
}

/* Refuses a changed document of a frozen release. */
static void refuse(SpecPlan *plan, const Object *object, const StoredObject *stored, usec_t now)
{
        plan->refusals[plan->n_refused++] = plan->changes.n;
        report_condition(&plan->changes, subject_of_stored(stored),
                         (Told){ CONDITION_STALLED, CONDITION_TRUE, "SpecChanged", now },
                         "%s:%u: release '%s' is %s and its digests never change; give the changed "
                         "document a new name",
                         object->place.file, object->place.line, stored->name,
                         release_status_to_string(stored->status));
}

/* Reports a Registry that names a secret without a grant. Returns false if every secret of the
 * Registry is granted. */
static bool refuse_secret(SpecPlan *plan, const SpecPlanInput *input, const Object *object)
{
        _cleanup_(error_done) Error error = { 0 };

        if (object->kind != KIND_REGISTRY ||
            grants_check(input->grants, (const RegistrySpec *)object, &error) >= 0)
                return false;
        report_condition(
                &plan->changes, subject_of(object),
                (Told){ CONDITION_STALLED, CONDITION_TRUE, "CredentialNotGranted", input->now },
                "%s", error_message(&error));
        return true;
}

/* Handles a document whose object is stored already. */
static void plan_known(SpecPlan *plan, const SpecPlanInput *input, const Object *object,
                       const StoredObject *stored)
{
        const Model *model = input->model;
        usec_t now = input->now;
        bool same = streq(stored->spec_digest, object->digest);
        bool frozen = object->kind == KIND_RELEASE && release_status_is_frozen(stored->status);

        if (frozen && !same) {
                refuse(plan, object, stored, now);
                return;
        }
        if (!refuse_secret(plan, input, object) && stored->stalled)
                changes_clear_condition(&plan->changes, stored->kind, stored->id,
                                        CONDITION_STALLED);
        if (!same) {
                plan->n_updated++;
                put(plan, model, object, now);
                add_event(plan, object, false, now);
                return;
        }
        if (!str_equal(stored->declared_file, object->place.file) ||
            stored->declared_line != object->place.line)
                changes_set_declared(&plan->changes, stored->kind, stored->id, object->place);
        /* the document is identical, so the digests of the release are still valid */
        if (frozen && stored->status == RELEASE_ARCHIVED) {
                plan->n_restored++;
                changes_set_status(&plan->changes, stored->id, RELEASE_READY, now);
        }
}

/* Refuses a document whose name is taken by an object of the API. */
static void refuse_name(SpecPlan *plan, const Object *object, const StoredObject *taken, usec_t now)
{
        plan->refusals[plan->n_refused++] = plan->changes.n;
        if (map_put(&plan->refused, object->id.text, plan, NULL) < 0)
                plan->changes.failed = -ENOMEM;
        report_condition(
                &plan->changes, subject_of_stored(taken),
                (Told){ CONDITION_STALLED, CONDITION_TRUE, "NameTaken", now },
                "%s:%u declares a %s '%s' too, and is not applied: the API made this one; give "
                "the document another name",
                object->place.file, object->place.line, object_kind_to_noun(object->kind),
                taken->name);
}

static void plan_object(SpecPlan *plan, const SpecPlanInput *input, const Map *by_id,
                        const Object *object)
{
        const StoredObject *stored = find_stored(by_id, object);

        if (stored && stored->managed_by == MANAGED_BY_API) {
                refuse_name(plan, object, stored, input->now);
                return;
        }
        if (stored) {
                plan_known(plan, input, object, stored);
                return;
        }
        plan->n_created++;
        put(plan, input->model, object, input->now);
        (void)refuse_secret(plan, input, object);
        add_event(plan, object, true, input->now);
}

/* --- unreadable files and documents ----------------------------------------------------------- */

/* The files and documents that could not be read. */
typedef struct Unread {
        Map documents;       /* object id -> Broken * */
        Map paths;           /* path of a file, or of a folder with '/' at its end -> Broken * */
        const Broken *any;   /* the first path that may declare any object; NULL: none */
        const Broken *moved; /* the first path that may contain moved documents; NULL: none */
        const char *root;    /* path of the tree */
} Unread;

static void unread_done(Unread *unread)
{
        map_done(&unread->documents);
        map_done(&unread->paths);
}

static int unread_add(Unread *unread, const Broken *broken, Arena *arena)
{
        const char *key = broken->file;
        Map *map = &unread->paths;
        void *value = (void *)(uintptr_t)broken; /* only read */

        if (broken->kind != OBJECT_KIND_MAX_ && broken->name) {
                Uuid id = object_id(broken->kind, broken->tenant, broken->name);

                key = arena_strdup(arena, id.text);
                map = &unread->documents;
        } else if (!unread->any)
                unread->any = broken;
        return !key || map_has(map, key) ? (key ? 0 : -ENOMEM) : map_put(map, key, value, NULL);
}

/* Returns the unreadable file that declared the object, or an unreadable folder above this file. */
static const Broken *find_by_path(const Unread *unread, const char *file)
{
        const Broken *broken = map_get(&unread->paths, file);
        char folder[PATH_MAX];
        size_t size = strlen(file);

        for (size_t i = 0; i < size && i + 1 < sizeof(folder) && !broken; i++) {
                folder[i] = file[i];
                folder[i + 1] = '\0';
                if (file[i] == '/')
                        broken = map_get(&unread->paths, folder);
        }
        return broken;
}

static bool is_below(const char *root, const char *file)
{
        size_t size = strlen(root);

        return strncmp(file, root, size) == 0 &&
               (file[size] == '\0' || file[size] == '/' || (size > 0 && root[size - 1] == '/'));
}

/* Returns the reason why a stored object stays although the model lacks it. NULL: the object was
 * removed. */
static const Broken *find_broken(const Unread *unread, const StoredObject *stored)
{
        Uuid id = object_id(stored->kind, stored->tenant, stored->name);
        const Broken *broken = map_get(&unread->documents, id.text);

        if (!broken && stored->declared_file)
                broken = find_by_path(unread, stored->declared_file);
        /* the object was declared outside of the present tree, so any unreadable file may contain
         * it */
        if (!broken && unread->any && unread->root &&
            (!stored->declared_file || !is_below(unread->root, stored->declared_file)))
                broken = unread->any;
        return broken ? broken : unread->moved;
}

/* Adds the unreadable paths that declare stored objects to known. */
static void note_known(Unread *unread, const SpecPlanInput *input, Map *known)
{
        for (size_t i = 0; i < input->stored->n; i++) {
                const StoredObject *stored = &input->stored->items[i];
                const Broken *broken =
                        stored->declared_file ? find_by_path(unread, stored->declared_file) : NULL;

                if (broken && map_put(known, broken->file, unread, NULL) < 0)
                        /* out of memory: too many objects stay, which is safer than too few */
                        return;
        }
}

static int unread_init(Unread *unread, const SpecPlanInput *input, Arena *arena)
{
        const Brokens *brokens = &input->model->brokens;
        _cleanup_(map_done) Map known = { 0 };

        *unread = (Unread){ .root = brokens->root };
        for (size_t i = 0; i < brokens->n; i++)
                if (unread_add(unread, &brokens->items[i], arena) < 0)
                        return -ENOMEM;
        if (!unread->any)
                return 0;
        note_known(unread, input, &known);
        /* an unreadable path that declared nothing before may contain moved documents */
        for (size_t i = 0; i < brokens->n && !unread->moved; i++)
                if (brokens->items[i].is_unread && !map_has(&known, brokens->items[i].file))
                        unread->moved = &brokens->items[i];
        return 0;
}

/* --- removed objects -------------------------------------------------------------------------- */

static void retain(SpecPlan *plan, const StoredObject *stored, const Broken *broken, usec_t now)
{
        plan->retained[plan->n_retained++] = stored;
        /* broken->name is set if the document of this object exists again, but has an error */
        if (broken && (!stored->prune_held || broken->name))
                report_condition(&plan->changes, subject_of_stored(stored),
                                 (Told){ CONDITION_STALLED, CONDITION_TRUE, "SpecInvalid", now },
                                 "what it declared before stays active: %s", broken->message);
}

static void drop(SpecPlan *plan, const StoredObject *stored, usec_t now)
{
        Subject subject = subject_of_stored(stored);

        if (stored->kind == KIND_RELEASE && release_status_is_frozen(stored->status)) {
                if (stored->stalled) /* the document of the condition no longer exists */
                        changes_clear_condition(&plan->changes, stored->kind, stored->id,
                                                CONDITION_STALLED);
                if (stored->status == RELEASE_ARCHIVED || stored->in_use ||
                    !release_status_may_become(stored->status, RELEASE_ARCHIVED))
                        return;
                changes_set_status(&plan->changes, stored->id, RELEASE_ARCHIVED, now);
                report_event(&plan->changes, EVENT_RELEASE_ARCHIVED, subject, now, NULL);
                plan->n_archived++;
                return;
        }
        plan->n_deleted++;
        changes_delete_object(&plan->changes, stored->kind, stored->id);
        if (stored->kind == KIND_COMPONENT)
                report_event(&plan->changes, EVENT_COMPONENT_DELETED, subject, now, NULL);
}

/* True if a stored object was declared by a document that should still exist. Archived releases are
 * history and need no document. */
static bool is_declared(const StoredObject *stored)
{
        return stored->managed_by == MANAGED_BY_SPEC &&
               !(stored->kind == KIND_RELEASE && stored->status == RELEASE_ARCHIVED);
}

static bool is_gone(const SpecPlanInput *input, const StoredObject *stored)
{
        return is_declared(stored) && !map_has(&input->model->by_id, stored->id);
}

/* --- all -------------------------------------------------------------------------------------- */

/* The position of a plan in progress. */
struct SpecPlanRun {
        SpecPlanInput input;
        Arena *arena;
        Map by_id; /* stored objects */
        Unread unread;
        unsigned stage;
        size_t at; /* position within the stage */
        size_t n_gone, n_declared;
        size_t n_held; /* objects without a document that an earlier load held back */
        bool hold;
};

/* A stage processes the item at a position. Returns false after the last item. */
typedef bool (*Stage)(SpecPlan *plan, struct SpecPlanRun *run, size_t at);

/* Indexes stored objects by id. An object of the API gets the id that a document of its name would
 * have, because the map is searched for ids of documents. */
static bool index_stored(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const StoredObjects *stored = run->input.stored;
        StoredObject *object;
        const char *key;

        if (at >= stored->n)
                return false;
        object = &stored->items[at];
        key = object->id;
        if (object->managed_by == MANAGED_BY_API) {
                Uuid id = object_id(object->kind, object->tenant, object->name);

                key = arena_strdup(run->arena, id.text);
        }
        if (!key || map_put(&run->by_id, key, object, NULL) < 0)
                plan->changes.failed = -ENOMEM;
        return true;
}

static bool init_unread(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        if (at == 0 && unread_init(&run->unread, &run->input, run->arena) < 0)
                plan->changes.failed = -ENOMEM;
        return false;
}

static bool is_missing(const struct SpecPlanRun *run, const StoredObject *stored)
{
        return is_gone(&run->input, stored) && !find_broken(&run->unread, stored);
}

/* True for a release that an environment uses. Such a release stays without its document, so the
 * guard does not hold it back. */
static bool stays_anyway(const StoredObject *stored)
{
        return stored->kind == KIND_RELEASE && stored->in_use &&
               release_status_is_frozen(stored->status);
}

/* Counts the objects that no document declares. At the end decides whether the guard holds removals
 * back. An earlier hold continues even if the share of these objects fell. */
static bool count_gone(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const StoredObject *stored;

        (void)plan;
        if (at >= run->input.stored->n) {
                run->hold = (run->n_held > 0 || (run->n_gone >= PRUNE_GUARD_MIN &&
                                                 run->n_gone * 2 > run->n_declared)) &&
                            !run->input.confirm_prune;
                return false;
        }
        stored = &run->input.stored->items[at];
        run->n_declared += is_declared(stored);
        if (is_missing(run, stored)) {
                run->n_gone++;
                run->n_held += stored->prune_held && !stays_anyway(stored);
        }
        return true;
}

/* Marks the objects that the guard holds back, before all other changes. Otherwise a new object
 * could be stored without the mark, and the hold would end. */
static bool mark_held(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const StoredObject *stored;

        if (!run->hold || at >= run->input.stored->n)
                return false;
        stored = &run->input.stored->items[at];
        if (!stored->prune_held && !stays_anyway(stored) && is_missing(run, stored))
                report_condition(
                        &plan->changes, subject_of_stored(stored),
                        (Told){ CONDITION_STALLED, CONDITION_TRUE, "PruneHeld", run->input.now },
                        "no document declares it any more; it stays active, because too many "
                        "objects were missing at once; if this is intended, run relmanctl "
                        "confirm-prune; otherwise restore its document");
        return true;
}

/* Plans an object before those that refer to it: registries, then components, then releases.
 * */
static bool plan_objects(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const SpecPlanInput *input = &run->input;

        if (at >= (input->objects ? input->n_objects : model_n_objects(input->model)))
                return false;
        plan_object(plan, input, &run->by_id,
                    input->objects ? input->objects[at] : model_object(input->model, at));
        return true;
}

/* Clears the condition about a taken name if no document uses the name any more. */
static bool plan_api_objects(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const SpecPlanInput *input = &run->input;
        const StoredObject *stored;

        if (at >= input->stored->n)
                return false;
        stored = &input->stored->items[at];
        if (stored->managed_by == MANAGED_BY_API && stored->stalled &&
            !model_find(input->model, stored->kind, stored->tenant, stored->name))
                changes_clear_condition(&plan->changes, stored->kind, stored->id,
                                        CONDITION_STALLED);
        return true;
}

static bool plan_gone(SpecPlan *plan, struct SpecPlanRun *run, size_t at)
{
        const StoredObject *stored;
        const Broken *broken;

        if (at >= run->input.stored->n) {
                plan->n_held = run->hold ? run->n_gone : 0;
                return false;
        }
        stored = &run->input.stored->items[at];
        if (!is_gone(&run->input, stored))
                return true;
        broken = find_broken(&run->unread, stored);
        if (broken || run->hold)
                retain(plan, stored, broken, run->input.now);
        else
                drop(plan, stored, run->input.now);
        return true;
}

int plan_specs_begin(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err)
{
        *ret = (SpecPlan){ 0 };
        changes_init(&ret->changes);
        ret->retained = arena_alloc_array(arena, input->stored->n + 1, sizeof(*ret->retained));
        ret->refusals =
                arena_alloc_array(arena, model_n_objects(input->model) + 1, sizeof(*ret->refusals));
        ret->run = calloc(1, sizeof(*ret->run));
        if (!ret->retained || !ret->refusals || !ret->run)
                return error_oom(err);
        ret->run->input = *input;
        ret->run->n_declared = input->n_settled;
        ret->run->arena = arena;
        return 0;
}

int plan_specs_step(SpecPlan *plan, usec_t until, size_t max, Error *err)
{
        static const Stage stages[] = { index_stored, init_unread,      count_gone, mark_held,
                                        plan_objects, plan_api_objects, plan_gone };
        struct SpecPlanRun *run = plan->run;

        while (run->stage < ARRAY_SIZE(stages) && !plan->changes.failed) {
                if (!stages[run->stage](plan, run, run->at++)) {
                        run->stage++;
                        run->at = 0;
                }
                if (run->stage < ARRAY_SIZE(stages) &&
                    (plan->changes.n >= max || time_monotonic() >= until))
                        return 1;
        }
        return plan->changes.failed ? error_oom(err) : 0;
}

int plan_specs(const SpecPlanInput *input, Arena *arena, SpecPlan *ret, Error *err)
{
        int r;

        r = plan_specs_begin(input, arena, ret, err);
        return r < 0 ? r : plan_specs_step(ret, USEC_INFINITY, SIZE_MAX, err);
}

bool spec_plan_is_new(const SpecPlan *plan, const char *id)
{
        return !map_has(&plan->run->by_id, id);
}

size_t spec_plan_memory(const SpecPlan *plan)
{
        return plan->changes.capacity * sizeof(*plan->changes.items) + plan->changes.arena.used +
               map_memory(&plan->refused) +
               (plan->run ? sizeof(*plan->run) + map_memory(&plan->run->by_id) : 0);
}

void spec_plan_done(SpecPlan *plan)
{
        changes_done(&plan->changes);
        map_done(&plan->refused);
        if (plan->run) {
                map_done(&plan->run->by_id);
                unread_done(&plan->run->unread);
                free(plan->run);
        }
        *plan = (SpecPlan){ 0 };
}
