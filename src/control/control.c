#include "control/control.h"

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/releases.h"

void control_kick(const Control *control)
{
        queue_kick(control->queue);
}

int control_apply(const Control *control, Changes *changes, Error *err)
{
        int r = store_apply(control->store, changes, err);

        if (r >= 0)
                control->calls->committed(control->userdata, changes);
        else
                control->calls->not_committed(control->userdata);
        return r;
}

/* --- dependents ------------------------------------------------------------------------------- */

#define SUBJECT_MAX (2 * NAME_MAX_ + 4)

/* Writes the subject (queue/dependents.h) for keys that depend on a component. The subject contains
 * the name, not the id, because a spec may name a component that does not exist yet. name NULL: any
 * component of the tenant. */
static const char *component_subject(const char *tenant, const char *name, char text[SUBJECT_MAX])
{
        (void)snprintf(text, SUBJECT_MAX, "%s/%s", tenant, name ? name : "");
        return text;
}

int control_depend(const Control *control, ControlKey kind, const char *id, const char *object_id)
{
        return dependents_add(control->dependents, object_id, kind, id);
}

int control_depend_on_component(const Control *control, ControlKey kind, const char *id,
                                const char *tenant, const char *name)
{
        char text[SUBJECT_MAX];

        return dependents_add(control->dependents, component_subject(tenant, name, text), kind, id);
}

void control_changed(const Control *control, const char *object_id, const char *cause)
{
        dependents_wake(control->dependents, object_id, control->queue, cause);
}

void control_find_dependents(const Control *control, const ComponentSpec *component,
                             DependentFound found, void *userdata)
{
        const Meta *meta = &component->object.meta;
        char text[SUBJECT_MAX];

        dependents_find(control->dependents, component_subject(meta->tenant, meta->name, text),
                        found, userdata);
        dependents_find(control->dependents, component_subject(meta->tenant, NULL, text), found,
                        userdata);
}

void control_named_component_changed(const Control *control, const ComponentSpec *component,
                                     const char *cause)
{
        const Meta *meta = &component->object.meta;
        char text[SUBJECT_MAX];

        control_changed(control, component_subject(meta->tenant, meta->name, text), cause);
}

void control_any_component_changed(const Control *control, const char *tenant, const char *cause)
{
        char text[SUBJECT_MAX];

        control_changed(control, component_subject(tenant, NULL, text), cause);
}

void control_component_changed(const Control *control, const ComponentSpec *component,
                               const char *cause)
{
        control_named_component_changed(control, component, cause);
        control_any_component_changed(control, component->object.meta.tenant, cause);
}

/* --- others ----------------------------------------------------------------------------------- */

void control_adopt_later(const Control *control, const char *what, const char *why)
{
        log_error("%s: %s; the specs are read again soon", what, why);
        control->calls->load_later(control->userdata);
}

int control_find_release(const Control *control, const char *id, Arena *arena, Release *ret,
                         Error *err)
{
        int r = store_release(control->store, id, arena, ret, err);

        return r != 0 ? MIN(r, 0)
                      : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'", id);
}

int component_policy(const Component *component, VersionPolicy **ret, Error *err)
{
        int r = *component->policy ? 0
                                   : version_policy_new(component->spec, component->policy, err);

        *ret = *component->policy;
        return r;
}
