/* Keeps the pull requests of branches up to date, and polls open ones. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/utf8.h"
#include "publish/branch.h"
#include "publish/commit-message.h"
#include "store/releases.h"

#define PULL_ARENA_MAX   ((size_t)64 * 1024 * 1024)
#define RETRY_MIN        (10 * USEC_PER_SEC)
#define RETRY_MAX        (10 * USEC_PER_MIN)
#define CLOSED_INTERVALS 10  /* intervals between two polls of one that a person closed */
#define TITLE_MAX        250 /* bytes; GitLab takes 255 characters */

static const PullRequestSpec *spec_of(const Branch *branch)
{
        return &branch->spec->git.pull_request;
}

void pull_add(const Branch *branch, usec_t at, const char *cause)
{
        char id[24];

        (void)snprintf(id, sizeof(id), "%zu", (size_t)(branch - branch->publisher->branches));
        if (branch->pull.pool)
                queue_add(branch->publisher->control->queue, KEY_PULL_REQUEST, id, at, cause);
}

/* --- the environment -------------------------------------------------------------------------- */

/* Returns the environment of the branch: the configuration allows one. NULL: it was deleted. */
static EnvironmentLock *environment_of(const Branch *branch)
{
        map_foreach (&branch->publisher->environments, entry) {
                EnvironmentLock *environment = entry->value;

                if (output_is_for(branch->spec, environment->spec))
                        return environment;
        }
        return NULL;
}

/* Finds the newest commit that an output of the environment has on the branch. Returns 0 if an
 * output lacks its lock: the push makes the pull request due again. */
static int find_commit(const Branch *branch, EnvironmentLock *environment, Arena *arena,
                       OutputRun *ret, Error *err)
{
        const OutputSpecs *specs = branch->publisher->control->options.outputs;

        *ret = (OutputRun){ 0 };
        for (size_t i = 0; i < specs->n; i++) {
                const Output *output = &environment->outputs[i];
                OutputRun run;
                int r;

                if (!output_same_branch(output->spec, branch->spec))
                        continue;
                if (!output->memory.known || !streq(output->memory.done, output->memory.wanted))
                        return 0;
                r = output_last_run(output, arena, &run, err);
                if (r < 0)
                        return r;
                if (r > 0 && run.at >= ret->at)
                        *ret = run;
        }
        return ret->commit != NULL;
}

/* Makes the outputs on the branch push again: somebody deleted the branch without a merge. */
static void push_again(const Branch *branch)
{
        const OutputSpecs *specs = branch->publisher->control->options.outputs;
        EnvironmentLock *environment = environment_of(branch);

        for (size_t i = 0; environment && i < specs->n; i++) {
                Output *output = &environment->outputs[i];

                if (!output_same_branch(output->spec, branch->spec))
                        continue;
                output->memory.done[0] = '\0';
                output_add(output, 0, "its branch was deleted");
        }
}

/* True if the last run was for the deployment. */
static bool is_for(const PullRequest *pull, const Deployment *deployment)
{
        return pull->is_known && streq(pull->environment_id.text, deployment->environment_id) &&
               streq(pull->release_id.text, deployment->release_id) &&
               streq(pull->promotion_id.text,
                     deployment->promotion_id ? deployment->promotion_id : "");
}

void pull_want(const Branch *branch, const Deployment *deployment)
{
        if (!is_for(&branch->pull, deployment))
                pull_add(branch, 0, "its release is wanted");
}

bool pull_is_merged(const Branch *branch, const Deployment *deployment)
{
        return branch->pull.is_merged && is_for(&branch->pull, deployment);
}

/* --- results ---------------------------------------------------------------------------------- */

static void keep(char **text, const char *value)
{
        free(*text);
        *text = value ? strdup(value) : NULL;
}

/* Adds the condition PullRequest, or removes it if there is nothing to merge. */
static void report(const Branch *branch, const EnvironmentLock *environment, Changes *changes)
{
        const PullRequest *pull = &branch->pull;
        const Subject subject = subject_of(&environment->spec->object);
        const char *number = pull->number ? pull->number : "", *url = pull->url ? pull->url : "";
        Told told = { CONDITION_PULL_REQUEST, CONDITION_TRUE, "PullRequestFailed", time_wall() };

        if (pull->problem) {
                report_condition(changes, subject, told, "pull request of branch '%s': %s",
                                 branch->spec->git.branch, pull->problem);
                return;
        }
        switch (pull->state) {
        case FORGE_OPEN:
                told.status = CONDITION_UNKNOWN;
                told.reason = "PullRequestOpen";
                report_condition(changes, subject, told, "pull request %s waits for its merge: %s",
                                 number, url);
                return;
        case FORGE_CLOSED:
                told.reason = "PullRequestClosed";
                report_condition(changes, subject, told,
                                 "pull request %s was closed without a merge: %s; reopen it, or "
                                 "promote another release",
                                 number, url);
                return;
        case FORGE_NONE:
        case FORGE_MERGED:
        case FORGE_STATE_MAX_: break;
        }
        changes_clear_condition(changes, KIND_ENVIRONMENT, environment->id.text,
                                CONDITION_PULL_REQUEST);
}

