#include "release/checks.h"

#include <errno.h>

#define CHECKS_NAMED 5

/* Returns the stored result of a check. Results of other promotions do not count. */
static const CheckResult *result_of(const CheckInput *input, const char *name)
{
        for (size_t i = 0; input->results && i < input->results->n; i++) {
                const CheckResult *result = &input->results->items[i];

                if (streq(result->promotion_id, input->promotion_id) && streq(result->name, name))
                        return result;
        }
        return NULL;
}

static usec_t deadline_of(const CheckSpec *check, const CheckResult *result)
{
        return check->timeout < USEC_INFINITY - result->started_at
                       ? result->started_at + check->timeout
                       : USEC_INFINITY;
}

CheckPhase check_phase(const CheckInput *input, const CheckSpec *check, const CheckResult **ret)
{
        const CheckResult *result = result_of(input, check->name);

        if (ret)
                *ret = result;
        if (!result)
                return CHECK_PHASE_OPEN;
        switch (result->status) {
        case CHECK_PASSED: return CHECK_PHASE_PASSED;
        case CHECK_FAILED: return CHECK_PHASE_FAILED;
        case CHECK_CANCELED: return CHECK_PHASE_OPEN;
        case CHECK_RUNNING:
        case CHECK_STATUS_MAX_: break;
        }
        return input->now >= deadline_of(check, result) ? CHECK_PHASE_LATE : CHECK_PHASE_RUNNING;
}

bool check_phase_is_failed(CheckPhase phase)
{
        return phase == CHECK_PHASE_FAILED || phase == CHECK_PHASE_LATE;
}

const CheckSpec *checks_find(const CheckSpecs *specs, const char *name)
{
        for (size_t i = 0; i < specs->n; i++)
                if (streq(specs->items[i].name, name))
                        return &specs->items[i];
        return NULL;
}

bool checks_have_passed(const CheckInput *input)
{
        for (size_t i = 0; i < input->specs->n; i++)
                if (check_phase(input, &input->specs->items[i], NULL) != CHECK_PHASE_PASSED)
                        return false;
        return true;
}

const CheckSpec *checks_failed(const CheckInput *input)
{
        for (size_t i = 0; i < input->specs->n; i++)
                if (check_phase_is_failed(check_phase(input, &input->specs->items[i], NULL)))
                        return &input->specs->items[i];
        return NULL;
}

usec_t checks_next(const CheckInput *input)
{
        usec_t next = 0;

        for (size_t i = 0; i < input->specs->n; i++) {
                const CheckResult *result;
                usec_t at;

                if (check_phase(input, &input->specs->items[i], &result) != CHECK_PHASE_RUNNING)
                        continue;
                at = deadline_of(&input->specs->items[i], result);
                if (next == 0 || at < next)
                        next = at;
        }
        return next;
}

static const char *late_text(const CheckSpec *check, Arena *arena)
{
        char timeout[DURATION_TEXT_SIZE];

        return arena_printf(arena, "timed out after %s", duration_format(check->timeout, timeout));
}

