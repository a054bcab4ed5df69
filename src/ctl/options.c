#include "ctl/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "model/object.h"

#define OPTIONS_TEXT_MAX 4096 /* bytes of a list of option names in a message */
/* maximum memory of a call: explain reads a million tags */
#define CTL_ARENA_MAX ((size_t)1024 * 1024 * 1024)

typedef struct TextOption {
        const char *name;
        size_t offset;
} TextOption;

static const TextOption texts[] = {
        { "socket", offsetof(CtlOptions, place.socket) },
        { "tenant", offsetof(CtlOptions, tenant) },
        { "output-version", offsetof(CtlOptions, output_version) },
        { "message", offsetof(CtlOptions, message) },
        { "reason", offsetof(CtlOptions, reason) },
        { "evidence", offsetof(CtlOptions, evidence) },
        { "promotion", offsetof(CtlOptions, promotion) },
        { "status", offsetof(CtlOptions, status) },
        { "from", offsetof(CtlOptions, from) },
        { "to", offsetof(CtlOptions, to) },
        { "component", offsetof(CtlOptions, component) },
        { "digest", offsetof(CtlOptions, digest) },
        { "layer", offsetof(CtlOptions, layer) },
        { "base", offsetof(CtlOptions, base) },
        { "version", offsetof(CtlOptions, version) },
        { "text", offsetof(CtlOptions, text) },
        { "label", offsetof(CtlOptions, label) },
        { "since", offsetof(CtlOptions, since) },
        { "until", offsetof(CtlOptions, until) },
        { "replay", offsetof(CtlOptions, replay) },
        { "as-of", offsetof(CtlOptions, as_of) },
        { "page", offsetof(CtlOptions, page) },
        { "page-size", offsetof(CtlOptions, page_size) },
        { "url", offsetof(CtlOptions, place.url) },
        { "ca-file", offsetof(CtlOptions, place.ca_file) },
        { "channel", offsetof(CtlOptions, channel) },
        { "limit", offsetof(CtlOptions, limit) },
        { "after", offsetof(CtlOptions, after) },
        { "type", offsetof(CtlOptions, type) },
        { "object", offsetof(CtlOptions, object) },
        { "specs", offsetof(CtlOptions, specs) },
        { "at", offsetof(CtlOptions, at) },
        { "tags", offsetof(CtlOptions, tags) },
        { "range", offsetof(CtlOptions, range) },
        { "display-name", offsetof(CtlOptions, display_name) },
        { "pin-from", offsetof(CtlOptions, pin_from) },
        { "from-env", offsetof(CtlOptions, from_env) },
        { "commit", offsetof(CtlOptions, commit) },
        { "branch", offsetof(CtlOptions, branch) },
        { "build-id", offsetof(CtlOptions, build_id) },
        { "pipeline-url", offsetof(CtlOptions, pipeline_url) },
        { "idempotency-key", offsetof(CtlOptions, idempotency_key) },
        { "keep", offsetof(CtlOptions, keep) },
        { "format", offsetof(CtlOptions, format) },
        { "state", offsetof(CtlOptions, state) },
        { "config", offsetof(CtlOptions, config) },
        { "role", offsetof(CtlOptions, role) },
        { "expires", offsetof(CtlOptions, expires) },
        { "person", offsetof(CtlOptions, person) },
        { "key", offsetof(CtlOptions, key) },
        { "repository", offsetof(CtlOptions, repository) },
        { "running", offsetof(CtlOptions, running) },
        { "platform", offsetof(CtlOptions, platform) },
        { "allow-also", offsetof(CtlOptions, allow_also) },
        { "head", offsetof(CtlOptions, head) },
        { "previous", offsetof(CtlOptions, previous) },
};

