/* Finds the components that a draft or a stream requests. */

#include "compose/drafts.h"
#include "release/compose.h"

const ComponentSpec *next_wanted_component(const Model *model, const ReleaseSpec *spec, size_t *at)
{
        const char *tenant = spec->object.meta.tenant;
        const ComponentSpec *component = NULL;

        if (spec->components.n == 0) {
                while (!component && *at < model->components.n) {
                        component = model->components.items[(*at)++];
                        if (!release_spec_wants(spec, component))
                                component = NULL;
                }
                return component;
        }
        while (!component && *at < spec->components.n)
                component = (const ComponentSpec *)model_find(model, KIND_COMPONENT, tenant,
                                                              spec->components.items[(*at)++].name);
        return component;
}

/* at: as next_wanted_component() has set it for the component. */
static bool needs_all_tags(const ReleaseSpec *spec, size_t at)
{
        const ReleaseItem *item;

        if (spec->components.n == 0 || spec->mode == RELEASE_CHANNEL || spec->mode == RELEASE_FULL)
                return false;
        item = &spec->components.items[at - 1];
        return item->version || item->tag || item->digest;
}

bool components_are_fresh(const Control *control, const ReleaseSpec *spec, usec_t since)
{
        const ComponentSpec *wanted;
        Component component;
        size_t at = 0;

        while ((wanted = next_wanted_component(control->model, spec, &at)))
                if (control->calls->component(control->userdata, wanted->object.id.text,
                                              &component) &&
                    component.attempted_at < since)
                        return false;
        return true;
}

bool components_are_complete(const Control *control, const ReleaseSpec *spec)
{
        const ComponentSpec *wanted;
        Component component;
        size_t at = 0;

        while ((wanted = next_wanted_component(control->model, spec, &at)))
                if (control->calls->component(control->userdata, wanted->object.id.text,
                                              &component) &&
                    component.versions_are_pending && needs_all_tags(spec, at))
                        return false;
        return true;
}

int depend_on_components(const Control *control, ControlKey kind, const ReleaseSpec *spec,
                         const char *id)
{
        const char *tenant = spec->object.meta.tenant;
        int r = 0;

        if (spec->components.n == 0 || spec->mode == RELEASE_PARTIAL)
                return control_depend_on_component(control, kind, id, tenant, NULL);
        for (size_t i = 0; i < spec->components.n && r >= 0; i++)
                r = control_depend_on_component(control, kind, id, tenant,
                                                spec->components.items[i].name);
        return r;
}