/* Makes the pull request due again: after a failure, or for its next poll. */
static void add_next(const Branch *branch)
{
        const PullRequest *pull = &branch->pull;
        usec_t now = time_monotonic(), interval = spec_of(branch)->interval;

        if (pull->problem)
                pull_add(branch, now + MIN(RETRY_MIN << MIN(pull->n_failures, 6U), RETRY_MAX),
                         "it failed");
        else if (pull->state == FORGE_OPEN)
                pull_add(branch, now + interval, "it is polled");
        else if (pull->state == FORGE_CLOSED)
                pull_add(branch, now + CLOSED_INTERVALS * interval, "it is polled");
}

static void log_end(const Branch *branch, const ForgeEnd *end)
{
        const PullRequest *pull = &branch->pull;

        if (end->error)
                log_error("pull request of branch '%s': %s", branch->spec->git.branch,
                          error_message(end->error));
        else if (pull->state != end->state || !str_equal(pull->number, end->number))
                log_notice("pull request of branch '%s': %s%s%s", branch->spec->git.branch,
                           forge_state_names[end->state], end->url ? ", " : "",
                           end->url ? end->url : "");
}

/* The forge has no branch. Pushes it again, once for each commit: the repository may be another
 * one than the forge was asked about. */
static void note_missing(Branch *branch)
{
        PullRequest *pull = &branch->pull;

        if (!streq(pull->missing, pull->commit)) {
                (void)snprintf(pull->missing, sizeof(pull->missing), "%s", pull->commit);
                push_again(branch);
                return;
        }
        pull->n_failures++;
        keep(&pull->problem, "the forge has no branch of that name; compare url and repository of "
                             "pullRequest with url of git");
}

static void on_run_ended(const ForgeEnd *end, void *userdata)
{
        Branch *branch = userdata;
        PullRequest *pull = &branch->pull;
        EnvironmentLock *environment = environment_of(branch);
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error error = { 0 };

        pull->run = NULL;
        pull->is_known = true;
        log_end(branch, end);
        pull->n_failures = end->error ? pull->n_failures + 1 : 0;
        branch->publisher->n_outputs_failed += end->error != NULL;
        keep(&pull->problem, end->error ? error_message(end->error) : NULL);
        if (!end->error) {
                pull->state = end->state;
                keep(&pull->number, end->number);
                keep(&pull->url, end->url);
                pull->is_merged =
                        branch->is_missing || end->is_empty ||
                        (end->state == FORGE_MERGED && str_equal(end->commit, pull->commit));
        }
        if (!end->error && environment && !pull->is_merged && end->state == FORGE_NONE)
                note_missing(branch);
        if (environment || end->error)
                add_next(branch);
        if (!environment)
                return;
        changes_init(&changes);
        report(branch, environment, &changes);
        if (control_apply(branch->publisher->control, &changes, &error) < 0)
                log_error("environment '%s': %s", environment->spec->object.meta.name,
                          error_message(&error));
        queue_add(branch->publisher->control->queue, KEY_ENVIRONMENT, environment->id.text, 0,
                  "its pull request was polled");
}

/* --- a run ------------------------------------------------------------------------------------ */

/* Writes title and text: the default message of a commit, without its first line. */
static int write_texts(const Branch *branch, const EnvironmentLock *environment,
                       const Deployment *deployment, Arena *arena, ForgePlan *plan, Error *err)
{
        MessageInput input = { .by = deployment->by };
        const char *title, *text, *rest;
        Lock lock;
        int r;

        r = environment_lock(environment, deployment, arena, &lock, err);
        if (r >= 0)
                r = published_before(environment, lock.release.id.text, arena, &input.before, err);
        if (r < 0)
                return r;
        input.lock = &lock;
        text = commit_message(&input, arena);
        input.template = spec_of(branch)->title;
        title = commit_message(&input, arena);
        if (!text || !title)
                return error_oom(err);
        rest = strchr(text, '\n');
        plan->body = rest ? rest + strspn(rest, "\n") : "";
        plan->title = arena_printf(
                arena, "%.*s", (int)utf8_cut(title, MIN(strcspn(title, "\n"), (size_t)TITLE_MAX)),
                title);
        return plan->title ? 0 : error_oom(err);
}

