#include "deploy/gate-events.h"

#include "store/releases.h"

static const ClosedGate *gate_reported(const ClosedGates *reported, const char *gate)
{
        for (size_t i = 0; i < reported->n; i++)
                if (streq(reported->items[i].gate, gate))
                        return &reported->items[i];
        return NULL;
}

/* Adds the event of a gate. message and opens_at (0: not known) describe a closed gate; message
 * NULL: the gate opened. */
static void gate_event(const EnvironmentState *environment, const Release *release,
                       const ClosedGate *gate, const char *message, usec_t opens_at,
                       Changes *changes)
{
        char text[TIME_TEXT_SIZE];
        const char *const data[] = {
                "environment", environment->spec->object.meta.name,
                "release",     release->name,
                "gate",        gate->gate,
                "reason",      gate->reason,
                "message",     message,
                "opensAt",     opens_at > 0 ? time_format(opens_at, text) : NULL,
                NULL
        };

        report_event(changes, message ? EVENT_GATE_CLOSED : EVENT_GATE_OPENED,
                     environment_subject(environment), time_wall(), data);
}

/* Adds the event if the gate changed. A closed gate also counts as opened after a person promoted
 * the release, because the gate no longer keeps it out. Nothing is reported about a release that
 * another one replaced. */
static void gate_changed(const EnvironmentState *environment, const Release *release,
                         const ClosedGate *before, const ClosedGate *now, const Promotion *answer,
                         Changes *changes)
{
        bool is_same = before && release && streq(before->release_id, release->id.text);

        if (release && answer->decision != PROMOTION_GO) {
                if (is_same && streq(before->reason, answer->reason))
                        return;
                gate_event(environment, release, now, answer->message, answer->opens_at, changes);
                changes_put_closed_gate(changes, now);
        } else if (before) {
                if (is_same)
                        gate_event(environment, release, before, NULL, 0, changes);
                changes_delete_closed_gate(changes, before);
        }
}

int gate_events_add(const EnvironmentState *environment, const Release *release,
                    const Promotion gates[PROMOTION_GATE_MAX_], Arena *arena, Changes *changes,
                    Error *err)
{
        ClosedGates reported;
        int r;

        r = store_closed_gates(environment->deployer->control->store, environment->id.text, arena,
                               &reported, err);
        if (r < 0)
                return r;
        for (PromotionGate gate = 0; gate < PROMOTION_GATE_MAX_; gate++) {
                const char *name = promotion_gate_to_string(gate);
                const ClosedGate now = { .environment_id = environment->id.text,
                                         .gate = name,
                                         .release_id = release ? release->id.text : NULL,
                                         .reason = gates[gate].reason };

                gate_changed(environment, release, gate_reported(&reported, name), &now,
                             &gates[gate], changes);
        }
        return changes->failed < 0 ? error_oom(err) : 0;
}
