#include "publish/output-git.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "git/remote.h"
#include "publish/branch.h"
#include "publish/commit-message.h"
#include "publish/output-edit.h"
#include "store/releases.h"

#define BRANCH_ARENA_MAX ((size_t)256 * 1024 * 1024)
/* outputs in one push */
#define PUSH_OUTPUTS_MAX 500

/* --- what is due ------------------------------------------------------------------------------ */

Branch *branch_of(const Publisher *publisher, const OutputSpec *spec)
{
        for (size_t i = 0; i < publisher->n_branches; i++)
                if (output_same_branch(publisher->branches[i].spec, spec))
                        return &publisher->branches[i];
        return NULL;
}

static void branch_add(const Branch *branch, const char *cause)
{
        char id[24];

        (void)snprintf(id, sizeof(id), "%zu", (size_t)(branch - branch->publisher->branches));
        queue_add(branch->publisher->control->queue, KEY_BRANCH, id, 0, cause);
}

static int branch_want(Output *output, const OutputCall *call, Error *err)
{
        int r = output_want(output, call->lock, err);
        bool has_lock = r == 0 && streq(output->memory.done, output->memory.wanted);

        if (r < 0 || has_lock)
                environment_note(output->environment, &output->file, call->deployment, r, err);
        if (has_lock)
                pull_want(branch_of(output->environment->publisher, output->spec),
                          call->deployment);
        return r;
}

/* Makes the branch due. */
static int branch_start(Output *output, const OutputCall *call, Error *err)
{
        (void)call; /* the push reads the lock again, with those of other outputs */
        (void)err;
        branch_add(branch_of(output->environment->publisher, output->spec), "a lockfile changed");
        return 0;
}

/* branches_done() ends the pushes. */
const OutputType output_branch_type = { .want = branch_want, .start = branch_start };

static bool is_due(const Output *output, const Branch *branch)
{
        const OutputMemory *memory = &output->memory;

        return output_is_for(output->spec, output->environment->spec) &&
               output_same_branch(output->spec, branch->spec) && memory->known &&
               !streq(memory->done, memory->wanted) && memory->retry_at <= time_monotonic();
}

/* --- results ---------------------------------------------------------------------------------- */

static Output *find_output(const Publisher *publisher, const PushedOutput *pushed)
{
        EnvironmentLock *environment =
                map_get(&publisher->environments, pushed->environment_id.text);

        return environment ? &environment->outputs[pushed->number] : NULL;
}

/* error: why the output lacks its commit; NULL: it has it. */
static void output_end(Output *output, const PushedOutput *pushed, const char *commit,
                       const Error *error, Changes *changes)
{
        const OutputAttempt attempt = { .release = pushed->release,
                                        .lock_digest = pushed->lock_digest,
                                        .commit = error ? NULL : commit,
                                        .reason = "PushFailed",
                                        .problem = error ? error_message(error) : NULL };
        const Deployment deployment = { .environment_id = pushed->environment_id.text,
                                        .promotion_id = pushed->promotion_id.text,
                                        .release_id = pushed->release_id.text,
                                        .status = pushed->status };

        output_ended(output, &attempt, changes);
        environment_note(output->environment, &output->file, &deployment, error ? -EIO : 0, error);
}

/* Returns why the files of an output could not be made; NULL: they were. */
static const char *problem_of(const GitPushEnd *end, size_t i)
{
        return i < end->commits.n ? end->commits.items[i].problem : NULL;
}

static void item_end(const Branch *branch, size_t i, const GitPushEnd *end, Changes *changes)
{
        const GitOutput *git = &branch->spec->git;
        const char *problem = problem_of(end, i);
        Output *output = find_output(branch->publisher, &branch->items[i]);
        _cleanup_(error_done) Error error = { 0 };

        if (!output)
                return;
        if (problem) {
                (void)error_set(&error, ERROR_INVALID, -EINVAL, "branch '%s' of %s: %s",
                                git->branch, git->url, problem);
                log_error("environment '%s': %s", output->environment->spec->object.meta.name,
                          error_message(&error));
        }
        output_end(output, &branch->items[i], end->commit, problem ? &error : end->error, changes);
}

/* Records the result of all outputs of the push in one transaction. */
static void branch_record(const Branch *branch, const GitPushEnd *end)
{
        const Control *control = branch->publisher->control;
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error unwritten = { 0 };

        changes_init(&changes);
        for (size_t i = 0; i < branch->n; i++)
                item_end(branch, i, end, &changes);
        if (control_apply(control, &changes, &unwritten) < 0)
                log_error("branch '%s' of %s: %s", branch->spec->git.branch, branch->spec->git.url,
                          error_message(&unwritten));
}

static void branch_log(const Branch *branch, const GitPushEnd *end)
{
        const GitOutput *git = &branch->spec->git;
        size_t n = 0;

        for (size_t i = 0; i < branch->n; i++)
                n += problem_of(end, i) == NULL;
        if (end->error)
                log_error("%s", error_message(end->error));
        else if (end->changed)
                log_notice("pushed commit %.12s to branch '%s' of %s, for %zu output%s",
                           end->commit, git->branch, git->url, n, text_plural(n));
        else if (n > 0)
                log_info("branch '%s' of %s already has the lockfiles", git->branch, git->url);
}

