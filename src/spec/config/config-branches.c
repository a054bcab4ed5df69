#include "spec/config/config-branches.h"

#include <errno.h>

#include "base/map.h"
#include "model/object.h"

/* Puts the output into the map if no other has the key. Sets *ret to the other one, or to NULL. */
static int claim(Map *map, const char *key, OutputSpec *output, const OutputSpec **ret)
{
        *ret = key ? map_get(map, key) : NULL;
        if (*ret)
                return 0;
        return key ? MIN(map_put(map, key, output, NULL), 0) : -ENOMEM;
}

/* --- one way to reach a branch ---------------------------------------------------------------- */

static int refuse_difference(const OutputSpec *output, const OutputSpec *first, const char *field,
                             DiagList *diags)
{
        diag_error(diags, output->place,
                   "output of environment '%s': %s differs from that of the output of environment "
                   "'%s' at line %u on the same branch; relmand pushes both together: give them "
                   "the same %s",
                   output->environment, field, first->environment, first->place.line, field);
        return -EINVAL;
}

static bool has_pull_request(const GitOutput *git)
{
        return git->pull_request.place.line > 0;
}

static bool is_same_pull_request(const PullRequestSpec *a, const PullRequestSpec *b)
{
        if ((a->place.line > 0) != (b->place.line > 0) || a->forge != b->forge ||
            a->auto_merge != b->auto_merge || a->interval != b->interval ||
            a->labels.n != b->labels.n)
                return false;
        for (size_t i = 0; i < a->labels.n; i++)
                if (!streq(a->labels.items[i], b->labels.items[i]))
                        return false;
        return str_equal(a->base, b->base) && str_equal(a->title, b->title) &&
               str_equal(a->url, b->url) && str_equal(a->repository, b->repository) &&
               str_equal(a->credential, b->credential);
}

static int compare_outputs(const OutputSpec *output, const OutputSpec *first, DiagList *diags)
{
        const GitOutput *a = &output->git, *b = &first->git;
        int r = 0;

        if (!str_equal(a->credential, b->credential))
                r = refuse_difference(output, first, "credential", diags);
        if (!str_equal(a->signing.credential, b->signing.credential))
                r = refuse_difference(output, first, "signing", diags);
        if (!str_equal(a->known_hosts, b->known_hosts))
                r = refuse_difference(output, first, "knownHosts", diags);
        if (!str_equal(a->ca_file, b->ca_file))
                r = refuse_difference(output, first, "caFile", diags);
        if (has_pull_request(a) || has_pull_request(b)) {
                if (!streq(output->environment, first->environment))
                        r = refuse_difference(output, first, "environment", diags);
                if (!is_same_pull_request(&a->pull_request, &b->pull_request))
                        r = refuse_difference(output, first, "pullRequest", diags);
        }
        if (output->timeout != first->timeout)
                r = refuse_difference(output, first, "timeout", diags);
        return r;
}

/* --- one output for a value ------------------------------------------------------------------- */

static int check_edit(OutputSpec *output, const GitEdit *edit, Map *claims, Arena *arena,
                      DiagList *diags)
{
        const GitOutput *git = &output->git;
        const char *file = arena_printf(arena, "%s %s /%s", git->url, git->branch, edit->file);
        const char *key = arena_printf(arena, "%s\n%s\n%s\n%s\n%s", file ? file : "",
                                       edit->kind ? edit->kind : "", edit->name ? edit->name : "",
                                       edit->name_space ? edit->name_space : "", edit->pointer);
        const OutputSpec *other;
        int r;

        if (!file || !key)
                return -ENOMEM;
        other = map_get(claims, file);
        if (other)
                diag_error(diags, edit->place,
                           "file \"%s\" is written by the output of environment '%s' at line %u; "
                           "edit another file",
                           edit->file, other->environment, other->place.line);
        if (other)
                return -EINVAL;
        r = claim(claims, key, output, &other);
        if (other)
                diag_error(diags, edit->place,
                           "pointer \"%s\" in file \"%s\" is already set by the output of "
                           "environment '%s' at line %u; remove one",
                           edit->pointer, edit->file, other->environment, other->place.line);
        return other ? -EINVAL : r;
}

static int check_edits(const OutputSpecs *outputs, Arena *arena, DiagList *diags)
{
        _cleanup_(map_done) Map claims = { 0 };
        const OutputSpec *first;
        int worst = 0;

        for (size_t i = 0; i < outputs->n && worst >= 0; i++) {
                const GitOutput *git = &outputs->items[i].git;

                if (git->path)
                        worst = claim(
                                &claims,
                                arena_printf(arena, "%s %s /%s", git->url, git->branch, git->path),
                                &outputs->items[i], &first);
        }
        for (size_t i = 0; i < outputs->n; i++)
                for (size_t k = 0; k < outputs->items[i].git.edits.n && worst != -ENOMEM; k++) {
                        int r = check_edit(&outputs->items[i],
                                           &outputs->items[i].git.edits.items[k], &claims, arena,
                                           diags);

                        worst = r == -ENOMEM ? r : MIN(worst, r);
                }
        return worst;
}

int config_check_branches(const OutputSpecs *outputs, Arena *arena, DiagList *diags)
{
        _cleanup_(map_done) Map branches = { 0 };
        int worst = 0;

        for (size_t i = 0; i < outputs->n; i++) {
                OutputSpec *output = &outputs->items[i];
                const OutputSpec *first;
                int r;

                if (output->git.place.line == 0)
                        continue;
                r = claim(&branches,
                          arena_printf(arena, "%s %s", output->git.url, output->git.branch), output,
                          &first);
                if (r >= 0 && first)
                        r = compare_outputs(output, first, diags);
                if (r == -ENOMEM)
                        return r;
                worst = MIN(worst, r);
        }
        return worst < 0 ? worst : check_edits(outputs, arena, diags);
}
