/* Commands to approve and reject releases, and to withdraw approvals. */

#include <errno.h>

#include "base/log.h"
#include "deploy/commands.h"
#include "deploy/environments.h"
#include "release/approvals.h"
#include "store/releases.h"

/* An approval, withdrawal or rejection in progress. */
typedef struct Approving {
        const ApproveCommand *command;
        EnvironmentState *environment;
        Release release;
        Approvals approvals;
        ApprovalInput input;
        ApprovalState state;
} Approving;

static int approving_read(Approving *approving, Error *err)
{
        EnvironmentState *environment = approving->environment;
        const Control *control = environment->deployer->control;
        Arena *arena = approving->command->arena;
        int r;

        r = store_approvals(control->store, environment->id.text, approving->release.id.text, arena,
                            &approving->approvals, err);
        if (r < 0)
                return r;
        approving->input = (ApprovalInput){ .environment = environment->spec,
                                            .model = control->model,
                                            .release = &approving->release,
                                            .approvals = &approving->approvals,
                                            .now = time_wall() };
        return approvals_evaluate(&approving->input, arena, &approving->state) < 0 ? error_oom(err)
                                                                                   : 0;
}

static int approving_begin(Deployer *deployer, const char *environment_id,
                           const ApproveCommand *command, Approving *ret, Error *err)
{
        int r;

        *ret = (Approving){ .command = command };
        r = deployer_find_environment(deployer, environment_id, &ret->environment, err);
        if (r >= 0)
                r = control_find_release(deployer->control, command->release_id, command->arena,
                                         &ret->release, err);
        return r < 0 ? r : approving_read(ret, err);
}

/* Refuses an approval or rejection by a person whom the rules do not name. */
static int approving_refuse(const Approving *approving, bool is_rejection, Error *err)
{
        const ApprovalRules *rules = &approving->environment->spec->approvals;

        return environment_refuse(approving->environment, approving->command->actor,
                                  &(PersonRefusal){ .action = is_rejection ? "reject releases for"
                                                                           : "approve releases for",
                                                    .field = "approvals.from",
                                                    .persons = &rules->from,
                                                    .required = &rules->required,
                                                    .place = &rules->from_place },
                                  err);
}

/* Returns ERROR_DENIED if an approval or rejection by this person can never count. The author may
 * always reject. */
static int approving_check_right(const Approving *approving, bool is_rejection, Error *err)
{
        const Actor *actor = approving->command->actor;

        if (is_rejection &&
            approvals_is_author(&approving->release, actor->person, actor->principal))
                return 0;
        switch (approvals_right(&approving->input, actor->person, actor->principal)) {
        case APPROVAL_NOT_FROM: return approving_refuse(approving, is_rejection, err);
        case APPROVAL_OF_AUTHOR:
                return error_set(err, ERROR_DENIED, -EACCES,
                                 "%s created release '%s': approvals.excludeAuthor of environment "
                                 "'%s' requires others to approve it",
                                 actor->person, approving->release.name,
                                 approving->environment->spec->object.meta.name);
        case APPROVAL_MAY: break;
        }
        return 0;
}

static int approving_check(const Approving *approving, bool is_rejection, Error *err)
{
        const char *name = approving->environment->spec->object.meta.name;

        if (approving->state.n_needed == 0)
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "environment '%s' asks for no approvals%s%s", name,
                                 is_rejection ? ": nothing can be rejected; relmanctl hold " : "",
                                 is_rejection ? name : "");
        if (approving->release.status == RELEASE_DRAFT)
                return error_set(err, ERROR_CONFLICT, -EINVAL,
                                 "release '%s' is a draft: there is nothing to %s yet",
                                 approving->release.name, is_rejection ? "reject" : "approve");
        return approving_check_right(approving, is_rejection, err);
}

/* True if this person gave the approval, or this principal did under an older name of the person.
 */
static bool is_by(const Approval *approval, const Actor *actor)
{
        return streq(approval->person, actor->person) || streq(approval->by, actor->principal);
}

static bool has_approved(const Approvals *approvals, const Actor *actor)
{
        for (size_t i = 0; i < approvals->n; i++)
                if (!approvals->items[i].is_rejection && is_by(&approvals->items[i], actor))
                        return true;
        return false;
}

/* True if an approval by this person counts now. */
static bool has_counted(const Approving *approving)
{
        if (approving->state.rejection)
                return false;
        for (size_t i = 0; i < approving->approvals.n; i++) {
                const Approval *approval = &approving->approvals.items[i];

                if (is_by(approval, approving->command->actor) &&
                    strings_has(&approving->state.persons, approval->person))
                        return true;
        }
        return false;
}

/* True if another approval by the same person changes something: a later end, or a message. */
static bool approving_renews(const Approving *approving)
{
        return approving->environment->spec->approvals.expire_after > 0 ||
               approving->command->message;
}

typedef enum ApprovalStep {
        APPROVAL_REPEATED, /* the approval was given before, and counts */
        APPROVAL_GIVEN,
        APPROVAL_WITHDRAWN,
        APPROVAL_REJECTED,
} ApprovalStep;

static const EventType step_events[] = {
        [APPROVAL_GIVEN] = EVENT_APPROVAL_GIVEN,
        [APPROVAL_WITHDRAWN] = EVENT_APPROVAL_WITHDRAWN,
        [APPROVAL_REJECTED] = EVENT_RELEASE_REJECTED,
};

