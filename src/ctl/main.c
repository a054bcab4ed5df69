#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "ctl/ctl.h"

#define WATCH_SECONDS 2
#define LISTED_MAX    16

/* clang-format off */
const Verb ctl_verbs[] = {
        { "approve", "ENVIRONMENT RELEASE [--wait]", "approve a release for an environment", verb_approve, false, CTL_NAMES },
        { "archive", "RELEASE", "a release is done with", verb_archive, false, CTL_NAMES },
        { "audit", "[--since TIME|DURATION] [--after SEQUENCE] [--limit N | --all]", "who asked for what, when and from where", verb_audit, true, CTL_TABLES },
        { "backup", "[--keep N] FILE", "a consistent copy of the daemon's database", verb_backup, false, NULL },
        { "cancel", "ENVIRONMENT [--reason TEXT]", "cancel the promotion that is pending in an environment", verb_cancel, false, CTL_NAMES },
        { "changes", "ENVIRONMENT --from TIME [--to TIME]", "what changed in an environment between two times", verb_changes, true, CTL_TABLES },
        { "compare", "RELEASE RELEASE", "what differs between two releases", verb_compare, true, CTL_TABLES },
        { "complete", "bash|zsh|fish", "print what completes a command line, or a shell's completion", verb_complete, false, NULL },
        { "confirm", "ENVIRONMENT [RELEASE] [--status deployed|failed] [--evidence REF] [--reason TEXT]", "say that the release on its way is deployed, or failed", verb_confirm, false, CTL_NAMES },
        { "confirm-prune", "", "let the removals happen that the guard holds back", verb_confirm_prune, false, CTL_TABLES },
        { "create", "release NAME [COMPONENT...] [--from-latest] [--channel CHANNEL] [--pin-from ENVIRONMENT] [--display-name TEXT] [--label KEY=VALUE] [--commit SHA] [--branch NAME] [--build-id ID] [--pipeline-url URL] [--idempotency-key KEY]",
          "make a release; a component is NAME, NAME=VERSION, NAME:TAG, NAME@DIGEST or NAME/CHANNEL", verb_create, false, CTL_NAMES },
        { "deprecate", "RELEASE [--reason TEXT]", "a release is promoted nowhere any more", verb_deprecate, false, CTL_NAMES },
        { "describe", "KIND NAME", "an object whole, and what hangs on it", verb_describe, true, CTL_TABLES },
        { "events", "[replay RECEIVER] [--follow] [--since TIME|DURATION] [--type TYPE] [--object KIND/NAME] [--after SEQUENCE] [--limit N | --all] [--from ID]", "what happened; or tell a receiver again of all from some event on", verb_events, true, CTL_TABLES },
        { "explain", "COMPONENT [TAG] [--specs DIR] [--tags FILE|-] [--channel CHANNEL] [--range RANGE] [--include-prerelease]", "which tag is which version, which is chosen, and why", verb_explain, false, CTL_TABLES },
        { "get", "KIND [NAME] [--status STATUS] [--component COMPONENT] [--digest DIGEST] [--version VERSION] [--text TEXT] [--label LABEL] [--since TIME] [--until TIME] [--page N] [--page-size N] [--channel CHANNEL] [--limit N]",
          "releases, environments, components, registries, streams, receivers, tenants; versions and tags of a COMPONENT; KIND/NAME is understood too", verb_get, true, CTL_NAMES },
        { "help",    "[VERB]", "this text, or what one verb takes", verb_help, false, NULL },
        { "history", "ENVIRONMENT [--page N] [--page-size N]", "what an environment was at, newest first", verb_history, true, CTL_TABLES },
        { "hold", "ENVIRONMENT [--reason TEXT]", "nothing is promoted there until it is resumed", verb_hold, false, CTL_NAMES },
        { "lineage", "RELEASE", "what a release came from and where it went", verb_lineage, true, CTL_TABLES },
        { "lint",    "DIR", "check specs and print everything that is wrong with them", verb_lint, false, "text|json" },
        { "plan", "DIR [-o text|markdown|json|yaml]", "what a commit of these specs would change", verb_plan, false, "text|markdown|json|yaml" },
        { "promote", "RELEASE ENVIRONMENT [--wait]", "an environment gets a release, newer or older", verb_promote, false, CTL_NAMES },
        { "render", "FILE --format yaml|json|kustomize|compose|helm|images-lock|dotenv|quadlet [--to FILE]", "a lockfile in another tool's format", verb_render, false, NULL },
        { "restore", "FILE [--state PATH] [--config FILE]", "a backup takes the place of the database, while no daemon runs", verb_restore, false, NULL },
        { "resume", "ENVIRONMENT [--wait]", "follow the stream again", verb_resume, false, CTL_NAMES },
        { "schema",  "", "print the JSON Schema of specs", verb_schema, false, NULL },
        { "status", "", "how all is, and what is not well", verb_status, true, CTL_TABLES },
        { "sync", "COMPONENT... [--force] [--wait]", "poll components now and wait until that is done", verb_sync, false, CTL_NAMES },
        { "token", "NAME [--tenant TENANT] [--role read|write|admin] [--expires TIME] [--person PERSON]", "make a bearer token for the API over TCP", verb_token, false, NULL },
        { "verify",  "FILE... [--registry] [--specs DIR]", "check that lockfiles are what relmand wrote, and that registries serve every digest", verb_verify, false, NULL },
        { "version", "", "print the version", verb_version, false, NULL },
        { 0 },
};
/* clang-format on */

