#pragma once

/* Decides which approvals of a release count for an environment, and which are missing. An approval
 * counts if the environment accepts approvals of the person, and if the approval has not expired.
 * With excludeAuthor, approvals of the author of the release do not count. Pure. */

#include "base/arena.h"
#include "model/model.h"

typedef struct ApprovalInput {
        const EnvironmentSpec *environment;
        const Model *model; /* has the groups; NULL: none */
        const Release *release;
        const Approvals *approvals; /* all stored approvals of the release in the environment; NULL:
                                     * none */
        usec_t now;                 /* wall clock */
} ApprovalInput;

typedef struct ApprovalState {
        int64_t n_needed;          /* 0: the environment requires none */
        Strings persons;           /* persons whose approval counts */
        Strings missing;           /* entries of `required` (a person or a group) without an
                                    * approval that counts */
        int64_t n_more;            /* number of missing approvals in addition to `missing`, if each
                                    * entry of it needs a different person */
        const Approval *rejection; /* the newest stored rejection; NULL: none */
        usec_t changes_at; /* the first time at which an approval expires or begins to count; 0:
                            * none */
} ApprovalState;

/* Evaluates the approvals. Returns 0 or -ENOMEM. The state borrows from the input. */
int approvals_evaluate(const ApprovalInput *input, Arena *arena, ApprovalState *ret);
/* Returns how many approvals are missing. */
int64_t approvals_missing(const ApprovalState *state);
/* True if nothing is missing. */
bool approvals_suffice(const ApprovalState *state);

/* True if the person, or this principal, created the release. False if the author is not known. */
bool approvals_is_author(const Release *release, const char *person, const char *principal);

/* Whether an approval of this person may count, at any time. */
typedef enum ApprovalRight {
        APPROVAL_MAY,
        APPROVAL_NOT_FROM,  /* the environment accepts none from this person */
        APPROVAL_OF_AUTHOR, /* the person created the release */
} ApprovalRight;
ApprovalRight approvals_right(const ApprovalInput *input, const char *person,
                              const char *principal);

/* Returns the missing approvals as a noun: "1 more approval", "anna", "anna and 1 more approval
 * from bob or carl". With is_first, no approval counts yet, and "more" is omitted. NULL: no
 * memory. */
const char *approvals_noun(const ApprovalInput *input, const ApprovalState *state, bool is_first,
                           Arena *arena);
/* Returns the persons whose approval can open the gate: "anna", "bob or carl". */
const char *approvals_openers(const ApprovalInput *input, const ApprovalState *state, Arena *arena);
/* Returns "a, b or c", with at most ten names. NULL: no memory. */
const char *persons_text(const Strings *persons, const char *last, Arena *arena);
