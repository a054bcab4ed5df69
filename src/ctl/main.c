#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/parse.h"
#include "ctl/verbs.h"

#define WATCH_SECONDS 2

/* Removes --watch[=SECONDS] from argv, at any position. Returns 0 if it is not there. */
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

static int run(const CtlCall *call, Error *err)
{
        int r = call->verb->run(call, err);

        if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
                r = error_set(err, ERROR_INTERNAL, -EIO, "cannot write to standard output");
        return r;
}

/* Repeats the call until it fails or the user interrupts it. Clears a terminal before each answer.
 * In a pipe, separates the answers by an empty line. */
static int repeat(const CtlCall *call, unsigned seconds, Error *err)
{
        char **copy = calloc((size_t)call->argc + 1, sizeof(char *));
        CtlCall again = *call;
        bool is_first = true;
        int r = 0;

        if (!copy)
                return error_oom(err);
        again.argv = copy;
        while (r >= 0) {
                memcpy(copy, call->argv, (size_t)call->argc * sizeof(char *)); /* getopt reorders */
                if (isatty(STDOUT_FILENO))
                        (void)fputs("\033[H\033[2J", stdout); /* run() checks for write errors */
                else if (!is_first)
                        (void)putchar('\n');
                is_first = false;
                optind = 0;
                r = run(&again, err);
                (void)sleep(seconds); /* a signal ends this wait */
        }
        free(copy);
        return r;
}

static bool is_help(const char *word)
{
        return streq(word, "--help") || streq(word, "-h");
}

static bool is_version(const char *word)
{
        return streq(word, "--version") || streq(word, "-V");
}

/* True if one of argv[begin] to argv[end - 1] is the option. */
static bool has_option(char *const *argv, int begin, int end, bool (*is)(const char *word))
{
        for (int i = begin; i < end && !streq(argv[i], "--"); i++)
                if (is(argv[i]))
                        return true;
        return false;
}

/* Moves the verb from argv[at] before the options that precede it. */
static void put_first(char **argv, int at)
{
        char *verb = argv[at];

        memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
        argv[1] = verb;
}

/* Finds the verb. If only the help of the verb was requested, prints the help and sets ret->verb to
 * NULL. */
static int find_call(int argc, char **argv, CtlCall *ret, Error *err)
{
        int at = ctl_verb_at(argc, argv), r;
        const char *name = at > 0 ? argv[at] : NULL;
        bool wants_help = has_option(argv, 1, at > 0 ? at : argc, is_help);

        if (!name && wants_help)
                name = "help";
        else if (!name && has_option(argv, 1, argc, is_version))
                name = "version";
        if (!name)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "no verb after the options; see relmanctl help");
        r = ctl_find_verb(ctl_verbs, name, &ret->verb, err);
        if (r < 0)
                return r;
        if (at == 0) { /* --help or --version without a verb */
                ret->argc = 1;
                return 0;
        }
        /* the verb complete accepts any word */
        if (wants_help || (!streq(name, "complete") && has_option(argv, at + 1, argc, is_help))) {
                ctl_help_verb(ret->verb);
                ret->verb = NULL;
                return 0;
        }
        put_first(argv, at);
        return 0;
}

int main(int argc, char **argv)
{
        _cleanup_(error_done) Error error = { 0 };
        CtlCall call = { .verbs = ctl_verbs, .argc = argc - 1, .argv = argv + 1 };
        unsigned watch = 0;
        int r;

        log_open("relmanctl", LOG_LEVEL_INFO);
        if (argc < 2) {
                (void)verb_help(&call, NULL); /* without arguments it cannot fail */
                return CTL_USAGE;
        }
        r = find_call(argc, argv, &call, &error);
        if (r >= 0 && !call.verb)
                return CTL_OK;
        if (r >= 0 && !streq(call.verb->name, "complete"))
                r = take_watch(&call.argc, call.argv, &watch, &error);
        if (r >= 0 && watch > 0 && !call.verb->may_repeat)
                r = error_set(&error, ERROR_INVALID, -EINVAL, "--watch does not go with %s",
                              call.verb->name);
        if (r >= 0)
                r = watch > 0 ? repeat(&call, watch, &error) : run(&call, &error);
        if (r >= 0)
                return r;
        log_error("%s", error_message(&error));
        return error.code == -EREMOTEIO ? CTL_FOUND : CTL_USAGE; /* the daemon refused */
}
