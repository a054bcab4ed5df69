/* What releases and environments would become. */

#include <errno.h>

#include "preview/preview-internal.h"
#include "store/releases.h"

/* --- releases --------------------------------------------------------------------------------- */

static int pick(Previewer *previewer, const Want *want, PreviewPart *part, Error *err)
{
        PreviewComponent *component =
                map_get(&previewer->components, want->component->object.id.text);
        WantKnown known = { 0 };
        VersionMaps one = { 0 };
        TagRecord tag = { 0 };
        int r;

        part->component = want->component->object.meta.name;
        if (component->is_new && want->type != WANT_DIGEST) {
                part->picked.reason = arena_printf(
                        previewer->arena, "component '%s' is new and has not been polled yet",
                        part->component);
                return part->picked.reason ? 0 : error_oom(err);
        }
        r = preview_know(previewer, component, err);
        known.channels = &component->channels;
        known.versions = &component->versions;
        if (r >= 0 && want->type == WANT_TAG) {
                r = store_tag(previewer->control->store, component->spec->object.id.text,
                              want->value, previewer->arena, &tag, err);
                known.tag = r > 0 ? &tag : NULL;
        }
        for (size_t i = 0; i < component->versions.n; i++) {
                VersionMap *version = &component->versions.items[i];
                const char *digest =
                        want->type == WANT_TAG ? (known.tag ? tag.digest : NULL) : want->value;

                if (digest && streq(version->digest, digest) && one.n == 0)
                        one = (VersionMaps){ version, 1 };
        }
        if (want->type == WANT_TAG || want->type == WANT_DIGEST)
                known.versions = &one;
        if (r >= 0 && release_pick(want, &known, previewer->arena, &part->picked) < 0)
                r = error_oom(err);
        return MIN(r, 0);
}

/* What the environment of a partial release runs; none if nothing does. */
static int find_base(Previewer *previewer, const ReleaseSpec *spec, Release *base,
                     WantsInput *input, Error *err)
{
        Store *store = previewer->control->store;
        Deployment deployment;
        Uuid id;
        int r;

        if (spec->mode != RELEASE_PARTIAL)
                return 0;
        id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->pin_from.environment);
        r = store_deployment(store, id.text, previewer->arena, &deployment, err);
        if (r > 0 && deployment.deployed_release_id)
                r = store_release(store, deployment.deployed_release_id, previewer->arena, base,
                                  err);
        else
                r = MIN(r, 0);
        if (r > 0)
                input->base = &base->components;
        return MIN(r, 0);
}

static int fill(Previewer *previewer, const ReleaseSpec *spec, PreviewRelease *to, Error *err)
{
        _cleanup_(error_done) Error error = { 0 };
        WantsInput input = { previewer->model->components.items, previewer->model->components.n,
                             NULL };
        Picked *picks;
        Release base = { 0 };
        Wants wants;
        int r;

        r = find_base(previewer, spec, &base, &input, err);
        if (r < 0)
                return r;
        if (release_wants(spec, &input, previewer->arena, &wants, &error) < 0) {
                to->problem = arena_strdup(previewer->arena, error_message(&error));
                return to->problem ? 0 : error_oom(err);
        }
        to->parts = arena_alloc_array(previewer->arena, wants.n + 1, sizeof(*to->parts));
        picks = arena_alloc_array(previewer->arena, wants.n + 1, sizeof(*picks));
        if (!to->parts || !picks)
                return error_oom(err);
        for (size_t i = 0; i < wants.n; i++) {
                r = pick(previewer, &wants.items[i], &to->parts[to->n_parts++], err);
                if (r < 0)
                        return r;
                picks[i] = to->parts[i].picked;
                if (!picks[i].digest && !to->problem)
                        to->problem = picks[i].reason;
        }
        if (!to->problem && spec->same_version)
                to->problem = release_check_same_version(&wants, picks, previewer->arena);
        return 0;
}

static bool is_changed(const Preview *preview, const Object *object)
{
        for (size_t i = 0; i < preview->n_objects; i++) {
                const PreviewObject *changed = &preview->objects[i];

                if (changed->kind == object->kind && streq(changed->name, object->meta.name) &&
                    streq(changed->tenant, object->meta.tenant) &&
                    (changed->action == PREVIEW_CREATED || changed->action == PREVIEW_UPDATED))
                        return true;
        }
        return false;
}

int preview_releases(Previewer *previewer, Error *err)
{
        Preview *preview = previewer->preview;
        const ReleaseSpecs *specs = &previewer->model->releases;
        int r = 0;

        preview->releases =
                arena_alloc_array(previewer->arena, specs->n + 1, sizeof(*preview->releases));
        if (!preview->releases)
                return error_oom(err);
        for (size_t i = 0; i < specs->n && r >= 0; i++) {
                const Object *object = &specs->items[i]->object;
                PreviewRelease *to = &preview->releases[preview->n_releases];

                if (!is_changed(preview, object))
                        continue;
                *to = (PreviewRelease){ .tenant = object->meta.tenant, .name = object->meta.name };
                preview->n_releases++;
                r = fill(previewer, specs->items[i], to, err);
        }
        return r;
}

/* --- environments ----------------------------------------------------------------------------- */

static bool follows(const StreamSpec *stream, const char *component)
{
        for (size_t i = 0; i < stream->components.n; i++)
                if (streq(stream->components.items[i], component))
                        return true;
        return stream->components.n == 0;
}

/* A head that it takes its releases from would move. */
static bool would_make(const Previewer *previewer, const StreamSpec *stream)
{
        for (size_t i = 0; i < previewer->preview->n_heads; i++) {
                const PreviewHead *head = &previewer->preview->heads[i];
                const ComponentSpec *component = (const ComponentSpec *)model_find(
                        previewer->model, KIND_COMPONENT, head->tenant, head->component);

                if (head->to && component && streq(head->tenant, stream->object.meta.tenant) &&
                    follows(stream, head->component) &&
                    streq(head->channel,
                          stream->channel ? stream->channel : component->default_channel))
                        return true;
        }
        return false;
}

static int preview_environment(Previewer *previewer, const EnvironmentSpec *environment, Error *err)
{
        Preview *preview = previewer->preview;
        const Object *object = &environment->object;
        PreviewEnvironment *to = &preview->environments[preview->n_environments];
        const StreamSpec *stream = NULL;
        Deployment deployment = { 0 };
        int r;

        r = store_deployment(previewer->control->store, object->id.text, previewer->arena,
                             &deployment, err);
        if (r < 0)
                return r;
        if (environment->stream)
                stream = (const StreamSpec *)model_find(previewer->model, KIND_STREAM,
                                                        object->meta.tenant, environment->stream);
        *to = (PreviewEnvironment){ .tenant = object->meta.tenant,
                                    .name = object->meta.name,
                                    .from = r > 0 ? deployment.release_name : NULL,
                                    .to = environment->release };
        if (stream && (would_make(previewer, stream) || is_changed(preview, object)))
                to->stream = environment->stream;
        preview->n_environments += (to->to && !str_equal(to->from, to->to)) || to->stream;
        return 0;
}

int preview_environments(Previewer *previewer, Error *err)
{
        const EnvironmentSpecs *specs = &previewer->model->environments;
        int r = 0;

        previewer->preview->environments =
                arena_alloc_array(previewer->arena, specs->n + 1, sizeof(PreviewEnvironment));
        if (!previewer->preview->environments)
                return error_oom(err);
        for (size_t i = 0; i < specs->n && r >= 0; i++)
                r = preview_environment(previewer, specs->items[i], err);
        return r;
}
