/* backup: saves a consistent copy of the daemon's database, as one file, or in a folder that keeps
 * the last N copies. */

#include "ctl/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parse.h"
#include "base/time.h"
#include "store/backup.h"

#define KEEP_MAX 10000

/* The names of copies in a folder, such as relman-20261123T170000Z.db. Their order by name is the
 * order by time. */
#define KEPT_NAMES                                                                                 \
        "relman-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.db"

/* The target of the copy. fd is the open folder, for flock() and fsync(). */
typedef struct Target {
        const char *folder, *name, *partial;
        int fd;
} Target;

static int fail(const Target *target, const char *name, Error *err)
{
        int r = -errno;

        return error_set(err, ERROR_INTERNAL, r, "cannot write '%s/%s': %s", target->folder, name,
                         strerror(-r));
}

/* Refuses a file that is no backup, such as the answer of another server. The verb restore checks
 * the content. */
static int check_copy(int fd, Error *err)
{
        if (store_is_copy(fd))
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the server's answer is not relman's: it is no database of relman; check "
                         "--socket or --url");
}

int backup_fetch(CtlOptions *options, int fd, Error *err)
{
        static const char *const parts[] = { "/backup", NULL };
        const ClientRequest request = { .method = HTTP_GET,
                                        .path = ctl_path(options, parts),
                                        .body_fd = &fd };
        ClientAnswer answer = { 0 };
        int r;

        if (!request.path)
                return error_oom(err);
        r = client_call(&options->place, &request, &options->arena, &answer, err);
        return r < 0 ? r : check_copy(fd, err);
}

/* Checks the target before the request to the daemon. */
static int check_name(const Target *target, Error *err)
{
        struct stat st;

        if (!target->name[0] ||
            (fstatat(target->fd, target->name, &st, 0) >= 0 && S_ISDIR(st.st_mode)))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s/%s' is a folder; name a file in it, or --keep N for the newest N there",
                        target->folder, target->name);
        if (fstatat(target->fd, target->name, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "'%s/%s' is there already; name another file", target->folder,
                                 target->name);
        return 0;
}

/* Saves the copy in a temporary file, and renames the file when the copy is complete. Does not
 * overwrite an existing file. */
static int save(CtlOptions *options, const Target *target, Error *err)
{
        _cleanup_(close_fd) int fd = -1;
        struct stat st;
        int r;

        r = check_name(target, err);
        if (r < 0)
                return r;
        fd = openat(target->fd, target->partial,
                    O_CREAT | O_TRUNC | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return fail(target, target->partial, err);
        r = backup_fetch(options, fd, err);
        if (r >= 0 && fsync(fd) < 0)
                r = fail(target, target->partial, err);
        if (r >= 0 && (fstat(fd, &st) < 0 ||
                       renameat(target->fd, target->partial, target->fd, target->name) < 0))
                r = fail(target, target->name, err);
        if (r < 0) {
                /* the failure was already reported */
                (void)unlinkat(target->fd, target->partial, 0);
                return r;
        }
        if (fsync(target->fd) < 0)
                return fail(target, target->name, err);
        printf("%s/%s: %lld bytes\n", target->folder, target->name, (long long)st.st_size);
        return CTL_OK;
}

/* --- the last N copies ------------------------------------------------------------------------ */

static int is_kept(const struct dirent *entry)
{
        return fnmatch(KEPT_NAMES, entry->d_name, 0) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* Removes old copies, which it recognizes by their names. Never removes the new copy, even if the
 * clock was wrong. */
static int prune(const Target *target, size_t keep, Error *err)
{
        struct dirent **entries;
        int n = scandirat(target->fd, ".", &entries, is_kept, by_name), r = 0;
        size_t excess;

        if (n < 0)
                return fail(target, "", err);
        excess = (size_t)n > keep ? (size_t)n - keep : 0;
        for (size_t i = 0; i < (size_t)n; i++) {
                if (excess > 0 && r >= 0 && !streq(entries[i]->d_name, target->name)) {
                        excess--;
                        if (unlinkat(target->fd, entries[i]->d_name, 0) < 0)
                                r = fail(target, entries[i]->d_name, err);
                }
                free(entries[i]);
        }
        free(entries);
        return r;
}

static const char *kept_name(Arena *arena)
{
        char now[TIME_TEXT_SIZE];

        (void)time_format(time_wall(), now);
        return arena_printf(arena, "relman-%.4s%.2s%.2sT%.2s%.2s%.2sZ.db", now, now + 5, now + 8,
                            now + 11, now + 14, now + 17);
}

/* Locks the folder. The process with the lock may overwrite the temporary file of a killed
 * process. */
static int lock(const Target *target, Error *err)
{
        if (flock(target->fd, LOCK_EX | LOCK_NB) >= 0)
                return 0;
        if (errno == EWOULDBLOCK)
                return error_set(err, ERROR_CONFLICT, -EBUSY,
                                 "another backup to '%s' is under way; wait for it",
                                 target->folder);
        return fail(target, "", err);
}

static int save_and_prune(CtlOptions *options, Target *target, Error *err)
{
        uint64_t keep;
        int r;

        if (parse_uint64(options->keep, &keep) < 0 || keep < 1 || keep > KEEP_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--keep takes a number from 1 to %d, not '%s'", KEEP_MAX,
                                 options->keep);
        r = lock(target, err);
        if (r < 0)
                return r;
        target->partial = "relman-backup.partial";
        target->name = kept_name(&options->arena);
        if (!target->name)
                return error_oom(err);
        r = save(options, target, err);
        return r < 0 ? r : prune(target, keep, err);
}

/* --- the verb --------------------------------------------------------------------------------- */

static int save_one(CtlOptions *options, Target *target, Error *err)
{
        target->partial = arena_printf(&options->arena, "%s.partial", target->name);
        return target->partial ? save(options, target, err) : error_oom(err);
}

static int aim(CtlOptions *options, Target *ret, Error *err)
{
        const char *path = options->names[0], *slash = strrchr(path, '/');

        ret->folder = options->keep || !slash ? (options->keep ? path : ".")
                      : slash == path
                              ? "/"
                              : arena_strndup(&options->arena, path, (size_t)(slash - path));
        ret->name = slash ? slash + 1 : path;
        if (!ret->folder)
                return error_oom(err);
        ret->fd = open(ret->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return ret->fd < 0 ? fail(ret, options->keep ? "" : ret->name, err) : 0;
}

int verb_backup(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "keep", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "FILE, or --keep N FOLDER" };
        _cleanup_(ctl_options_done) CtlOptions options;
        Target target = { .fd = -1 };
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = aim(&options, &target, err);
        if (r >= 0)
                r = options.keep ? save_and_prune(&options, &target, err)
                                 : save_one(&options, &target, err);
        close_fd(&target.fd);
        return r;
}
