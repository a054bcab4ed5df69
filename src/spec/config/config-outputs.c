#include "spec/config/config-outputs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/account.h"
#include "base/buffer.h"
#include "base/map.h"
#include "model/object.h"
#include "spec/config/config-branches.h"
#include "spec/config/config-git.h"

static int outputs_refuse_account(const OutputSpec *output, DiagList *diags, const char *field,
                                  const char *name, int r)
{
        if (r == -ENOENT)
                diag_error(diags, output->place, "field \"%s\": \"%s\" is not a %s of this machine",
                           field, name, streq(field, "owner") ? "user" : "group");
        else
                diag_error(diags, output->place, "field \"%s\": cannot look up \"%s\": %s", field,
                           name, strerror(-r));
        return r;
}

/* Converts names to numbers at startup, so that the running daemon queries no directory service. */
static int outputs_find_access(OutputSpec *output, DiagList *diags)
{
        char *end;
        int r;

        output->access = (FileAccess){ .owner = (uid_t)-1, .group = (gid_t)-1 };
        r = output->owner ? account_find_user(output->owner, &output->access.owner) : 0;
        if (r < 0)
                return outputs_refuse_account(output, diags, "owner", output->owner, r);
        r = output->group ? account_find_group(output->group, &output->access.group) : 0;
        if (r < 0)
                return outputs_refuse_account(output, diags, "group", output->group, r);
        output->access.mode = (mode_t)strtoul(output->mode, &end, 8);
        if (*end || end == output->mode || output->access.mode > 0777 ||
            !(output->access.mode & 0400))
                return config_refuse(output->place, diags, "mode", output->mode,
                                     "not a mode such as 0640 that lets its owner read");
        return 0;
}

char *config_real_path(const char *path, Arena *arena)
{
        _cleanup_(freep) char *folder = strdup(path);
        _cleanup_(freep) char *real = NULL;
        _cleanup_(buffer_done) Buffer out;
        size_t size = folder ? strlen(folder) : 0;

        buffer_init(&out, (size_t)2 * PATH_MAX);
        while (size > 1 && !real) {
                while (size > 1 && folder[size - 1] != '/')
                        size--;
                folder[size] = '\0';
                real = realpath(folder, NULL);
                if (!real && size > 1)
                        size--;
        }
        (void)buffer_puts(&out, real && !streq(real, "/") ? real : "");
        for (const char *at = path + size; size > 0 && *at;) {
                size_t n = strcspn(at, "/");

                if (n > 0 && !(n == 1 && at[0] == '.')) {
                        (void)buffer_putc(&out, '/');
                        (void)buffer_append(&out, at, n);
                }
                at += n + strspn(at + n, "/");
        }
        return folder && !out.failed ? arena_strndup(arena, out.data, out.size) : NULL;
}

/* Sets *ret to a text that is the same for two outputs with the same file, and that has the path of
 * the file at its end. NULL: the output writes no own file. Returns -ENOMEM. */
static int outputs_find_file(const OutputSpec *output, Arena *arena, char **ret)
{
        const GitOutput *git = &output->git;

        *ret = NULL;
        if (git->path)
                *ret = arena_printf(arena, "%s %s /%s", git->url, git->branch, git->path);
        else if (output->path && git->place.line == 0)
                *ret = config_real_path(output->path, arena);
        else
                return 0;
        return *ret ? 0 : -ENOMEM;
}

static const char *outputs_path(const OutputSpec *output)
{
        return output->git.path ? output->git.path : output->path;
}

/* Returns the output whose folder contains the file; NULL if there is none. */
static const OutputSpec *outputs_find_above(const Map *files, char *file)
{
        const OutputSpec *found = NULL;
        char *slash;

        while (!found && (slash = strrchr(file, '/')) && slash > file) {
                *slash = '\0';
                found = map_get(files, file);
        }
        return found;
}

/* Refuses an output inside the folder of another output: formats such as kustomize write a complete
 * folder, and one output would overwrite the other. */
static int outputs_check_folders(const OutputSpecs *outputs, const Map *files, Arena *arena,
                                 DiagList *diags)
{
        int worst = 0;

        for (size_t i = 0; i < outputs->n; i++) {
                const OutputSpec *output = &outputs->items[i], *above;
                char *file;

                if (outputs_find_file(output, arena, &file) < 0)
                        return -ENOMEM;
                if (!file)
                        continue;
                above = outputs_find_above(files, file);
                if (!above)
                        continue;
                diag_error(
                        diags, output->place,
                        "path \"%s\" is within the output of environment '%s' at line %u; choose a place "
                        "outside of that",
                        outputs_path(output), above->environment, above->place.line);
                worst = -EINVAL;
        }
        return worst;
}

/* Refuses two outputs with the same path, because they would overwrite each other. */
static int outputs_check_files(const OutputSpecs *outputs, Arena *arena, DiagList *diags)
{
        _cleanup_(map_done) Map files = { 0 };
        int worst = 0, r;

        for (size_t i = 0; i < outputs->n; i++) {
                OutputSpec *output = &outputs->items[i];
                const OutputSpec *first;
                char *file;

                if (outputs_find_file(output, arena, &file) < 0)
                        return -ENOMEM;
                if (!file)
                        continue;
                first = map_get(&files, file);
                if (first) {
                        diag_error(
                                diags, output->place,
                                "path \"%s\" is already used by the output of environment '%s' at line %u"
                                "; give each output its own path",
                                outputs_path(output), first->environment, first->place.line);
                        worst = -EINVAL;
                } else if (map_put(&files, file, output, NULL) < 0)
                        return -ENOMEM;
        }
        r = outputs_check_folders(outputs, &files, arena, diags);
        return MIN(worst, r);
}

int config_check_outputs(OutputSpecs *outputs, Arena *arena, DiagList *diags)
{
        int worst = outputs_check_files(outputs, arena, diags);

        if (worst == -ENOMEM)
                return worst;

        for (size_t i = 0; i < outputs->n; i++) {
                OutputSpec *output = &outputs->items[i];
                const char *slash = strchr(output->environment, '/');
                int r = outputs_find_access(output, diags);

                if (!name_is_valid(slash ? slash + 1 : output->environment))
                        r = config_refuse(output->place, diags, "environment", output->environment,
                                          "not the name of an Environment");
                if (output->exec.n > 0 && output->exec.items[0][0] != '/')
                        r = config_refuse(output->place, diags, "exec", output->exec.items[0],
                                          "not an absolute path");
                if (!output->path && output->exec.n == 0 && output->git.place.line == 0)
                        r = config_refuse(output->place, diags, "path", "",
                                          "missing, and exec and git too: the output has no "
                                          "effect");
                r = MIN(r, config_check_git(output, diags));
                worst = MIN(worst, r);
        }
        if (worst == 0)
                worst = config_check_branches(outputs, arena, diags);
        return worst;
}
