/* Names outputs in events, messages and the API. */

#include "publish/output.h"

const char *output_path(const Output *output, Arena *arena)
{
        const EnvironmentLock *environment = output->environment;
        const Meta *meta = &environment->spec->object.meta;

        return output->spec->path
                       ? output->spec->path
                       : arena_printf(arena, "%s/%s/" LOCK_ROOM_ENVIRONMENTS "/%s%s",
                                      environment->publisher->control->options.locks_path,
                                      meta->tenant, meta->name,
                                      lock_format_suffix(output->spec->format));
}

const char *output_target(const Output *output, Arena *arena)
{
        const OutputSpec *spec = output->spec;

        switch (output_kind(spec)) {
        case OUTPUT_KIND_FILE: break;
        case OUTPUT_KIND_EXEC: return spec->exec.items[0];
        case OUTPUT_KIND_GIT:
                return arena_printf(arena, "branch '%s' of %s", spec->git.branch, spec->git.url);
        }
        return output_path(output, arena);
}
