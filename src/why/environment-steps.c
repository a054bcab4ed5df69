/* Adds the steps from the stream to the confirmation, and sets the release of the answer. */

#include "model/selection.h"
#include "why/steps.h"

static const char *environment_name(const WhyWork *work)
{
        return work->environment.spec->object.meta.name;
}

static const char *spec_place(WhyWork *work, Place place)
{
        return why_place(work, &work->environment.spec->object, place);
}

static const char *next_promote(WhyWork *work, const char *release)
{
        return arena_printf(work->arena, "relmanctl promote %s %s", release,
                            environment_name(work));
}

/* --- the stream ------------------------------------------------------------------------------- */

static void stream_waits(WhyWork *work, WhyStep *step)
{
        const StreamWhy *stream = &work->stream;
        char until[TIME_TEXT_SIZE], settle[DURATION_TEXT_SIZE];

        step->state = WHY_WAITS;
        if (stream->stage == STREAM_SETTLES) {
                step->reason = "Settling";
                step->message = arena_printf(
                        work->arena,
                        "the heads changed; stream '%s' makes a release at %s, unless they change "
                        "again (settle %s)",
                        stream->spec->object.meta.name, time_format(stream->until, until),
                        duration_format(stream->spec->settle, settle));
        } else if (stream->stage == STREAM_MAKES) {
                step->reason = "Resolving";
                step->message =
                        arena_printf(work->arena, "release '%s' is being resolved", stream->draft);
        } else {
                step->reason = "NotEvaluated";
                step->message = stream->message;
        }
}

static void stream_of_component(WhyWork *work, WhyStep *step)
{
        const StreamWhy *stream = &work->stream;
        const char *name = work->component->object.meta.name;

        step->state = WHY_BLOCKED;
        step->reason = "NotInStream";
        step->message = arena_printf(work->arena, "stream '%s' does not take component '%s'",
                                     stream->spec->object.meta.name, name);
        step->next = arena_printf(
                work->arena, "add %s to components at %s", name,
                why_place(work, &stream->spec->object, stream->spec->components_place));
}

static void stream_step(WhyWork *work)
{
        const StreamWhy *stream = &work->stream;
        const char *name = work->environment.spec->stream;
        WhyStep step = { .type = WHY_STREAM, .state = WHY_OK };

        if (!name)
                return;
        if (!work->has_stream) {
                step.state = WHY_BLOCKED;
                step.reason = "NoStream";
                step.message = arena_printf(work->arena, "there is no stream '%s'", name);
                step.next = arena_printf(work->arena, "change stream at %s",
                                         spec_place(work, work->environment.spec->stream_place));
        } else if (work->component && stream->wants.n > 0 &&
                   !why_want(work, work->component->object.id.text))
                stream_of_component(work, &step);
        else if (stream->stage == STREAM_CURRENT)
                step.message = arena_printf(
                        work->arena,
                        "release '%s', the newest of stream '%s', has the heads of its components",
                        stream->has_newest ? stream->newest.name : "", name);
        else if (stream->stage == STREAM_STOPPED) {
                step.state = WHY_BLOCKED;
                step.reason = stream->reason;
                step.message = arena_printf(work->arena, "stream '%s': %s", name, stream->message);
                step.next = arena_printf(work->arena, "relmanctl describe stream %s", name);
        } else
                stream_waits(work, &step);
        why_add(work, step);
}

/* Adds the step about the followed environment. */
static void follows_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const char *name = why->spec->follows;
        WhyStep step = { .type = WHY_FOLLOWS, .state = WHY_OK };
        const char *now;

        if (!name)
                return;
        now = why->followed ? arena_printf(work->arena, "runs release '%s'", why->followed)
                            : "runs no release";
        step.message =
                why->followed_next
                        ? arena_printf(work->arena,
                                       "environment '%s' %s; release '%s' is being promoted there",
                                       name, now, why->followed_next)
                        : arena_printf(work->arena, "environment '%s' %s", name, now);
        if (!why->followed) {
                step.state = why->followed_next ? WHY_WAITS : WHY_BLOCKED;
                step.reason = "NothingToFollow";
                step.next = arena_printf(work->arena, "relmanctl why %s", name);
        }
        why_add(work, step);
}

