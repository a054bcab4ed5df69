/* Promotions that clients request.
 *
 *   requested --gates open--> check every digest --all served, gates still open--> stored
 *       |                            |
 *       +--> refused                 +--> refused
 *
 * Nothing changes until the promotion is stored: a client that disconnects, or a daemon that stops,
 * ends the promotion without a trace. While digests are checked, relmand promotes nothing else to
 * the environment. A later command about the environment ends a promotion that is not stored yet.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "deploy/environments.h"
#include "release/promotion.h"
#include "store/releases.h"

struct Promoting {
        Promoting *next; /* in environment->promotions */
        EnvironmentState *environment;
        DigestCheck *digest_check;
        PromoteCommand command; /* a copy; its actor points to the next member */
        Actor actor;
        const char *release_id, *release_name, *environment_name;
        Arena arena; /* memory of the texts above */
};

/* --- decision --------------------------------------------------------------------------------- */

typedef struct Order {
        Release release;
        Release before; /* the release that the environment has or is getting */
        bool has_before;
        ReleaseDiff diff;      /* the differences between before and release */
        const char *refusal;   /* why the release may not be promoted; NULL: it may */
        const char *unchecked; /* the digests without an answer, if the promotion is forced; NULL:
                                  all are served */
        bool is_there;         /* the release is deployed or being promoted */
} Order;

int environment_before(EnvironmentState *environment, Arena *arena, Release *ret, Error *err)
{
        Store *store = environment->deployer->control->store;
        Deployment deployment;
        const char *id;
        int r;

        r = store_deployment(store, environment->id.text, arena, &deployment, err);
        if (r <= 0)
                return r;
        id = deployment.status == DEPLOYMENT_FAILED ? deployment.deployed_release_id
                                                    : deployment.release_id;
        if (!id)
                return 0;
        return store_release(store, id, arena, ret, err);
}

/* Refuses a release if the spec names another one, which can only be changed in the spec. */
static int promote_check_spec(const EnvironmentState *environment, Order *order, Arena *arena,
                              Error *err)
{
        const EnvironmentSpec *spec = environment->spec;

        if (!spec->release || streq(spec->release, order->release.name))
                return 0;
        order->refusal = arena_printf(
                arena, "environment '%s' is declared with release '%s' at %s:%u: change it there",
                spec->object.meta.name, spec->release,
                spec->object.place.file ? spec->object.place.file : "the database",
                spec->object.place.line);
        return order->refusal ? 0 : error_oom(err);
}

static int promote_decide_rules(EnvironmentState *environment, const PromoteCommand *command,
                                Arena *arena, Order *order, Error *err)
{
        PromotionInput input = { .release = &order->release, .reason = command->reason };
        Promotion promotion;
        int r;

        if (order->has_before && !command->allow_removals)
                input.has = &order->before.components;
        r = environment_decide(environment, &input, arena, &promotion, err);
        if (r < 0)
                return r;
        order->is_there = promotion.decision == PROMOTION_NONE;
        if (!order->is_there && promotion.decision != PROMOTION_GO)
                order->refusal = promotion.message;
        return 0;
}

/* Decides from current rows. A refusal is not an error; it is returned in ret->refusal. */
static int promote_decide(EnvironmentState *environment, const char *release_id,
                          const PromoteCommand *command, Arena *arena, Order *ret, Error *err)
{
        int r;

        *ret = (Order){ 0 };
        r = environment_check_promoter(environment, command->actor, "promote releases to", err);
        if (r >= 0)
                r = control_find_release(environment->deployer->control, release_id, arena,
                                         &ret->release, err);
        if (r >= 0 && !streq(ret->release.tenant, environment->spec->object.meta.tenant))
                r = error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'",
                              release_id);
        if (r >= 0)
                r = environment_before(environment, arena, &ret->before, err);
        ret->has_before = r > 0;
        if (r >= 0 &&
            release_diff(&ret->before.components, &ret->release.components, arena, &ret->diff) < 0)
                r = error_oom(err);
        if (r >= 0)
                r = promote_check_spec(environment, ret, arena, err);
        return r < 0 || ret->refusal ? r
                                     : promote_decide_rules(environment, command, arena, ret, err);
}

static int order_check(const Order *order, Error *err)
{
        return order->refusal ? error_set(err, ERROR_CONFLICT, -EPERM, "%s", order->refusal) : 0;
}

