/* Finds the release that an environment is about to get, and what it waits for. */

#include <errno.h>

#include "deploy/environment-checks.h"
#include "deploy/environment-facts.h"
#include "deploy/environment-wanted.h"
#include "release/approvals.h"

#define PENDING_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Reports that the last check of the release's digests failed. */
static int pending_failed_check(const EnvironmentState *environment, Arena *arena, Pending *ret)
{
        const DigestCheck *check = environment->failed_digest_check;
        const char *component = digest_check_component(check);
        const char *problem = digest_check_problem(check);
        const Error *error = digest_check_error(check);
        bool gone = error->kind == ERROR_NOT_FOUND;

        ret->message = error_message(error);
        if (environment->digest_check || environment->n_promotions > 0) {
                ret->reason = "Checking";
                ret->waits_for =
                        arena_printf(arena, "its digests to be checked again (component '%s': %s)",
                                     component, problem);
        } else if (gone) {
                ret->reason = "DigestGone";
                ret->needs_action = true;
                ret->waits_for = arena_printf(
                        arena, "the digest of component '%s', which the registry no longer serves",
                        component);
        } else {
                ret->reason = "Unreachable";
                ret->waits_for =
                        arena_printf(arena, "an answer about the digest of component '%s': %s",
                                     component, problem);
        }
        return ret->waits_for ? 1 : -ENOMEM;
}

int environment_pending_check(const EnvironmentState *environment, const Release *release,
                              Arena *arena, Pending *ret)
{
        const DigestCheck *failed = environment->failed_digest_check;

        if (failed && streq(digest_check_release(failed), release->id.text))
                return pending_failed_check(environment, arena, ret);
        ret->reason = "Checking";
        ret->waits_for = "its digests to be checked";
        ret->message = "registries are asked whether they serve its digests";
        return 1;
}

/* Reports that checks of a promotion have not passed. */
static int pending_after(const CheckInput *after, Arena *arena, Pending *ret)
{
        ret->obstacle = OBSTACLE_RUNNING;
        ret->reason = "CheckRunning";
        ret->needs_action = false;
        ret->waits_for = checks_noun(after, arena);
        ret->message = checks_text(after, arena);
        if (!ret->waits_for || !ret->message)
                return -ENOMEM;
        ret->message = arena_printf(arena, "it is in the lockfile; %s", ret->message);
        return ret->message ? 1 : -ENOMEM;
}

static int pending_merge(const char *url, Arena *arena, Pending *ret)
{
        ret->reason = "Promoting";
        ret->needs_action = true;
        ret->obstacle = OBSTACLE_OTHER;
        ret->message = "its pull request is not merged";
        ret->waits_for = url ? arena_printf(arena, "the merge of %s", url)
                             : "its pull request (relmanctl get outputs)";
        return ret->waits_for ? 1 : -ENOMEM;
}

int environment_pending_promotion(const EnvironmentState *environment, const Deployment *deployment,
                                  const CheckInput *after, Arena *arena, Pending *ret)
{
        const Control *control = environment->deployer->control;
        const char *name = environment->spec->object.meta.name, *problem;
        FilesState files = control->calls->files_state(control->userdata, deployment, &problem);
        bool is_written = files != FILES_FAILED;

        ret->release_id = deployment->release_id;
        ret->release = deployment->release_name;
        if (files == FILES_PROPOSED)
                return pending_merge(problem, arena, ret);
        if (is_written && !checks_have_passed(after))
                return pending_after(after, arena, ret);
        ret->reason = is_written ? "Promoting" : "LockNotWritten";
        ret->needs_action = is_written && environment->spec->confirm == CONFIRM_MANUAL;
        ret->obstacle = ret->needs_action ? OBSTACLE_CONFIRMATION : OBSTACLE_OTHER;
        ret->message = is_written ? "it is in the lockfile, and not confirmed"
                                  : "its lockfile could not be written; that is tried again";
        ret->waits_for =
                !is_written ? "its lockfile (see relmanctl status)"
                : ret->needs_action
                        ? arena_printf(arena, "its confirmation (relmanctl confirm %s)", name)
                        : "its confirmation";
        return ret->waits_for ? 1 : -ENOMEM;
}

/* Reports that the release which the spec or the hold names does not exist. */
static int pending_missing(const EnvironmentState *environment, const Wanted *wanted, Pending *ret)
{
        if (environment->spec->release) {
                ret->release = environment->spec->release;
                ret->waits_for = "a release of that name";
                return 1;
        }
        if (!wanted->on_hold || !wanted->hold.release_id)
                return 0; /* the followed stream or environment has no release that can be
                           * promoted */
        ret->release_id = ret->release = wanted->hold.release_id;
        ret->waits_for = "a release of that id";
        ret->needs_action = true;
        return 1;
}

