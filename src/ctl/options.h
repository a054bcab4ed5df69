#pragma once

/* The options of verbs that ask the daemon. Each verb says which it takes. */

#include "base/arena.h"
#include "base/error.h"
#include "ctl/client/client.h"
#include "ctl/ctl.h"
#include "ctl/print/table.h"

typedef enum CtlOutput {
        OUTPUT_TABLE,
        OUTPUT_WIDE, /* a table that no terminal shortens */
        OUTPUT_JSON,
        OUTPUT_YAML,
        OUTPUT_NAME,
        OUTPUT_TEXT, /* of plan, as is the next */
        OUTPUT_MARKDOWN,
} CtlOutput;

typedef struct CtlOptions {
        Arena arena;
        ClientPlace place;
        const char *tenant;
        CtlOutput output;
        const char *output_version;
        bool is_second; /* --output-version 2: lists in json and yaml are {items, meta} */
        bool wait, force, follow, all, from_latest, include_prerelease, registry, wait_change,
                allow_removals, dry_run, withdraw;
        /* the same names as the API's parameters and members */
        const char *reason, *evidence, *status, *from, *to, *component, *digest, *version, *text,
                *label, *since, *until, *page, *page_size, *channel, *limit, *after, *after_tag,
                *type, *object, *component_name, *tag;
        const char *display_name, *pin_from, *from_env, *commit, *branch, *build_id, *pipeline_url,
                *idempotency_key, *specs, *tags, *range, *keep, *format, *state, *config, *role,
                *expires, *person;
        char **names; /* what is no option */
        int n_names;
} CtlOptions;

/* takes: long names, NULL-ended, beside -o and, of verbs that ask the daemon, --socket, --url,
 * --ca-file and --tenant. Between n_min and n_max names must be given; usage says which. */
typedef struct CtlTakes {
        const char *const *options;
        int n_min, n_max;
        const char *usage;
} CtlTakes;

int ctl_options_parse(const CtlCall *call, const CtlTakes *takes, CtlOptions *ret, Error *err);
/* Refuses the first option with a value that is in taken, but not one of allowed (words between
 * spaces). what: "releases". */
int ctl_options_only(const CtlOptions *options, const char *const *taken, const char *allowed,
                     const char *what, Error *err);
void ctl_options_done(CtlOptions *options);

/* Makes RFC 3339 of a time as people write it (time_parse_past()). NULL stays. option: for the
 * error. */
int ctl_take_time(CtlOptions *options, const char *option, const char **text, Error *err);

/* KIND/NAME, as -o name prints it, becomes KIND NAME. */
int ctl_split_name(CtlOptions *options, Error *err);

/* "/api/v1" and the path, with what stands in it escaped, and the tenant if it is not the default
 * one. parts: literal, name, literal, name, ..., NULL. */
const char *ctl_path(CtlOptions *options, const char *const *parts);

/* Prints the answer with -o json and yaml, and then *ret_printed. */
int ctl_print(const CtlOptions *options, const ClientAnswer *answer, bool *ret_printed, Error *err);

/* pages.c: what stands between the brackets of the answer's only list; NULL: it has none. */
const char *ctl_page_inner(const ClientAnswer *answer, size_t *ret_size);
/* pages.c: takes the JSON of all pages as the answer, and prints it. */
int ctl_print_pages(CtlOptions *options, const Buffer *json, ClientAnswer *ret, bool *ret_printed,
                    Error *err);
/* pages.c: like ctl_get() of a list of objects, all pages of it. */
int ctl_get_all(CtlOptions *options, const char *const *parts, ClientAnswer *ret, bool *ret_printed,
                Error *err);

/* Gets an answer, and prints nothing. */
int ctl_fetch(CtlOptions *options, const char *path, ClientAnswer *ret, Error *err);

/* Calls; prints the answer with -o json and yaml, and then *ret_printed. ret->shape says what the
 * answer must hold. */
int ctl_get(CtlOptions *options, const char *path, ClientAnswer *ret, bool *ret_printed,
            Error *err);
int ctl_post(CtlOptions *options, const char *path, const char *body, ClientAnswer *ret,
             bool *ret_printed, Error *err);

/* {"name": "value", ...} of those that are not NULL: name, value, ..., NULL. */
const char *ctl_body(CtlOptions *options, const char *const *members);

/* -o name: KIND/NAME, as get and describe understand it; false for other outputs. */
bool ctl_said_name(const CtlOptions *options, const char *kind, const char *name);

/* "s", or "" if the number is 1. */
const char *ctl_plural(const char *number);

/* True for -o table and wide. */
bool ctl_is_table(const CtlOptions *options);
int table_of(Table *table, CtlOptions *options, const char *const *columns);
