#pragma once

/* The options of verbs, mainly of those that send requests to the daemon. Each verb lists the
 * options that it takes. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/client.h"
#include "ctl/ctl.h"
#include "ctl/print/table.h"

typedef enum CtlOutput {
        OUTPUT_TABLE,
        OUTPUT_WIDE, /* -o wide: the table is not fitted to the terminal */
        OUTPUT_JSON,
        OUTPUT_YAML,
        OUTPUT_NAME,
        OUTPUT_TEXT, /* this output and the next one are only for plan */
        OUTPUT_MARKDOWN,
        OUTPUT_DIGESTS, /* only for protected */
} CtlOutput;

typedef struct CtlOptions {
        Arena arena;
        ClientPlace place;
        const char *tenant;
        CtlOutput output;
        const char *output_version;
        bool is_second; /* --output-version 2: prints lists in json and yaml as {items, meta} */
        bool wait, force, follow, all, from_latest, include_prerelease, registry, wait_change,
                allow_removals, dry_run, withdraw, pass, fail, run, all_tenants, strict, plan,
                verify, ready;
        /* named like the parameters and members of the API */
        const char *message, *reason, *evidence, *status, *from, *to, *component, *digest, *layer,
                *base, *version, *text, *label, *since, *until, *as_of, *page, *page_size, *channel,
                *limit, *after, *after_tag, *type, *object, *component_name, *tag, *repository,
                *replay;
        const char *release;   /* only for gates: the argument RELEASE, which is not an option */
        const char *admission; /* only for the lock of an environment: the format of a policy */
        const char *display_name, *pin_from, *from_env, *commit, *branch, *build_id, *pipeline_url,
                *idempotency_key, *specs, *tags, *range, *keep, *format, *state, *config, *role,
                *expires, *person, *promotion, *key, *running, *platform, *allow_also, *at, *head,
                *previous;
        char **names; /* the arguments that are not options */
        int n_names;
} CtlOptions;

/* The options and arguments that a verb takes. */
typedef struct CtlTakes {
        const char *const *options; /* long names of the verb's options, NULL-ended; NULL: none */
        int n_min, n_max;  /* minimum and maximum number of arguments that are not options */
        const char *usage; /* the arguments, for the message about wrong ones */
} CtlTakes;

/* Reads the options of a call. -o is always accepted; verbs that send requests to the daemon also
 * accept --socket, --url, --ca-file and --tenant. */
int ctl_options_parse(const CtlCall *call, const CtlTakes *takes, CtlOptions *ret, Error *err);
/* Returns ERROR_INVALID if an option of taken is set, but not in allowed, a list of words with
 * spaces around each. what: the kind for the message, such as "releases". */
int ctl_options_only(const CtlOptions *options, const char *const *taken, const char *allowed,
                     const char *what, Error *err);
void ctl_options_done(CtlOptions *options);

/* promotion/promote.c: promotes the release names[0] to the environment names[1], and prints the
 * result. Returns the exit status. */
int promote_release(CtlOptions *options, Error *err);

/* lock/audit-verify.c: verifies the statements of environments names[], or of files. Returns the
 * exit status. */
int audit_verify(CtlOptions *options, Error *err);

/* Converts *text, a time in a form that time_parse_past() accepts, to RFC 3339. *text may be NULL.
 * option: name of the option for the message. */
int ctl_take_time(CtlOptions *options, const char *option, const char **text, Error *err);

/* Splits the argument KIND/NAME, the form that -o name prints, into KIND and NAME. */
int ctl_split_name(CtlOptions *options, Error *err);

/* Returns "/api/v1" and the path with escaped names, and a parameter for a tenant other than the
 * default one. parts: literal, name, literal, name, ..., NULL. */
const char *ctl_path(CtlOptions *options, const char *const *parts);

/* If the output is json or yaml, prints the answer and sets *ret_printed. */
int ctl_print(const CtlOptions *options, const ClientAnswer *answer, bool *ret_printed, Error *err);

/* pages.c: returns the text between the brackets of the only list in the answer; NULL: there is no
 * list. */
const char *ctl_page_inner(const ClientAnswer *answer, size_t *ret_size);
/* pages.c: prints json, the joined JSON of all pages, as one answer. */
int ctl_print_pages(CtlOptions *options, const Buffer *json, ClientAnswer *ret, bool *ret_printed,
                    Error *err);
/* pages.c: same as ctl_get() for all pages of a list of objects. */
int ctl_get_all(CtlOptions *options, const char *const *parts, ClientAnswer *ret, bool *ret_printed,
                Error *err);

/* Gets an answer without printing it. */
int ctl_fetch(CtlOptions *options, const char *path, ClientAnswer *ret, Error *err);

/* Sends a request. If the output is json or yaml, prints the answer and sets *ret_printed.
 * ret->shape: the members that the answer must have. */
int ctl_get(CtlOptions *options, const char *path, ClientAnswer *ret, bool *ret_printed,
            Error *err);
int ctl_post(CtlOptions *options, const char *path, const char *body, ClientAnswer *ret,
             bool *ret_printed, Error *err);

/* Returns a JSON object of the members whose value is not NULL. members: name, value, ..., NULL. */
const char *ctl_body(CtlOptions *options, const char *const *members);

/* With -o name, prints KIND/NAME, which get and describe accept, and returns true. Otherwise
 * returns false. */
bool ctl_print_name(const CtlOptions *options, const char *kind, const char *name);

/* Returns "s", or "" if the number is 1. */
const char *ctl_plural(const char *number);
/* True if a hold keeps the environment from following a stream or another environment. If an
 * environment follows nothing, a hold only records which release a person promoted. */
bool ctl_is_on_hold(const Node *environment);

/* True for -o table and wide. */
bool ctl_is_table(const CtlOptions *options);
int table_of(Table *table, CtlOptions *options, const char *const *columns);
