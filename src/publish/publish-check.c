/* Whether the formats that will be written of a release can hold it. It is checked before a release
 * is stored and before it is promoted: what no file could say is refused, not called ready. */

#include "publish/publish.h"

#define CHECK_ARENA_MAX ((size_t)256 * 1024 * 1024)

static int publish_check(const Release *release, const char *environment, LockFormats formats,
                         Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Lock lock = { .release = *release, .environment = environment };
        int r;

        arena_init(&arena, CHECK_ARENA_MAX);
        r = lock_digest(&lock, &arena, err);
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_ && r >= 0; format++) {
                LockFiles files;

                if (formats & 1U << format)
                        r = lock_format_write(&lock, format, &arena, &files, err);
        }
        return r;
}

int publish_check_release(const Reconciler *reconciler, const Release *release, Error *err)
{
        return publish_check(release, NULL, reconciler->options.lock_formats, err);
}

int publish_check_environment(const EnvironmentState *environment, const Release *release,
                              Error *err)
{
        return publish_check(release, environment->spec->object.meta.name,
                             publish_environment_formats(environment) |
                                     outputs_elsewhere_formats(environment),
                             err);
}