static const TextOption flags[] = {
        { "wait", offsetof(CtlOptions, wait) },
        { "force", offsetof(CtlOptions, force) },
        { "follow", offsetof(CtlOptions, follow) },
        { "all", offsetof(CtlOptions, all) },
        { "from-latest", offsetof(CtlOptions, from_latest) },
        { "include-prerelease", offsetof(CtlOptions, include_prerelease) },
        { "registry", offsetof(CtlOptions, registry) },
        { "wait-change", offsetof(CtlOptions, wait_change) },
        { "allow-removals", offsetof(CtlOptions, allow_removals) },
        { "dry-run", offsetof(CtlOptions, dry_run) },
        { "withdraw", offsetof(CtlOptions, withdraw) },
        { "pass", offsetof(CtlOptions, pass) },
        { "fail", offsetof(CtlOptions, fail) },
        { "run", offsetof(CtlOptions, run) },
        { "all-tenants", offsetof(CtlOptions, all_tenants) },
        { "plan", offsetof(CtlOptions, plan) },
        { "strict", offsetof(CtlOptions, strict) },
        { "verify", offsetof(CtlOptions, verify) },
        { "ready", offsetof(CtlOptions, ready) },
};

#define OPTION_OUTPUT 'o'
#define OPTION_TEXT   256                                         /* index in texts of CtlOptions */
#define OPTION_FLAG   1024                                        /* index in flags of CtlOptions */
#define OPTIONS_MAX   (ARRAY_SIZE(texts) + ARRAY_SIZE(flags) + 3) /* and output, watch, the end */

void ctl_options_done(CtlOptions *options)
{
        arena_done(&options->arena);
}

static bool is_taken(const Verb *verb, const CtlTakes *takes, const char *name)
{
        if (verb->group != VERB_OFFLINE &&
            (streq(name, "socket") || streq(name, "tenant") || streq(name, "url") ||
             streq(name, "ca-file") || (streq(name, "output-version") && verb->outputs)))
                return true;
        for (size_t i = 0; takes->options && takes->options[i]; i++)
                if (streq(takes->options[i], name))
                        return true;
        return false;
}

/* Lists the options of the verb for getopt_long(), and their names for suggestions. Returns the
 * number of names. */
static size_t fill(const Verb *verb, const CtlTakes *takes, struct option *options,
                   const char **names)
{
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (is_taken(verb, takes, texts[i].name)) {
                        names[n] = texts[i].name;
                        options[n++] = (struct option){ texts[i].name, required_argument, NULL,
                                                        OPTION_TEXT + (int)i };
                }
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (is_taken(verb, takes, flags[i].name)) {
                        names[n] = flags[i].name;
                        options[n++] = (struct option){ flags[i].name, no_argument, NULL,
                                                        OPTION_FLAG + (int)i };
                }
        names[n] = "output";
        options[n++] = (struct option){ "output", required_argument, NULL, OPTION_OUTPUT };
        options[n] = (struct option){ 0 };
        if (verb->may_repeat)
                names[n++] = "watch"; /* main() handles this option */
        return n;
}

/* If several options begin with the word, sets an error that lists them. */
static int ambiguous_option(const char *verb, const char *word, const char *const *candidates,
                            size_t n, Error *err)
{
        _cleanup_(buffer_done) Buffer all = { 0 };
        size_t n_found = 0, at = 0;

        for (size_t i = 0; i < n; i++)
                n_found += strncmp(candidates[i], word, strlen(word)) == 0;
        if (n_found < 2 || !word[0])
                return 0;
        buffer_init(&all, OPTIONS_TEXT_MAX);
        for (size_t i = 0; i < n; i++)
                if (strncmp(candidates[i], word, strlen(word)) == 0)
                        (void)buffer_printf(&all, "%s--%s", text_separator(at++, n_found, " or "),
                                            candidates[i]);
        return all.failed ? error_oom(err)
                          : error_set(err, ERROR_INVALID, -EINVAL,
                                      "option '--%s' is ambiguous: it may be %s; see relmanctl "
                                      "help %s",
                                      word, all.data, verb);
}

/* Sets an error about an unknown option. name: as typed, --NAME or --NAME=VALUE. */
static int unknown_option(const char *verb, const char *name, const char *const *candidates,
                          size_t n, Error *err)
{
        size_t dashes = strspn(name, "-"), size = strcspn(name, "=");
        _cleanup_(freep) char *word = size > dashes ? strndup(name + dashes, size - dashes) : NULL;
        const char *nearest = word ? ctl_habit_option(word, candidates, n) : NULL;
        int r = word && dashes == 2 ? ambiguous_option(verb, word, candidates, n, err) : 0;

        if (r < 0)
                return r;
        if (word && !nearest)
                nearest = suggest_nearest(word, candidates, n);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "unknown option '%.*s'; %s%s%ssee relmanctl "
                         "help %s",
                         (int)size, name, nearest ? "did you mean '--" : "", nearest ? nearest : "",
                         nearest ? "'? " : "", verb);
}

