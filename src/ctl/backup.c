/* backup FILE: a consistent copy of the daemon's database. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ctl/ctl.h"
#include "ctl/options.h"

static int fail(const char *path, Error *err)
{
        return error_set(err, ERROR_INTERNAL, -errno, "cannot write '%s': %s", path,
                         strerror(errno));
}

static int fetch(CtlOptions *options, const char *path, int fd, Error *err)
{
        static const char *const parts[] = { "/backup", NULL };
        const ClientRequest request = { .method = HTTP_GET,
                                        .path = ctl_path(options, parts),
                                        .body_fd = &fd };
        ClientAnswer answer;
        int r;

        if (!request.path)
                return error_oom(err);
        r = client_call(&options->place, &request, &options->arena, &answer, err);
        if (r >= 0 && fsync(fd) < 0)
                r = fail(path, err);
        return r;
}

/* Under its name only once it is whole; what stands there already is not written over. */
static int save(CtlOptions *options, const char *path, Error *err)
{
        const char *partial = arena_printf(&options->arena, "%s.partial", path);
        _cleanup_(close_fd) int fd = -1;
        struct stat st;
        int r;

        if (!partial)
                return error_oom(err);
        if (lstat(path, &st) >= 0)
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "'%s' is there already; name another file", path);
        fd = open(partial, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return fail(partial, err);
        r = fetch(options, partial, fd, err);
        if (r >= 0 && fstat(fd, &st) < 0)
                r = fail(partial, err);
        if (r >= 0 && rename(partial, path) < 0)
                r = fail(path, err);
        if (r < 0) {
                (void)unlink(partial); /* the failure is told already */
                return r;
        }
        printf("%s: %lld bytes\n", path, (long long)st.st_size);
        return CTL_OK;
}

int verb_backup(int argc, char **argv, Error *err)
{
        const CtlTakes takes = { NULL, 1, 1, "FILE" };
        _cleanup_(ctl_options_done) CtlOptions options;
        int r;

        r = ctl_options_parse(argc, argv, &takes, &options, err);
        return r < 0 ? r : save(&options, options.names[0], err);
}
