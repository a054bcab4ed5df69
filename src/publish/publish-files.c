/* Writes the files of one lock if their bytes differ, and removes files of other formats. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits-trust.h"
#include "base/log.h"
#include "base/text.h"
#include "lock/statement.h"
#include "publish/publish.h"

#define LOCK_FILE_MODE 0644
#define QUADLET_SUFFIX ".container.d"
#define QUADLET_NAME   "50-relman.conf"

/* --- removing --------------------------------------------------------------------------------- */

/* True if another attempt to read the file may succeed. After other errors (the path is a folder,
 * or a file of another user) the file counts as not written by relmand. */
static bool is_temporary(int code)
{
        return code == -ENOMEM || code == -EIO || code == -EMFILE || code == -ENFILE ||
               code == -EINTR;
}

/* Removes a file if relmand wrote it. owner not NULL: only a lockfile of the owner. Returns 1 if a
 * file was removed. */
static int remove_ours(const char *path, const Meta *owner, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        _cleanup_(error_done) Error unread = { 0 };
        size_t size = 0;
        int r;

        if (access(path, F_OK) < 0)
                return 0;
        r = file_read(path, ENVELOPE_MAX, &data, &size, &unread);
        if (r < 0 && is_temporary(r)) {
                error_move(err, &unread);
                return r;
        }
        if (r < 0 || !(lock_is_ours(data, size) || lock_statement_is_ours(data, size)) ||
            (owner && !lock_is_of_environment(data, owner->tenant, owner->name)))
                return 0;
        return file_remove(path, err);
}

static bool is_kept(const LockFiles *kept, const char *name)
{
        for (size_t i = 0; kept && i < kept->n; i++)
                if (streq(kept->items[i].name, name))
                        return true;
        return false;
}

/* Removes the temporary files that a killed process left in the folder of a format and in its
 * drop-in folders. */
static void sweep_format(const char *base)
{
        _cleanup_(error_done) Error error = { 0 };
        DIR *dir = opendir(base);

        if (!dir)
                return;
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                _cleanup_(freep) char *path = text_ends_with(entry->d_name, QUADLET_SUFFIX)
                                                      ? text_printf("%s/%s", base, entry->d_name)
                                                      : NULL;

                if (path)
                        /* ignores failures, because a left-over file does no harm */
                        (void)file_sweep(path, NULL);
        }
        (void)closedir(dir); /* read only */
        if (file_sweep(base, &error) < 0)
                log_warning("%s", error_message(&error));
}

const char *stem_file_suffix(StemFile file)
{
        return file == STEM_STATEMENT ? LOCK_STATEMENT_SUFFIX
                                      : lock_format_suffix((LockFormat)file);
}

void publish_sweep_at(const char *stem, StemFile file)
{
        _cleanup_(freep) char *base = NULL;

        if (file != STEM_STATEMENT && lock_format_is_folder((LockFormat)file))
                base = text_printf("%s%s", stem, stem_file_suffix(file));
        if (base)
                sweep_format(base);
}

/* Removes the drop-ins in the quadlet folder that are not in kept. kept NULL: removes all. */
static int clear_drop_ins(const PublishPlace *place, const LockFiles *kept, Error *err)
{
        DIR *dir = opendir(place->base);
        int r = 0, n = 0;

        if (!dir)
                return 0;
        for (struct dirent *entry = readdir(dir); entry && r >= 0; entry = readdir(dir)) {
                _cleanup_(freep) char *path = NULL;

                if (!text_ends_with(entry->d_name, QUADLET_SUFFIX))
                        continue;
                path = text_printf("%s/%s/" QUADLET_NAME, place->base, entry->d_name);
                if (!path) {
                        r = error_oom(err);
                        break;
                }
                if (is_kept(kept, path + strlen(place->base) + 1))
                        continue;
                r = remove_ours(path, place->owner, err);
                n += r > 0;
                *strrchr(path, '/') = '\0';
                if (r > 0)
                        (void)rmdir(path); /* fails if the folder has other files */
        }
        (void)closedir(dir); /* read only */
        return r < 0 ? r : n > 0;
}

int publish_remove_format(const PublishPlace *place, Error *err)
{
        _cleanup_(freep) char *path = NULL;
        int r;

        if (!lock_format_is_folder(place->format))
                return remove_ours(place->base, place->owner, err);
        if (access(place->base, F_OK) < 0)
                return 0;
        sweep_format(place->base);
        path = text_printf("%s/kustomization.yaml", place->base);
        if (!path)
                return error_oom(err);
        r = place->format == LOCK_KUSTOMIZE ? remove_ours(path, place->owner, err)
                                            : clear_drop_ins(place, NULL, err);
        (void)rmdir(place->base); /* fails if the folder has other files */
        return r;
}

