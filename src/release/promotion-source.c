/* Decides the gates of promotesFrom: whether the release was deployed in the sources before, and
 * long enough. */

#include <errno.h>

#include "base/limits.h"
#include "base/text.h"
#include "release/promotion-gates.h"

static const PromotionSource *source_at(const PromotionInput *input, size_t i)
{
        static const PromotionSource none = { 0 };

        return input->sources ? &input->sources[i] : &none;
}

/* The names of the environments that a release waits for. */
typedef struct SourceNames {
        const char *text; /* NULL: no memory */
        const char *first;
        size_t n;
} SourceNames;

static SourceNames source_names(const PromotionInput *input, const bool *closed, Arena *arena)
{
        const Strings *sources = promotion_sources(input);
        const char *last =
                input->environment->promotes_from.require == REQUIRE_ALL ? " and " : " or ";
        SourceNames names = { .text = "" };
        size_t n = 0;

        for (size_t i = 0; i < sources->n; i++)
                n += closed[i];
        for (size_t i = 0; names.text && i < sources->n; i++) {
                if (!closed[i])
                        continue;
                if (names.n == 0)
                        names.first = sources->items[i];
                names.text = arena_printf(arena, "%s%s'%s'", names.text,
                                          text_separator(names.n, n, last), sources->items[i]);
                names.n++;
        }
        return names;
}

const Strings *promotion_sources(const PromotionInput *input)
{
        return input->source_names ? input->source_names
                                   : &input->environment->promotes_from.environments;
}

/* Closes the gate because labels select no environment, or too many to read. In both cases nothing
 * is known about the release there. */
static int gate_source_selection(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const char *name = input->environment->object.meta.name;
        size_t n = promotion_sources(input)->n;
        const char *what = n == 0 ? "no environment"
                                  : arena_printf(arena, "more than %d environments", SOURCES_MAX);
        int r;

        if (!what)
                return -ENOMEM;
        r = promotion_wait(ret, "NoSource",
                           arena_printf(arena,
                                        "release '%s' is not promoted: promotesFrom of environment "
                                        "'%s' selects %s",
                                        input->release->name, name, what),
                           n == 0 ? "a promotesFrom that selects environments"
                                  : "a promotesFrom that selects fewer environments");
        ret->needs_action = true;
        ret->opened_by = "a change of promotesFrom, or of labels";
        return r;
}

int promotion_gate_source(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const PromotesFrom *from = &input->environment->promotes_from;
        const Strings *sources = promotion_sources(input);
        bool *closed = arena_alloc_array(arena, sources->n + 1, sizeof(*closed));
        const char *release = input->release->name;
        size_t n_closed = 0;
        SourceNames names;
        int r;

        if (!closed)
                return -ENOMEM;
        if (from->match_labels.n > 0 && (sources->n == 0 || sources->n > SOURCES_MAX))
                return gate_source_selection(input, arena, ret);
        for (size_t i = 0; i < sources->n; i++) {
                closed[i] = !source_at(input, i)->was_deployed;
                n_closed += closed[i];
        }
        if (n_closed == 0 || (from->require == REQUIRE_ANY && n_closed < sources->n))
                return 0;
        names = source_names(input, closed, arena);
        if (!names.text)
                return -ENOMEM;
        r = promotion_wait(ret, "NotInSource",
                           arena_printf(arena,
                                        "release '%s' was not deployed in environment%s %s yet; "
                                        "relmanctl promote %s %s",
                                        release, names.n == 1 ? "" : "s", names.text, release,
                                        names.first),
                           arena_printf(arena, "its deployment in environment%s %s",
                                        names.n == 1 ? "" : "s", names.text));
        ret->obstacle = OBSTACLE_SOURCE;
        ret->needs_action = true;
        ret->opened_by = ret->waits_for;
        return r;
}

/* --- soak ------------------------------------------------------------------------------------- */

static usec_t later(usec_t at, usec_t by)
{
        return by < USEC_INFINITY - at ? at + by : USEC_INFINITY;
}

/* Returns the first time at which one run was long enough; USEC_INFINITY: no run was or will be.
 * The result depends on stored times only, so a clock that is set back does not open the gate
 * early. */
static usec_t soak_of_source(const DeploymentRuns *runs, usec_t soak)
{
        usec_t first = USEC_INFINITY;

        for (size_t i = 0; i < runs->n; i++) {
                const DeploymentRun *run = &runs->items[i];
                usec_t at = later(run->since, soak);

                if (run->until == 0 || at <= run->until)
                        first = MIN(first, at);
        }
        return first;
}

typedef struct Soak {
        usec_t opens_at; /* USEC_INFINITY: the gate does not open by itself */
        bool *closed;    /* true for the environments that keep the gate closed */
} Soak;

static int soak_find(const PromotionInput *input, Arena *arena, Soak *ret)
{
        const EnvironmentSpec *environment = input->environment;
        const Strings *sources = promotion_sources(input);
        bool all = environment->promotes_from.require == REQUIRE_ALL;

        *ret = (Soak){ .opens_at = all ? 0 : USEC_INFINITY };
        ret->closed = arena_alloc_array(arena, sources->n + 1, sizeof(*ret->closed));
        if (!ret->closed)
                return -ENOMEM;
        for (size_t i = 0; i < sources->n; i++) {
                usec_t at = soak_of_source(&source_at(input, i)->runs, environment->soak);

                ret->opens_at = all ? MAX(ret->opens_at, at) : MIN(ret->opens_at, at);
        }
        for (size_t i = 0; i < sources->n; i++)
                ret->closed[i] = soak_of_source(&source_at(input, i)->runs, environment->soak) ==
                                 ret->opens_at;
        return 0;
}

int promotion_gate_soak(const PromotionInput *input, Arena *arena, Promotion *ret)
{
        const EnvironmentSpec *environment = input->environment;
        const char *release = input->release->name;
        char soak[DURATION_TEXT_SIZE], until[TIME_TEXT_SIZE];
        SourceNames names;
        Soak found;
        int r;

        if (environment->soak == 0 || promotion_sources(input)->n == 0)
                return 0;
        r = soak_find(input, arena, &found);
        if (r < 0 || found.opens_at <= input->now)
                return r;
        names = source_names(input, found.closed, arena);
        if (!names.text)
                return -ENOMEM;
        (void)duration_format(environment->soak, soak);
        if (found.opens_at < USEC_INFINITY) {
                (void)time_format(found.opens_at, until);
                r = promotion_wait(ret, "Soaking",
                                   arena_printf(arena,
                                                "release '%s' is soaking in environment%s %s until "
                                                "%s (soak %s)",
                                                release, names.n == 1 ? "" : "s", names.text, until,
                                                soak),
                                   arena_printf(arena, "its soak in environment%s %s until %s",
                                                names.n == 1 ? "" : "s", names.text, until));
                ret->opens_at = found.opens_at;
                return r;
        }
        r = promotion_wait(
                ret, "NotSoaked",
                arena_printf(arena,
                             "release '%s' was not deployed in environment%s %s for %s without "
                             "interruption; relmanctl promote %s %s",
                             release, names.n == 1 ? "" : "s", names.text, soak, release,
                             names.first),
                arena_printf(arena,
                             "its deployment in environment%s %s for %s without interruption",
                             names.n == 1 ? "" : "s", names.text, soak));
        ret->needs_action = true;
        ret->opened_by = ret->waits_for;
        return r;
}
