#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/suggest.h"
#include "ctl/ctl.h"

/* clang-format off */
const Verb ctl_verbs[] = {
        { "approve", "ENVIRONMENT RELEASE", "approve a release for an environment", verb_approve },
        { "archive", "RELEASE", "a release is done with", verb_archive },
        { "changes", "ENVIRONMENT --from TIME [--to TIME]", "what changed in an environment between two times", verb_changes },
        { "compare", "RELEASE OTHER", "what differs between two releases", verb_compare },
        { "confirm", "ENVIRONMENT [RELEASE] [--status deployed|failed] [--evidence REF]", "say that the release on its way is deployed, or failed", verb_confirm },
        { "confirm-prune", "", "let the removals happen that the guard holds back", verb_confirm_prune },
        { "deprecate", "RELEASE [--reason TEXT]", "a release is promoted nowhere any more", verb_deprecate },
        { "explain", "--specs DIR COMPONENT [TAG] [--tags FILE|-]", "which tag is which version, which is chosen, and why", verb_explain },
        { "get", "KIND [NAME]", "releases, environments, components, versions COMPONENT, registries, streams", verb_get },
        { "help",    "", "this text", verb_help },
        { "history", "ENVIRONMENT", "what an environment was at, newest first", verb_history },
        { "hold", "ENVIRONMENT [--reason TEXT]", "nothing is promoted there until it is resumed", verb_hold },
        { "lineage", "RELEASE", "what a release came from and where it went", verb_lineage },
        { "lint",    "DIR", "check specs and print everything that is wrong with them", verb_lint },
        { "promote", "RELEASE ENVIRONMENT [--wait]", "an environment gets a release, newer or older", verb_promote },
        { "resume", "ENVIRONMENT", "follow the stream again", verb_resume },
        { "schema",  "", "print the JSON Schema of specs", verb_schema },
        { "sync", "COMPONENT [--force]", "poll a component now and wait until that is done", verb_sync },
        { "token", "NAME [--tenant T] [--role read|write|admin] [--expires TIME]", "make a bearer token for the API over TCP", verb_token },
        { "verify",  "[--registry [--specs DIR]] FILE...", "check that lockfiles are what relmand wrote, and that registries serve every digest", verb_verify },
        { "version", "", "print the version", verb_version },
        { 0 },
};
/* clang-format on */

int ctl_unknown(const char *what, const char *word, const char *const *candidates, size_t n,
                Error *err)
{
        const char *nearest = suggest_nearest(word, candidates, n);

        return error_set(err, ERROR_INVALID, -EINVAL, "unknown %s '%s'%s%s%s; see relmanctl help",
                         what, word, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                         nearest ? "'?" : "");
}

int ctl_output(const char *word, const char *other, bool *ret_json, Error *err)
{
        if (!streq(word, "json") && !streq(word, other))
                return error_set(err, ERROR_INVALID, -EINVAL, "-o takes %s or json, not '%s'",
                                 other, word);
        *ret_json = streq(word, "json");
        return 0;
}

int verb_help(int argc, char **argv, Error *err)
{
        (void)argc, (void)argv, (void)err;
        printf("relmanctl VERB [ARGUMENT]...\n\n");
        for (const Verb *verb = ctl_verbs; verb->name; verb++)
                printf("  %s%s%s\n      %s\n", verb->name, verb->arguments[0] ? " " : "",
                       verb->arguments, verb->summary);
        printf("\nexplain, lint, schema, token, verify and version work without the daemon; the others ask it on its socket\n"
               "(--socket PATH or RELMAN_SOCKET; -o table, json or name; --tenant NAME). Exit status: 0 well, 1 errors found, 2 bad usage; verify: 3 "
               "the file was altered, 4 a digest is not served, 5 a registry could not be asked.\nSee relmanctl(1).\n");
        return CTL_OK;
}

int verb_version(int argc, char **argv, Error *err)
{
        (void)argc, (void)argv, (void)err;
        printf("relmanctl " PACKAGE_VERSION "\n");
        return CTL_OK;
}

static int find_verb(const char *name, const Verb **ret, Error *err)
{
        const char *names[64];
        size_t n = 0;

        if (streq(name, "--help") || streq(name, "-h"))
                name = "help";
        else if (streq(name, "--version") || streq(name, "-V"))
                name = "version";
        for (const Verb *verb = ctl_verbs; verb->name; verb++) {
                if (streq(verb->name, name)) {
                        *ret = verb;
                        return 0;
                }
                names[n++] = verb->name;
        }
        return ctl_unknown("verb", name, names, n, err);
}

int main(int argc, char **argv)
{
        _cleanup_(error_done) Error error = { 0 };
        const Verb *verb = NULL;
        int r;

        log_open("relmanctl", LOG_LEVEL_INFO);
        if (argc < 2) {
                (void)verb_help(0, NULL, NULL);
                return CTL_USAGE;
        }
        r = find_verb(argv[1], &verb, &error);
        if (r >= 0)
                r = verb->run(argc - 1, argv + 1, &error);
        if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
                r = error_set(&error, ERROR_INTERNAL, -EIO, "cannot write to standard output");
        if (r >= 0)
                return r;
        log_error("%s", error_message(&error));
        return error.code == -EREMOTEIO ? CTL_FOUND : CTL_USAGE; /* the daemon's own answer */
}