static int bad_output(const Verb *verb, const char *word, Error *err)
{
        _cleanup_(buffer_done) Buffer words;

        buffer_init(&words, 256);
        if (!verb->outputs)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "%s takes no -o; see relmanctl help %s", verb->name, verb->name);
        for (const char *p = verb->outputs; *p; p++) {
                if (*p != '|')
                        (void)buffer_putc(&words, *p);
                else
                        (void)buffer_puts(&words, strchr(p + 1, '|') ? ", " : " or ");
        }
        return words.failed ? error_oom(err)
                            : error_set(err, ERROR_INVALID, -EINVAL, "-o of %s takes %s, not '%s'",
                                        verb->name, words.data, word);
}

/* Sets the output. Refuses an output that the verb does not have. */
static int set_output(CtlOptions *options, const Verb *verb, const char *word, Error *err)
{
        static const char *const words[] = { "table", "wide", "json",     "yaml",
                                             "name",  "text", "markdown", "digests" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(word, words[i]) && verb->outputs && strstr(verb->outputs, word)) {
                        options->output = (CtlOutput)i;
                        return 0;
                }
        return bad_output(verb, word, err);
}

/* Returns the value of an environment variable; NULL if the variable is not set, or empty. */
static const char *environment_text(const char *name)
{
        const char *text = getenv(name);

        return text && text[0] ? text : NULL;
}

/* Sets the address of the daemon. Options override environment variables, and --socket overrides
 * RELMAN_URL. */
static int set_place(CtlOptions *options, Error *err)
{
        ClientPlace *place = &options->place;

        if (!place->url && !place->socket)
                place->url = environment_text("RELMAN_URL");
        if (!place->socket)
                place->socket = environment_text("RELMAN_SOCKET");
        if (!place->socket)
                place->socket = RELMAN_SOCKET;
        if (!place->ca_file)
                place->ca_file = environment_text("RELMAN_CA_FILE");
        if (options->tenant && options->all_tenants)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--tenant does not go with --all-tenants");
        if (!options->tenant)
                options->tenant = options->all_tenants ? "*" : environment_text("RELMAN_TENANT");
        if (!options->output_version)
                options->output_version = environment_text("RELMAN_OUTPUT_VERSION");
        options->is_second = options->output_version && streq(options->output_version, "2");
        if (options->output_version && !options->is_second && !streq(options->output_version, "1"))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--output-version and RELMAN_OUTPUT_VERSION take 1 or 2, not '%s'",
                                 options->output_version);
        place->token = environment_text("RELMAN_TOKEN");
        if (place->url && strncmp(place->url, "http://", 7) != 0 &&
            strncmp(place->url, "https://", 8) != 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--url and RELMAN_URL begin with http:// or https://, not '%s'",
                                 place->url);
        return 0;
}

static int take_options(const CtlCall *call, const CtlTakes *takes, CtlOptions *ret, Error *err)
{
        struct option options[OPTIONS_MAX];
        const char *names[OPTIONS_MAX];
        size_t n = fill(call->verb, takes, options, names);
        int c, r = 0;

        opterr = 0;
        while (r >= 0 && (c = getopt_long(call->argc, call->argv, ":o:", options, NULL)) >= 0) {
                if (c == OPTION_OUTPUT)
                        r = set_output(ret, call->verb, optarg, err);
                else if (c >= OPTION_FLAG)
                        *(bool *)((char *)ret + flags[c - OPTION_FLAG].offset) = true;
                else if (c >= OPTION_TEXT)
                        *(const char **)(void *)((char *)ret + texts[c - OPTION_TEXT].offset) =
                                optarg;
                else if (c == ':')
                        r = error_set(err, ERROR_INVALID, -EINVAL,
                                      "option '%s' needs a value; see relmanctl help %s",
                                      call->argv[optind - 1], call->verb->name);
                else
                        r = unknown_option(call->verb->name, call->argv[optind - 1], names, n, err);
        }
        return r;
}