static void on_pushed(const GitPushEnd *end, void *userdata)
{
        Branch *branch = userdata;
        bool is_refused = end->error &&
                          (end->error->kind == ERROR_DENIED || end->error->kind == ERROR_INVALID);

        branch->push = NULL;
        branch->is_missing = end->is_missing;
        branch_log(branch, end);
        if (is_refused && branch->n > 1)
                branch->one_by_one = true; /* finds out which commit is refused */
        else
                branch_record(branch, end);
        branch->n = 0;
        branch_add(branch, "a push ended");
        if (!end->error)
                pull_add(branch, 0, "a push ended");
}

/* --- pushing ---------------------------------------------------------------------------------- */

/* The commits of a push, in the arena. */
typedef struct Freight {
        GitCommits commits;
        Arena arena;
} Freight;

static bool has_file(const LockFiles *files, const char *name)
{
        for (size_t i = 0; i < files->n; i++)
                if (streq(files->items[i].name, name))
                        return true;
        return false;
}

static int add_file(const Output *output, const LockFile *file, const char *data, Arena *arena,
                    GitCommit *commit)
{
        const char *slash = file->name[0] ? "/" : "";
        const char *path = arena_printf(arena, "%s%s%s", output->spec->git.path, slash, file->name);

        commit->files[commit->n_files++] =
                (GitFile){ .path = path, .data = data, .size = file->size };
        return path ? 0 : -ENOMEM;
}

/* Adds the files of the lock, and deletes those that only the lock before it has: a folder has a
 * file for each component. */
static int make_files(const Output *output, const Lock *lock, const Release *before, Arena *arena,
                      GitCommit *commit, Error *err)
{
        Lock old = { .environment = lock->environment };
        LockFiles files, olds = { 0 };
        int r;

        r = lock_format_write(lock, output->spec->format, arena, &files, err);
        if (r >= 0 && before && lock_format_is_folder(output->spec->format)) {
                old.release = *before;
                r = lock_digest(&old, arena, err);
                if (r >= 0 && lock_format_write(&old, output->spec->format, arena, &olds, NULL) < 0)
                        olds.n = 0; /* the format cannot express it, so it never was there */
        }
        if (r < 0)
                return r;
        commit->files = arena_alloc_array(arena, files.n + olds.n, sizeof(*commit->files));
        if (!commit->files)
                return error_oom(err);
        for (size_t i = 0; i < olds.n && r >= 0; i++)
                if (!has_file(&files, olds.items[i].name))
                        r = add_file(output, &olds.items[i], NULL, arena, commit);
        for (size_t i = 0; i < files.n && r >= 0; i++)
                r = add_file(output, &files.items[i], files.items[i].data, arena, commit);
        return r < 0 ? error_oom(err) : 0;
}

static int make_commit(const Output *output, const Deployment *deployment, Arena *arena,
                       GitCommit *ret, PushedOutput *ret_pushed, Error *err)
{
        const EnvironmentLock *environment = output->environment;
        const Release *before = NULL;
        Lock lock;
        int r;

        r = output_lock(output, deployment, arena, &lock, err);
        if (r >= 0)
                r = published_before(environment, lock.release.id.text, arena, &before, err);
        if (r < 0)
                return r;
        *ret = (GitCommit){
                .message = commit_message(&(MessageInput){ .template = output->spec->git.message,
                                                           .lock = &lock,
                                                           .before = before,
                                                           .by = deployment->by },
                                          arena),
                .author = output->spec->git.author,
                .at = lock.release.created_at,
        };
        *ret_pushed = (PushedOutput){ .environment_id = environment->id,
                                      .release_id = lock.release.id,
                                      .number = (size_t)(output - environment->outputs),
                                      .status = deployment->status };
        if (deployment->promotion_id)
                ret_pushed->promotion_id = uuid_of_text(deployment->promotion_id);
        output_digest(output, &lock, ret_pushed->lock_digest);
        (void)snprintf(ret_pushed->release, sizeof(ret_pushed->release), "%s", lock.release.name);
        if (!ret->message)
                return error_oom(err);
        return output->spec->git.path ? make_files(output, &lock, before, arena, ret, err)
                                      : output_edit_files(output->spec, &lock, arena, ret, err);
}

