#include "deploy/environment-checks.h"

#include <errno.h>

#include "control/report.h"
#include "deploy/environment-facts.h"
#include "store/checks.h"

void environment_add_check(const EnvironmentState *environment, const char *release,
                           const CheckResult *result, Changes *changes)
{
        const char *const data[] = { "environment",
                                     environment->spec->object.meta.name,
                                     "release",
                                     release,
                                     "releaseId",
                                     result->release_id,
                                     "check",
                                     result->name,
                                     "message",
                                     result->message,
                                     "evidenceRef",
                                     result->evidence_ref,
                                     "promotionId",
                                     result->promotion_id[0] ? result->promotion_id : NULL,
                                     "by",
                                     result->by,
                                     result->person ? "person" : NULL,
                                     result->person,
                                     NULL };

        changes_put_check(changes, result);
        if (result->status == CHECK_RUNNING || result->status == CHECK_CANCELED)
                return;
        report_event(changes,
                     result->status == CHECK_PASSED ? EVENT_CHECK_PASSED : EVENT_CHECK_FAILED,
                     environment_subject(environment), result->reported_at, data);
}

/* The arguments of checks_step() for the checks of one release. */
typedef struct Advance {
        const EnvironmentState *environment;
        const char *release_id, *release;
        bool may_start;
        Changes *changes;
        Arena *arena;
} Advance;

/* Adds the new results to changes, and returns all results: the stored ones, replaced by new ones
 * of the same name. NULL: no memory. */
static const CheckResults *add_results(const Advance *advance, const CheckInput *input,
                                       const CheckResults *new)
{
        size_t n = input->results ? input->results->n : 0;
        CheckResults *all = arena_alloc(advance->arena, sizeof(*all));

        if (!all)
                return NULL;
        *all = (CheckResults){ .items = arena_alloc_array(advance->arena, n + new->n + 1,
                                                          sizeof(CheckResult)) };
        if (!all->items)
                return NULL;
        /* the first result of a name counts, so new ones come first */
        for (size_t i = 0; i < new->n; i++) {
                all->items[all->n++] = new->items[i];
                environment_add_check(advance->environment, advance->release, &new->items[i],
                                      advance->changes);
        }
        for (size_t i = 0; i < n; i++)
                all->items[all->n++] = input->results->items[i];
        return all;
}

/* Advances checks. Returns 1 if *ret has new results. */
static int checks_step(const Advance *advance, const CheckInput *input, const CheckResults **ret,
                       Error *err)
{
        const CheckResult ids = { .environment_id = advance->environment->id.text,
                                  .release_id = advance->release_id };
        CheckResults new, removed;

        *ret = input->results;
        if (checks_removed(input, advance->arena, &removed) < 0 ||
            checks_advance(input, advance->may_start, &ids, advance->arena, &new) < 0)
                return error_oom(err);
        for (size_t i = 0; i < removed.n; i++)
                changes_end_checks(advance->changes, &removed.items[i]);
        if (new.n == 0)
                return 0;
        *ret = add_results(advance, input, &new);
        return *ret ? 1 : error_oom(err);
}

/* Cancels running checks of releases that are not next any more, except those that a person
 * started. kept: the release that is next; "": no release waits for its checks. */
static int cancel_others(const EnvironmentState *environment, const char *kept, usec_t now,
                         Changes *changes, Arena *arena, Error *err)
{
        CheckResults running = { 0 };
        int r;

        r = store_running_checks(environment->deployer->control->store, environment->id.text, arena,
                                 &running, err);
        for (size_t i = 0; i < running.n && r >= 0; i++) {
                CheckResult *result = &running.items[i];

                if (result->promotion_id[0] || result->by || streq(result->release_id, kept))
                        continue;
                result->status = CHECK_CANCELED;
                result->reported_at = now;
                result->by = PRINCIPAL_SELF;
                changes_put_check(changes, result);
        }
        return r;
}

int environment_advance_checks(const EnvironmentState *environment, PromotionInput *input,
                               Changes *changes, Arena *arena, Error *err)
{
        CheckInput checks = promotion_checks(input);
        Advance advance = { .environment = environment, .changes = changes, .arena = arena };
        CheckResults *stored;
        bool is_next = input->release && !promotion_is_there(input);
        int r;

        r = cancel_others(environment, is_next ? input->release->id.text : "", input->now, changes,
                          arena, err);
        if (r < 0 || !is_next)
                return r;
        if (checks.specs->n == 0) { /* the gate read no results; removed checks may have some */
                stored = arena_alloc(arena, sizeof(*stored));
                if (!stored)
                        return error_oom(err);
                r = facts_checks(environment, input->release->id.text, arena, stored, err);
                if (r < 0)
                        return r;
                checks.results = stored;
        }
        r = promotion_may_start_checks(input, arena);
        if (r < 0)
                return error_oom(err);
        advance.release_id = input->release->id.text;
        advance.release = input->release->name;
        advance.may_start = r > 0;
        return checks_step(&advance, &checks, &input->checks, err);
}

int environment_after_checks(const EnvironmentState *environment, const Deployment *deployment,
                             Arena *arena, CheckInput *ret, Error *err)
{
        static const CheckSpecs none = { 0 };
        CheckResults *results;
        int r;

        *ret = (CheckInput){ .specs = &none, .promotion_id = "", .now = time_wall() };
        if (!deployment || deployment->status != DEPLOYMENT_PROMOTING)
                return 0;
        results = arena_alloc(arena, sizeof(*results));
        if (!results)
                return error_oom(err);
        r = facts_checks(environment, deployment->release_id, arena, results, err);
        if (r < 0)
                return r;
        ret->specs = &environment->spec->checks.after;
        ret->results = results;
        ret->promotion_id = deployment->promotion_id;
        return 0;
}

int environment_advance_after(const EnvironmentState *environment, const Deployment *deployment,
                              CheckInput *input, Changes *changes, Arena *arena, Error *err)
{
        const Control *control = environment->deployer->control;
        const char *problem;
        Advance advance = { .environment = environment, .changes = changes, .arena = arena };

        if (!input->results) /* nothing is being promoted */
                return 0;
        advance.release_id = deployment->release_id;
        advance.release = deployment->release_name;
        advance.may_start = control->calls->files_state(control->userdata, deployment, &problem) ==
                            FILES_WRITTEN;
        return checks_step(&advance, input, &input->results, err);
}
