/* Decides the gate of checks: whether those before the promotion passed. */

#include <errno.h>

#include "release/approvals.h"
#include "release/promotion-gates.h"

CheckInput promotion_checks(const PromotionInput *input)
{
        return (CheckInput){ .specs = &input->environment->checks.before,
                             .results = input->checks,
                             .promotion_id = "",
                             .now = input->now };
}

/* Returns the report that is missing: "a pass of check 'smoke', reported by anna or bob"; NULL: no
 * memory. */
static const char *reporters(const CheckSpec *check, Arena *arena)
{
        const char *persons = persons_text(&check->from, " or ", arena);

        if (!persons)
                return NULL;
        return arena_printf(arena, "a pass of check '%s'%s%s", check->name,
                            persons[0] ? ", reported by " : "", persons);
}

/* Refuses the release because a check failed, until a person or a tool reports that it passed. */
static int refuse(const PromotionInput *input, const CheckInput *checks, const CheckSpec *failed,
                  Arena *arena, Promotion *ret)
{
        const char *name = input->environment->object.meta.name, *release = input->release->name;
        const char *text = check_failure_text(checks, failed, arena);
        const char *noun = check_failure_noun(checks, failed, arena);
        const char *command = checks_command(checks, release, name, arena);
        int r;

        if (!text || !noun || !command)
                return -ENOMEM;
        r = promotion_answer(ret, PROMOTION_REFUSED, "CheckFailed",
                             arena_printf(arena,
                                          "release '%s' is not promoted to environment '%s': %s; "
                                          "%s: %s",
                                          release, name, text,
                                          failed->run ? "to run it again" : "after it passed",
                                          command));
        ret->obstacle = OBSTACLE_CHECK;
        ret->waits_for = arena_printf(arena, "a pass of %s", noun);
        ret->opened_by = reporters(failed, arena);
        return ret->waits_for && ret->opened_by ? r : -ENOMEM;
}

/* Waits for the first check that did not pass. A check that has not started needs an action,
 * because relmand only starts the checks of the next release. */
static int wait(const PromotionInput *input, const CheckInput *checks, const CheckSpec *open,
                CheckPhase phase, Arena *arena, Promotion *ret)
{
        const char *name = input->environment->object.meta.name, *release = input->release->name;
        const char *text = checks_text(checks, arena);
        const char *command = checks_command(checks, release, name, arena);
        int r;

        if (!text || !command)
                return -ENOMEM;
        r = promotion_wait(ret, phase == CHECK_PHASE_RUNNING ? "CheckRunning" : "CheckMissing",
                           arena_printf(arena,
                                        "release '%s' is not promoted to environment '%s': %s; %s",
                                        release, name, text, command),
                           checks_noun(checks, arena));
        ret->obstacle = phase == CHECK_PHASE_RUNNING ? OBSTACLE_RUNNING : OBSTACLE_CHECK;
        ret->needs_action = phase != CHECK_PHASE_RUNNING;
        ret->changes_at = checks_next(checks);
        ret->opened_by = reporters(open, arena);
        return ret->waits_for && ret->opened_by ? r : -ENOMEM;
}

int promotion_gate_checks(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const CheckInput checks = promotion_checks(input);
        const CheckSpec *failed = checks_failed(&checks), *open;
        CheckPhase phase = CHECK_PHASE_OPEN;
        int r = 0;

        open = checks_first_open(&checks, &phase);
        if (failed)
                r = refuse(input, &checks, failed, arena, ret);
        else if (open)
                r = wait(input, &checks, open, phase, arena, ret);
        if (failed)
                ret->changes_at = checks_next(&checks);
        return r;
}