int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err)
{
        const char *nearest = suggest_nearest(word, candidates, n);
        _cleanup_(buffer_done) Buffer all;

        buffer_init(&all, 4096);
        if (!nearest && n <= LISTED_MAX) { /* few enough to read */
                for (size_t i = 0; i < n; i++)
                        (void)buffer_printf(&all, "%s%s", i > 0 ? ", " : "", candidates[i]);
                return all.failed
                               ? error_oom(err)
                               : error_set(err, ERROR_INVALID, -EINVAL,
                                           "unknown %s '%s'; there are: %s", what, word, all.data);
        }
        return error_set(err, ERROR_INVALID, -EINVAL, "unknown %s '%s'; %s%s%ssee relmanctl help",
                         what, word, nearest ? "did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'? " : "");
}

int ctl_output(const char *word, const char *other, bool *ret_json, Error *err)
{
        if (!streq(word, "json") && !streq(word, other))
                return error_set(err, ERROR_INVALID, -EINVAL, "-o takes %s or json, not '%s'",
                                 other, word);
        *ret_json = streq(word, "json");
        return 0;
}

const Verb *ctl_verb(const char *name)
{
        for (const Verb *verb = ctl_verbs; verb->name; verb++)
                if (streq(verb->name, name))
                        return verb;
        return NULL;
}

static int find_verb(const char *name, const Verb **ret, Error *err)
{
        const char *names[64];
        size_t n = 0;

        if (streq(name, "--help") || streq(name, "-h"))
                name = "help";
        else if (streq(name, "--version") || streq(name, "-V"))
                name = "version";
        *ret = ctl_verb(name);
        if (*ret)
                return 0;
        for (const Verb *verb = ctl_verbs; verb->name; verb++)
                names[n++] = verb->name;
        return ctl_unknown("verb", name, names, n, err);
}

static void help_verb(const Verb *verb)
{
        printf("relmanctl %s%s%s\n      %s\n", verb->name, verb->arguments[0] ? " " : "",
               verb->arguments, verb->summary);
        if (verb->outputs && !strstr(verb->arguments, "-o "))
                printf("      -o %s\n", verb->outputs);
        printf("See relmanctl(1).\n");
}

/* --help after a verb; what completes takes any word. */
static bool wants_help(const Verb *verb, int argc, char **argv)
{
        for (int i = 2; i < argc && !streq(argv[i], "--") && !streq(verb->name, "complete"); i++)
                if (streq(argv[i], "--help") || streq(argv[i], "-h"))
                        return true;
        return false;
}

