/* Checks that the objects exist to which documents refer. */

#include <errno.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "model/channel-name.h"
#include "model/image/image.h"
#include "model/name-template.h"
#include "model/people.h"
#include "model/person.h"
#include "model/selection.h"
#include "spec/check.h"
#include "version/policy.h"
#include "version/range.h"

#define REFERENCES_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define WARNING_ARENA_MAX    ((size_t)64 * 1024)

static int index_brokens(References *references)
{
        const Brokens *brokens = &references->model->brokens;

        for (size_t i = 0; i < brokens->n; i++) {
                const Broken *broken = &brokens->items[i];
                const char *key;
                Uuid id;

                if (broken->kind == OBJECT_KIND_MAX_ || !broken->name) {
                        references->any_broken = true;
                        return 0;
                }
                id = object_id(broken->kind, broken->tenant, broken->name);
                key = arena_strdup(&references->arena, id.text);
                if (!key || map_put(&references->brokens, key, references, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int references_init(References *references, const Model *model)
{
        *references = (References){ .model = model };
        arena_init(&references->arena, REFERENCES_ARENA_MAX);
        mirror_names_init(&references->mirror_names, model, &references->arena);
        if (index_brokens(references) < 0) {
                references_done(references);
                return -ENOMEM;
        }
        return 0;
}

void references_done(References *references)
{
        map_done(&references->brokens);
        map_done(&references->promotions);
        map_done(&references->mirror_names.names);
        arena_done(&references->arena);
}

/* True if a document that could not be read may declare the missing object. */
static bool may_be_broken(const References *references, ObjectKind kind, const char *tenant,
                          const char *name)
{
        Uuid id;

        if (references->any_broken)
                return true;
        if (references->brokens.n == 0)
                return false;
        id = object_id(kind, tenant, name);
        return map_has(&references->brokens, id.text);
}

static const char *nearest_name(References *references, ObjectKind kind, const char *tenant,
                                const char *name)
{
        const Map *objects = &references->model->by_id;
        const char *best = NULL, *nearer, *both[2];

        if (references->n_comparisons + objects->n > COMPARISONS_MAX)
                return NULL; /* limits the cost for thousands of missing names */
        references->n_comparisons += objects->n;
        map_foreach (objects, entry) {
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

static int check_reference(References *references, const Object *from, ObjectKind kind,
                           const char *name, Place place, DiagList *diags)
{
        const char *tenant = from->meta.tenant, *nearest;

        if (model_find(references->model, kind, tenant, name) ||
            may_be_broken(references, kind, tenant, name))
                return 0;
        nearest = nearest_name(references, kind, tenant, name);
        diag_error(diags, place, "%s '%s' refers to %s '%s', which no spec declares%s%s%s",
                   object_kind_to_noun(from->kind), from->meta.name, object_kind_to_noun(kind),
                   name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?" : "");
        return -EINVAL;
}

/* Checks that a component and the Registry that it names have the same host. */
static int check_host(const Model *model, const ComponentSpec *component, DiagList *diags)
{
        const RegistrySpec *registry = (const RegistrySpec *)model_find(
                model, KIND_REGISTRY, component->object.meta.tenant, component->registry);
        _cleanup_(arena_done) Arena arena;
        ImageReference image;
        char host[HOST_MAX];

        arena_init(&arena, 64 * 1024);
        if (!registry || !registry_spec_host(registry, host) ||
            image_parse(component->image_repository, &arena, &image, NULL) < 0 ||
            registry_serves(registry, image.host))
                return 0;
        diag_error(
                diags, component->registry_place,
                "component '%s': registry '%s' is at '%s', but imageRepository names the host '%s'",
                component->object.meta.name, component->registry, host, image.host);
        return -EINVAL;
}

static int check_component_references(References *references, const ComponentSpec *component,
                                      DiagList *diags)
{
        int r = 0;

        if (component->registry)
                r = check_reference(references, &component->object, KIND_REGISTRY,
                                    component->registry, component->registry_place, diags);
        if (r >= 0 && component->registry)
                r = check_host(references->model, component, diags);
        return r < 0 ? r : mirror_names_check(&references->mirror_names, component, diags);
}

/* Warns of a channel that the rules of the component do not have. It is not an error, because tags
 * and assignments can also create channels. Returns true if it warned. */
static bool check_channel(const References *references, const Object *from, const char *name,
                          const char *channel, Place place, DiagList *diags)
{
        const ComponentSpec *component = (const ComponentSpec *)model_find(
                references->model, KIND_COMPONENT, from->meta.tenant, name);
        _cleanup_(error_done) Error error = { 0 };

        if (!component || !channel || channel_name_check_new(component, NULL, channel, &error) >= 0)
                return false;
        if (error.kind == ERROR_INVALID)
                diag_warning(diags, place, "%s '%s': %s", object_kind_to_noun(from->kind),
                             from->meta.name, error_message(&error));
        else
                diags->failed = -ENOMEM;
        return true;
}

/* Checks the channel for a list of component names. An empty list means all components of the
 * tenant. Warns once at most. */
static void check_channels(const References *references, const Object *from, const Strings *names,
                           const char *channel, Place place, DiagList *diags)
{
        const ComponentSpecs *all = &references->model->components;
        bool warned = !channel;

        for (size_t i = 0; i < names->n && !warned; i++)
                warned = check_channel(references, from, names->items[i], channel, place, diags);
        for (size_t i = 0; names->n == 0 && i < all->n && !warned; i++)
                if (streq(all->items[i]->object.meta.tenant, from->meta.tenant))
                        warned = check_channel(references, from, all->items[i]->object.meta.name,
                                               channel, place, diags);
}

static int check_stream_references(References *references, const StreamSpec *stream,
                                   DiagList *diags)
{
        _cleanup_(arena_done) Arena arena;
        Strings named;
        int worst = 0, r;

        arena_init(&arena, 1024 * 1024);
        for (size_t i = 0; i < stream->components.n; i++) {
                r = check_reference(references, &stream->object, KIND_COMPONENT,
                                    stream->components.items[i], stream->components_place, diags);
                worst = MIN(worst, r);
        }
        check_channels(references, &stream->object, &stream->components, stream->channel,
                       stream->object.place, diags);
        if (name_template_components(stream->name_template, &arena, &named) < 0)
                diags->failed = -ENOMEM;
        else
                for (size_t i = 0; i < named.n; i++) {
                        r = check_reference(references, &stream->object, KIND_COMPONENT,
                                            named.items[i], stream->object.place, diags);
                        worst = MIN(worst, r);
                }
        return worst;
}

/* Warns if the labels select no environment: the gate stays closed. This is not an error, because
 * an environment with these labels may be declared later. */
static int check_selection(const References *references, const EnvironmentSpec *environment,
                           DiagList *diags)
{
        size_t n = model_sources(references->model, environment)->n;

        if (environment->promotes_from.match_labels.n == 0)
                return 0;
        if (n > SOURCES_MAX) {
                diag_error(diags, environment->promotes_from_place,
                           "promotesFrom selects more than %d environments; add labels that fewer "
                           "have",
                           SOURCES_MAX);
                return -EINVAL;
        }
        if (n == 0 && !references->any_broken)
                diag_warning(diags, environment->promotes_from_place,
                             "promotesFrom selects no environment: none has these labels, and "
                             "nothing is promoted to environment '%s'",
                             environment->object.meta.name);
        return 0;
}

/* Checks that the groups of a list exist. Returns 1 if a document that could not be read may
 * declare one of them. */
static int check_groups_of(References *references, const Object *object, const Strings *entries,
                           Place place, DiagList *diags)
{
        bool is_broken = false;
        int worst = 0;

        for (size_t i = 0; i < entries->n; i++) {
                const char *entry = entries->items[i];
                int r;

                if (!person_is_group(entry) ||
                    people_group(references->model, object->meta.tenant, entry))
                        continue;
                is_broken = true;
                r = check_reference(references, object, KIND_GROUP, entry + strlen(PERSON_GROUP),
                                    place, diags);
                worst = MIN(worst, r);
        }
        return worst < 0 ? worst : is_broken;
}

/* Checks that all groups exist that the checks of an environment name. */
static int check_groups_of_checks(References *references, const EnvironmentSpec *environment,
                                  const CheckSpecs *checks, DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < checks->n; i++) {
                int r = check_groups_of(references, &environment->object, &checks->items[i].from,
                                        checks->items[i].from_place, diags);

                worst = MIN(worst, r);
        }
        return worst;
}

/* Checks that all groups exist that an environment names. Returns 1 if a document that could not be
 * read may declare a group of the approvals or promoters. */
static int check_groups(References *references, const EnvironmentSpec *environment, DiagList *diags)
{
        const ApprovalRules *rules = &environment->approvals;
        const struct {
                const Strings *entries;
                Place place;
        } lists[] = { { &rules->from, rules->from_place },
                      { &rules->required, rules->required_place },
                      { &environment->promoters, environment->promoters_place } };
        const CheckSpecs *checks[] = { &environment->checks.before, &environment->checks.after };
        bool is_broken = false;
        int worst = 0;

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                int r = check_groups_of(references, &environment->object, lists[i].entries,
                                        lists[i].place, diags);

                is_broken = is_broken || r > 0;
                worst = MIN(worst, r);
        }
        for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
                int r = check_groups_of_checks(references, environment, checks[i], diags);

                worst = MIN(worst, r);
        }
        return worst < 0 ? worst : is_broken;
}

static void check_windows_together(References *references, const EnvironmentSpec *environment,
                                   DiagList *diags)
{
        const Place *place = environment->windows.n > 0 ? &environment->windows.items[0].place
                                                        : &environment->object.place;
        _cleanup_(arena_done) Arena arena;
        const char *warning;

        arena_init(&arena, WARNING_ARENA_MAX);
        if (check_together(references->model, environment, time_wall(), &references->work, &arena,
                           &warning) < 0)
                diags->failed = -ENOMEM;
        else if (warning)
                diag_warning(diags, *place, "%s", warning);
}

static int check_environment_references(References *references, const EnvironmentSpec *environment,
                                        DiagList *diags)
{
        const Strings *sources = &environment->promotes_from.environments;
        const Object *object = &environment->object;
        int worst = 0, r;

        /* The release is not checked: a stream or the API may create it later. Until then a
         * condition reports that it does not exist. */
        if (environment->stream)
                worst = check_reference(references, object, KIND_STREAM, environment->stream,
                                        environment->stream_place, diags);
        if (environment->follows)
                worst = check_reference(references, object, KIND_ENVIRONMENT, environment->follows,
                                        environment->follows_place, diags);
        for (size_t i = 0; i < sources->n; i++) {
                r = check_reference(references, object, KIND_ENVIRONMENT, sources->items[i],
                                    environment->promotes_from_place, diags);
                worst = MIN(worst, r);
        }
        r = check_groups(references, environment, diags);
        if (r == 0)
                r = check_approvers(references->model, environment, diags);
        worst = MIN(worst, r);
        r = check_selection(references, environment, diags);
        worst = MIN(worst, r);
        check_windows_together(references, environment, diags);
        r = check_promotions(references, environment, diags);
        worst = MIN(worst, r);
        r = check_follows(references, environment, diags);
        return MIN(worst, r);
}

/* Warns of labels that no environment has. This is not an error, because an environment with these
 * labels may be declared later. */
static int check_calendar_references(References *references, const CalendarSpec *calendar,
                                     DiagList *diags)
{
        const Model *model = references->model;
        const char *tenant = calendar->object.meta.tenant;
        size_t at = 0, n_selected = 0;

        while (at < model->calendars.n && model->calendars.items[at] != calendar)
                at++;
        if (at < model->calendars.n && at >= CALENDARS_MAX && /* calendars are sorted by tenant */
            streq(model->calendars.items[at - CALENDARS_MAX]->object.meta.tenant, tenant)) {
                diag_error(diags, calendar->object.place,
                           "tenant '%s' has too many calendars; at most %d are valid", tenant,
                           CALENDARS_MAX);
                return -EINVAL;
        }
        for (size_t i = 0; i < model->environments.n && n_selected == 0; i++)
                n_selected += calendar_applies(calendar, &model->environments.items[i]->object);
        if (n_selected == 0 && calendar->environments.match_labels.n > 0 && !references->any_broken)
                diag_warning(diags, calendar->environments_place,
                             "calendar '%s' applies to no environment: none has these labels",
                             calendar->object.meta.name);
        return 0;
}

/* Returns 1 if the component's rules for tags find a version in the text, else 0; or -ENOMEM. */
static int is_read_as_tag(const ComponentSpec *component, const char *text, Arena *arena)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        _cleanup_(error_done) Error error = { 0 };
        Classification is = { 0 };
        int r;

        r = version_policy_new(component, &policy, &error);
        if (r >= 0)
                r = version_policy_classify(policy, text, arena, &is, NULL);
        return r == -ENOMEM ? r : is.eligible;
}

/* Reports a version that the component cannot have. Only a strict check fails; others only warn,
 * because a ready release keeps its digests when the strategy changes. A malformed range is always
 * an error. */
static int check_item_version(const References *references, const ReleaseSpec *release,
                              const ReleaseItem *item, DiagList *diags)
{
        const ComponentSpec *component = (const ComponentSpec *)model_find(
                references->model, KIND_COMPONENT, release->object.meta.tenant, item->name);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        VersionWish wish;
        bool is_error;
        int r;

        if (!component || !item->version)
                return 0;
        arena_init(&arena, CLASSIFY_ARENA_MAX);
        r = version_wish_parse(&component->versioning_strategy, item->version, &arena, &wish,
                               &error);
        if (r < 0 && r != -ENOMEM) {
                int tagged = is_read_as_tag(component, item->version, &arena);

                r = tagged == 0 ? r : MIN(tagged, 0);
        }
        if (r == -ENOMEM)
                diags->failed = -ENOMEM;
        if (r >= 0 || r == -ENOMEM)
                return MIN(r, 0);
        is_error = references->is_strict || strpbrk(item->version, "<>=^~*|, ");
        diag_add(diags, is_error ? SEVERITY_ERROR : SEVERITY_WARNING, item->place,
                 "release '%s': component '%s' can have no version '%s', by its strategy (%s): %s",
                 release->object.meta.name, item->name, item->version,
                 strategy_type_to_string(component->versioning_strategy.type),
                 error_message(&error));
        return is_error ? -EINVAL : 0;
}

static int check_release_references(References *references, const ReleaseSpec *release,
                                    DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; i < release->components.n; i++) {
                r = check_reference(references, &release->object, KIND_COMPONENT,
                                    release->components.items[i].name,
                                    release->components.items[i].place, diags);
                worst = MIN(worst, r);
                r = check_item_version(references, release, &release->components.items[i], diags);
                worst = MIN(worst, r);
                (void)check_channel(references, &release->object, release->components.items[i].name,
                                    release->components.items[i].channel
                                            ? release->components.items[i].channel
                                            : release->channel,
                                    release->components.items[i].place, diags);
        }
        if (release->components.n == 0)
                check_channels(references, &release->object, &(Strings){ 0 }, release->channel,
                               release->object.place, diags);
        if (release->pin_from.environment) {
                r = check_reference(references, &release->object, KIND_ENVIRONMENT,
                                    release->pin_from.environment, release->pin_from.place, diags);
                worst = MIN(worst, r);
        }
        return worst;
}

int references_check(References *references, const Object *object, DiagList *diags)
{
        int r;

        switch (object->kind) {
        case KIND_COMPONENT:
                return check_component_references(references, (const ComponentSpec *)object, diags);
        case KIND_RELEASE:
                return check_release_references(references, (const ReleaseSpec *)object, diags);
        case KIND_STREAM:
                return check_stream_references(references, (const StreamSpec *)object, diags);
        case KIND_ENVIRONMENT:
                r = check_environment_references(references, (const EnvironmentSpec *)object,
                                                 diags);
                return r < 0 ? r
                             : check_runs(references->check_runs, (const EnvironmentSpec *)object,
                                          diags);
        case KIND_CALENDAR:
                return check_calendar_references(references, (const CalendarSpec *)object, diags);
        case KIND_GROUP: /* the members are persons, which are not objects */
        case KIND_REGISTRY:
        case OBJECT_KIND_MAX_: break;
        }
        return 0;
}

int check_references(const Model *model, const Object *object, DiagList *diags)
{
        References references;
        int r;

        if (references_init(&references, model) < 0) {
                diags->failed = -ENOMEM;
                return -ENOMEM;
        }
        r = references_check(&references, object, diags);
        references_done(&references);
        return r;
}

void check_output_environments(const OutputSpecs *outputs, const Model *model, DiagList *diags)
{
        References references;

        if (!outputs || outputs->n == 0)
                return;
        if (references_init(&references, model) < 0) {
                diags->failed = -ENOMEM;
                return;
        }
        for (size_t i = 0; i < outputs->n; i++) {
                const OutputSpec *output = &outputs->items[i];
                const char *slash = strchr(output->environment, '/'), *nearest;
                const char *name = slash ? slash + 1 : output->environment;
                const char *tenant = slash ? arena_strndup(&references.arena, output->environment,
                                                           (size_t)(slash - output->environment))
                                           : DEFAULT_TENANT;

                if (!tenant) {
                        diags->failed = -ENOMEM;
                        break;
                }
                if (model_find(model, KIND_ENVIRONMENT, tenant, name) ||
                    may_be_broken(&references, KIND_ENVIRONMENT, tenant, name))
                        continue;
                nearest = nearest_name(&references, KIND_ENVIRONMENT, tenant, name);
                diag_warning(
                        diags, output->place,
                        "outputs: no spec declares an Environment '%s' of tenant '%s': nothing "
                        "is written or run%s%s%s",
                        name, tenant, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                        nearest ? "'?" : "");
        }
        references_done(&references);
}

static bool is_shared(const Model *model)
{
        const char *tenant = NULL;

        map_foreach (&model->by_id, entry) {
                const Object *object = entry->value;

                if (tenant && !streq(tenant, object->meta.tenant))
                        return true;
                tenant = object->meta.tenant;
        }
        return false;
}

void check_secrets(const CredentialGrants *grants, const Model *model, DiagList *diags)
{
        bool is_open = !grants || !grants->given;

        for (size_t i = 0; i < model->registries.n; i++) {
                const RegistrySpec *registry = model->registries.items[i];
                _cleanup_(error_done) Error error = { 0 };

                if (grants_check(grants, registry, &error) < 0)
                        diag_error(diags, registry->object.place, "%s", error_message(&error));
                if (!is_open || !registry_uses_secrets(registry) || !is_shared(model))
                        continue;
                diag_warning(diags, registry->object.place,
                             "there is more than one tenant, and each may send any secret of "
                             "relmand to any host: say in relmand.yaml who may use which, as "
                             "credentials: [{name: NAME, tenants: [TENANT], hosts: [HOST]}]");
                return; /* one warning is enough */
        }
}