/* --- the release ------------------------------------------------------------------------------ */

static const char *desired_by(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;

        if (why->spec->release)
                return arena_printf(work->arena, "named at %s",
                                    spec_place(work, why->spec->release_place));
        if (why->has_hold && !why->is_held)
                return arena_printf(work->arena, "set by %s: %s", why->hold.by, why->hold.reason);
        if (why->spec->stream && why->promotion.decision != PROMOTION_NONE)
                return arena_printf(work->arena, "the newest of stream '%s'", why->spec->stream);
        if (why->spec->follows && str_equal(why->followed, why->release.name))
                return arena_printf(work->arena, "that of environment '%s'", why->spec->follows);
        return why->is_there ? "it is in the environment" : "the newest";
}

static void release_missing(WhyWork *work, WhyStep *step)
{
        const EnvironmentWhy *why = &work->environment;

        step->state = WHY_BLOCKED;
        if (why->missing && why_has_obstacle(work)) {
                step->state = WHY_OPEN;
                step->message = why->missing;
                return;
        }
        if (why->missing) {
                step->reason = "NoRelease";
                step->message = why->missing;
                step->next = why->spec->stream
                                     ? arena_printf(work->arena, "relmanctl describe stream %s",
                                                    why->spec->stream)
                             : why->spec->follows ? arena_printf(work->arena, "relmanctl why %s",
                                                                 why->spec->follows)
                                                  : "relmanctl get releases";
                return;
        }
        step->reason = "Empty";
        step->message = "the environment names no release and follows nothing, and nothing was "
                        "promoted";
        step->next = next_promote(work, "RELEASE");
}

/* Returns the state of a gate's step. A closed gate waits if it opens without an action; otherwise
 * it is blocked. */
static WhyState gate_state(const Promotion *gate)
{
        if (gate->decision == PROMOTION_GO)
                return WHY_OK;
        return gate->decision == PROMOTION_WAIT && !gate->needs_action ? WHY_WAITS : WHY_BLOCKED;
}

static void release_gate(WhyWork *work, const Promotion *gate, WhyStep *step)
{
        const char *release = work->environment.release.name;

        step->state = gate_state(gate);
        step->reason = gate->reason;
        step->message = gate->message;
        if (gate == &work->environment.gates[GATE_FAILURE])
                step->next = next_promote(work, release);
        else
                step->next = work->environment.release.status == RELEASE_DRAFT
                                     ? arena_printf(work->arena, "relmanctl describe release %s",
                                                    release)
                                     : next_promote(work, "RELEASE");
}

static const char *next_release(WhyWork *work)
{
        const EnvironmentSpec *spec = work->environment.spec;

        if (spec->release)
                return arena_printf(work->arena, "name another release at %s",
                                    spec_place(work, spec->release_place));
        if (spec->follows)
                return arena_printf(work->arena, "relmanctl why %s %s", spec->follows,
                                    work->component->object.meta.name);
        return arena_printf(work->arena,
                            "relmanctl create release NAME %s --from-latest --pin-from %s",
                            work->component->object.meta.name, environment_name(work));
}

/* Completes the release step: does the release have the tag that is shown? */
static void release_of_component(WhyWork *work, WhyStep *step)
{
        const char *name = work->component->object.meta.name;
        const char *release = work->environment.release.name;
        const ReleaseComponent *component = why_released(work, work->component->object.id.text);

        if (!component) {
                step->state = WHY_BLOCKED;
                step->reason = "NotInRelease";
                step->message = arena_printf(
                        work->arena, "release '%s' does not have component '%s'", release, name);
                step->next = next_release(work);
                return;
        }
        step->message = arena_printf(work->arena, "%s; it has %s %s", step->message, name,
                                     component->tag ? component->tag : component->digest);
        if (why_has_obstacle(work) || str_equal(component->digest, work->digest))
                return;
        step->state = WHY_BLOCKED;
        step->reason = "OtherVersion";
        step->next = next_release(work);
}

