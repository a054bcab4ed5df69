/* Creates, changes and removes components that clients create through the API. Commands on
 * components of specs are refused: those are changed in their documents. */

#include <errno.h>

#include "base/log.h"
#include "reconcile/command-internal.h"
#include "reconcile/internal.h"

/* Reads the document of a component. If it is refused, diags has the reasons. */
static int decode(Reconciler *reconciler, const Node *document, Arena *arena, ComponentSpec **ret,
                  DiagList *diags, Error *err)
{
        Object *object = NULL;
        int r;

        r = command_decode(reconciler, document, arena, &object, diags, err);
        if (r >= 0)
                *ret = (ComponentSpec *)object; /* ComponentSpec begins with its Object */
        return r;
}

/* Makes the stored component active. If that fails, relman tries again later. The command does not
 * fail, because the component is stored. */
static void component_activate(Reconciler *reconciler, const char *id, const Object *object)
{
        _cleanup_(error_done) Error error = { 0 };

        if (reconciler_change_component(reconciler, id, object, &error) < 0)
                log_error("component '%s' is stored, but not active yet; relmand tries again: %s",
                          object ? object->meta.name : id, error_message(&error));
}

static int commit(Reconciler *reconciler, const ComponentSpec *component, const Actor *actor,
                  EventType event, Error *err)
{
        const RegistrySpec *registry =
                model_component_registry(reconciler->control.model, component);
        const Subject subject = subject_of(&component->object);
        const char *const data[] = { "digest",      component->object.digest,
                                     "displayName", object_display_name(&component->object),
                                     "by",          actor->principal,
                                     NULL };
        _cleanup_(changes_done) Changes changes;
        usec_t now = time_wall();
        int r;

        changes_init(&changes);
        report_audit(&changes, actor, subject, NULL);
        changes_put_component(&changes, component, registry ? registry->object.id.text : NULL, now);
        report_event(&changes, event, subject, now, data);
        r = control_apply(&reconciler->control, &changes, err);
        if (r < 0)
                return r;
        log_notice("component '%s' is %s by %s", subject.name,
                   event == EVENT_COMPONENT_CREATED ? "created" : "changed", actor->principal);
        component_activate(reconciler, subject.id, &component->object);
        return 0;
}

static int find(Reconciler *reconciler, const char *id, const ComponentSpec **ret, Error *err)
{
        const Object *object = map_get(&reconciler->control.model->by_id, id);

        if (!object || object->kind != KIND_COMPONENT)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no component '%s'", id);
        if (object->managed_by == MANAGED_BY_SPEC)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "component '%s' is declared at %s:%u: change it there",
                                 object->meta.name,
                                 object->place.file ? object->place.file : "a broken document",
                                 object->place.line);
        *ret = (const ComponentSpec *)object;
        return 0;
}

/* Refuses a name that a document of the specs uses. Checks the database too: during a large load, a
 * document may be stored but not active yet. */
static int check_stored(Reconciler *reconciler, const Object *object, Error *err)
{
        Uuid id = object_id(KIND_COMPONENT, object->meta.tenant, object->meta.name);
        usec_t created_at, updated_at;
        int r = store_object_times(reconciler->control.store, KIND_COMPONENT, id.text, &created_at,
                                   &updated_at, err);

        return r <= 0 ? r
                      : error_set(err, ERROR_CONFLICT, -EEXIST,
                                  "a component '%s' is just being loaded from the specs or "
                                  "removed with them; try again in a few seconds",
                                  object->meta.name);
}

int command_create_component(Reconciler *reconciler, const Node *document, const Actor *actor,
                             Uuid *ret_id, DiagList *diags, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        ComponentSpec *component;
        const Object *taken;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = decode(reconciler, document, &arena, &component, diags, err);
        if (r < 0)
                return r;
        taken = model_find(reconciler->control.model, KIND_COMPONENT, component->object.meta.tenant,
                           component->object.meta.name);
        if (taken && taken->place.file)
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "there is a component '%s' already, declared at %s:%u",
                                 taken->meta.name, taken->place.file, taken->place.line);
        if (taken)
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "there is a component '%s' already, with id %s", taken->meta.name,
                                 taken->id.text);
        r = check_stored(reconciler, &component->object, err);
        if (r < 0)
                return r;
        component->object.id = uuid_new(time_wall());
        component->object.managed_by = MANAGED_BY_API;
        *ret_id = component->object.id;
        return commit(reconciler, component, actor, EVENT_COMPONENT_CREATED, err);
}

int command_update_component(Reconciler *reconciler, const char *id, const Node *document,
                             const Actor *actor, DiagList *diags, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        const ComponentSpec *before;
        ComponentSpec *component = NULL;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = find(reconciler, id, &before, err);
        if (r >= 0)
                r = decode(reconciler, document, &arena, &component, diags, err);
        if (r < 0)
                return r;
        component->object.id = before->object.id;
        component->object.managed_by = MANAGED_BY_API;
        return commit(reconciler, component, actor, EVENT_COMPONENT_UPDATED, err);
}

int command_delete_component(Reconciler *reconciler, const char *id, const Actor *actor, Error *err)
{
        const char *const data[] = { "by", actor->principal, NULL };
        _cleanup_(changes_done) Changes changes;
        const ComponentSpec *component;
        Subject subject;
        Uuid uuid;
        int r;

        changes_init(&changes);
        r = find(reconciler, id, &component, err);
        if (r < 0)
                return r;
        uuid = component->object.id; /* a copy, because the component is freed with its model */
        subject = subject_of(&component->object);
        report_audit(&changes, actor, subject, NULL);
        changes_delete_object(&changes, KIND_COMPONENT, component->object.id.text);
        report_event(&changes, EVENT_COMPONENT_DELETED, subject, time_wall(), data);
        r = control_apply(&reconciler->control, &changes, err);
        if (r < 0)
                return r;
        log_notice("component '%s' is deleted by %s", subject.name, actor->principal);
        component_activate(reconciler, uuid.text, NULL);
        return 0;
}
