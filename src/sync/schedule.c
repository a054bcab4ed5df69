/* Decides when a component is polled next.
 * - After a success: after its interval, with a jitter that depends on its id. So many components
 *   are not polled at the same moment, and a restart does not change their order.
 * - After a failure: after a pause that doubles each time, up to the interval. */

#include <stddef.h>

#include "base/limits.h"
#include "base/log.h"
#include "sync/state.h"

#define RETRY_MIN         (2 * USEC_PER_SEC)
#define PUSH_PAUSE        USEC_PER_SEC
#define PUSH_PAUSE_FAILED (10 * USEC_PER_SEC)
/* minimum time for a background pass, however often the component is polled */
#define BACKGROUND_LEAST USEC_PER_SEC
#define BACKGROUND_TURN  (30 * USEC_PER_SEC) /* minimum while another pass waits */
/* maximum wait for the list of a component that got its share after a wait, while others wait;
 * doubles with each lost share */
#define LIST_PATIENCE (30 * USEC_PER_SEC)
#define N_LOST_MAX    5

usec_t component_interval(const ComponentState *component)
{
        return component->spec->interval > 0 ? component->spec->interval
                                             : component->poller->control->options.poll_interval;
}

/* Returns a number from 0 to 999999 that depends only on the component's id. */
static unsigned spread_of(const ComponentState *component)
{
        unsigned h = 2166136261U; /* FNV-1a, which is sufficient to spread ids */

        for (const char *p = component->id.text; *p; p++)
                h = (h ^ (unsigned char)*p) * 16777619U;
        return h % 1000000U;
}

static usec_t next_after_success(const ComponentState *component, usec_t now)
{
        usec_t interval = component_interval(component), wall = time_wall();
        usec_t span = interval / 100 * component->poller->control->options.poll_jitter;
        usec_t next = now + interval - span / 2 + span / 1000000 * spread_of(component);

        /* poll when the held version is old enough */
        if (component->hold_ends_at > 0)
                next = MIN(next, now + MAX(component->hold_ends_at, wall) - wall);
        return next;
}

static usec_t next_after_failure(const ComponentState *component, usec_t now)
{
        usec_t interval = component_interval(component);
        usec_t wait = RETRY_MIN << MIN(component->n_failures - 1, 20U);

        wait = MIN(wait, interval);
        return now + wait - wait / 4 + wait / 2 / 1000000 * spread_of(component);
}

void component_state_due(ComponentState *component, usec_t at)
{
        if (component->sync && !component->in_background) {
                component->again = true;
                return;
        }
        if (component->waiting)
                return;
        queue_add(component->poller->control->queue, KEY_COMPONENT, component->id.text, at,
                  "a poll is due");
}

void component_state_poll_soon(ComponentState *component)
{
        usec_t now = time_monotonic(), at = now;

        if (component->spec->suspend || component->waiting)
                return;
        if (component->sync && !component->in_background) {
                component->poll_soon = true;
                return;
        }
        if (component->attempted)
                at = MAX(now, component->attempted_at +
                                      (component->n_failures > 0 ? PUSH_PAUSE_FAILED : PUSH_PAUSE));
        component_state_due(component, at);
}

/* Gives a free place at the registry to the component that waits longest. */
static void let_in(RegistryState *registry)
{
        ComponentState *component = registry->waiting_first;

        if (!component || registry->n_syncs >= registry->max_syncs)
                return;
        registry->waiting_first = component->waiting_next;
        if (!registry->waiting_first)
                registry->waiting_last = NULL;
        component->waiting = false;
        component->waiting_next = NULL;
        component_state_due(component, 0);
}

void schedule_leave(ComponentState *component)
{
        if (!component->has_place)
                return;
        component->has_place = false;
        component->registry->n_syncs--;
        let_in(component->registry);
}

void schedule_let_in(Poller *poller)
{
        map_foreach (&poller->registries, entry) {
                RegistryState *registry = entry->value;

                for (unsigned n = registry->n_syncs; n < registry->max_syncs; n++)
                        let_in(registry);
        }
}

static ComponentState *of_share(TurnItem *share)
{
        return (void *)((char *)share - offsetof(ComponentState, share));
}

static usec_t share_ends_at(const ComponentState *component)
{
        return component->share_given_at +
               (LIST_PATIENCE << MIN(component->n_lost_shares, (unsigned)N_LOST_MAX));
}

static int on_shares(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        schedule_end_late_shares(userdata);
        return 0;
}

/* Sets the timer to the time when the next late share ends. If the timer cannot be set, shares end
 * only with their passes. */
static void watch_shares(Poller *poller)
{
        usec_t at = USEC_INFINITY;

        for (TurnItem *share = poller->shares.given; share && poller->shares.first;
             share = share->next)
                at = MIN(at, share_ends_at(of_share(share)));
        if (at == USEC_INFINITY) {
                poller->shares_timer = sd_event_source_disable_unref(poller->shares_timer);
                return;
        }
        if (!poller->shares_timer) {
                (void)sd_event_add_time(poller->control->event, &poller->shares_timer,
                                        CLOCK_MONOTONIC, at, 0, on_shares, poller);
                return;
        }
        (void)sd_event_source_set_time(poller->shares_timer, at);
        (void)sd_event_source_set_enabled(poller->shares_timer, SD_EVENT_ONESHOT);
}

/* Gives free turns and shares to the components that wait for them. */
static void give_turns(Poller *poller)
{
        TurnItem *next;

        while ((next = turns_next(&poller->large_turns)))
                component_state_due((void *)((char *)next - offsetof(ComponentState, turn)), 0);
        while ((next = turns_next(&poller->shares))) {
                of_share(next)->share_given_at = time_monotonic();
                component_state_due(of_share(next), 0);
        }
        watch_shares(poller);
}

