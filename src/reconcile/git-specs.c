#include "reconcile/git-specs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "git/remote.h"

#define FETCH_ARENA_MAX ((size_t)1024 * 1024)

/* --- problems --------------------------------------------------------------------------------- */

/* Remembers a problem, and logs it if it is new. During the start the caller reports it. */
static void note_problem(GitSpecs *git, const char *reason, const char *commit, const char *message)
{
        GitProblem *problem = &git->problem;
        bool is_known = problem->reason && streq(problem->reason, reason) &&
                        str_equal(problem->message, message);

        if (is_known)
                return;
        if (!git->timer)
                log_debug("%s", message);
        else if (git->active[0])
                log_error("%s (commit %.12s stays active)", message, git->active);
        else
                log_error("%s", message);
        free(problem->message);
        *problem =
                (GitProblem){ .reason = reason, .message = strdup(message), .since = time_wall() };
        (void)snprintf(problem->commit, sizeof(problem->commit), "%s", commit);
}

static void forget_problem(GitSpecs *git)
{
        free(git->problem.message);
        git->problem = (GitProblem){ 0 };
}

/* The newest commit is active. */
static void end_problem(GitSpecs *git)
{
        if (git->problem.reason)
                log_notice("specs: commit %.12s is the newest of branch '%s' of %s again",
                           git->active, git->spec->branch, git->spec->url);
        forget_problem(git);
}

/* --- results of a fetch ----------------------------------------------------------------------- */

static SpecTree *tree_of(const GitSpecs *git)
{
        return git->reconciler->tree;
}

static int on_begin(const char *commit, void *userdata)
{
        GitSpecs *git = userdata;
        _cleanup_(error_done) Error error = { 0 };

        git->fetched = source_free(git->fetched);
        return source_commit_new(commit, git->spec->path, &git->fetched, &error);
}

static int on_found(const GitEntry *entry, void *userdata)
{
        static const CommitEntryType types[] = { [GIT_ENTRY_FILE] = COMMIT_FILE,
                                                 [GIT_ENTRY_LINK] = COMMIT_LINK,
                                                 [GIT_ENTRY_SUBMODULE] = COMMIT_SUBMODULE };
        const CommitEntry of = { entry->path, types[entry->type], entry->id, entry->size };
        GitSpecs *git = userdata;

        return source_commit_add(git->fetched, &of, tree_of(git));
}

static int on_read(int number, const char *data, size_t size, void *userdata)
{
        GitSpecs *git = userdata;

        return source_commit_set(git->fetched, (size_t)number - 1, data, size);
}

static const char *reason_of(GitFetchResult result)
{
        switch (result) {
        case GIT_FETCH_NO_BRANCH: return "BranchNotFound";
        case GIT_FETCH_NO_PATH: return "PathNotFound";
        case GIT_FETCH_UNVERIFIED: return "NotSigned";
        case GIT_FETCH_READ:
        case GIT_FETCH_SAME:
        case GIT_FETCH_FAILED: break;
        }
        return "FetchFailed";
}

/* Notes how the fetch ended. Returns true if there is a new commit to load. */
static bool take_result(GitSpecs *git, const GitFetchEnd *end)
{
        usec_t now = time_wall();

        if (!git->is_from_cache)
                git->fetched_at = now;
        git->result = end->error ? error_negative(end->error->code) : 0;
        if (end->error) {
                git->n_failures++;
                note_problem(git, reason_of(end->result), end->commit, error_message(end->error));
                return false;
        }
        if (!git->is_from_cache) {
                git->succeeded_at = now;
                if (streq(end->commit, git->active))
                        end_problem(git);
        }
        if (end->result == GIT_FETCH_SAME)
                return false;
        if (!source_commit_is_complete(git->fetched, tree_of(git))) {
                git->again = true; /* a load has replaced what was parsed */
                return false;
        }
        source_free(git->next);
        git->next = TAKE(git->fetched);
        return true;
}

static void arm_timer(GitSpecs *git, usec_t wait)
{
        if (!git->timer)
                return;
        if (sd_event_source_set_time_relative(git->timer, wait) < 0 ||
            sd_event_source_set_enabled(git->timer, SD_EVENT_ONESHOT) < 0)
                log_error("cannot arm the timer that fetches specs");
}

static void on_done(const GitFetchEnd *end, void *userdata)
{
        GitSpecs *git = userdata;
        bool is_new, loads = git->loads;

        git->fetch = NULL;
        is_new = take_result(git, end);
        if (is_new && git->timer && !streq(end->commit, git->active))
                log_info("specs: fetched commit %.12s of branch '%s' of %s", end->commit,
                         git->spec->branch, git->spec->url);
        git->fetched = source_free(git->fetched);
        if (!git->timer)
                return; /* git_specs_start() goes on */
        arm_timer(git, git->spec->interval);
        if (git->again) {
                git_specs_fetch(git, false);
                return;
        }
        git->loads = false;
        if (is_new || loads)
                git->load(git->reconciler);
}