int publish_remove_at(const char *stem, StemFile file, Error *err)
{
        _cleanup_(freep) char *base = NULL;

        base = text_printf("%s%s", stem, stem_file_suffix(file));
        if (!base)
                return error_oom(err);
        if (file == STEM_STATEMENT)
                return remove_ours(base, NULL, err);
        return publish_remove_format(&(PublishPlace){ .format = (LockFormat)file, .base = base },
                                     err);
}

int publish_remove_files(const char *stem, Error *err)
{
        int worst = 0, n = 0;

        for (StemFile file = 0; file < STEM_FILE_MAX_; file++) {
                int r = publish_remove_at(stem, file, worst < 0 ? NULL : err);

                worst = r < 0 && worst == 0 ? r : worst;
                n += r > 0;
        }
        return worst < 0 ? worst : n > 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_file(const PublishPlace *place, const LockFile *file, Error *err)
{
        FileAccess folder = *place->access;
        _cleanup_(freep) char *path = NULL;
        char *slash;
        int r;

        path = text_printf("%s%s%s", place->base, file->name[0] ? "/" : "", file->name);
        if (!path)
                return error_oom(err);
        slash = strrchr(path, '/');
        /* Users who may read the files must also be able to enter the folder. */
        folder.mode |= 0300U | ((folder.mode & 0444U) >> 2);
        if (slash && slash > path) {
                *slash = '\0';
                r = file_make_folder_for(path, &folder, err);
                *slash = '/';
                if (r < 0)
                        return r;
        }
        return file_update(path, file->data, file->size, place->access, err);
}

int publish_format(const Lock *lock, const PublishPlace *place, Arena *arena, Error *err)
{
        LockFiles files;
        int r, n = 0;

        r = lock_format_write(lock, place->format, arena, &files, err);
        for (size_t i = 0; r >= 0 && i < files.n; i++) {
                r = write_file(place, &files.items[i], err);
                n += r > 0;
        }
        if (r >= 0 && place->format == LOCK_QUADLET) {
                r = clear_drop_ins(place, &files, err);
                n += r > 0;
        }
        return r < 0 ? r : n > 0;
}

static int write_statement(const Lock *lock, const PublishPlan *plan, const LockFile *native,
                           Error *err)
{
        return plan->signing ? publish_statement(plan->signing, lock, native, plan->stem, err)
                             : publish_remove_at(plan->stem, STEM_STATEMENT, err);
}

/* Writes the requested formats except the native one, and removes the others. worst: the result for
 * the files that were written before; if it is negative, err already has that error. */
static int write_others(const Lock *lock, const PublishPlan *plan, int worst, Arena *arena,
                        Error *err)
{
        for (LockFormat format = LOCK_YAML + 1; format < LOCK_FORMAT_MAX_; format++) {
                const char *base =
                        arena_printf(arena, "%s%s", plan->stem, lock_format_suffix(format));
                Error *to = worst < 0 ? NULL : err;
                int r;

                if (!base)
                        return worst < 0 ? worst : error_oom(err);
                if (!(plan->formats & 1U << format))
                        r = publish_remove_at(plan->stem, format, to);
                else
                        r = publish_format(lock,
                                           &(PublishPlace){ .format = format,
                                                            .base = base,
                                                            .access = FILE_ACCESS(LOCK_FILE_MODE) },
                                           arena, to);
                worst = r < 0 && worst == 0 ? r : worst;
        }
        return worst;
}

int publish_files(const Lock *lock, const PublishPlan *plan, Arena *arena, Error *err)
{
        const char *base = arena_printf(arena, "%s" LOCK_SUFFIX, plan->stem);
        const PublishPlace place = { .format = LOCK_YAML,
                                     .base = base,
                                     .access = FILE_ACCESS(LOCK_FILE_MODE) };
        LockFiles files;
        int r, others;

        if (!base)
                return error_oom(err);
        r = lock_format_write(lock, LOCK_YAML, arena, &files, err);
        if (r >= 0)
                r = write_file(&place, &files.items[0], err);
        if (r < 0)
                return r;
        others = write_statement(lock, plan, &files.items[0], err);
        others = write_others(lock, plan, MIN(others, 0), arena, err);
        return others < 0 ? others : r;
}
