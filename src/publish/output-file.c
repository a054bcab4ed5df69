/* Outputs that are files. */

#include "base/log.h"
#include "publish/output.h"

static PublishPlace place_of(const Output *output)
{
        return (PublishPlace){ .format = output->spec->format,
                               .base = output->spec->path,
                               .access = &output->spec->access,
                               .owner = &output->environment->spec->object.meta };
}

static int output_write(const Output *output, const Lock *lock, Arena *arena, Error *err)
{
        const PublishPlace place = place_of(output);
        int r = publish_format(lock, &place, arena, err);

        if (r > 0)
                log_notice("environment '%s': wrote '%s' for release '%s'", lock->environment,
                           place.base, lock->release.name);
        return r < 0 ? error_prefix(err, r, "output '%s'", place.base) : 0;
}

int output_remove(const Output *output, Arena *arena, Error *err)
{
        const PublishPlace place = place_of(output);
        Deployment canceled;
        int r;

        if (!place.base)
                return 0;
        r = environment_was_canceled(output->environment, arena, &canceled, err);
        if (r > 0)
                r = publish_remove_format(&place, err);
        if (r > 0)
                log_notice("environment '%s': removed '%s': release '%s' was canceled",
                           output->environment->spec->object.meta.name, place.base,
                           canceled.release_name);
        return r < 0 ? error_prefix(err, r, "output '%s'", place.base) : 0;
}

int output_owner(const OutputSpec *output, Arena *arena, Meta *ret)
{
        const char *slash = strchr(output->environment, '/');

        *ret = (Meta){ .tenant = DEFAULT_TENANT, .name = output->environment };
        if (!slash)
                return 0;
        ret->name = slash + 1;
        ret->tenant = arena_printf(arena, "%.*s", (int)(slash - output->environment),
                                   output->environment);
        return ret->tenant ? 0 : -ENOMEM;
}

int output_sweep(const OutputSpec *output, const Meta *owner, Error *err)
{
        const PublishPlace place = { .format = output->format,
                                     .base = output->path,
                                     .access = &output->access,
                                     .owner = owner };
        int r = publish_remove_format(&place, err);

        if (r > 0)
                log_notice("removed '%s': environment '%s' was deleted", output->path,
                           output->environment);
        return r < 0 ? error_prefix(err, r, "output '%s'", output->path) : r;
}

int output_want_file(Output *output, const OutputCall *call, Error *err)
{
        int r = output->spec->path ? output_write(output, call->lock, call->arena, err) : 0;

        environment_note(output->environment, &output->file, call->deployment, r, err);
        return r < 0 ? r : output_want(output, call->lock, err);
}

static int file_start(Output *output, const OutputCall *call, Error *err)
{
        (void)call; /* the file is written */
        return output_written(output, err);
}

const OutputType output_file_type = { .want = output_want_file, .start = file_start };