void schedule_end_late_shares(Poller *poller)
{
        usec_t now = time_monotonic();
        TurnItem *next;

        for (TurnItem *share = poller->shares.given; share && poller->shares.first; share = next) {
                ComponentState *component = of_share(share);

                next = share->next;
                if (share_ends_at(component) > now)
                        continue;
                component->n_lost_shares++;
                turns_leave(&poller->shares, share);
        }
        give_turns(poller);
}

/* A pass compares listed, known and deleted tags, so all of them count. A component must not hold
 * the turn while it waits for a share, or hold a share while it waits for the turn. Otherwise two
 * components could wait for each other. */
bool schedule_take_turn(ComponentState *component, size_t n_listed)
{
        Poller *poller = component->poller;
        size_t n = MAX(n_listed, (size_t)component->state.n_tags) + component->n_gone;
        bool is_large = n > SYNC_LARGE, takes = true;

        if (!is_large)
                turns_leave(&poller->large_turns, &component->turn);
        if (is_large || n <= SYNC_SMALL)
                turns_leave(&poller->shares, &component->share);
        if (is_large)
                takes = turns_take(&poller->large_turns, &component->turn, 1);
        else if (n > SYNC_SMALL)
                takes = turns_take(&poller->shares, &component->share, n);
        give_turns(poller);
        return takes;
}

void schedule_leave_turn(ComponentState *component)
{
        Poller *poller = component->poller;

        turns_leave(&poller->large_turns, &component->turn);
        turns_leave(&poller->shares, &component->share);
        give_turns(poller);
}

bool schedule_take_background(ComponentState *component)
{
        return turns_take(&component->registry->backgrounds, &component->background, 1);
}

void schedule_leave_background(ComponentState *component)
{
        RegistryState *registry = component->registry;
        TurnItem *item;

        if (!registry)
                return; /* the component is new, and its document could not be adopted */
        turns_leave(&registry->backgrounds, &component->background);
        while ((item = turns_next(&registry->backgrounds))) {
                ComponentState *next =
                        (void *)((char *)item - offsetof(ComponentState, background));

                /* a pass that has not reached the background takes the place itself */
                if (!next->sync || next->in_background)
                        component_state_due(next, 0);
        }
}

bool schedule_gives_way(const ComponentState *component)
{
        const Poller *poller = component->poller;

        return component->in_background && ((component->turn.holds && poller->large_turns.first) ||
                                            (component->share.holds && poller->shares.first));
}

bool schedule_must_yield(const ComponentState *component)
{
        bool others_wait = component->background.holds && component->registry->backgrounds.first;

        return component->in_background && (others_wait || schedule_gives_way(component)) &&
               component->background_since + BACKGROUND_TURN <= time_monotonic();
}

usec_t schedule_cut_at(const ComponentState *component)
{
        if (!component->in_background)
                return 0;
        return (component->owes_again ? time_monotonic() : component->background_since) +
               BACKGROUND_LEAST;
}

/* Adds the key whose handler makes waiting drafts and streams due. */
static void note_polled(ComponentState *component)
{
        queue_add(component->poller->control->queue, KEY_POLLED, component->id.text, 0,
                  "it was polled");
}

static void note_attempt(ComponentState *component, usec_t now)
{
        component->attempted = true;
        component->attempted_at = now;
        note_polled(component);
}

void schedule_after_sync(ComponentState *component, const Error *error)
{
        usec_t now = time_monotonic();

        note_attempt(component, now);
        if (!component->in_background) { /* a background pass has its tags in memory, so it keeps
                                            its place */
                schedule_leave(component);
                schedule_leave_turn(component);
                schedule_leave_background(component);
        }
        if (error)
                component->n_failures++;
        else {
                component->n_failures = component->n_lost_shares = 0;
                component->succeeded_at = time_wall();
        }
        if (component->again) {
                component->again = component->poll_soon = false;
                component_state_due(component, 0);
                return;
        }
        if (component->poller->control->options.once)
                return;
        component_state_due(component, error ? next_after_failure(component, now)
                                             : next_after_success(component, now));
        if (component->poll_soon) {
                component->poll_soon = false;
                component_state_poll_soon(component);
        }
}

void schedule_after_background(ComponentState *component)
{
        note_polled(component);
        schedule_leave(component);
        schedule_leave_turn(component);
        schedule_leave_background(component);
}

static void wait_for_place(ComponentState *component)
{
        RegistryState *registry = component->registry;

        component->waiting = true;
        component->waiting_next = NULL;
        if (registry->waiting_last)
                registry->waiting_last->waiting_next = component;
        else
                registry->waiting_first = component;
        registry->waiting_last = component;
}

bool schedule_enter(ComponentState *component)
{
        RegistryState *registry = component->registry;

        if (component->has_place)
                return true;
        if (registry->n_syncs >= registry->max_syncs) {
                wait_for_place(component);
                return false;
        }
        /* smaller passes wait after their list has arrived: they hold no tags before that */
        if (component->state_known &&
            (size_t)component->state.n_tags + component->n_gone > SYNC_LARGE &&
            !schedule_take_turn(component, 0)) {
                let_in(registry); /* another component can use the free place */
                return false;
        }
        registry->n_syncs++;
        component->has_place = true;
        return true;
}

void schedule_skip(ComponentState *component)
{
        note_attempt(component, time_monotonic());
        let_in(component->registry);
        schedule_leave_turn(component);
        schedule_leave_background(component);
}
