#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "git/answer.h"
#include "git/import.h"
#include "git/run.h"

/* how often a push begins again because somebody else moved the branch meanwhile */
#define MOVED_MAX  8
#define CACHE_MODE 0700

struct GitPush {
        GitPushPlan plan;
        Arena arena; /* has the texts of the plan */
        GitStep step;
        ProgramRun *run;
        BranchFiles files;           /* that commits change */
        bool *skip;                  /* commits that change nothing, or have a problem */
        char head[GIT_COMMIT_MAX];   /* where the branch was when it was listed */
        bool from_base;              /* there was no branch then, so it begins at its base */
        char parent[GIT_COMMIT_MAX]; /* of the first new commit */
        char last[GIT_COMMIT_MAX];   /* the newest new commit */
        size_t at;                   /* GIT_SIGN: the commit */
        const char *format;          /* of object ids */
        unsigned n_moved;
        bool wiped; /* the cache was removed since the start */
};

static GitPush *push_free(GitPush *push)
{
        if (!push)
                return NULL;
        arena_done(&push->arena);
        free(push);
        return NULL;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void push_end(GitPush *push, bool changed, const Error *error)
{
        const GitPushEnd end = { .commit = changed ? push->last : push->parent,
                                 .changed = changed,
                                 .is_missing = !error && !changed && push->from_base,
                                 .commits = push->plan.commits,
                                 .error = error };

        push->plan.done(&end, push->plan.userdata);
        push_free(push);
}

static void push_fail(GitPush *push, ErrorKind kind, const char *what, const char *reason)
{
        _cleanup_(error_done) Error error = { 0 };

        (void)error_set(&error, kind, -EIO, "branch '%s' of %s: %s%s%s", push->plan.remote.branch,
                        push->plan.remote.url, what, reason ? ": " : "", reason ? reason : "");
        push_end(push, false, &error);
}

/* --- starting a step -------------------------------------------------------------------------- */

static void on_ended(const ProgramEnd *end, void *userdata);

/* Writes the standard input of the step. Returns false if it has none. */
static bool step_input(const GitPush *push, Buffer *out)
{
        if (push->step == GIT_IMPORT)
                (void)import_write(&push->plan.commits, push->parent, push->skip, out);
        else if (push->step == GIT_READ)
                (void)change_request(&push->files, out);
        else if (push->step == GIT_SIGN)
                (void)buffer_puts(out, push->plan.commits.items[push->at].message);
        else
                return false;
        return true;
}

static int start_step(GitPush *push, GitStep step, Error *err)
{
        const GitRemote *remote = &push->plan.remote;
        bool is_signing = step == GIT_SIGN, is_reading = step == GIT_TREE || step == GIT_READ;
        const GitStepInput of = { .format = push->format,
                                  .parent = push->parent,
                                  .files = &push->files,
                                  .n_commits = push->plan.commits.n,
                                  .skip = push->skip,
                                  .commit = is_signing ? &push->plan.commits.items[push->at] : NULL,
                                  .number = push->at,
                                  .before = push->last,
                                  .last = remote->signing_key ? push->last : GIT_LAST_REF,
                                  .source = push->from_base ? remote->base : remote->branch,
                                  .lease = push->head };
        _cleanup_(buffer_done) Buffer input;
        bool has_input;

        buffer_init(&input, IMPORT_MAX);
        push->step = step;
        has_input = step_input(push, &input);
        return git_step_start(&(GitStepRun){ .programs = push->plan.programs,
                                             .step = step,
                                             .remote = remote,
                                             .values = &of,
                                             .input = has_input ? &input : NULL,
                                             .output_max = is_reading ? CHANGE_MAX : GIT_OUTPUT_MAX,
                                             .done = on_ended,
                                             .userdata = push },
                              &push->run, err);
}

static void go_on(GitPush *push, GitStep step)
{
        _cleanup_(error_done) Error error = { 0 };

        if (start_step(push, step, &error) < 0)
                push_fail(push, error.kind, git_step_name(step), error_message(&error));
}

/* --- results of steps ------------------------------------------------------------------------- */

/* True if the first new commit has a parent. */
static bool has_parent(const GitPush *push)
{
        return push->head[0] || push->from_base;
}

static void list_ended(GitPush *push, const ProgramEnd *end)
{
        char base[GIT_COMMIT_MAX] = "";

        answer_find_head(end->output, end->output_size, push->plan.remote.branch, push->head);
        push->from_base = false;
        if (!push->head[0] && push->plan.remote.base) {
                answer_find_head(end->output, end->output_size, push->plan.remote.base, base);
                push->from_base = base[0] != '\0';
        }
        if (push->head[0] || push->from_base)
                push->format =
                        strlen(push->from_base ? base : push->head) == 40 ? "sha1" : "sha256";
        go_on(push, GIT_INIT);
}

/* Makes the changed files, and goes on with the commits that have no problem. */
static void make_changes(GitPush *push)
{
        bool has_commits = false;

        if (change_make(&push->plan.commits, &push->files, &push->arena) < 0) {
                push_fail(push, ERROR_INTERNAL, "out of memory", NULL);
                return;
        }
        for (size_t i = 0; i < push->plan.commits.n; i++) {
                push->skip[i] = push->plan.commits.items[i].problem != NULL;
                has_commits = has_commits || !push->skip[i];
        }
        if (has_commits)
                go_on(push, GIT_IMPORT);
        else
                push_end(push, false, NULL);
}

static void init_ended(GitPush *push)
{
        push->parent[0] = '\0';
        if (has_parent(push))
                go_on(push, GIT_FETCH);
        else
                make_changes(push);
}

static void fetch_ended(GitPush *push)
{
        /* the branch may have moved since it was listed */
        (void)snprintf(push->parent, sizeof(push->parent), "%s", GIT_BASE_REF "^0");
        if (push->files.n > 0)
                go_on(push, GIT_TREE);
        else
                make_changes(push);
}

static void tree_ended(GitPush *push, const ProgramEnd *end)
{
        change_read_tree(&push->files, end->output, end->output_size);
        go_on(push, GIT_READ);
}

static void read_ended(GitPush *push, const ProgramEnd *end)
{
        int r;

        if (end->n_dropped > 0) {
                push_fail(push, ERROR_INVALID, "the files to edit have more than 16 MiB together",
                          "name fewer files in one output");
                return;
        }
        r = change_read_blobs(&push->files, end->output, end->output_size, &push->arena);
        if (r < 0)
                push_fail(push, ERROR_INTERNAL, git_step_name(push->step),
                          r == -ENOMEM ? "out of memory" : "not understood");
        else
                make_changes(push);
}

/* Skips commits that have the tree of the commit before them. trees: of the parent, if there
 * is one, and of each commit that was not skipped. Returns their number; *ret_left: the others. */
static size_t skip_unchanged(GitPush *push, char (*trees)[GIT_COMMIT_MAX], size_t *ret_left)
{
        const char *before = has_parent(push) ? trees[0] : "";
        size_t at = has_parent(push) ? 1 : 0, n_skipped = 0;

        *ret_left = 0;
        for (size_t i = 0; i < push->plan.commits.n; i++) {
                if (push->skip[i])
                        continue;
                push->skip[i] = streq(before, trees[at]);
                n_skipped += push->skip[i];
                *ret_left += !push->skip[i];
                before = trees[at++];
        }
        return n_skipped;
}

/* Signs the next commit that is not skipped, on the one before. Pushes after the last one. */
static void sign_next(GitPush *push)
{
        while (push->at < push->plan.commits.n && push->skip[push->at])
                push->at++;
        go_on(push, push->at < push->plan.commits.n ? GIT_SIGN : GIT_PUSH);
}

static void sign_ended(GitPush *push, const ProgramEnd *end)
{
        char id[1][GIT_COMMIT_MAX];

        if (!answer_read_ids(end->output, end->output_size, id, 1)) {
                push_fail(push, ERROR_INTERNAL, git_step_name(push->step), "not understood");
                return;
        }
        (void)snprintf(push->last, sizeof(push->last), "%s", id[0]);
        push->at++;
        sign_next(push);
}

static void compare_ended(GitPush *push, const ProgramEnd *end)
{
        size_t n_parent = has_parent(push) ? 2 : 0, n = n_parent + 1, n_left;
        char(*ids)[GIT_COMMIT_MAX];

        for (size_t i = 0; i < push->plan.commits.n; i++)
                n += !push->skip[i];
        ids = arena_alloc_array(&push->arena, n + 1, sizeof(*ids));
        if (!ids || !answer_read_ids(end->output, end->output_size, ids, n)) {
                push_fail(push, ERROR_INTERNAL, git_step_name(push->step), "not understood");
                return;
        }
        if (n_parent > 0) {
                (void)snprintf(push->parent, sizeof(push->parent), "%s", ids[0]);
                if (!push->from_base)
                        (void)snprintf(push->head, sizeof(push->head), "%s", ids[0]);
        }
        (void)snprintf(push->last, sizeof(push->last), "%s", ids[n_parent]);
        /* the id of the last commit stands between the trees of the parent and of the commits */
        if (n_parent > 0)
                memmove(ids[0], ids[1], GIT_COMMIT_MAX);
        memmove(ids[n_parent > 0], ids[n_parent + 1], (n - n_parent - 1) * GIT_COMMIT_MAX);
        if (skip_unchanged(push, ids, &n_left) == 0) {
                push->at = push->plan.commits.n;
                if (push->plan.remote.signing_key) {
                        push->at = 0;
                        (void)snprintf(push->last, sizeof(push->last), "%s", push->parent);
                }
                sign_next(push);
        } else if (n_left > 0)
                go_on(push, GIT_IMPORT);
        else
                push_end(push, false, NULL);
}

/* Begins again at the first step. */
static void push_again(GitPush *push)
{
        memset(push->skip, 0, push->plan.commits.n * sizeof(*push->skip));
        push->parent[0] = push->head[0] = '\0';
        go_on(push, GIT_LIST);
}

static void push_ended_badly(GitPush *push, const ProgramEnd *end, const char *reason)
{
        switch (answer_push_fault(end->output, end->output_size)) {
        case PUSH_MOVED:
                if (++push->n_moved <= MOVED_MAX)
                        push_again(push);
                else
                        push_fail(push, ERROR_UNREACHABLE, "others move it all the time", reason);
                return;
        case PUSH_FORMAT:
                if (push->wiped)
                        break;
                /* only a push shows the kind of ids of an empty repository */
                push->format = streq(push->format, "sha1") ? "sha256" : "sha1";
                go_on(push, GIT_WIPE);
                return;
        case PUSH_REFUSED:
                push_fail(push, ERROR_DENIED, "the server refused the commit", reason);
                return;
        case PUSH_FAILED: break;
        }
        push_fail(push,
                  answer_is_denied(end->output, end->output_size) ? ERROR_DENIED
                                                                  : ERROR_UNREACHABLE,
                  git_step_name(push->step), reason);
}

static void step_ended_badly(GitPush *push, const ProgramEnd *end)
{
        const char *reason = git_step_reason(end, &push->plan.remote, &push->arena);
        bool is_denied = answer_is_denied(end->output, end->output_size);

        if (end->timed_out || !reason)
                push_fail(push, ERROR_UNREACHABLE, git_step_name(push->step), reason);
        else if (push->step == GIT_CLEAN) /* the push has succeeded */
                push_end(push, true, NULL);
        else if (push->step == GIT_PUSH)
                push_ended_badly(push, end, reason);
        else if (push->step != GIT_LIST && push->step != GIT_WIPE && push->step != GIT_SIGN &&
                 !push->wiped && !is_denied)
                go_on(push, GIT_WIPE); /* an earlier process may have left a damaged cache */
        else
                push_fail(push, is_denied ? ERROR_DENIED : ERROR_UNREACHABLE,
                          git_step_name(push->step), reason);
}

static void on_ended(const ProgramEnd *end, void *userdata)
{
        GitPush *push = userdata;

        push->run = NULL;
        if (!git_step_succeeded(end)) {
                step_ended_badly(push, end);
                return;
        }
        switch (push->step) {
        case GIT_LIST: list_ended(push, end); break;
        case GIT_INIT: init_ended(push); break;
        case GIT_FETCH: fetch_ended(push); break;
        case GIT_TREE: tree_ended(push, end); break;
        case GIT_READ: read_ended(push, end); break;
        case GIT_IMPORT: go_on(push, GIT_COMPARE); break;
        case GIT_COMPARE: compare_ended(push, end); break;
        case GIT_SIGN: sign_ended(push, end); break;
        case GIT_PUSH: go_on(push, GIT_CLEAN); break;
        case GIT_CLEAN: push_end(push, true, NULL); break;
        case GIT_WIPE:
                push->wiped = true;
                push_again(push);
                break;
        case GIT_RESOLVE:
        case GIT_CHECK:
        case GIT_KEYS:
        case GIT_VERIFY:
        case GIT_FILES:
        case GIT_STEP_MAX_: break;
        }
}

/* --- the start -------------------------------------------------------------------------------- */

int git_push_start(const GitPushPlan *plan, Arena *arena, GitPush **ret, Error *err)
{
        GitPush *push = calloc(1, sizeof(*push));
        int r;

        if (!push)
                return error_oom(err);
        push->skip = arena_alloc_array(arena, plan->commits.n, sizeof(*push->skip));
        push->plan = *plan;
        push->format = "sha1";
        r = push->skip && change_find_files(&plan->commits, arena, &push->files) >= 0
                    ? 0
                    : error_oom(err);
        if (r >= 0) /* git init makes the folder, but not those above it */
                r = file_make_folder(plan->remote.cache, CACHE_MODE, err);
        if (r >= 0)
                r = start_step(push, GIT_LIST, err);
        if (r < 0) {
                push_free(push);
                return r;
        }
        push->arena = *arena;
        *arena = (Arena){ 0 };
        *ret = push;
        return 0;
}

GitPush *git_push_cancel(GitPush *push)
{
        if (!push)
                return NULL;
        push->run = program_run_leave(push->run);
        return push_free(push);
}