/* --- fetching --------------------------------------------------------------------------------- */

static const GitFetchCalls fetch_calls = { on_begin, on_found, on_read, on_done };

static GitVerify verify_of(const SpecsGit *spec)
{
        return (GitVerify){ spec->verify.ssh_signers, spec->verify.ssh_revoked,
                            spec->verify.gpg_keys };
}

static const char *cache_of(const GitSpecs *git, Arena *arena)
{
        const char *text = arena_printf(arena, "specs %s %s", git->spec->url, git->spec->branch);

        return text ? git_cache_path(git->reconciler->control.options.state_path, text, arena)
                    : NULL;
}

/* Returns the commit that need not be fetched: the active one, or the one that was refused for its
 * errors. A signature is checked again, because its signer may be accepted meanwhile. */
static const char *known_commit(const GitSpecs *git)
{
        if (git->loads)
                return "";
        if (git->problem.reason && streq(git->problem.reason, "SpecErrors"))
                return git->problem.commit;
        return git->active;
}

static int start_fetch(GitSpecs *git, bool from_cache, Error *err)
{
        const SpecsGit *spec = git->spec;
        Arena arena;
        GitFetchPlan plan = { .programs = &git->programs,
                              .remote = { .url = spec->url,
                                          .branch = spec->branch,
                                          .known_hosts = spec->known_hosts,
                                          .ca_file = spec->ca_file,
                                          .timeout = spec->timeout },
                              .verify = verify_of(spec),
                              .path = spec->path,
                              .from_cache = from_cache,
                              .calls = &fetch_calls,
                              .userdata = git };
        int r;

        arena_init(&arena, FETCH_ARENA_MAX);
        plan.remote.cache = cache_of(git, &arena);
        plan.known = arena_strdup(&arena, known_commit(git));
        r = plan.remote.cache && plan.known ? 0 : error_oom(err);
        if (r >= 0)
                r = git_remote_add_secrets(
                        &plan.remote,
                        &(GitCredentials){ git->reconciler->control.options.credentials,
                                           spec->credential, NULL },
                        &arena, err);
        if (r >= 0)
                r = git_fetch_start(&plan, &arena, &git->fetch, err);
        git->is_from_cache = from_cache;
        arena_done(&arena);
        return r;
}

void git_specs_fetch(GitSpecs *git, bool loads)
{
        _cleanup_(error_done) Error error = { 0 };

        git->loads = git->loads || loads;
        if (git->fetch) {
                git->again = true;
                return;
        }
        git->again = false;
        if (start_fetch(git, false, &error) < 0)
                on_done(&(GitFetchEnd){ GIT_FETCH_FAILED, "", &error }, git);
}

bool git_specs_is_reloading(const GitSpecs *git)
{
        return git && git->loads;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        git_specs_fetch(userdata, false);
        return 0;
}

/* --- the start -------------------------------------------------------------------------------- */

/* Fetches, and waits for the end. */
static int fetch_and_wait(GitSpecs *git, bool from_cache, Error *err)
{
        int r = start_fetch(git, from_cache, err);

        if (r < 0)
                return r;
        while (r >= 0 && git->fetch)
                r = sd_event_run(git->programs.event, UINT64_MAX);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        if (git->result < 0)
                return error_set(err, ERROR_UNREACHABLE, git->result, "%s",
                                 git->problem.message ? git->problem.message : "out of memory");
        return 0;
}

