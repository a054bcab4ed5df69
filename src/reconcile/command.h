#pragma once

/* What people tell relman to do with releases and environments. Each is checked first and then
 * committed as one, with a row that says who asked for it; what follows (the check of digests,
 * lockfiles) is the planner's. Failures: ERROR_NOT_FOUND, ERROR_CONFLICT with what stands against
 * it. */

#include "base/diag.h"
#include "model/audit.h"
#include "model/environment.h"
#include "model/node.h"
#include "reconcile/reconcile.h"

/* An environment gets a release, newer or older; one that follows a stream is on hold from then on.
 * Registries are asked first whether they serve every digest; nothing is stored before. done is
 * called once: with NULL when the promotion is stored, else with the reason why nothing was
 * changed. It is not called if *ret is NULL (the release is there already, and what was to be
 * stored is) or if the promotion is cancelled before.
 *
 * A later promotion of another release to the same environment, a hold, a resume or a cancel ends
 * it: ERROR_CONFLICT, with what came. Kinds: ERROR_CONFLICT if a rule or a digest that is no longer
 * served stands against it, else the registry's. */
typedef struct Promoting Promoting;
typedef struct PromoteCommand {
        const Actor *actor;
        void (*done)(const Error *error, void *userdata);
        bool (*is_wanted)(void *userdata); /* called last: false if nobody waits for it any more */
        void *userdata;
} PromoteCommand;
int command_promote(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const PromoteCommand *command, Promoting **ret, Error *err);
Promoting *promoting_cancel(Promoting *promoting); /* NULL-safe */

typedef struct ConfirmCommand {
        const char *release_id; /* NULL: whichever is on its way */
        DeploymentStatus status;
        const char *evidence_ref, *reason; /* NULL if none */
        const Actor *actor;
} ConfirmCommand;
int command_confirm(Reconciler *reconciler, const char *environment_id,
                    const ConfirmCommand *command, Error *err);

/* Counts once for each person (actor->person), whatever principals that person uses. */
typedef struct Approved {
        size_t n_given;   /* persons who have approved, with this one */
        int64_t n_wanted; /* that the environment asks for */
        bool was_counted; /* this person's approval was there before */
} Approved;
int command_approve(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const Actor *actor, Approved *ret, Error *err);

/* Nothing is promoted there until command_resume(). */
int command_hold(Reconciler *reconciler, const char *environment_id, const char *reason,
                 const Actor *actor, Error *err);
int command_resume(Reconciler *reconciler, const char *environment_id, const Actor *actor,
                   Error *err);

/* What is promoted there and not confirmed goes back to what was deployed; what is wanted there and
 * has not come is wanted no more. An environment that follows a stream is on hold from then on.
 * ERROR_CONFLICT if nothing is pending, or a spec asks for it. */
int command_cancel(Reconciler *reconciler, const char *environment_id, const char *reason,
                   const Actor *actor, Error *err);

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const Actor *actor, Error *err);
int command_archive(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err);
/* Only a draft, or what is archived, and in no environment. */
int command_delete_release(Reconciler *reconciler, const char *release_id, const Actor *actor,
                           Error *err);

/* What there is to change of a release: its digests are not. Nothing is, unless all is legal. Its
 * own words are its spec's, if one declares it. Of statuses, people set deprecated and archived,
 * and bring back what is archived; the others follow from what environments say. */
typedef struct UpdateCommand {
        const char *display_name; /* NULL: as it is */
        const Pairs *metadata;    /* likewise */
        ReleaseStatus status;     /* RELEASE_STATUS_MAX_: likewise */
        const char *reason;       /* of a deprecation; NULL if none is given */
        const Actor *actor;
} UpdateCommand;
int command_update_release(Reconciler *reconciler, const char *release_id,
                           const UpdateCommand *command, Error *err);

/* Only who asked for it: for what changes nothing by itself. */
int command_note(Reconciler *reconciler, const char *tenant, const Actor *actor, Error *err);

/* --- what the API makes -----------------------------------------------------------------------
 *
 * Documents are those of specs, as nodes. What is wrong with one is in diags, and the first of it
 * in the error. */

/* --- receivers of events --- */

size_t command_receivers(const Reconciler *reconciler);
int command_receiver(const Reconciler *reconciler, size_t i, Arena *arena, ReceiverStatus *ret,
                     Error *err);
/* Everything after a sequence, or from the event of an id on, is sent to a receiver again. */
typedef struct ReplayCommand {
        const char *receiver;
        int64_t after;
        const char *from; /* id of an event; NULL: after counts */
} ReplayCommand;
int command_replay(Reconciler *reconciler, const ReplayCommand *command, const Actor *actor,
                   Error *err);

int command_create_component(Reconciler *reconciler, const Node *document, const Actor *actor,
                             Uuid *ret_id, DiagList *diags, Error *err);
/* ERROR_CONFLICT, with the place, if a spec declares it. */
int command_update_component(Reconciler *reconciler, const char *id, const Node *document,
                             const Actor *actor, DiagList *diags, Error *err);
int command_delete_component(Reconciler *reconciler, const char *id, const Actor *actor,
                             Error *err);

/* A release is made when all its components are resolved: its components are polled first. done is
 * told once, unless the creation is cancelled before; then nothing is made. */
typedef struct Creation Creation;
typedef struct Created {
        const char *release_id; /* NULL: it cannot be made */
        int code;               /* then: negative errno of what the system refused; 0: nothing */
        const char *message;    /* and why */
        const ReleaseProblems
                *problems; /* and what is wrong with each part, as far as it is of parts */
} Created;
typedef void (*CreateDone)(const Created *created, void *userdata);
typedef struct CreateCommand {
        const Actor *actor;
        CreateDone done;
        void *userdata;
} CreateCommand;
int command_create_release(Reconciler *reconciler, const Node *document,
                           const CreateCommand *command, Creation **ret, DiagList *diags,
                           Error *err);
Creation *creation_cancel(Creation *creation);

/* A version for what a tag leads to now. done is told once, with the id of its row in the version
 * map, unless it is cancelled before. ERROR_INVALID if semver is none, ERROR_CONFLICT if it is
 * denied. */
typedef struct Assigning Assigning;
typedef void (*AssignDone)(const char *version_id, const Error *error, void *userdata);
typedef struct AssignCommand {
        const char *tag, *semver;
        const char *channel; /* NULL: the component's default one */
        const Actor *actor;
        AssignDone done;
        void *userdata;
} AssignCommand;
int command_assign(Reconciler *reconciler, const char *component_id, const AssignCommand *command,
                   Assigning **ret, Error *err);
Assigning *assigning_cancel(Assigning *assigning);

/* Takes it back: the rules decide again. ERROR_CONFLICT if it was not assigned so. */
int command_unassign(Reconciler *reconciler, const char *component_id, const char *digest,
                     const Actor *actor, Error *err);
