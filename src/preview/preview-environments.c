/* Predicts which releases environments would get. */

#include "preview/preview-internal.h"
#include "store/releases.h"

/* --- streams ---------------------------------------------------------------------------------- */

static bool makes_release(const StreamSpec *stream, const PreviewHead *head)
{
        return head->to &&
               streq(head->channel, stream->channel ? stream->channel : head->default_channel);
}

/* True if a head of a component moves, in the channel that the stream follows. */
static bool follows_move_of(const Previewer *previewer, const StreamSpec *stream, const char *name)
{
        Uuid id = object_id(KIND_COMPONENT, stream->object.meta.tenant, name);
        const PreviewComponent *component = map_get(&previewer->components, id.text);
        const Object *object;

        if (!component) {
                object = model_find(previewer->model, KIND_COMPONENT, stream->object.meta.tenant,
                                    name); /* an object that the API made has another id */
                component = object ? map_get(&previewer->components, object->id.text) : NULL;
        }
        for (size_t i = 0; component && i < component->n_heads; i++)
                if (makes_release(stream, &previewer->preview->heads[component->first_head + i]))
                        return true;
        return false;
}

static bool would_make(const Previewer *previewer, const StreamSpec *stream)
{
        const Preview *preview = previewer->preview;

        for (size_t i = 0; i < stream->components.n; i++)
                if (follows_move_of(previewer, stream, stream->components.items[i]))
                        return true;
        if (stream->components.n > 0)
                return false;
        for (size_t i = 0; i < preview->n_heads; i++)
                if (streq(preview->heads[i].tenant, stream->object.meta.tenant) &&
                    makes_release(stream, &preview->heads[i]))
                        return true;
        return false;
}

int preview_streams(Previewer *previewer, usec_t until, Error *err)
{
        const StreamSpecs *specs = &previewer->model->streams;

        while (previewer->at < specs->n) {
                const StreamSpec *stream = specs->items[previewer->at++];

                if (would_make(previewer, stream) &&
                    map_put(&previewer->streams, stream->object.id.text, previewer, NULL) < 0)
                        return error_oom(err);
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* --- environments ----------------------------------------------------------------------------- */

static int preview_environment(Previewer *previewer, const EnvironmentSpec *environment, Error *err)
{
        Preview *preview = previewer->preview;
        const Object *object = &environment->object, *stream = NULL;
        PreviewEnvironment *to = &preview->environments[preview->n_environments];
        Deployment deployment = { 0 };
        int r;

        r = store_deployment(previewer->control->store, object->id.text, previewer->arena,
                             &deployment, err);
        if (r < 0)
                return r;
        if (environment->stream)
                stream = model_find(previewer->model, KIND_STREAM, object->meta.tenant,
                                    environment->stream);
        *to = (PreviewEnvironment){ .tenant = object->meta.tenant,
                                    .name = object->meta.name,
                                    .from = r > 0 ? deployment.release_name : NULL,
                                    .to = environment->release };
        if (stream && (map_has(&previewer->streams, stream->id.text) ||
                       preview_is_changed(previewer, object)))
                to->stream = environment->stream;
        preview->n_environments += (to->to && !str_equal(to->from, to->to)) || to->stream;
        return 0;
}

int preview_environments(Previewer *previewer, usec_t until, Error *err)
{
        const EnvironmentSpecs *specs = &previewer->model->environments;
        Preview *preview = previewer->preview;
        int r;

        if (!preview->environments)
                preview->environments = arena_alloc_array(previewer->arena, specs->n + 1,
                                                          sizeof(PreviewEnvironment));
        if (!preview->environments)
                return error_oom(err);
        while (previewer->at < specs->n) {
                r = preview_environment(previewer, specs->items[previewer->at++], err);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