/* Runs a fetch in an event loop that has nothing else to do. */
static int fetch_alone(GitSpecs *git, bool from_cache, Error *err)
{
        sd_event *event = git->programs.event;
        int r = sd_event_new(&git->programs.event);

        if (r < 0) {
                git->programs.event = event;
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        r = fetch_and_wait(git, from_cache, err);
        git->fetch = git_fetch_cancel(git->fetch);
        programs_end(&git->programs);
        sd_event_unref(git->programs.event);
        git->programs.event = event;
        return r;
}

int git_specs_start(GitSpecs *git, Error *err)
{
        _cleanup_(error_done) Error none = { 0 };

        if (fetch_alone(git, true, &none) >= 0) {
                git->has_good = true;
                return 0;
        }
        forget_problem(git); /* the first start has no good commit */
        git->n_failures = 0;
        return fetch_alone(git, false, err);
}

int git_specs_fetch_once(GitSpecs *git)
{
        _cleanup_(error_done) Error error = { 0 };

        if (!git->is_from_cache)
                return 0; /* git_specs_start() has asked the server */
        if (fetch_alone(git, false, &error) >= 0)
                return git->next != NULL;
        if (!git->problem.reason)
                note_problem(git, "FetchFailed", "", error_message(&error));
        log_error("%s (commit %.12s stays active)", error_message(&error), git->active);
        return 0;
}

int git_specs_run(GitSpecs *git, Error *err)
{
        int r = sd_event_add_time_relative(
                git->reconciler->control.event, &git->timer, CLOCK_MONOTONIC,
                git->is_from_cache ? 0 : git->spec->interval, USEC_PER_SEC / 10, on_timer, git);

        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

int git_specs_new(Reconciler *reconciler, void (*load)(Reconciler *reconciler), GitSpecs **ret,
                  Error *err)
{
        GitSpecs *git = calloc(1, sizeof(*git));

        if (!git)
                return error_oom(err);
        *git = (GitSpecs){ .reconciler = reconciler,
                           .load = load,
                           .spec = reconciler->control.options.specs_git,
                           .programs = { .event = reconciler->control.event } };
        *ret = git;
        return 0;
}

GitSpecs *git_specs_free(GitSpecs *git)
{
        if (!git)
                return NULL;
        sd_event_source_disable_unref(git->timer);
        git->fetch = git_fetch_cancel(git->fetch);
        programs_end(&git->programs);
        source_free(git->fetched);
        source_free(git->next);
        source_free(git->before);
        forget_problem(git);
        free(git);
        return NULL;
}

/* --- loads ------------------------------------------------------------------------------------ */

void git_specs_take_next(GitSpecs *git)
{
        SpecSource *old;

        if (!git->next)
                return;
        old = spec_tree_set_source(tree_of(git), TAKE(git->next));
        if (git->before)
                source_free(old); /* a commit that was never active */
        else
                git->before = old;
        spec_tree_be_atomic(tree_of(git), git->has_good);
}

const char *git_specs_commit(const GitSpecs *git)
{
        const SpecSource *source = spec_tree_source(tree_of(git));

        return source ? source_commit_id(source) : "";
}

void git_specs_copy_commit(const GitSpecs *git, char ret[GIT_HEAD_SIZE])
{
        (void)snprintf(ret, GIT_HEAD_SIZE, "%s", git ? git_specs_commit(git) : "");
}

void git_specs_adopted(GitSpecs *git)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        const GitVerify verify = verify_of(git->spec);
        const char *cache;

        git->before = source_free(git->before);
        if (!streq(git->active, git_specs_commit(git)))
                forget_problem(git);
        (void)snprintf(git->active, sizeof(git->active), "%s", git_specs_commit(git));
        if (git->reconciler->diags.n_errors > 0)
                return; /* the first commit has errors: any other may replace it */
        git->has_good = true;
        arena_init(&arena, (size_t)64 * 1024);
        cache = cache_of(git, &arena);
        if (!cache)
                (void)error_oom(&error);
        else
                (void)git_cache_keep(cache, &verify, git->active, &error);
        if (error.kind != ERROR_NONE)
                log_error("specs: after a restart an older commit is active until the next fetch: "
                          "%s",
                          error_message(&error));
}

void git_specs_refused(GitSpecs *git, const Error *error)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        const char *message;
        SpecSource *active;

        if (!git->before)
                return;
        arena_init(&arena, (size_t)64 * 1024);
        message = arena_printf(&arena, "branch '%s' of %s: %s", git->spec->branch, git->spec->url,
                               error_message(error));
        note_problem(git, "SpecErrors", git_specs_commit(git),
                     message ? message : error_message(error));
        active = git->before;
        source_free(spec_tree_set_source(tree_of(git), TAKE(git->before)));
        /* a commit between them has replaced what was parsed: reads the active one again */
        if (!source_commit_is_complete(active, tree_of(git)) && !git->fetch && git->timer)
                (void)start_fetch(git, true, NULL); /* otherwise the next fetch repairs that */
}

/* --- the API ---------------------------------------------------------------------------------- */

bool reconciler_git_status(const Reconciler *reconciler, SpecsGitStatus *ret)
{
        const GitSpecs *git = reconciler->git;

        if (!git)
                return false;
        *ret = (SpecsGitStatus){ .spec = git->spec,
                                 .commit = git->active,
                                 .reason = git->problem.reason,
                                 .message = git->problem.message ? git->problem.message
                                                                 : "out of memory",
                                 .since = git->problem.since,
                                 .fetched_at = git->fetched_at,
                                 .succeeded_at = git->succeeded_at,
                                 .n_failures = git->n_failures };
        return true;
}

/* True if the path of a URL is that of the repository, or ends with it. Hosts have several names,
 * and a fetch does no harm, so only the path counts. */
static bool is_repository(const char *url, const char *repository)
{
        size_t n_url = strlen(url), n = strlen(repository);

        while (n_url > 0 && url[n_url - 1] == '/')
                n_url--;
        if (n_url > 4 && strncmp(url + n_url - 4, ".git", 4) == 0)
                n_url -= 4;
        return n > 0 && n_url > n && url[n_url - n - 1] == '/' &&
               strncasecmp(url + n_url - n, repository, n) == 0;
}

bool reconciler_git_pushed(Reconciler *reconciler, const char *repository, const char *branch)
{
        GitSpecs *git = reconciler->git;

        if (!git || !streq(branch, git->spec->branch) || !is_repository(git->spec->url, repository))
                return false;
        git_specs_fetch(git, false);
        return true;
}