int ctl_take_time(CtlOptions *options, const char *option, const char **text, Error *err)
{
        char time[TIME_TEXT_SIZE];
        usec_t wall;

        if (!*text)
                return 0;
        if (time_parse_past(*text, time_wall(), &wall) < 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--%s takes a time (2026-11-28T12:00:00Z), a date (2026-11-28), "
                                 "today, yesterday, or a duration back from now (2h, 7d), not '%s'",
                                 option, *text);
        *text = arena_strdup(&options->arena, time_format(wall, time));
        return *text ? 0 : error_oom(err);
}

int ctl_options_parse(const CtlCall *call, const CtlTakes *takes, CtlOptions *ret, Error *err)
{
        int r;

        *ret = (CtlOptions){ 0 };
        arena_init(&ret->arena, CTL_ARENA_MAX);
        r = take_options(call, takes, ret, err);
        if (r >= 0 && call->verb->group != VERB_OFFLINE)
                r = set_place(ret, err);
        if (r >= 0)
                r = ctl_take_time(ret, "since", &ret->since, err);
        if (r >= 0)
                r = ctl_take_time(ret, "until", &ret->until, err);
        if (r >= 0)
                r = ctl_take_time(ret, "as-of", &ret->as_of, err);
        if (r >= 0)
                r = ctl_take_time(ret, "replay", &ret->replay, err);
        if (r < 0)
                return r;
        ret->names = call->argv + optind;
        ret->n_names = call->argc - optind;
        if (ret->n_names < takes->n_min || ret->n_names > takes->n_max)
                return error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl %s%s%s",
                                 call->verb->name, takes->usage[0] ? " " : "", takes->usage);
        return 0;
}

static const char *text_value(const CtlOptions *options, const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (streq(texts[i].name, name))
                        return *(const char *const *)(const void *)((const char *)options +
                                                                    texts[i].offset);
        return NULL;
}

static bool has_word(const char *words, const char *name)
{
        char padded[64];

        (void)snprintf(padded, sizeof(padded), " %s ", name);
        return strstr(words, padded);
}

static int refuse_filter(const char *name, const char *allowed, const char *what, Error *err)
{
        _cleanup_(buffer_done) Buffer words;

        buffer_init(&words, 512);
        for (const char *p = allowed; p[0] && p[1]; p += 1 + strcspn(p + 1, " ")) {
                bool is_last = !p[1 + strcspn(p + 1, " ") + 1];

                (void)buffer_printf(&words, "%s--%.*s",
                                    p == allowed ? ""
                                    : is_last    ? " and "
                                                 : ", ",
                                    (int)strcspn(p + 1, " "), p + 1);
        }
        return words.failed ? error_oom(err)
                            : error_set(err, ERROR_INVALID, -EINVAL, "--%s does not go with %s%s%s",
                                        name, what, words.size > 0 ? "; what does: " : "",
                                        words.size > 0 ? words.data : "");
}

int ctl_options_only(const CtlOptions *options, const char *const *taken, const char *allowed,
                     const char *what, Error *err)
{
        for (size_t i = 0; taken[i]; i++)
                if (text_value(options, taken[i]) && !has_word(allowed, taken[i]))
                        return refuse_filter(taken[i], allowed, what, err);
        return 0;
}

/* True if the following word is the value of the option. Accepts abbreviated names, like
 * getopt_long(). */
static bool needs_word(const char *option)
{
        const char *name = option + 2;

        if (streq(option, "-o") || streq(option, "--output"))
                return true;
        if (strncmp(option, "--", 2) != 0 || strchr(option, '='))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (streq(flags[i].name, name))
                        return false;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (strncmp(texts[i].name, name, strlen(name)) == 0)
                        return true;
        return false;
}

int ctl_verb_at(int argc, char *const *argv)
{
        for (int i = 1; i < argc && !streq(argv[i], "--"); i++) {
                if (argv[i][0] != '-' || !argv[i][1])
                        return i;
                i += needs_word(argv[i]);
        }
        return 0;
}

int ctl_split_name(CtlOptions *options, Error *err)
{
        const char *name = options->names[0];
        char *slash = strchr(name, '/');
        char **names;

        if (!slash || options->n_names != 1)
                return 0;
        names = arena_alloc_array(&options->arena, 2, sizeof(*names));
        if (names)
                names[0] = arena_strndup(&options->arena, name, (size_t)(slash - name));
        if (!names || !names[0])
                return error_oom(err);
        names[1] = slash + 1;
        options->names = names;
        options->n_names = 2;
        return 0;
}