/* Returns the result of an order, which borrows from the order. */
static Promoted order_result(const Order *order, const char *environment, bool dry_run)
{
        return (Promoted){ .before = order->has_before ? &order->before : NULL,
                           .after = &order->release,
                           .diff = &order->diff,
                           .environment = environment,
                           .refusal = order->refusal,
                           .unchecked = order->unchecked,
                           .dry_run = dry_run };
}

/* --- storing ---------------------------------------------------------------------------------- */

int environment_needs_hold(EnvironmentState *environment, const Release *release, Arena *arena,
                           Error *err)
{
        Release candidate;
        Failure failure;
        int r;

        r = environment_candidate(environment, arena, &candidate, err);
        if (r < 0)
                return r;
        if (r == 0 || !streq(candidate.id.text, release->id.text))
                return 1;
        r = store_failure(environment->deployer->control->store, environment->id.text,
                          release->id.text, arena, &failure, err);
        return r < 0 ? r : failure.reason != NULL;
}

/* Handles a release that the environment has already: only its hold changes. */
static int promote_keep(EnvironmentState *environment, const Hold *hold, const Release *release,
                        Changes *changes, Arena *arena, Error *err)
{
        int r;

        r = environment->spec->release ? 0
                                       : environment_needs_hold(environment, release, arena, err);
        if (r > 0)
                changes_put_hold(changes, hold);
        else if (r == 0 && !environment->spec->release)
                changes_delete_hold(changes, environment->id.text);
        return r < 0 ? r : control_apply(environment->deployer->control, changes, err);
}

/* Stores the promotion, its audit row and its hold in one transaction. */
static int promote_store(EnvironmentState *environment, const Order *order,
                         const PromoteCommand *command, Arena *arena, Error *err)
{
        const Actor *actor = command->actor;
        const char *reason = command->reason;
        Hold hold = { .environment_id = environment->id.text,
                      .release_id = order->release.id.text,
                      .since = time_wall(),
                      .by = actor->principal,
                      .reason = arena_printf(arena, "release '%s' was promoted by hand%s%s",
                                             order->release.name, reason ? ": " : "",
                                             reason ? reason : "") };
        const PromoteOrder promote = {
                .release = &order->release, .by = actor->principal, .reason = reason, .hold = &hold
        };
        _cleanup_(changes_done) Changes changes;
        int r;

        changes_init(&changes);
        if (!hold.reason)
                return error_oom(err);
        report_audit_reason(&changes, actor, subject_of(&environment->spec->object),
                            order->release.id.text, reason);
        if (order->is_there)
                r = promote_keep(environment, &hold, &order->release, &changes, arena, err);
        else
                r = deployment_promote(environment, &promote, &changes, err);
        if (r >= 0)
                environment_settle(environment);
        return r;
}

/* --- the end of a promotion ------------------------------------------------------------------- */

static Promoting *promoting_free(Promoting *promoting)
{
        EnvironmentState *environment = promoting->environment;

        for (Promoting **at = &environment->promotions; *at; at = &(*at)->next)
                if (*at == promoting) {
                        *at = promoting->next;
                        environment->n_promotions -= !promoting->command.dry_run;
                        break;
                }
        digest_check_free(promoting->digest_check);
        arena_done(&promoting->arena);
        free(promoting);
        /* another release may have waited for the end of this promotion */
        environment_add(environment, 0, "a promotion ended");
        return NULL;
}

Promoting *promoting_cancel(Promoting *promoting)
{
        return promoting ? promoting_free(promoting) : NULL;
}

/* Calls done with either promoted or error, and frees the promotion. */
static void promoting_finish(Promoting *promoting, const Promoted *promoted, const Error *error)
{
        const PromoteCommand command = promoting->command;

        promoting_free(promoting);
        command.done(promoted, error, command.userdata);
}

/* Ends the promotions of all releases but one; release_id NULL: of all releases. */
static void end_others(EnvironmentState *environment, const char *release_id, const char *reason)
{
        Promoting *next;

        for (Promoting *promoting = environment->promotions; promoting; promoting = next) {
                _cleanup_(error_done) Error error = { 0 };

                next = promoting->next;
                if (str_equal(promoting->release_id, release_id))
                        continue;
                error_set(&error, ERROR_CONFLICT, -ECANCELED,
                          "release '%s' is not promoted to environment '%s': %s",
                          promoting->release_name, promoting->environment_name, reason);
                promoting_finish(promoting, NULL, &error);
        }
}

