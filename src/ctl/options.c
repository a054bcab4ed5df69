#include "ctl/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "ctl/ctl.h"
#include "ctl/yaml.h"
#include "model/encode.h"
#include "model/object.h"

#define CTL_ARENA_MAX ((size_t)1024 * 1024 * 1024) /* explain holds a million tags */

typedef struct TextOption {
        const char *name;
        size_t offset;
} TextOption;

static const TextOption texts[] = {
        { "socket", offsetof(CtlOptions, place.socket) },
        { "tenant", offsetof(CtlOptions, tenant) },
        { "reason", offsetof(CtlOptions, reason) },
        { "evidence", offsetof(CtlOptions, evidence) },
        { "status", offsetof(CtlOptions, status) },
        { "from", offsetof(CtlOptions, from) },
        { "to", offsetof(CtlOptions, to) },
        { "component", offsetof(CtlOptions, component) },
        { "digest", offsetof(CtlOptions, digest) },
        { "version", offsetof(CtlOptions, version) },
        { "text", offsetof(CtlOptions, text) },
        { "label", offsetof(CtlOptions, label) },
        { "since", offsetof(CtlOptions, since) },
        { "until", offsetof(CtlOptions, until) },
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
        { "tags", offsetof(CtlOptions, tags) },
        { "range", offsetof(CtlOptions, range) },
        { "display-name", offsetof(CtlOptions, display_name) },
        { "pin-from", offsetof(CtlOptions, pin_from) },
        { "commit", offsetof(CtlOptions, commit) },
        { "branch", offsetof(CtlOptions, branch) },
        { "build-id", offsetof(CtlOptions, build_id) },
        { "pipeline-url", offsetof(CtlOptions, pipeline_url) },
        { "idempotency-key", offsetof(CtlOptions, idempotency_key) },
        { "keep", offsetof(CtlOptions, keep) },
};

static const TextOption flags[] = {
        { "wait", offsetof(CtlOptions, wait) },
        { "force", offsetof(CtlOptions, force) },
        { "follow", offsetof(CtlOptions, follow) },
        { "all", offsetof(CtlOptions, all) },
        { "from-latest", offsetof(CtlOptions, from_latest) },
        { "include-prerelease", offsetof(CtlOptions, include_prerelease) },
};

#define OPTION_OUTPUT 'o'
#define OPTION_TEXT   256  /* and its index in texts */
#define OPTION_FLAG   1024 /* and its index in flags */
#define OPTIONS_MAX   (ARRAY_SIZE(texts) + ARRAY_SIZE(flags) + 2)

void ctl_options_done(CtlOptions *options)
{
        arena_done(&options->arena);
}

static bool is_taken(const CtlTakes *takes, const char *name)
{
        if (streq(name, "socket") || streq(name, "tenant") || streq(name, "url") ||
            streq(name, "ca-file"))
                return true;
        for (size_t i = 0; takes->options && takes->options[i]; i++)
                if (streq(takes->options[i], name))
                        return true;
        return false;
}

/* Those the verb takes, for getopt_long() and for "did you mean". */
static size_t fill(const CtlTakes *takes, struct option *options, const char **names)
{
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (is_taken(takes, texts[i].name)) {
                        names[n] = texts[i].name;
                        options[n++] = (struct option){ texts[i].name, required_argument, NULL,
                                                        OPTION_TEXT + (int)i };
                }
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (is_taken(takes, flags[i].name)) {
                        names[n] = flags[i].name;
                        options[n++] = (struct option){ flags[i].name, no_argument, NULL,
                                                        OPTION_FLAG + (int)i };
                }
        names[n] = "output";
        options[n++] = (struct option){ "output", required_argument, NULL, OPTION_OUTPUT };
        options[n] = (struct option){ 0 };
        return n;
}