static void release_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        WhyStep step = { .type = WHY_RELEASE, .state = WHY_OK };

        if (!why->has_release)
                release_missing(work, &step);
        else if (!why->is_there && why->gates[GATE_STATUS].decision != PROMOTION_GO)
                release_gate(work, &why->gates[GATE_STATUS], &step);
        else if (!why->is_there && why->gates[GATE_FAILURE].decision != PROMOTION_GO)
                release_gate(work, &why->gates[GATE_FAILURE], &step);
        else {
                step.message = arena_printf(work->arena, "release '%s': %s", why->release.name,
                                            desired_by(work));
                if (work->component)
                        release_of_component(work, &step);
        }
        why_add(work, step);
}

/* --- gates ------------------------------------------------------------------------------------ */

/* Formats the environments of promotesFrom as "'a', 'b'". */
static const char *source_names(WhyWork *work)
{
        const Strings *sources = model_sources(work->control->model, work->environment.spec);
        const char *names = "";

        for (size_t i = 0; names && i < sources->n; i++)
                names = arena_printf(work->arena, "%s%s'%s'", names, i > 0 ? ", " : "",
                                     sources->items[i]);
        return names;
}

static void source_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Strings *sources = model_sources(work->control->model, why->spec);
        const Promotion *gate = &why->gates[GATE_SOURCE];
        WhyStep step = { .type = WHY_PROMOTES_FROM, .state = WHY_OPEN };

        if (sources->n == 0 && why->spec->promotes_from.match_labels.n == 0)
                return;
        if (why->has_release && (why->is_there || gate->decision == PROMOTION_GO)) {
                step.state = WHY_OK;
                step.message = arena_printf(
                        work->arena, "release '%s' was deployed in %s%s", why->release.name,
                        why->spec->promotes_from.require == REQUIRE_ANY && sources->n > 1
                                ? "one of "
                                : "",
                        source_names(work));
        } else if (why->has_release) {
                step.state = gate_state(gate);
                step.reason = gate->reason;
                step.message = arena_printf(work->arena, "release '%s' waits for %s",
                                            why->release.name, gate->waits_for);
                step.next =
                        sources->n > 0
                                ? arena_printf(work->arena, "relmanctl why %s", sources->items[0])
                                : "add the labels to an environment, or change promotesFrom";
        }
        why_add(work, step);
}

/* Formats "1 of 2 approvals: anna". */
static const char *approvals_text(WhyWork *work)
{
        const ApprovalState *state = &work->environment.approvals;
        const char *persons = "";

        for (size_t i = 0; persons && i < state->persons.n; i++)
                persons = arena_printf(work->arena, "%s%s%s", persons, i > 0 ? ", " : ": ",
                                       state->persons.items[i]);
        return arena_printf(work->arena, "%zu of %lld approvals%s", state->persons.n,
                            (long long)state->n_needed, persons ? persons : "");
}

static void approvals_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Promotion *gate = &why->gates[GATE_APPROVALS];
        WhyStep step = { .type = WHY_APPROVALS, .state = WHY_OPEN };

        if (approvals_needed(&why->spec->approvals) == 0)
                return;
        if (why->has_release) {
                step.state = why->is_there ? WHY_OK : gate_state(gate);
                step.message = approvals_text(work);
        }
        if (step.state == WHY_BLOCKED) {
                const ApprovalRules *rules = &why->spec->approvals;

                step.reason = gate->reason;
                if (why->approvals.rejection || rules->from.n > 0 || rules->required.n > 0)
                        step.message = gate->message;
                step.next = arena_printf(work->arena, "relmanctl approve %s %s", why->release.name,
                                         environment_name(work));
        }
        why_add(work, step);
}

/* Returns the command that reports the result of the running check; NULL: relmand runs it. */
static const char *check_command(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;

        if (!why->reported)
                return NULL;
        return arena_printf(work->arena, "relmanctl check %s %s %s --pass, or --fail",
                            why->release.name, environment_name(work), why->reported->name);
}