/* Adds an output to the push. An output whose files cannot be made fails alone. */
static void freight_add(Branch *branch, Output *output, Freight *freight)
{
        const Control *control = branch->publisher->control;
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };
        PushedOutput *pushed = &branch->items[branch->n];
        Deployment deployment = { 0 };
        int r;

        changes_init(&changes);
        r = store_deployment(control->store, output->environment->id.text, &freight->arena,
                             &deployment, &error);
        if (r == 0)
                return;
        if (r > 0)
                r = make_commit(output, &deployment, &freight->arena,
                                &freight->commits.items[branch->n], pushed, &error);
        if (r >= 0) {
                branch->n++;
                return;
        }
        log_error("environment '%s': %s", output->environment->spec->object.meta.name,
                  error_message(&error));
        output_ended(output,
                     &(OutputAttempt){ .release = output->memory.release,
                                       .reason = "PushFailed",
                                       .problem = error_message(&error) },
                     &changes);
        if (deployment.environment_id)
                environment_note(output->environment, &output->file, &deployment, r, &error);
        (void)control_apply(control, &changes, NULL);
}

static void freight_collect(Branch *branch, Freight *freight)
{
        const Publisher *publisher = branch->publisher;
        const OutputSpecs *specs = publisher->control->options.outputs;
        size_t most = branch->one_by_one ? 1 : PUSH_OUTPUTS_MAX;

        for (size_t i = 0; i < specs->n; i++)
                map_foreach (&publisher->environments, entry) {
                        EnvironmentLock *environment = entry->value;

                        if (branch->n < most && is_due(&environment->outputs[i], branch))
                                freight_add(branch, &environment->outputs[i], freight);
                }
        freight->commits.n = branch->n;
}

/* Returns the folder of the cache: one for each branch. */
static const char *cache_of(const Branch *branch, Arena *arena)
{
        const GitOutput *git = &branch->spec->git;
        const char *text = arena_printf(arena, "%s %s", git->url, git->branch);

        return text ? git_cache_path(branch->publisher->control->options.state_path, text, arena)
                    : NULL;
}

static int branch_push(Branch *branch, Freight *freight, Error *err)
{
        const GitOutput *git = &branch->spec->git;
        GitPushPlan plan = { .programs = &branch->publisher->programs,
                             .remote = { .url = git->url,
                                         .branch = git->branch,
                                         .base = branch->pull.pool ? git->pull_request.base : NULL,
                                         .cache = cache_of(branch, &freight->arena),
                                         .known_hosts = git->known_hosts,
                                         .ca_file = git->ca_file,
                                         .timeout = branch->spec->timeout },
                             .commits = freight->commits,
                             .done = on_pushed,
                             .userdata = branch };
        int r = plan.remote.cache ? 0 : error_oom(err);

        if (r >= 0)
                r = git_remote_add_secrets(
                        &plan.remote,
                        &(GitCredentials){ branch->publisher->control->options.credentials,
                                           git->credential, git->signing.credential },
                        &freight->arena, err);
        return r < 0 ? r : git_push_start(&plan, &freight->arena, &branch->push, err);
}

usec_t publisher_reconcile_branch(Publisher *publisher, const char *id)
{
        Branch *branch = &publisher->branches[strtoul(id, NULL, 10)];
        _cleanup_(error_done) Error error = { 0 };
        Freight freight = { 0 };

        if (branch->push)
                return QUEUE_DONE; /* due again when the push ends */
        arena_init(&freight.arena, BRANCH_ARENA_MAX);
        freight.commits.items =
                arena_alloc_array(&freight.arena, PUSH_OUTPUTS_MAX, sizeof(*freight.commits.items));
        branch->n = 0;
        if (freight.commits.items)
                freight_collect(branch, &freight);
        if (branch->n == 0)
                branch->one_by_one = false;
        else if (branch_push(branch, &freight, &error) < 0) {
                log_error("%s", error_message(&error));
                branch_record(branch, &(GitPushEnd){ .error = &error });
        }
        arena_done(&freight.arena);
        return QUEUE_DONE;
}

/* --- all branches ----------------------------------------------------------------------------- */

int branches_init(Publisher *publisher, Error *err)
{
        const OutputSpecs *specs = publisher->control->options.outputs;
        size_t n = specs ? specs->n : 0;
        int r;

        publisher->branches = n > 0 ? calloc(n, sizeof(*publisher->branches)) : NULL;
        if (n > 0 && !publisher->branches)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                Branch *branch = &publisher->branches[publisher->n_branches];

                if (specs->items[i].git.place.line == 0 || branch_of(publisher, &specs->items[i]))
                        continue;
                *branch = (Branch){ .publisher = publisher, .spec = &specs->items[i] };
                branch->items = calloc(PUSH_OUTPUTS_MAX, sizeof(*branch->items));
                if (!branch->items)
                        return error_oom(err);
                publisher->n_branches++;
                r = pull_init(branch, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

bool branches_are_idle(const Publisher *publisher)
{
        for (size_t i = 0; i < publisher->n_branches; i++)
                if (publisher->branches[i].push || publisher->branches[i].pull.run)
                        return false;
        return true;
}

void branches_done(Publisher *publisher)
{
        for (size_t i = 0; i < publisher->n_branches; i++) {
                publisher->branches[i].push = git_push_cancel(publisher->branches[i].push);
                pull_done(&publisher->branches[i]);
                free(publisher->branches[i].items);
        }
        free(publisher->branches);
        publisher->branches = NULL;
        publisher->n_branches = 0;
}
