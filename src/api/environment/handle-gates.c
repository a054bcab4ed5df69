/* GET /api/v1/environments/{id}/gates: the gates of an environment for one release. */

#include <errno.h>

#include "api/lookup.h"
#include "model/schema/json-writer.h"

static void write_gate(Json *json, const char *name, const Promotion *gate)
{
        bool is_open = gate->decision == PROMOTION_GO;

        json_begin(json, NULL, '{');
        json_text(json, "gate", name);
        json_text(json, "state", is_open ? "open" : "closed");
        json_text(json, "reason", gate->reason);
        json_text(json, "message", gate->message);
        json_text(json, "waitsFor", gate->waits_for);
        json_time(json, "opensAt", gate->opens_at);
        json_text(json, "openedBy", gate->opened_by);
        json_bool(json, "needsAction", gate->needs_action || gate->decision == PROMOTION_REFUSED);
        json_end(json, '}');
}

static void write_gates(Json *json, const Object *environment, const EnvironmentGates *gates)
{
        const Promotion *promotion = &gates->promotion;

        json_begin(json, NULL, '{');
        json_text(json, "environmentId", environment->id.text);
        json_text(json, "environment", environment->meta.name);
        json_text(json, "releaseId", gates->has_release ? gates->release.id.text : NULL);
        json_text(json, "release", gates->has_release ? gates->release.name : NULL);
        json_bool(json, "isThere", gates->has_release && gates->is_there);
        json_bool(json, "isOpen",
                  gates->has_release && (gates->is_there || promotion->decision == PROMOTION_GO));
        json_text(json, "reason", promotion->reason);
        json_text(json, "message", gates->missing ? gates->missing : promotion->message);
        json_texts(json, "promoters", gates->promoters);
        json_begin(json, "gates", '[');
        for (PromotionGate gate = 0; gates->has_release && gate < PROMOTION_GATE_MAX_; gate++)
                write_gate(json, promotion_gate_to_string(gate), &gates->gates[gate]);
        if (gates->is_held)
                write_gate(json, "hold", &gates->hold);
        json_end(json, ']');
        json_end(json, '}');
}

int handle_gates(Request *request, Error *err)
{
        const Object *environment =
                find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        const char *name = request_query(request, "release");
        EnvironmentGates *gates = arena_alloc(&request->arena, sizeof(*gates));
        Json json = { .out = &request->answer.body };
        Release release = { 0 };
        int r = 0;

        if (!environment)
                return -ENOENT;
        if (!gates)
                return error_oom(err);
        if (name)
                r = find_release(request, name, &release, err);
        if (r >= 0)
                r = deployer_gates(reconciler_deployer(request->api->reconciler),
                                   environment->id.text, name ? release.id.text : NULL,
                                   &request->arena, gates, err);
        if (r >= 0)
                write_gates(&json, environment, gates);
        return MIN(r, 0);
}