/* name: as it was written, --NAME or --NAME=VALUE. */
static int unknown_option(const char *verb, const char *name, const char *const *candidates,
                          size_t n, Error *err)
{
        size_t dashes = strspn(name, "-"), size = strcspn(name, "=");
        _cleanup_(freep) char *word = size > dashes ? strndup(name + dashes, size - dashes) : NULL;
        const char *nearest = word ? suggest_nearest(word, candidates, n) : NULL;

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

/* What a verb cannot print is refused, before anything is asked or done. */
static int set_output(CtlOptions *options, const Verb *verb, const char *word, Error *err)
{
        static const char *const words[] = { "table", "wide", "json",    "yaml",
                                             "name",  "text", "markdown" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(word, words[i]) && verb->outputs && strstr(verb->outputs, word)) {
                        options->output = (CtlOutput)i;
                        return 0;
                }
        return bad_output(verb, word, err);
}

int ctl_options_parse(int argc, char **argv, const CtlTakes *takes, CtlOptions *ret, Error *err)
{
        struct option options[OPTIONS_MAX];
        const char *names[OPTIONS_MAX], *socket = getenv("RELMAN_SOCKET");
        size_t n = fill(takes, options, names);
        int c, r = 0;

        *ret = (CtlOptions){ .place = { .socket = socket && socket[0] ? socket : RELMAN_SOCKET,
                                        .token = getenv("RELMAN_TOKEN") } };
        arena_init(&ret->arena, CTL_ARENA_MAX);
        opterr = 0;
        while (r >= 0 && (c = getopt_long(argc, argv, ":o:", options, NULL)) >= 0) {
                if (c == OPTION_OUTPUT)
                        r = set_output(ret, ctl_verb(argv[0]), optarg, err);
                else if (c >= OPTION_FLAG)
                        *(bool *)((char *)ret + flags[c - OPTION_FLAG].offset) = true;
                else if (c >= OPTION_TEXT)
                        *(const char **)(void *)((char *)ret + texts[c - OPTION_TEXT].offset) =
                                optarg;
                else if (c == ':')
                        r = error_set(err, ERROR_INVALID, -EINVAL,
                                      "option '%s' needs a value; see relmanctl help %s",
                                      argv[optind - 1], argv[0]);
                else
                        r = unknown_option(argv[0], argv[optind - 1], names, n, err);
        }
        if (r < 0)
                return r;
        ret->names = argv + optind;
        ret->n_names = argc - optind;
        if (ret->n_names < takes->n_min || ret->n_names > takes->n_max)
                return error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl %s %s", argv[0],
                                 takes->usage);
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

static int append_query(Buffer *out, bool *first, const char *name, const char *value)
{
        char *escaped = value ? url_escape(value) : NULL;

        if (!value)
                return 0;
        if (!escaped)
                return -ENOMEM;
        (void)buffer_printf(out, "%c%s=%s", *first ? '?' : '&', name, escaped);
        *first = false;
        free(escaped);
        return 0;
}

static int append_queries(const CtlOptions *options, Buffer *out)
{
        const char *const pairs[] = {
                "tenant",      options->tenant,    "status",  options->status,
                "componentId", options->component, "digest",  options->digest,
                "version",     options->version,   "text",    options->text,
                "label",       options->label,     "since",   options->since,
                "until",       options->until,     "from",    options->from,
                "to",          options->to,        "page",    options->page,
                "pageSize",    options->page_size, "channel", options->channel,
                "limit",       options->limit,     "after",   options->after,
                "afterTag",    options->after_tag, "type",    options->type,
                "object",      options->object,
        };
        bool first = true;
        int r = 0;

        for (size_t i = 0; i + 1 < ARRAY_SIZE(pairs) && r >= 0; i += 2)
                r = append_query(out, &first, pairs[i], pairs[i + 1]);
        return r;
}

const char *ctl_path(CtlOptions *options, const char *const *parts)
{
        _cleanup_(buffer_done) Buffer path;
        int r = 0;

        buffer_init(&path, (size_t)64 * 1024);
        (void)buffer_puts(&path, "/api/v1");
        for (size_t i = 0; parts[i] && r >= 0; i++) {
                char *escaped = i % 2 == 1 ? url_escape(parts[i]) : NULL;

                if (i % 2 == 0)
                        (void)buffer_puts(&path, parts[i]);
                else
                        r = escaped ? buffer_puts(&path, escaped) : -ENOMEM;
                free(escaped);
        }
        if (r >= 0)
                r = append_queries(options, &path);
        return r < 0 || path.failed ? NULL : arena_strdup(&options->arena, path.data);
}

void ctl_print(const CtlOptions *options, const ClientAnswer *answer, bool *ret_printed)
{
        *ret_printed = options->output == OUTPUT_JSON || options->output == OUTPUT_YAML;
        if (options->output == OUTPUT_JSON)
                answer_print_json(answer->text);
        else if (options->output == OUTPUT_YAML)
                yaml_print(answer->json);
}

bool ctl_said_name(const CtlOptions *options, const char *kind, const char *name)
{
        if (options->output == OUTPUT_NAME)
                printf("%s/%s\n", kind, name);
        return options->output == OUTPUT_NAME;
}

bool ctl_is_table(const CtlOptions *options)
{
        return options->output == OUTPUT_TABLE || options->output == OUTPUT_WIDE;
}

int ctl_get(CtlOptions *options, const char *path, ClientAnswer *ret, bool *ret_printed, Error *err)
{
        int r;

        if (!path)
                return error_oom(err);
        ret->raw = options->output == OUTPUT_YAML;
        r = client_call(&options->place, &(ClientRequest){ .method = HTTP_GET, .path = path },
                        &options->arena, ret, err);
        if (r >= 0)
                ctl_print(options, ret, ret_printed);
        return r;
}

int ctl_post(CtlOptions *options, const char *path, const char *body, ClientAnswer *ret,
             bool *ret_printed, Error *err)
{
        int r;

        if (!path || !body)
                return error_oom(err);
        ret->raw = options->output == OUTPUT_YAML;
        r = client_call(&options->place,
                        &(ClientRequest){ .method = HTTP_POST,
                                          .path = path,
                                          .body = body,
                                          .idempotency_key = options->idempotency_key },
                        &options->arena, ret, err);
        if (r >= 0)
                ctl_print(options, ret, ret_printed);
        return r;
}

const char *ctl_body(CtlOptions *options, const char *const *members)
{
        _cleanup_(buffer_done) Buffer body;
        bool first = true;

        buffer_init(&body, (size_t)1024 * 1024);
        (void)buffer_putc(&body, '{');
        for (size_t i = 0; members[i]; i += 2) {
                if (!members[i + 1])
                        continue;
                (void)buffer_puts(&body, first ? "" : ",");
                (void)encode_string(members[i], &body);
                (void)buffer_putc(&body, ':');
                (void)encode_string(members[i + 1], &body);
                first = false;
        }
        (void)buffer_putc(&body, '}');
        return body.failed ? NULL : arena_strdup(&options->arena, body.data);
}

int table_of(Table *table, CtlOptions *options, const char *const *columns)
{
        int r = table_init(table, &options->arena, columns);

        table->wide = options->output == OUTPUT_WIDE;
        return r;
}