static void checks_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Promotion *gate = &why->gates[GATE_CHECKS];
        WhyStep step = { .type = WHY_CHECKS, .state = WHY_OPEN };

        if (why->spec->checks.before.n == 0)
                return;
        if (why->has_release && (why->is_there || gate->decision == PROMOTION_GO)) {
                step.state = WHY_OK;
                step.message = why->is_there ? "the release passed the gates"
                                             : arena_printf(work->arena, "passed: %s",
                                                            checks_names(&why->spec->checks.before,
                                                                         work->arena));
        } else if (why->has_release) {
                step.state = gate_state(gate);
                step.reason = gate->reason;
                step.message = gate->message;
                if (step.state == WHY_BLOCKED)
                        step.next = arena_printf(work->arena, "relmanctl checks %s",
                                                 environment_name(work));
                else
                        step.next = check_command(work);
        }
        why_add(work, step);
}

static void soak_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Promotion *gate = &why->gates[GATE_SOAK];
        WhyStep step = { .type = WHY_SOAK, .state = WHY_OPEN };
        char soak[DURATION_TEXT_SIZE];

        if (why->spec->soak == 0)
                return;
        if (why->has_release && (why->is_there || gate->decision == PROMOTION_GO)) {
                step.state = WHY_OK;
                step.message = arena_printf(work->arena, "it was deployed there for %s",
                                            duration_format(why->spec->soak, soak));
        } else if (why->has_release && why->gates[GATE_SOURCE].decision == PROMOTION_GO) {
                step.state = gate_state(gate);
                step.reason = gate->reason;
                step.message = gate->message;
        }
        why_add(work, step);
}

static void windows_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Promotion *gate = &why->gates[GATE_WINDOWS];
        WhyStep step = { .type = WHY_WINDOWS, .state = WHY_OPEN };

        if (!model_has_windows(work->control->model, why->spec))
                return;
        if (why->has_release && (why->is_there || gate->decision == PROMOTION_GO)) {
                step.state = WHY_OK;
                step.message =
                        why->is_there ? "the environment was open" : "the environment is open";
        } else if (why->has_release) {
                step.state = gate_state(gate);
                step.reason = gate->reason;
                step.message = gate->message;
                if (step.state == WHY_BLOCKED && why->spec->windows.n == 0)
                        step.next = "change the windows of its calendars: relmanctl get calendars";
                else if (step.state == WHY_BLOCKED)
                        step.next = arena_printf(work->arena, "change the windows at %s",
                                                 spec_place(work, (Place){ 0 }));
        }
        why_add(work, step);
}

/* Adds a step if a lock format cannot represent the release: the release is refused although all
 * gates are open. */
static void formats_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;

        if (!why->has_release || why->promotion.decision != PROMOTION_REFUSED)
                return;
        for (PromotionGate gate = 0; gate < PROMOTION_GATE_MAX_; gate++)
                if (why->gates[gate].decision != PROMOTION_GO)
                        return;
        why_add(work, (WhyStep){ .type = WHY_FORMATS,
                                 .state = WHY_BLOCKED,
                                 .reason = why->promotion.reason,
                                 .message = why->promotion.message,
                                 .next = arena_printf(work->arena, "change lockFormats at %s",
                                                      spec_place(work, (Place){ 0 })) });
}

static void hold_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        char since[TIME_TEXT_SIZE];
        WhyStep step = { .type = WHY_HOLD, .state = WHY_OK, .message = "not on hold" };

        if (!environment_follows(why->spec))
                return;
        if (why->has_hold && !why->is_held)
                step.message = "the hold keeps this release";
        if (why->is_held) {
                step.state = WHY_BLOCKED;
                step.reason = "OnHold";
                step.message = arena_printf(
                        work->arena, "it does not follow %s '%s' since %s: %s, by %s",
                        environment_follows_noun(why->spec), environment_follows(why->spec),
                        time_format(why->hold.since, since), why->hold.reason, why->hold.by);
                step.next =
                        arena_printf(work->arena, "relmanctl resume %s", environment_name(work));
        }
        why_add(work, step);
}

