/* Warns of changes that relmand would make, but that may not be intended. */

#include "preview/preview-internal.h"

/* Allocates the list of warnings, with room for one warning about each head, release, stream and
 * environment. */
static int begin(Previewer *previewer)
{
        Preview *preview = previewer->preview;
        size_t n = preview->n_heads + previewer->model->releases.n + previewer->model->streams.n +
                   previewer->model->environments.n;

        if (!preview->warnings)
                preview->warnings =
                        arena_alloc_array(previewer->arena, n + 1, sizeof(PreviewWarning));
        return preview->warnings ? 0 : -ENOMEM;
}

int preview_warn(Previewer *previewer, const Object *object, const char *message, Error *err)
{
        Preview *preview = previewer->preview;

        if (!message || begin(previewer) < 0)
                return error_oom(err);
        preview->warnings[preview->n_warnings++] = (PreviewWarning){ .kind = object->kind,
                                                                     .tenant = object->meta.tenant,
                                                                     .name = object->meta.name,
                                                                     .message = message };
        return 0;
}

int preview_warn_channels(Previewer *previewer, usec_t until, Error *err)
{
        while (previewer->at < previewer->model->components.n) {
                const PreviewComponent *component = &previewer->all[previewer->at++];
                const Object *object = &component->spec->object;

                for (size_t i = 0; i < component->n_heads; i++) {
                        const PreviewHead *head =
                                &previewer->preview->heads[component->first_head + i];
                        int r = head->to ? 0
                                         : preview_warn(
                                                   previewer, object,
                                                   arena_printf(previewer->arena,
                                                                "component '%s': channel '%s' "
                                                                "would no longer have a version",
                                                                object->meta.name, head->channel),
                                                   err);

                        if (r < 0)
                                return r;
                }
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