int checks_advance(const CheckInput *input, bool may_start, const CheckResult *of, Arena *arena,
                   CheckResults *ret)
{
        *ret = (CheckResults){ .items = arena_alloc_array(arena, input->specs->n + 1,
                                                          sizeof(CheckResult)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < input->specs->n; i++) {
                const CheckSpec *check = &input->specs->items[i];
                const CheckResult *before;
                CheckPhase phase = check_phase(input, check, &before);
                CheckResult *result = &ret->items[ret->n];

                if (phase == CHECK_PHASE_OPEN && may_start) {
                        *result = *of;
                        result->status = CHECK_RUNNING;
                        /* the store keeps full seconds: rounded here, so that texts about the check
                         * do not change */
                        result->started_at = input->now - input->now % USEC_PER_SEC;
                } else if (phase == CHECK_PHASE_LATE) {
                        *result = *before;
                        result->status = CHECK_FAILED;
                        result->reported_at = input->now;
                        result->by = PRINCIPAL_SELF;
                        result->person = NULL;
                        result->message = late_text(check, arena);
                        if (!result->message)
                                return -ENOMEM;
                } else
                        continue;
                result->promotion_id = input->promotion_id;
                result->name = check->name;
                ret->n++;
        }
        return 0;
}

int checks_removed(const CheckInput *input, Arena *arena, CheckResults *ret)
{
        size_t n = input->results ? input->results->n : 0;

        *ret = (CheckResults){ .items = arena_alloc_array(arena, n + 1, sizeof(CheckResult)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const CheckResult *result = &input->results->items[i];

                if (result->status == CHECK_RUNNING &&
                    streq(result->promotion_id, input->promotion_id) &&
                    !checks_find(input->specs, result->name))
                        ret->items[ret->n++] = *result;
        }
        return 0;
}

bool check_is_reported_by_nobody(const CheckSpec *check)
{
        return check->run && check->from.n == 0;
}

const CheckSpec *checks_first_reported(const CheckInput *input)
{
        for (size_t i = 0; i < input->specs->n; i++) {
                const CheckSpec *check = &input->specs->items[i];

                if (!check->run && check_phase(input, check, NULL) == CHECK_PHASE_RUNNING)
                        return check;
        }
        return NULL;
}

/* --- texts ------------------------------------------------------------------------------------ */

static const char *failure_of(const CheckInput *input, const CheckSpec *check, bool is_noun,
                              Arena *arena)
{
        const CheckResult *result;
        bool is_late = check_phase(input, check, &result) == CHECK_PHASE_LATE;
        const char *message = is_late ? late_text(check, arena) : result ? result->message : NULL;
        const char *evidence = result ? result->evidence_ref : NULL;

        if (is_late && !message)
                return NULL;
        return arena_printf(arena, "check '%s'%s failed%s%s%s%s%s", check->name,
                            is_noun ? ", which" : "", message ? ": " : "", message ? message : "",
                            evidence ? " (" : "", evidence ? evidence : "", evidence ? ")" : "");
}

const char *check_failure_text(const CheckInput *input, const CheckSpec *check, Arena *arena)
{
        return failure_of(input, check, false, arena);
}

const char *check_failure_noun(const CheckInput *input, const CheckSpec *check, Arena *arena)
{
        return failure_of(input, check, true, arena);
}

static const char *one_text(const CheckInput *input, const CheckSpec *check, bool is_noun,
                            Arena *arena)
{
        const CheckResult *result;
        CheckPhase phase = check_phase(input, check, &result);
        char since[TIME_TEXT_SIZE], timeout[DURATION_TEXT_SIZE];

        if (phase == CHECK_PHASE_OPEN)
                return arena_printf(arena, "check '%s'%s", check->name,
                                    is_noun ? "" : " was not reported yet");
        if (phase == CHECK_PHASE_RUNNING)
                return arena_printf(arena,
                                    is_noun ? "check '%s', which runs since %s (at most %s)"
                                            : "check '%s' runs since %s (at most %s)",
                                    check->name, time_format(result->started_at, since),
                                    duration_format(check->timeout, timeout));
        return failure_of(input, check, is_noun, arena);
}

static const char *texts_of(const CheckInput *input, bool is_noun, Arena *arena)
{
        const char *text = "", *comma = is_noun ? ", and " : ", ";
        size_t n = 0;

        for (size_t i = 0; text && i < input->specs->n; i++) {
                const CheckSpec *check = &input->specs->items[i];
                const char *one;

                if (check_phase(input, check, NULL) == CHECK_PHASE_PASSED || n++ >= CHECKS_NAMED)
                        continue;
                one = one_text(input, check, is_noun, arena);
                text = one ? arena_printf(arena, "%s%s%s", text, text[0] ? comma : "", one) : NULL;
        }
        if (text && n > CHECKS_NAMED)
                text = arena_printf(arena, "%s%s%zu more", text, comma, n - CHECKS_NAMED);
        return text;
}

const char *checks_text(const CheckInput *input, Arena *arena)
{
        return texts_of(input, false, arena);
}

const char *checks_noun(const CheckInput *input, Arena *arena)
{
        return texts_of(input, true, arena);
}

const CheckSpec *checks_first_open(const CheckInput *input, CheckPhase *ret)
{
        for (size_t i = 0; i < input->specs->n; i++) {
                *ret = check_phase(input, &input->specs->items[i], NULL);
                if (*ret != CHECK_PHASE_PASSED)
                        return &input->specs->items[i];
        }
        return NULL;
}

const char *checks_command(const CheckInput *input, const char *release, const char *environment,
                           Arena *arena)
{
        bool is_before = !input->promotion_id[0];
        const CheckSpec *check = checks_failed(input);
        CheckPhase phase = CHECK_PHASE_FAILED;
        const char *how = "--pass";

        if (!check)
                check = checks_first_open(input, &phase);
        if (check && check->run && is_before && phase != CHECK_PHASE_RUNNING)
                how = "--run";
        else if (check && check_is_reported_by_nobody(check))
                return arena_printf(arena, "relmanctl checks %s", environment);
        return arena_printf(arena, "relmanctl check %s %s %s %s", release, environment,
                            check ? check->name : "NAME", how);
}

const char *checks_names(const CheckSpecs *specs, Arena *arena)
{
        const char *names = "";

        for (size_t i = 0; names && i < specs->n; i++)
                names = arena_printf(arena, "%s%s'%s'", names, i > 0 ? ", " : "",
                                     specs->items[i].name);
        return names;
}