void promotions_end(EnvironmentState *environment, const char *reason)
{
        end_others(environment, NULL, reason);
}

/* --- check of digests ------------------------------------------------------------------------- */

/* True if the command is forced, and no registry answered about a digest. */
static bool promoting_is_forced(const Promoting *promoting)
{
        return promoting->command.force && digest_check_is_unanswered(promoting->digest_check);
}

/* Sets *ret to a text about the digests that a forced promotion did not check, and adds that text
 * to *reason. */
static int promoting_force(const Promoting *promoting, Arena *arena, const char **ret,
                           const char **reason, Error *err)
{
        const char *given = *reason;

        *ret = arena_printf(arena, "component '%s': %s",
                            digest_check_component(promoting->digest_check),
                            digest_check_problem(promoting->digest_check));
        *reason = *ret ? arena_printf(arena, "%s%sforced, its digests were not checked: %s",
                                      given ? given : "", given ? "; " : "", *ret)
                       : NULL;
        return *reason ? 0 : error_oom(err);
}

/* Decides again, because rows may have changed during the check, and stores the promotion. */
static int promoting_store(Promoting *promoting, Arena *arena, Order *ret, Error *err)
{
        EnvironmentState *environment = promoting->environment;
        PromoteCommand command = promoting->command;
        const char *unchecked = NULL;
        int r;

        if (!promoting->command.is_wanted(promoting->command.userdata))
                return error_set(err, ERROR_CONFLICT, -ECANCELED,
                                 "release '%s' is not promoted to environment '%s': the connection "
                                 "was closed before every digest was checked",
                                 promoting->release_name, promoting->environment_name);
        r = promoting_is_forced(promoting)
                    ? promoting_force(promoting, arena, &unchecked, &command.reason, err)
                    : 0;
        if (r >= 0)
                r = promote_decide(environment, promoting->release_id, &promoting->command, arena,
                                   ret, err);
        if (r >= 0)
                r = order_check(ret, err);
        if (r < 0)
                return r;
        ret->unchecked = unchecked;
        return promote_store(environment, ret, &command, arena, err);
}

/* Returns why the check of digests refuses the promotion. If no registry answered, the text also
 * has the command that forces the promotion. */
static const char *promoting_problem(const Promoting *promoting, const Error *problem, Arena *arena)
{
        if (!digest_check_is_unanswered(promoting->digest_check))
                return arena_strdup(arena, error_message(problem));
        return arena_printf(arena,
                            "%s; to promote it without that answer: relmanctl promote %s %s "
                            "--force",
                            error_message(problem), promoting->release_name,
                            promoting->environment_name);
}

static int promoting_refuse(const Promoting *promoting, const Error *problem, Arena *arena,
                            Error *err)
{
        const char *text = promoting_problem(promoting, problem, arena);

        /* ERROR_NOT_FOUND would mean that environment or release do not exist */
        return !text ? error_oom(err)
                     : error_set(err,
                                 problem->kind == ERROR_NOT_FOUND ? ERROR_CONFLICT : problem->kind,
                                 problem->code, "%s", text);
}

/* Decides a dry run. A failed check of the digests is a refusal, too. */
static int promoting_try(Promoting *promoting, const Error *problem, Arena *arena, Order *ret,
                         Error *err)
{
        const char *reason = NULL;
        int r;

        r = promote_decide(promoting->environment, promoting->release_id, &promoting->command,
                           arena, ret, err);
        if (r < 0 || ret->refusal || !problem)
                return r;
        if (promoting_is_forced(promoting))
                return promoting_force(promoting, arena, &ret->unchecked, &reason, err);
        ret->refusal = promoting_problem(promoting, problem, arena);
        return ret->refusal ? 0 : error_oom(err);
}

static void on_digests_checked(DigestCheck *check, void *userdata)
{
        const Error *problem = digest_check_error(check);
        Promoting *promoting = userdata;
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        const char *name;
        Promoted promoted;
        Order order = { 0 };
        int r;

        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        if (promoting->command.dry_run)
                r = promoting_try(promoting, problem, &arena, &order, &error);
        else if (!problem || promoting_is_forced(promoting))
                r = promoting_store(promoting, &arena, &order, &error);
        else
                r = promoting_refuse(promoting, problem, &arena, &error);
        name = promoting->environment->spec->object.meta.name;
        if (r < 0)
                log_notice("environment '%s': %s asked for release '%s': %s",
                           promoting->environment_name, promoting->actor.principal,
                           promoting->release_name, error_message(&error));
        else
                promoted = order_result(&order, name, promoting->command.dry_run);
        promoting_finish(promoting, r < 0 ? NULL : &promoted, r < 0 ? &error : NULL);
}

