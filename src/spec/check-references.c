/* Whether what documents refer to is there. */

#include <errno.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "model/image.h"
#include "model/name-template.h"
#include "spec/check.h"

/* True if what is missing may be declared by something that could not be read. */
static bool may_be_broken(const Model *model, ObjectKind kind, const char *tenant, const char *name)
{
        for (size_t i = 0; i < model->brokens.n; i++) {
                const Broken *broken = &model->brokens.items[i];

                if (broken->kind == OBJECT_KIND_MAX_ || !broken->name ||
                    (broken->kind == kind && streq(broken->name, name) &&
                     streq(broken->tenant, tenant)))
                        return true;
        }
        return false;
}

static const char *nearest_name(const Model *model, ObjectKind kind, const char *tenant,
                                const char *name)
{
        const char *best = NULL, *nearer, *both[2];

        map_foreach (&model->by_id, entry) {
                const Object *object = entry->value;

                if (object->kind != kind || !streq(object->meta.tenant, tenant))
                        continue;
                both[0] = object->meta.name;
                both[1] = best;
                nearer = suggest_nearest(name, both, best ? 2 : 1);
                best = nearer ? nearer : best;
        }
        return best;
}

static int check_reference(const Model *model, const Object *from, ObjectKind kind,
                           const char *name, Place place, DiagList *diags)
{
        const char *tenant = from->meta.tenant, *nearest = NULL;

        if (model_find(model, kind, tenant, name) || may_be_broken(model, kind, tenant, name))
                return 0;
        if (diags->n < SUGGESTIONS_MAX) /* each is looked for among all that there are */
                nearest = nearest_name(model, kind, tenant, name);
        diag_error(diags, place, "%s '%s' refers to %s '%s', which no spec declares%s%s%s",
                   object_kind_to_noun(from->kind), from->meta.name, object_kind_to_noun(kind),
                   name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?" : "");
        return -EINVAL;
}

/* A component and the registry it names must be about one host. */
static int check_host(const Model *model, const ComponentSpec *component, DiagList *diags)
{
        const RegistrySpec *registry = (const RegistrySpec *)model_find(
                model, KIND_REGISTRY, component->object.meta.tenant, component->registry);
        _cleanup_(arena_done) Arena arena;
        ImageReference image;
        char host[512];

        arena_init(&arena, 64 * 1024);
        if (!registry || !registry_spec_host(registry, host, sizeof(host)) ||
            image_parse(component->image_repository, &arena, &image, NULL) < 0 ||
            streq(host, image.host))
                return 0;
        diag_error(
                diags, component->registry_place,
                "component '%s': registry '%s' is at '%s', but imageRepository names the host '%s'",
                component->object.meta.name, component->registry, host, image.host);
        return -EINVAL;
}

static int check_stream_references(const Model *model, const StreamSpec *stream, DiagList *diags)
{
        _cleanup_(arena_done) Arena arena;
        Strings named;
        int worst = 0, r;

        arena_init(&arena, 1024 * 1024);
        for (size_t i = 0; i < stream->components.n; i++) {
                r = check_reference(model, &stream->object, KIND_COMPONENT,
                                    stream->components.items[i], stream->components_place, diags);
                worst = MIN(worst, r);
        }
        if (name_template_components(stream->name_template, &arena, &named) < 0)
                diags->failed = -ENOMEM;
        else
                for (size_t i = 0; i < named.n; i++) {
                        r = check_reference(model, &stream->object, KIND_COMPONENT, named.items[i],
                                            stream->object.place, diags);
                        worst = MIN(worst, r);
                }
        return worst;
}

/* promotesFrom of each leads somewhere, and neither in a ring nor on and on: the way from each
 * environment is walked. */
static int check_promotions(const Model *model, const EnvironmentSpec *environment, DiagList *diags)
{
        const EnvironmentSpec *at = environment;

        for (size_t i = 0; at && at->promotes_from && i < PROMOTIONS_MAX; i++) {
                at = (const EnvironmentSpec *)model_find(model, KIND_ENVIRONMENT,
                                                         at->object.meta.tenant, at->promotes_from);
                if (at != environment)
                        continue;
                diag_error(diags, environment->promotes_from_place,
                           "promotesFrom leads from environment '%s' back to itself: no release "
                           "could ever get there",
                           environment->object.meta.name);
                return -EINVAL;
        }
        if (!at || !at->promotes_from)
                return 0;
        diag_error(diags, environment->promotes_from_place,
                   "promotesFrom leads from environment '%s' through more than %d others",
                   environment->object.meta.name, PROMOTIONS_MAX);
        return -EINVAL;
}

static int check_environment_references(const Model *model, const EnvironmentSpec *environment,
                                        DiagList *diags)
{
        const Object *object = &environment->object;
        int worst = 0, r = 0;

        /* a release may be one that a stream or the API makes: that it is not there yet is told by
         * a condition */
        if (environment->stream)
                worst = check_reference(model, object, KIND_STREAM, environment->stream,
                                        environment->stream_place, diags);
        if (environment->promotes_from)
                r = check_reference(model, object, KIND_ENVIRONMENT, environment->promotes_from,
                                    environment->promotes_from_place, diags);
        worst = MIN(worst, r);
        r = check_promotions(model, environment, diags);
        return MIN(worst, r);
}

static int check_release_references(const Model *model, const ReleaseSpec *release, DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; i < release->components.n; i++) {
                r = check_reference(model, &release->object, KIND_COMPONENT,
                                    release->components.items[i].name,
                                    release->components.items[i].place, diags);
                worst = MIN(worst, r);
        }
        if (release->pin_from.environment) {
                r = check_reference(model, &release->object, KIND_ENVIRONMENT,
                                    release->pin_from.environment, release->pin_from.place, diags);
                worst = MIN(worst, r);
        }
        return worst;
}

int check_references(const Model *model, const Object *object, DiagList *diags)
{
        const ComponentSpec *component = (const ComponentSpec *)object;
        int r;

        switch (object->kind) {
        case KIND_COMPONENT:
                if (!component->registry)
                        return 0;
                r = check_reference(model, object, KIND_REGISTRY, component->registry,
                                    component->registry_place, diags);
                return r < 0 ? r : check_host(model, component, diags);
        case KIND_RELEASE:
                return check_release_references(model, (const ReleaseSpec *)object, diags);
        case KIND_STREAM: return check_stream_references(model, (const StreamSpec *)object, diags);
        case KIND_ENVIRONMENT:
                return check_environment_references(model, (const EnvironmentSpec *)object, diags);
        case KIND_REGISTRY:
        case OBJECT_KIND_MAX_: break;
        }
        return 0;
}