/* Stores the approval, withdrawal or rejection. Sets *ret to the state after that. */
static int approving_store(Approving *approving, ApprovalStep step, Approved *ret, Error *err)
{
        EnvironmentState *environment = approving->environment;
        const char *message = approving->command->message;
        Actor who = *approving->command->actor;
        const Approval approval = { .environment_id = environment->id.text,
                                    .release_id = approving->release.id.text,
                                    .by = who.principal,
                                    .person = who.person,
                                    .at = time_wall(),
                                    .is_rejection = step == APPROVAL_REJECTED,
                                    .message = message };
        _cleanup_(changes_done) Changes changes;
        int r;

        changes_init(&changes);
        who.release = approving->release.name;
        if (step == APPROVAL_REPEATED)
                report_audit(&changes, &who, subject_of(&environment->spec->object), NULL);
        else {
                changes_set_approval(&changes, &approval, step != APPROVAL_WITHDRAWN);
                command_report(&changes, environment, step_events[step], &who, message);
        }
        r = control_apply(environment->deployer->control, &changes, err);
        if (r >= 0)
                r = approving_read(approving, err);
        if (r < 0)
                return r;
        *ret = (Approved){ .n_given = approving->state.persons.n,
                           .n_wanted = approving->state.n_needed,
                           .was_counted = step == APPROVAL_REPEATED,
                           .waits_for = "" };
        if (!approving->state.rejection && !approvals_suffice(&approving->state))
                ret->waits_for = approvals_noun(&approving->input, &approving->state, false,
                                                approving->command->arena);
        return ret->waits_for ? 0 : error_oom(err);
}

static void approving_end(const Approving *approving, const char *verb)
{
        log_notice("environment '%s': %s (%s) %s release '%s'",
                   approving->environment->spec->object.meta.name,
                   approving->command->actor->person, approving->command->actor->principal, verb,
                   approving->release.name);
        environment_settle(approving->environment);
}

int deployer_approve(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                     Approved *ret, Error *err)
{
        Approving approving;
        bool counted;
        int r;

        r = approving_begin(deployer, environment_id, command, &approving, err);
        if (r >= 0)
                r = approving_check(&approving, false, err);
        if (r < 0)
                return r;
        counted = has_counted(&approving);
        r = approving_store(&approving,
                            counted && !approving_renews(&approving) ? APPROVAL_REPEATED
                                                                     : APPROVAL_GIVEN,
                            ret, err);
        if (r < 0)
                return r;
        ret->was_counted = counted;
        approving_end(&approving, "approves");
        return 0;
}

/* Refuses to withdraw an approval that a promotion relied on, so that later audits still find the
 * approval. */
static int withdraw_check(const Approving *approving, Error *err)
{
        const EnvironmentState *environment = approving->environment;
        const char *name = environment->spec->object.meta.name;
        const Release *release = &approving->release;
        const Actor *actor = approving->command->actor;
        int r;

        if (!has_approved(&approving->approvals, actor))
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "%s has not approved release '%s' for environment '%s'; relmanctl "
                                 "approvals %s lists the approvals",
                                 actor->person, release->name, name, name);
        r = store_was_promoted(environment->deployer->control->store, environment->id.text,
                               release->id.text, err);
        return r <= 0 ? r
                      : error_set(err, ERROR_CONFLICT, -EPERM,
                                  "release '%s' was promoted to environment '%s' already: its "
                                  "approvals can no longer be withdrawn",
                                  release->name, name);
}

int deployer_withdraw(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                      Approved *ret, Error *err)
{
        Approving approving;
        int r;

        r = approving_begin(deployer, environment_id, command, &approving, err);
        if (r >= 0)
                r = withdraw_check(&approving, err);
        if (r >= 0)
                r = approving_store(&approving, APPROVAL_WITHDRAWN, ret, err);
        if (r < 0)
                return r;
        approving_end(&approving, "withdraws the approval of");
        return 0;
}

/* Refuses to reject a release that the environment has or is getting: a rejection removes nothing
 * from an environment. */
static int reject_check(const Approving *approving, Error *err)
{
        const EnvironmentState *environment = approving->environment;
        const char *name = environment->spec->object.meta.name;
        const char *release = approving->release.name;
        Deployment deployment;
        int r;

        r = store_deployment(environment->deployer->control->store, environment->id.text,
                             approving->command->arena, &deployment, err);
        if (r <= 0)
                return r;
        if (!streq(deployment.release_id, approving->release.id.text)) {
                /* the release may still run while another one is being promoted */
                if (!str_equal(deployment.deployed_release_id, approving->release.id.text))
                        return 0;
        } else if (deployment.status == DEPLOYMENT_FAILED)
                return 0;
        else if (deployment.status == DEPLOYMENT_PROMOTING)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "release '%s' is being promoted to environment '%s' already; "
                                 "relmanctl cancel %s",
                                 release, name, name);
        return error_set(err, ERROR_CONFLICT, -EPERM,
                         "release '%s' is deployed in environment '%s' already: promote another "
                         "one with relmanctl promote RELEASE %s",
                         release, name, name);
}

int deployer_reject(Deployer *deployer, const char *environment_id, const ApproveCommand *command,
                    Approved *ret, Error *err)
{
        Approving approving;
        int r;

        r = approving_begin(deployer, environment_id, command, &approving, err);
        if (r >= 0)
                r = approving_check(&approving, true, err);
        if (r >= 0)
                r = reject_check(&approving, err);
        if (r >= 0)
                r = approving_store(&approving, APPROVAL_REJECTED, ret, err);
        if (r < 0)
                return r;
        approving_end(&approving, "rejects");
        return 0;
}
