/* render: converts a lockfile to the format of another tool, without the daemon. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "ctl/options.h"
#include "model/enum-names.h"

#define RENDER_ARENA_MAX ((size_t)512 * 1024 * 1024)
#define RENDER_FILE_MODE 0644
#define RENDER_DIR_MODE  0755

static const char usage[] =
        "FILE --format FORMAT [--previous FILE] [--allow-also IMAGE,...] [--to PATH]";

void lock_files_print(const LockFiles *files)
{
        for (size_t i = 0; i < files->n; i++) {
                if (files->n > 1)
                        printf("%s# file: %s\n", i > 0 ? "\n" : "", files->items[i].name);
                /* main() checks for write errors */
                (void)fwrite(files->items[i].data, 1, files->items[i].size, stdout);
        }
}

int lock_files_save(const LockFiles *files, const char *to, Error *err)
{
        int r = 0, changed = 0;

        for (size_t i = 0; i < files->n && r >= 0; i++) {
                const LockFile *file = &files->items[i];
                _cleanup_(freep) char *path = NULL;
                char *slash;

                path = text_printf("%s%s%s", to, file->name[0] ? "/" : "", file->name);
                if (!path)
                        return error_oom(err);
                slash = file->name[0] ? strrchr(path, '/') : NULL;
                if (slash) {
                        *slash = '\0';
                        r = file_make_folder(path, RENDER_DIR_MODE, err);
                        *slash = '/';
                }
                if (r >= 0)
                        r = file_update(path, file->data, file->size, FILE_ACCESS(RENDER_FILE_MODE),
                                        err);
                changed |= r > 0;
        }
        return r < 0 ? r : changed;
}

/* Adds what only formats of admission contain: the release of --previous, and --allow-also. */
static int take_admission(const CtlOptions *options, LockFormat format, Arena *arena, Lock *lock,
                          Error *err)
{
        Lock *previous = arena_alloc(arena, sizeof(*previous));

        if (!previous || (options->allow_also &&
                          ctl_split_commas(options->allow_also, arena, &lock->allow_also) < 0))
                return error_oom(err);
        if (!lock_format_is_admission(format) && (options->previous || options->allow_also))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--previous and --allow-also go with --format policy-json, "
                                 "kyverno or vap");
        if (!options->previous)
                return 0;
        lock->previous = &previous->release;
        return lock_file_read(options->previous, arena, previous, err);
}

static int render(const CtlOptions *options, LockFormat format, Error *err)
{
        const char *path = options->names[0], *to = options->to;
        _cleanup_(arena_done) Arena arena;
        LockFiles files;
        Lock lock;
        int r;

        arena_init(&arena, RENDER_ARENA_MAX);
        r = lock_file_read(path, &arena, &lock, err);
        if (r >= 0)
                r = take_admission(options, format, &arena, &lock, err);
        if (r < 0)
                return r;
        r = lock_format_write(&lock, format, &arena, &files, err);
        if (r < 0)
                return error_prefix(err, r, "release '%s'", lock.release.name);
        if (!to) {
                lock_files_print(&files);
                return 0;
        }
        r = lock_files_save(&files, to, err);
        return MIN(r, 0);
}

int lock_format_of(const char *name, LockFormat *ret, Error *err)
{
        int r = names_find(lock_format_names, name);

        if (r < 0)
                return ctl_unknown("format", name, lock_format_names, LOCK_FORMAT_MAX_, err);
        *ret = (LockFormat)r;
        return 0;
}

int verb_render(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "format", "previous", "allow-also", "to",
                                                     NULL };
        const CtlTakes takes = { takes_options, 1, 1, usage };
        _cleanup_(ctl_options_done) CtlOptions options;
        LockFormat format;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && !options.format)
                r = error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl render %s", usage);
        if (r < 0)
                return r;
        r = lock_format_of(options.format, &format, err);
        if (r >= 0)
                r = render(&options, format, err);
        if (r < 0 && err->kind == ERROR_HOSTILE) {
                log_error("%s", error_message(err));
                return CTL_ALTERED;
        }
        return r;
}
