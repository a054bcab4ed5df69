#pragma once

/* The options of verbs that send requests to the daemon. Each verb lists those that it takes. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/client.h"
#include "ctl/ctl.h"
#include "ctl/print/table.h"

typedef enum CtlOutput {
        OUTPUT_TABLE,
        OUTPUT_WIDE, /* -o wide: the terminal's width does not limit the table */
        OUTPUT_JSON,
        OUTPUT_YAML,
        OUTPUT_NAME,
        OUTPUT_TEXT, /* only plan has this output and the next one */
        OUTPUT_MARKDOWN,
        OUTPUT_DIGESTS, /* only for protected */
} CtlOutput;

typedef struct CtlOptions {
        Arena arena;
        ClientPlace place;
        const char *tenant;
        CtlOutput output;
        const char *output_version;
        bool is_second; /* --output-version 2: lists in json and yaml are {items, meta} */
        bool wait, force, follow, all, from_latest, include_prerelease, registry, wait_change,
                allow_removals, dry_run, withdraw, pass, fail, run, all_tenants, strict, plan;
        /* the names are those of the API's parameters and members */
        const char *message, *reason, *evidence, *status, *from, *to, *component, *digest, *layer,
                *base, *version, *text, *label, *since, *until, *as_of, *page, *page_size, *channel,
                *limit, *after, *after_tag, *type, *object, *component_name, *tag, *repository;
        const char *release; /* for gates: the argument RELEASE, which is not an option */
        const char *display_name, *pin_from, *from_env, *commit, *branch, *build_id, *pipeline_url,
                *idempotency_key, *specs, *tags, *range, *keep, *format, *state, *config, *role,
                *expires, *person, *promotion, *key, *running, *platform, *allow_also, *at;
        char **names; /* the arguments that are not options */
        int n_names;
} CtlOptions;

/* The options and arguments that a verb takes. */
typedef struct CtlTakes {
        const char *const *options; /* long names of the verb's options, NULL-ended; NULL: none */
        int n_min, n_max;           /* limits for the number of arguments that are not options */
        const char *usage;          /* arguments, as the error about wrong ones prints them */
} CtlTakes;

/* Reads the options of a call. -o is always accepted; verbs that send requests to the daemon also
 * accept --socket, --url, --ca-file and --tenant. */
int ctl_options_parse(const CtlCall *call, const CtlTakes *takes, CtlOptions *ret, Error *err);
/* Refuses the first option with a value that is in taken, but not in allowed (words between
 * spaces). what: for the error, such as "releases". */
int ctl_options_only(const CtlOptions *options, const char *const *taken, const char *allowed,
                     const char *what, Error *err);
void ctl_options_done(CtlOptions *options);

/* promotion/promote.c: promotes the release names[0] to the environment names[1], and prints the
 * result. Returns the exit status. */
int promote_release(CtlOptions *options, Error *err);

/* Converts a time as a person types it (time_parse_past()) to RFC 3339. NULL stays. option: for the
 * error. */
int ctl_take_time(CtlOptions *options, const char *option, const char **text, Error *err);

/* Splits KIND/NAME, as -o name prints it, into KIND and NAME. */
int ctl_split_name(CtlOptions *options, Error *err);

/* Returns "/api/v1" and the path with its parts escaped, and the tenant unless it is the default
 * one. parts: literal, name, literal, name, ..., NULL. */
const char *ctl_path(CtlOptions *options, const char *const *parts);

/* Prints the answer if the output is json or yaml, and then sets *ret_printed. */
int ctl_print(const CtlOptions *options, const ClientAnswer *answer, bool *ret_printed, Error *err);

/* pages.c: returns the text between the brackets of the answer's only list; NULL: it has none. */
const char *ctl_page_inner(const ClientAnswer *answer, size_t *ret_size);
/* pages.c: prints the JSON of all pages as one answer. */
int ctl_print_pages(CtlOptions *options, const Buffer *json, ClientAnswer *ret, bool *ret_printed,
                    Error *err);
/* pages.c: does the same as ctl_get() for a list of objects, and gets all its pages. */
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

/* Writes a JSON object of those members that are not NULL: name, value, ..., NULL. */
const char *ctl_body(CtlOptions *options, const char *const *members);

/* With -o name, prints KIND/NAME, which get and describe accept, and returns true. With other
 * outputs returns false. */
bool ctl_print_name(const CtlOptions *options, const char *kind, const char *name);

/* Returns "s", or "" if the number is 1. */
const char *ctl_plural(const char *number);
/* True if a hold keeps the environment of the API from following a stream or another environment.
 * Where there is nothing to follow, a hold only records which release a person promoted. */
bool ctl_is_on_hold(const Node *environment);

/* True for -o table and wide. */
bool ctl_is_table(const CtlOptions *options);
int table_of(Table *table, CtlOptions *options, const char *const *columns);