void promotions_run(EnvironmentState *environment)
{
        Promoting *next;

        for (Promoting *promoting = environment->promotions; promoting; promoting = next) {
                next = promoting->next;
                if (digest_check_is_over(promoting->digest_check))
                        on_digests_checked(promoting->digest_check, promoting);
        }
}

static int promoting_check(Promoting *promoting, Error *err)
{
        digest_check_free(TAKE(promoting->digest_check));
        /* if the check is over when it starts, promotions_run() continues the promotion */
        environment_add(promoting->environment, 0, "its digests are checked");
        return digest_check_new(promoting->environment, promoting->release_id, on_digests_checked,
                                promoting, &promoting->digest_check, err);
}

void promotions_restart(EnvironmentState *environment)
{
        Promoting *next;

        for (Promoting *promoting = environment->promotions; promoting; promoting = next) {
                _cleanup_(error_done) Error error = { 0 };

                next = promoting->next;
                if (!digest_check_is_current(promoting->digest_check) &&
                    promoting_check(promoting, &error) < 0)
                        promoting_finish(promoting, NULL, &error);
        }
}

static int promoting_new(EnvironmentState *environment, const Release *release,
                         const PromoteCommand *command, Promoting **ret, Error *err)
{
        Promoting *promoting = calloc(1, sizeof(*promoting));
        Arena *arena;
        int r;

        if (!promoting)
                return error_oom(err);
        arena = &promoting->arena;
        arena_init(arena, DEPLOY_COMMAND_ARENA_MAX);
        promoting->environment = environment;
        promoting->command = *command;
        promoting->release_id = arena_strdup(arena, release->id.text);
        promoting->release_name = arena_strdup(arena, release->name);
        promoting->environment_name = arena_strdup(arena, environment->spec->object.meta.name);
        if (command->reason)
                promoting->command.reason = arena_strdup(arena, command->reason);
        r = actor_copy(command->actor, arena, &promoting->actor);
        promoting->command.actor = &promoting->actor;
        if (r < 0 || !promoting->release_id || !promoting->release_name ||
            !promoting->environment_name || (command->reason && !promoting->command.reason))
                r = error_oom(err);
        else
                r = promoting_check(promoting, err);
        if (r < 0) {
                promoting_free(promoting);
                return r;
        }
        promoting->next = environment->promotions;
        environment->promotions = promoting;
        environment->n_promotions += !command->dry_run;
        *ret = promoting;
        return 0;
}

/* Ends the promotions of other releases, because a client requested this one. */
static void promote_supersede(EnvironmentState *environment, const Release *release,
                              const char *principal, const char *reason, bool has_started)
{
        log_notice("environment '%s': %s asks for release '%s'",
                   environment->spec->object.meta.name, principal, release->name);
        end_others(environment, release->id.text, reason);
        if (has_started) /* relmand promotes nothing else until the promotion ends */
                environment->digest_check = digest_check_free(environment->digest_check);
}

int deployer_promote(Deployer *deployer, const char *environment_id, const char *release_id,
                     const PromoteCommand *command, Promoting **ret, Error *err)
{
        const char *principal = command->actor->principal, *reason = NULL;
        _cleanup_(arena_done) Arena arena;
        EnvironmentState *environment;
        Order order = { 0 };
        Promoted promoted;
        int r;

        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        *ret = NULL;
        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r >= 0)
                r = promote_decide(environment, release_id, command, &arena, &order, err);
        if (r >= 0 && !command->dry_run)
                r = order_check(&order, err);
        if (r >= 0) {
                reason = arena_printf(&arena, "%s asked for release '%s' meanwhile", principal,
                                      order.release.name);
                r = reason ? 0 : error_oom(err);
        }
        if (r >= 0 && !order.is_there && !order.refusal)
                r = promoting_new(environment, &order.release, command, ret, err);
        else if (r >= 0 && !command->dry_run)
                r = promote_store(environment, &order, command, &arena, err);
        if (r < 0)
                return r;
        if (!command->dry_run)
                promote_supersede(environment, &order.release, principal, reason, *ret);
        if (*ret)
                return 0;
        promoted = order_result(&order, environment->spec->object.meta.name, command->dry_run);
        command->done(&promoted, NULL, command->userdata);
        return 0;
}
