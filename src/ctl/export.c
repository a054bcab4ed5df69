/* export and import: the database as lines of JSON, and a database of such lines. */

#include "store/export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "ctl/backup.h"
#include "ctl/state-path.h"

static void close_stream(FILE **stream)
{
        if (*stream && *stream != stdout && *stream != stdin)
                (void)fclose(*stream); /* of a target: it was flushed before */
}

static bool is_dash(const char *name)
{
        return streq(name, "-");
}

/* --- export ----------------------------------------------------------------------------------- */

/* A copy of the daemon's database in a temporary file. */
typedef struct Copy {
        char *path; /* NULL: no file was made */
        int fd;
} Copy;

static void copy_done(Copy *copy)
{
        close_fd(&copy->fd);
        if (copy->path)
                (void)unlink(copy->path);
        free(copy->path);
}

static int copy_make(CtlOptions *options, Copy *copy, Error *err)
{
        const char *folder = getenv("TMPDIR");
        int r;

        copy->path =
                text_printf("%s/relman-export.XXXXXX", folder && folder[0] ? folder : "/var/tmp");
        if (!copy->path)
                return error_oom(err);
        copy->fd = mkostemp(copy->path, O_CLOEXEC);
        if (copy->fd >= 0)
                return backup_fetch(options, copy->fd, err);
        r = error_set(err, ERROR_INTERNAL, -errno, "cannot make '%s': %s", copy->path,
                      strerror(errno));
        free(copy->path);
        copy->path = NULL;
        return r;
}

static int cannot_write(const char *name, Error *err)
{
        return error_set(err, errno == EEXIST ? ERROR_CONFLICT : ERROR_INTERNAL, -errno,
                         "cannot write '%s': %s", name, strerror(errno));
}

static int open_target(const char *name, FILE **ret, Error *err)
{
        int fd;

        if (is_dash(name)) {
                *ret = stdout;
                return 0;
        }
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        *ret = fd < 0 ? NULL : fdopen(fd, "w");
        return *ret ? 0 : cannot_write(name, err);
}

/* Makes the target durable. main() checks standard output. */
static int finish_target(const char *name, FILE *target, Error *err)
{
        if (is_dash(name))
                return 0;
        if (fflush(target) < 0 || fsync(fileno(target)) < 0)
                return cannot_write(name, err);
        return file_sync_folder(name, err);
}

static int export_to(const char *name, const char *from, Exported *ret, Error *err)
{
        _cleanup_(close_stream) FILE *target = NULL;
        int r = open_target(name, &target, err);

        if (r < 0)
                return r;
        r = store_export(from, target, ret, err);
        if (r >= 0)
                r = finish_target(name, target, err);
        if (r < 0 && !is_dash(name))
                (void)unlink(name); /* the failure is reported */
        return r;
}

int verb_export(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "state", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "FILE or -, [--state PATH]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(copy_done) Copy copy = { .fd = -1 };
        Exported exported;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && !options.state)
                r = copy_make(&options, &copy, err);
        if (r >= 0)
                r = export_to(options.names[0], options.state ? options.state : copy.path,
                              &exported, err);
        if (r < 0)
                return r;
        if (!is_dash(options.names[0]))
                printf("%s: %" PRIu64 " rows of schema %u\n", options.names[0], exported.n_rows,
                       exported.schema);
        return CTL_OK;
}

/* --- import ----------------------------------------------------------------------------------- */

static int open_source(const char *name, FILE **ret, Error *err)
{
        *ret = is_dash(name) ? stdin : fopen(name, "re");
        return *ret ? 0
                    : error_set(err, ERROR_NOT_FOUND, -errno, "cannot read '%s': %s", name,
                                strerror(errno));
}

int verb_import(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "state", "config", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "FILE or -, [--state PATH] [--config FILE]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(restored_done) Restored restored = { 0 };
        _cleanup_(close_stream) FILE *source = NULL;
        ImportOptions import = { .now = time_wall() };
        Exported imported;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = ctl_state_path(&options, &config, &import.path, err);
        if (r >= 0)
                r = open_source(options.names[0], &source, err);
        if (r < 0)
                return r;
        import.from = source;
        import.name = is_dash(options.names[0]) ? "standard input" : options.names[0];
        r = store_import(&import, &imported, &restored, err);
        if (r < 0)
                return r;
        printf("'%s': %" PRIu64
               " rows of schema %u are in '%s'; new events are numbered from %lld\n\n"
               "next: systemctl start relmand; it writes the lockfiles from this database\n",
               import.name, imported.n_rows, imported.schema, import.path,
               (long long)restored.next_event);
        return CTL_OK;
}
