#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "publish/output-hook.h"

static int write_output(const OutputSpec *output, const Lock *lock, const char *path, Arena *arena,
                        Error *err)
{
        const PublishPlace place = {
                .format = output->format,
                .base = path,
                .access = &output->access,
                .mark = arena_printf(arena, LOCK_MARK_WORDS "%s/%s\n", lock->release.tenant,
                                     lock->environment),
        };
        int r = place.mark ? publish_format(lock, &place, arena, err) : error_oom(err);

        if (r > 0)
                log_notice("environment '%s': wrote '%s' for release '%s'", lock->environment, path,
                           lock->release.name);
        return r < 0 ? error_prefix(err, r, "output '%s'", path) : 0;
}

/* Where it is, if the lock folder is meant. */
static const char *path_of(const EnvironmentLock *environment, const OutputSpec *output,
                           Arena *arena)
{
        const Meta *meta = &environment->spec->object.meta;

        return output->path
                       ? output->path
                       : arena_printf(arena, "%s/%s/" LOCK_ROOM_ENVIRONMENTS "/%s%s",
                                      environment->publisher->control->options.locks_path,
                                      meta->tenant, meta->name, lock_format_suffix(output->format));
}

static int publish_output(EnvironmentLock *environment, size_t i, const Lock *lock, Arena *arena,
                          Error *err)
{
        const OutputSpec *output = &environment->publisher->control->options.outputs->items[i];
        OutputHook *hook = &environment->hooks[i];
        const char *path = path_of(environment, output, arena);
        int r = path ? 0 : error_oom(err);

        if (r >= 0 && output->path)
                r = write_output(output, lock, path, arena, err);
        if (r < 0 || output->exec.n == 0)
                return r;
        hook->environment = environment;
        hook->output = output;
        return output_hook_want(hook, &(HookCall){ .output = output, .lock = lock, .path = path },
                                err);
}

int outputs_publish(EnvironmentLock *environment, const Lock *lock, Arena *arena, Error *err)
{
        const OutputSpecs *outputs = environment->publisher->control->options.outputs;
        int worst = 0;

        if (!outputs || outputs->n == 0)
                return 0;
        if (!environment->hooks)
                environment->hooks = calloc(outputs->n, sizeof(*environment->hooks));
        if (!environment->hooks)
                return error_oom(err);
        for (size_t i = 0; i < outputs->n; i++) {
                int r = output_is_for(&outputs->items[i], environment->spec)
                                ? publish_output(environment, i, lock, arena,
                                                 worst < 0 ? NULL : err)
                                : 0;

                worst = r < 0 && worst == 0 ? r : worst;
        }
        return worst;
}

int outputs_remove(const EnvironmentLock *environment, Arena *arena, Error *err)
{
        const OutputSpecs *outputs = environment->publisher->control->options.outputs;
        const Meta *meta = &environment->spec->object.meta;
        int r = 0, n = 0;

        for (size_t i = 0; outputs && i < outputs->n && r >= 0; i++) {
                const OutputSpec *output = &outputs->items[i];
                const PublishPlace place = { .format = output->format,
                                             .base = output->path,
                                             .access = &output->access,
                                             .mark = arena_printf(arena, LOCK_MARK_WORDS "%s/%s\n",
                                                                  meta->tenant, meta->name) };

                if (!output->path || !output_is_for(output, environment->spec))
                        continue;
                r = place.mark ? publish_remove_format(&place, err) : error_oom(err);
                n += r > 0;
        }
        return r < 0 ? r : n > 0;
}

bool outputs_are_idle(const EnvironmentLock *environment)
{
        const OutputSpecs *outputs = environment->publisher->control->options.outputs;

        for (size_t i = 0; environment->hooks && i < outputs->n; i++)
                if (!output_hook_is_idle(&environment->hooks[i]))
                        return false;
        return true;
}

void outputs_done(EnvironmentLock *environment)
{
        const OutputSpecs *outputs = environment->publisher->control->options.outputs;

        for (size_t i = 0; environment->hooks && i < outputs->n; i++)
                output_hook_done(&environment->hooks[i]);
        free(environment->hooks);
        environment->hooks = NULL;
}