static int pending_refused(const EnvironmentState *environment, const Wanted *wanted, Arena *arena,
                           Pending *ret)
{
        ret->needs_action = true;
        if (ret->waits_for)
                return 1; /* a report by a person ends the refusal */
        if (!wanted->on_hold)
                return 0; /* a refused release that no person requested waits for no command */
        ret->waits_for = arena_printf(arena, "another command (relmanctl cancel %s)",
                                      environment->spec->object.meta.name);
        return ret->waits_for ? 1 : -ENOMEM;
}

static int pending_wanted(const EnvironmentState *environment, const Wanted *wanted,
                          const Promotion *promotion, Arena *arena, Pending *ret)
{
        *ret = (Pending){ .obstacle = promotion->obstacle,
                          .reason = promotion->reason,
                          .message = promotion->message,
                          .waits_for = promotion->waits_for,
                          .needs_action = promotion->needs_action,
                          .opens_at = promotion->opens_at };
        if (wanted->has_release) {
                ret->release_id = arena_strdup(arena, wanted->release.id.text);
                ret->release = wanted->release.name;
                if (!ret->release_id)
                        return -ENOMEM;
        }
        switch (promotion->decision) {
        case PROMOTION_GO:
                return environment_pending_check(environment, &wanted->release, arena, ret);
        case PROMOTION_WAIT:
                return wanted->has_release ? 1 : pending_missing(environment, wanted, ret);
        case PROMOTION_REFUSED: return pending_refused(environment, wanted, arena, ret);
        case PROMOTION_NONE: break;
        }
        return 0;
}

static const char *copy(const char *text, Arena *arena, int *r)
{
        const char *own = text ? arena_strdup(arena, text) : NULL;

        if (text && !own)
                *r = -ENOMEM;
        return own;
}

/* Copies the texts that must outlive the arena of the batch. */
static int pending_copy(const Pending *pending, Arena *arena, Pending *ret)
{
        int r = 0;

        *ret = (Pending){ .release_id = copy(pending->release_id, arena, &r),
                          .release = copy(pending->release, arena, &r),
                          .deployed = copy(pending->deployed, arena, &r),
                          .obstacle = pending->obstacle,
                          .reason = copy(pending->reason, arena, &r),
                          .message = copy(pending->message, arena, &r),
                          .waits_for = copy(pending->waits_for, arena, &r),
                          .next = copy(pending->next, arena, &r),
                          .needs_action = pending->needs_action,
                          .opens_at = pending->opens_at,
                          .n_required = pending->n_required,
                          .n_missing = pending->n_missing };
        if (pending->n_required == 0)
                return r;
        ret->approved_by.items =
                arena_alloc_array(arena, pending->approved_by.n + 1, sizeof(const char *));
        if (!ret->approved_by.items)
                return -ENOMEM;
        for (size_t i = 0; i < pending->approved_by.n; i++)
                ret->approved_by.items[ret->approved_by.n++] =
                        copy(pending->approved_by.items[i], arena, &r);
        return r;
}

/* Sets the persons who approved a release that waits for more approvals. */
static int pending_approvals(const PromotionInput *input, Arena *arena, Pending *pending,
                             Error *err)
{
        const ApprovalInput question = promotion_approvals(input);
        ApprovalState state;

        if (pending->obstacle != OBSTACLE_APPROVALS)
                return 0;
        if (approvals_evaluate(&question, arena, &state) < 0)
                return error_oom(err);
        pending->n_required = state.n_needed;
        pending->n_missing = approvals_missing(&state);
        pending->approved_by = state.persons;
        return 0;
}

/* Sets the name of the release that the environment has. */
static int pending_deployed(const EnvironmentState *environment, const Deployment *deployment,
                            Arena *arena, Pending *pending, Error *err)
{
        Release release;
        int r;

        if (!deployment || !deployment->deployed_release_id)
                return 0;
        r = facts_release(environment, deployment->deployed_release_id, arena, &release, err);
        if (r > 0)
                pending->deployed = release.name;
        return MIN(r, 0);
}

/* Returns the first source environment in which the release was not deployed. */
static const char *pending_source(const PromotionInput *input)
{
        const Strings *sources = promotion_sources(input);
        size_t i = 0;

        while (i + 1 < sources->n && input->sources[i].was_deployed)
                i++;
        return sources->items[i];
}

