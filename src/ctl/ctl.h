#pragma once

/* Declarations for all verbs of relmanctl. verbs.c has the table of verbs. A verb gets a CtlCall
 * and returns the exit status. If the call itself fails, it returns the error through err. main()
 * prints that error and exits with status 2. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CTL_OK    0
#define CTL_FOUND 1 /* the answer reports a fault, such as errors in specs */
#define CTL_USAGE 2
/* --wait: the request was accepted, but another person must act, or the wait timed out */
#define CTL_WAITS       3
#define CTL_PROTECTED   3 /* protected: the digest must not be deleted */
#define CTL_ALTERED     3 /* verify: the content of the file does not match its digest */
#define CTL_MISSING     4 /* verify: a registry no longer serves a digest, or serves other bytes */
#define CTL_UNREACHABLE 5 /* verify: a registry did not answer */

struct CtlCall;

/* The outputs of most verbs (-o). Only verbs that print objects have the output `name`. */
#define CTL_TABLES "table|wide|json|yaml"
#define CTL_NAMES  CTL_TABLES "|name"

typedef enum VerbGroup {
        VERB_INSPECT,
        VERB_RELEASE,
        VERB_PROMOTE,
        VERB_ADMINISTER,
        VERB_OFFLINE,
        VERB_GROUP_MAX_,
} VerbGroup;

#define VERB_EXAMPLES 2

typedef struct Verb {
        const char *name;
        const char *arguments; /* arguments, for the help and for complete.c */
        const char *summary;
        int (*run)(const struct CtlCall *call, Error *err);
        bool may_repeat;     /* the verb allows --watch */
        const char *outputs; /* words of -o, such as "text|json"; NULL: the verb has no -o */
        VerbGroup group;
        const char *examples[VERB_EXAMPLES];
        const char *details; /* further text for the help of the verb; NULL: none */
} Verb;

/* A call of a verb. All members are borrowed. */
typedef struct CtlCall {
        const Verb *verb;
        const Verb *verbs; /* all verbs; the last entry has no name */
        int argc;
        char **argv; /* argv[0] is the verb's name; getopt reorders the rest */
} CtlCall;

int verb_allow_move(const CtlCall *call, Error *err);
int verb_approvals(const CtlCall *call, Error *err);
int verb_check(const CtlCall *call, Error *err);
int verb_checks(const CtlCall *call, Error *err);
int verb_gates(const CtlCall *call, Error *err);
int verb_approve(const CtlCall *call, Error *err);
int verb_reject(const CtlCall *call, Error *err);
int verb_audit(const CtlCall *call, Error *err);
int verb_backup(const CtlCall *call, Error *err);
int verb_cancel(const CtlCall *call, Error *err);
int verb_complete(const CtlCall *call, Error *err);
int verb_create(const CtlCall *call, Error *err);
int verb_describe(const CtlCall *call, Error *err);
int verb_events(const CtlCall *call, Error *err);
int verb_export(const CtlCall *call, Error *err);
int verb_import(const CtlCall *call, Error *err);
int verb_plan(const CtlCall *call, Error *err);
int verb_status(const CtlCall *call, Error *err);
int verb_archive(const CtlCall *call, Error *err);
int verb_changes(const CtlCall *call, Error *err);
int verb_compare(const CtlCall *call, Error *err);
int verb_confirm(const CtlCall *call, Error *err);
int verb_confirm_prune(const CtlCall *call, Error *err);
int verb_deprecate(const CtlCall *call, Error *err);
int verb_get(const CtlCall *call, Error *err);
int verb_history(const CtlCall *call, Error *err);
int verb_hold(const CtlCall *call, Error *err);
int verb_init(const CtlCall *call, Error *err);
int verb_key(const CtlCall *call, Error *err);
int verb_lineage(const CtlCall *call, Error *err);
int verb_protected(const CtlCall *call, Error *err);
int verb_rollback(const CtlCall *call, Error *err);
int verb_promote(const CtlCall *call, Error *err);
int verb_render(const CtlCall *call, Error *err);
int verb_restore(const CtlCall *call, Error *err);
int verb_resume(const CtlCall *call, Error *err);
int verb_explain(const CtlCall *call, Error *err);
int verb_guess(const CtlCall *call, Error *err);
int verb_help(const CtlCall *call, Error *err);
int verb_lock(const CtlCall *call, Error *err);
int verb_lint(const CtlCall *call, Error *err);
int verb_schema(const CtlCall *call, Error *err);
int verb_sync(const CtlCall *call, Error *err);
int verb_open(const CtlCall *call, Error *err);
int verb_token(const CtlCall *call, Error *err);
int verb_verify(const CtlCall *call, Error *err);
int verb_why(const CtlCall *call, Error *err);
int verb_version(const CtlCall *call, Error *err);

/* Returns ERROR_INVALID and suggests the nearest candidate. what: "verb" or "option". */
int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err);

/* Does the same for a verb. Also recognizes verbs of other tools, and kinds, for which it suggests
 * `get`. */
int ctl_unknown_verb(const char *word, const char *const *candidates, size_t n, Error *err);
/* Returns the option for which other tools have this word, such as "label" for "l"; NULL: none. */
const char *ctl_habit_option(const char *word, const char *const *candidates, size_t n);

/* kinds.c */
#define CTL_N_KINDS 12
typedef struct CtlKind {
        const char *one, *many;
        const char *named;   /* "get KIND NAME" takes the name of one object of this kind */
        const char *filters; /* options of "get KIND", with a space before each and at the end */
} CtlKind;
extern const CtlKind ctl_kinds[CTL_N_KINDS];
/* Finds the singular name of the kind that the word names or abbreviates ("env"). *ret is the word
 * itself if there is no such kind. Returns ERROR_INVALID if the word abbreviates several kinds; the
 * message lists them. */
int ctl_kind(const char *word, const char **ret, Error *err);
const CtlKind *ctl_find_kind(const char *one); /* NULL if there is no such kind */

/* help.c: finds a verb by name. If there is none, the error suggests the nearest name. */
int ctl_find_verb(const Verb *verbs, const char *name, const Verb **ret, Error *err);
void ctl_help_verb(const Verb *verb);

/* options.c: returns the index of the verb in argv, which options may precede; 0 if there is
 * none. */
int ctl_verb_at(int argc, char *const *argv);