/* --- the deployment --------------------------------------------------------------------------- */

static void digests_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        WhyStep step = { .type = WHY_DIGESTS, .state = WHY_OPEN };

        if (why->is_there && why->has_release) {
                step.state = WHY_OK;
                step.message = "the registry served each digest before the promotion";
        } else if (why->has_check) {
                step.state = why->check.needs_action ? WHY_BLOCKED : WHY_WAITS;
                step.reason = why->check.reason;
                step.message = why->check.message;
                step.next = why->check.needs_action ? "push that image again" : NULL;
        }
        why_add(work, step);
}

static bool is_deployed(const EnvironmentWhy *why)
{
        return why->has_deployment && why->has_release &&
               streq(why->deployment.release_id, why->release.id.text);
}

static void lockfile_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        WhyStep step = { .type = WHY_LOCKFILE, .state = WHY_OPEN };

        if (why->lock_failed) {
                step.state = WHY_BLOCKED;
                step.reason = "LockNotWritten";
                step.message = "the lockfile could not be written; relmand tries it again";
                step.next = "relmanctl status";
        } else if (is_deployed(why) && why->is_there) {
                step.state = WHY_OK;
                step.message = arena_printf(work->arena, "it has release '%s'", why->release.name);
        } else if (why->has_deployment && why->deployment.status != DEPLOYMENT_FAILED)
                step.message = arena_printf(work->arena, "it has release '%s'",
                                            why->deployment.release_name);
        why_add(work, step);
}

static void confirmation_step(WhyWork *work)
{
        const EnvironmentWhy *why = &work->environment;
        const Deployment *deployment = &why->deployment;
        bool is_this = is_deployed(why) && why->is_there;
        WhyStep step = { .type = WHY_CONFIRMATION, .state = WHY_OPEN };
        const char *reason = why->has_deployment && deployment->status == DEPLOYMENT_FAILED
                                     ? deployment->reason
                                     : NULL;
        char at[TIME_TEXT_SIZE];

        if (why->has_deployment)
                step.message = arena_printf(
                        work->arena, "release '%s' %s %s, by %s%s%s", deployment->release_name,
                        deployment->status == DEPLOYMENT_FAILED      ? "failed at"
                        : deployment->status == DEPLOYMENT_PROMOTING ? "is promoting since"
                                                                     : "is deployed since",
                        time_format(deployment->at, at), deployment->by, reason ? ": " : "",
                        reason ? reason : "");
        if (is_deployed(why) && deployment->status == DEPLOYMENT_FAILED) {
                step.state = WHY_BLOCKED;
                step.reason = "DeploymentFailed";
                step.next = arena_printf(work->arena,
                                         "relmanctl promote %s %s tries it again; relmanctl "
                                         "rollback %s restores the release before",
                                         why->release.name, environment_name(work),
                                         environment_name(work));
        } else if (is_this && !why->is_pending)
                step.state = WHY_OK;
        else if (is_this) {
                step.state = why->pending.needs_action ? WHY_BLOCKED : WHY_WAITS;
                step.reason = why->pending.reason;
                if (why->pending.obstacle == OBSTACLE_RUNNING) {
                        step.message = why->pending.message;
                        step.next = check_command(work);
                }
                if (why->pending.needs_action)
                        step.next = arena_printf(work->arena, "relmanctl confirm %s",
                                                 environment_name(work));
        }
        why_add(work, step);
}

int why_environment_steps(WhyWork *work, Error *err)
{
        const EnvironmentWhy *why = &work->environment;

        work->answer->release = why->has_release ? why->release.name : NULL;
        stream_step(work);
        follows_step(work);
        release_step(work);
        source_step(work);
        approvals_step(work);
        checks_step(work);
        soak_step(work);
        windows_step(work);
        formats_step(work);
        hold_step(work);
        digests_step(work);
        lockfile_step(work);
        confirmation_step(work);
        return work->arena->failed ? error_oom(err) : 0;
}
