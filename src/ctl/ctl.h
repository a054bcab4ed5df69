#pragma once

/* relmanctl: a table of verbs, one small file each. A verb gets its own arguments (argv[0] is its
 * name) and returns the exit status; what went wrong with the call itself comes back as an error
 * and exits 2. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CTL_OK      0
#define CTL_FOUND   1 /* the answer is a fault: errors in specs, ... */
#define CTL_USAGE   2
#define CTL_WAITS   3 /* --wait: accepted, and it goes on by what somebody else does, or later */
#define CTL_ALTERED 3 /* verify: the file is not what it says it is */
#define CTL_MISSING                                                                                \
        4 /* verify: a registry does not serve a digest any more, or other bytes for it */
#define CTL_UNREACHABLE 5 /* verify: a registry could not be asked */

/* What most verbs take for -o; what prints no objects has no names of them. */
#define CTL_TABLES "table|wide|json|yaml"
#define CTL_NAMES  CTL_TABLES "|name"

typedef struct Verb {
        const char *name;
        const char *arguments; /* as people read them; complete.c reads them too */
        const char *summary;
        int (*run)(int argc, char **argv, Error *err);
        bool may_repeat;     /* with --watch */
        const char *outputs; /* words of -o, "text|json"; NULL: it takes none */
} Verb;

extern const Verb ctl_verbs[]; /* ended by one without a name */

int verb_approve(int argc, char **argv, Error *err);
int verb_audit(int argc, char **argv, Error *err);
int verb_backup(int argc, char **argv, Error *err);
int verb_cancel(int argc, char **argv, Error *err);
int verb_complete(int argc, char **argv, Error *err);
int verb_create(int argc, char **argv, Error *err);
int verb_describe(int argc, char **argv, Error *err);
int verb_events(int argc, char **argv, Error *err);
int verb_plan(int argc, char **argv, Error *err);
int verb_status(int argc, char **argv, Error *err);
int verb_archive(int argc, char **argv, Error *err);
int verb_changes(int argc, char **argv, Error *err);
int verb_compare(int argc, char **argv, Error *err);
int verb_confirm(int argc, char **argv, Error *err);
int verb_confirm_prune(int argc, char **argv, Error *err);
int verb_deprecate(int argc, char **argv, Error *err);
int verb_get(int argc, char **argv, Error *err);
int verb_history(int argc, char **argv, Error *err);
int verb_hold(int argc, char **argv, Error *err);
int verb_lineage(int argc, char **argv, Error *err);
int verb_promote(int argc, char **argv, Error *err);
int verb_render(int argc, char **argv, Error *err);
int verb_restore(int argc, char **argv, Error *err);
int verb_resume(int argc, char **argv, Error *err);
int verb_explain(int argc, char **argv, Error *err);
int verb_help(int argc, char **argv, Error *err);
int verb_lint(int argc, char **argv, Error *err);
int verb_schema(int argc, char **argv, Error *err);
int verb_sync(int argc, char **argv, Error *err);
int verb_token(int argc, char **argv, Error *err);
int verb_verify(int argc, char **argv, Error *err);
int verb_version(int argc, char **argv, Error *err);

/* ERROR_INVALID with the nearest of candidates. what: "verb", "option". */
int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err);

/* NULL if there is none of that name. */
const Verb *ctl_verb(const char *name);

/* -o FORMAT: true for json; fails for what is neither that nor the given other word. */
int ctl_output(const char *word, const char *other, bool *ret_json, Error *err);