static int pull_start(Branch *branch, Arena *arena, ForgePlan *plan, Error *err)
{
        const GitOutput *git = &branch->spec->git;
        _cleanup_(secret_forget) char *token = NULL;
        int r;

        r = secret_read(&(SecretPlace){ .credential = plan->spec->credential,
                                        .folder = branch->publisher->control->options.credentials },
                        &token, err);
        if (r < 0)
                return r;
        plan->token = arena_strdup(arena, token);
        plan->url = plan->spec->url ? plan->spec->url
                                    : forge_api_url(plan->spec->forge, git->url, arena);
        plan->repository =
                plan->spec->repository ? plan->spec->repository : forge_repository(git->url, arena);
        if (!plan->token || !plan->url || !plan->repository)
                return error_oom(err);
        return forge_start(plan, arena, &branch->pull.run, err);
}

/* Plans a run for the deployment of the environment. Returns 0 if there is nothing to do yet. */
static int plan_for(Branch *branch, EnvironmentLock *environment, Arena *arena, ForgePlan *plan,
                    Error *err)
{
        PullRequest *pull = &branch->pull;
        Deployment deployment;
        OutputRun last;
        int r;

        r = store_deployment(branch->publisher->control->store, environment->id.text, arena,
                             &deployment, err);
        if (r > 0)
                r = find_commit(branch, environment, arena, &last, err);
        if (r <= 0)
                return r;
        if (!is_for(pull, &deployment) || !streq(pull->commit, last.commit))
                pull->is_merged = false; /* until this run has ended */
        pull->environment_id = environment->id;
        pull->promotion_id = uuid_of_text(deployment.promotion_id ? deployment.promotion_id : "");
        pull->release_id = uuid_of_text(deployment.release_id);
        (void)snprintf(pull->commit, sizeof(pull->commit), "%s", last.commit);
        r = write_texts(branch, environment, &deployment, arena, plan, err);
        return r < 0 ? r : 1;
}

static int pull_run(Branch *branch, Arena *arena, Error *err)
{
        EnvironmentLock *environment = environment_of(branch);
        ForgePlan plan = { .pool = branch->pull.pool,
                           .spec = spec_of(branch),
                           .branch = branch->spec->git.branch,
                           .title = "",
                           .body = "",
                           .close = !environment,
                           .done = on_run_ended,
                           .userdata = branch };
        int r = environment ? plan_for(branch, environment, arena, &plan, err) : 1;

        return r <= 0 ? r : pull_start(branch, arena, &plan, err);
}

usec_t publisher_reconcile_pull(Publisher *publisher, const char *id)
{
        Branch *branch = &publisher->branches[strtoul(id, NULL, 10)];
        _cleanup_(error_done) Error error = { 0 };
        Arena arena;

        if (branch->pull.run)
                return QUEUE_DONE; /* a push that ends makes it due again */
        arena_init(&arena, PULL_ARENA_MAX);
        if (pull_run(branch, &arena, &error) < 0)
                on_run_ended(&(ForgeEnd){ .error = &error }, branch);
        arena_done(&arena);
        return QUEUE_DONE;
}

/* --- lifetime --------------------------------------------------------------------------------- */

int pull_init(Branch *branch, Error *err)
{
        const GitOutput *git = &branch->spec->git;
        _cleanup_(freep) char *name = NULL;

        if (spec_of(branch)->place.line == 0)
                return 0;
        name = text_printf("forge of branch '%s'", git->branch);
        return name ? http_pool_new(branch->publisher->control->http,
                                    &(HttpPoolOptions){
                                            .name = name,
                                            .concurrency = 1,
                                            .timeout = branch->spec->timeout,
                                            .origin = spec_of(branch)->url,
                                            .allow_plain = true,
                                            .ca_file = git->ca_file,
                                            .ca_option = "caFile",
                                            .max_tries = 1, /* the next run looks first */
                                    },
                                    &branch->pull.pool, err)
                    : error_oom(err);
}

void pull_done(Branch *branch)
{
        PullRequest *pull = &branch->pull;

        pull->run = forge_cancel(pull->run);
        pull->pool = http_pool_free(pull->pool);
        free(pull->number);
        free(pull->url);
        free(pull->problem);
}