/* Sets the next command to type. If no other command helps, this is `relmanctl why`. */
static int pending_next(const EnvironmentState *environment, const PromotionInput *input,
                        Arena *arena, Pending *pending)
{
        const char *name = environment->spec->object.meta.name, *release = pending->release;
        const CheckInput checks = promotion_checks(input);

        switch (pending->obstacle) {
        case OBSTACLE_APPROVALS:
                pending->next = arena_printf(arena, "relmanctl approve %s %s", release, name);
                break;
        case OBSTACLE_REJECTION:
                pending->next = arena_printf(arena, "relmanctl approvals %s", name);
                break;
        case OBSTACLE_CHECK: pending->next = checks_command(&checks, release, name, arena); break;
        case OBSTACLE_RUNNING:
                pending->next = arena_printf(arena, "relmanctl checks %s", name);
                break;
        case OBSTACLE_SOURCE:
                pending->next = arena_printf(arena, "relmanctl promote %s %s", release,
                                             pending_source(input));
                break;
        case OBSTACLE_CONFIRMATION:
                pending->next = arena_printf(arena, "relmanctl confirm %s", name);
                break;
        case OBSTACLE_OTHER: pending->next = arena_printf(arena, "relmanctl why %s", name); break;
        }
        return pending->next ? 0 : -ENOMEM;
}

/* Returns 1 if a promotion is pending. Texts are in the arena `own`. */
static int pending_of(EnvironmentState *environment, Arena *own, Pending *ret, Error *err)
{
        PromotionInput input;
        Promotion promotion;
        CheckInput after;
        Wanted wanted;
        int r;

        r = environment_plan(environment, own, &wanted, &input, &promotion, err);
        if (r >= 0)
                r = environment_after_checks(environment, input.deployment, own, &after, err);
        if (r < 0)
                return r;
        /* the same order as in deployer_cancel() */
        if (input.deployment && input.deployment->status == DEPLOYMENT_PROMOTING)
                r = environment_pending_promotion(environment, input.deployment, &after, own, ret);
        else
                r = pending_wanted(environment, &wanted, &promotion, own, ret);
        if (r <= 0)
                return r < 0 ? error_oom(err) : 0;
        r = pending_approvals(&input, own, ret, err);
        if (r >= 0)
                r = pending_deployed(environment, input.deployment, own, ret, err);
        if (r < 0)
                return r;
        return pending_next(environment, &input, own, ret) < 0 ? error_oom(err) : 1;
}

int deployer_pending(Deployer *deployer, const char *environment_id, Arena *arena, Pending *ret,
                     Error *err)
{
        EnvironmentState *environment = map_get(&deployer->environments, environment_id);
        /* memory of complete releases, of which only the name is kept */
        _cleanup_(arena_done) Arena own;
        Pending pending = { 0 };
        int r;

        arena_init(&own, PENDING_ARENA_MAX);
        if (!environment)
                return 0;
        r = pending_of(environment, &own, &pending, err);
        if (r > 0 && pending_copy(&pending, arena, ret) < 0)
                r = error_oom(err);
        return r;
}

/* Finds the pending release of one environment of a list, and frees the memory that was used. */
static int pending_of_many(const EnvironmentState *environment, const EnvironmentFacts *facts,
                           Arena *arena, Pending *ret, Error *err)
{
        _cleanup_(arena_done) Arena own;
        EnvironmentState with = *environment;
        Pending pending = { 0 };
        int r;

        arena_init(&own, PENDING_ARENA_MAX);
        with.facts = facts;
        r = pending_of(&with, &own, &pending, err);
        if (r > 0 && pending_copy(&pending, arena, ret) < 0)
                r = error_oom(err);
        return r;
}

int deployer_pendings(Deployer *deployer, const char *const *environment_ids, size_t n,
                      Arena *arena, Pending *ret, Error *err)
{
        _cleanup_(arena_done) Arena own;
        EnvironmentState **environments;
        EnvironmentFacts facts;
        size_t n_known = 0;
        int r;

        arena_init(&own, PENDING_ARENA_MAX);
        environments = arena_alloc_array(&own, n + 1, sizeof(*environments));
        if (!environments)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                ret[i] = (Pending){ 0 };
                environments[n_known] = map_get(&deployer->environments, environment_ids[i]);
                n_known += environments[n_known] != NULL;
        }
        r = facts_read(environments, n_known, &own, &facts, err);
        for (size_t i = 0; r >= 0 && i < n; i++) {
                const EnvironmentState *environment =
                        map_get(&deployer->environments, environment_ids[i]);

                r = environment ? pending_of_many(environment, &facts, arena, &ret[i], err) : 0;
        }
        return MIN(r, 0);
}

bool deployer_may_be_pending(const Deployer *deployer, const char *environment_id)
{
        const EnvironmentState *environment = map_get(&deployer->environments, environment_id);

        return environment && !environment->is_settled;
}