int verb_help(int argc, char **argv, Error *err)
{
        const Verb *one;

        if (argc > 1) {
                int r = find_verb(argv[1], &one, err);

                if (r >= 0)
                        help_verb(one);
                return r;
        }
        printf("relmanctl VERB [ARGUMENT]...\n\n");
        for (const Verb *verb = ctl_verbs; verb->name; verb++)
                printf("  %s%s%s\n      %s\n", verb->name, verb->arguments[0] ? " " : "",
                       verb->arguments, verb->summary);
        printf("\nexplain, lint, render, restore, schema, token, verify and version work without the daemon; the others ask it on its socket\n"
               "(explain too, if no --specs are given) "
               "(--socket PATH or RELMAN_SOCKET, or --url URL with RELMAN_TOKEN; -o table, wide, json, yaml, or name of what has one; --tenant NAME; --watch repeats what only reads). Exit status: 0 well, 1 errors found, 2 bad usage, 3 accepted and waits (--wait); verify: 3 "
               "the file was altered, 4 a digest is not served, 5 a registry could not be asked.\nSee relmanctl(1).\n");
        return CTL_OK;
}

int verb_version(int argc, char **argv, Error *err)
{
        (void)argc, (void)argv, (void)err;
        printf("relmanctl " PACKAGE_VERSION "\n");
        return CTL_OK;
}

/* --watch[=SECONDS], wherever it stands; 0 if it is not there. */
static int take_watch(int *argc, char **argv, unsigned *ret, Error *err)
{
        uint64_t seconds = WATCH_SECONDS;
        int n = 1;

        *ret = 0;
        for (int i = 1; i < *argc; i++) {
                const char *value = strncmp(argv[i], "--watch=", 8) == 0 ? argv[i] + 8 : NULL;

                if (!value && !streq(argv[i], "--watch")) {
                        argv[n++] = argv[i];
                        continue;
                }
                if (value && (parse_uint64(value, &seconds) < 0 || seconds == 0 || seconds > 86400))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "--watch takes seconds, not '%s'", value);
                *ret = (unsigned)seconds;
        }
        argv[n] = NULL;
        *argc = n;
        return 0;
}

static int run(const Verb *verb, int argc, char **argv, Error *err)
{
        int r = verb->run(argc, argv, err);

        if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
                r = error_set(err, ERROR_INTERNAL, -EIO, "cannot write to standard output");
        return r;
}

/* Again and again, until it is interrupted or fails. */
static int repeat(const Verb *verb, int argc, char **argv, unsigned seconds, Error *err)
{
        char **copy = calloc((size_t)argc + 1, sizeof(char *));
        int r = 0;

        if (!copy)
                return error_oom(err);
        while (r >= 0) {
                memcpy(copy, argv, (size_t)argc * sizeof(char *)); /* getopt reorders */
                if (isatty(STDOUT_FILENO))
                        (void)fputs("\033[H\033[2J", stdout); /* run() looks for write errors */
                optind = 0;
                r = run(verb, argc, copy, err);
                (void)sleep(seconds); /* a signal ends it */
        }
        free(copy);
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_(error_done) Error error = { 0 };
        const Verb *verb = NULL;
        unsigned watch = 0;
        int r;

        log_open("relmanctl", LOG_LEVEL_INFO);
        if (argc < 2) {
                (void)verb_help(0, NULL, NULL);
                return CTL_USAGE;
        }
        r = find_verb(argv[1], &verb, &error);
        if (r >= 0 && wants_help(verb, argc, argv)) {
                help_verb(verb);
                return CTL_OK;
        }
        if (r >= 0 && !streq(verb->name, "complete"))
                r = take_watch(&argc, argv, &watch, &error);
        if (r >= 0 && watch > 0 && !verb->may_repeat)
                r = error_set(&error, ERROR_INVALID, -EINVAL, "--watch does not go with %s",
                              verb->name);
        if (r >= 0)
                r = watch > 0 ? repeat(verb, argc - 1, argv + 1, watch, &error)
                              : run(verb, argc - 1, argv + 1, &error);
        if (r >= 0)
                return r;
        log_error("%s", error_message(&error));
        return error.code == -EREMOTEIO ? CTL_FOUND : CTL_USAGE; /* the daemon's own answer */
}
