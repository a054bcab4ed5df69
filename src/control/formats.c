#include "control/formats.h"

#include "model/enum-names.h"

#define CHECK_ARENA_MAX ((size_t)256 * 1024 * 1024)

LockFormats formats_of_names(const Strings *names)
{
        LockFormats formats = 0;

        for (size_t i = 0; i < names->n; i++) {
                int format = names_find(lock_format_names, names->items[i]);

                formats |= format >= 0 ? 1U << (unsigned)format : 0;
        }
        return formats;
}

static LockFormats formats_of_admission(void)
{
        LockFormats formats = 0;

        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++)
                formats |= lock_format_is_admission(format) ? 1U << format : 0;
        return formats;
}

LockFormats formats_of_releases(const ReconcileOptions *options)
{
        return options->lock_formats & ~formats_of_admission();
}

bool formats_have_admission(LockFormats formats)
{
        return (formats & formats_of_admission()) != 0;
}

bool output_is_for(const OutputSpec *output, const EnvironmentSpec *environment)
{
        const Meta *meta = &environment->object.meta;
        const char *slash = strchr(output->environment, '/');

        if (!slash)
                return streq(meta->tenant, DEFAULT_TENANT) &&
                       streq(output->environment, meta->name);
        return strlen(meta->tenant) == (size_t)(slash - output->environment) &&
               strncmp(meta->tenant, output->environment, strlen(meta->tenant)) == 0 &&
               streq(slash + 1, meta->name);
}

static LockFormats formats_of_outputs(const ReconcileOptions *options,
                                      const EnvironmentSpec *environment, bool elsewhere)
{
        const OutputSpecs *outputs = options->outputs;
        LockFormats formats = 0;

        for (size_t i = 0; outputs && i < outputs->n; i++)
                if ((outputs->items[i].path || outputs->items[i].git.place.line > 0) == elsewhere &&
                    output_is_for(&outputs->items[i], environment))
                        formats |= 1U << outputs->items[i].format;
        return formats;
}

LockFormats formats_of_environment(const ReconcileOptions *options,
                                   const EnvironmentSpec *environment)
{
        const Strings *own = &environment->lock_formats;

        return (own->n > 0 ? formats_of_names(own) : options->lock_formats) |
               formats_of_outputs(options, environment, false);
}

/* --- checks of releases ----------------------------------------------------------------------- */

static int formats_check(const Release *release, const EnvironmentSpec *environment,
                         LockFormats formats, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Lock lock = { .release = *release };
        int r;

        arena_init(&arena, CHECK_ARENA_MAX);
        if (environment) {
                lock.environment = environment->object.meta.name;
                lock.allow_also = environment->allow_also;
        }
        r = lock_digest(&lock, &arena, err);
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_ && r >= 0; format++) {
                LockFiles files;

                if (formats & 1U << format)
                        r = lock_format_write(&lock, format, &arena, &files, err);
        }
        return r;
}

int formats_check_release(const ReconcileOptions *options, const Release *release, Error *err)
{
        return formats_check(release, NULL, formats_of_releases(options), err);
}

int formats_check_environment(const ReconcileOptions *options, const EnvironmentSpec *environment,
                              const Release *release, Error *err)
{
        return formats_check(release, environment,
                             formats_of_environment(options, environment) |
                                     formats_of_outputs(options, environment, true),
                             err);
}
