/* events and audit: print events and entries of the audit log. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/parse.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "model/json.h"

#define FOLLOW_STEP USEC_PER_SEC

/* Formats the data of an event, without the name of the object: "tag=v1 by=anna". */
static const char *data_text(const Node *event, Arena *arena)
{
        static const char *const keys[] = { "tag",         "semver", "channel", "release",
                                            "environment", "gate",   "check",   "from",
                                            "fromRelease", "reason", "by",      "person" };
        const Node *data = node_get(event, "data");
        const char *text = "";

        for (size_t i = 0; i < ARRAY_SIZE(keys) && text; i++)
                if (node_text(data, keys[i])[0])
                        text = arena_printf(arena, "%s%s%s=%s", text, text[0] ? " " : "", keys[i],
                                            node_text(data, keys[i]));
        return text ? text : "";
}

static const AnswerShape events_shape = { true, { "sequence", "type" } };

static int print_events(CtlOptions *options, const Node *list, Error *err)
{
        static const char *const columns[] = { "SEQUENCE", "AT", "TYPE", "OBJECT", "DATA", NULL };
        _cleanup_(table_done) Table table = { 0 };
        int r = table_of(&table, options, columns);

        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *event = list->items[i];
                const char *const cells[] = { node_text(event, "sequence"), node_text(event, "at"),
                                              node_text(event, "type"),
                                              node_text(event, "objectName"),
                                              data_text(event, &options->arena) };

                r = table_add(&table, cells);
        }
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}

/* Reads all pages. On the last page meta.next equals the requested `after`. */
static int read_pages(CtlOptions *options, const char *const *parts, const AnswerShape *shape,
                      Buffer *out, Error *err)
{
        bool first = true;

        options->limit = "1000";
        if (!options->after)
                options->after = "0";
        for (;;) {
                ClientAnswer answer = { .shape = shape, .raw = true };
                const char *inner, *next;
                size_t size = 0;
                int r = ctl_fetch(options, ctl_path(options, parts), &answer, err);

                if (r < 0)
                        return r;
                next = node_text(node_get(answer.json, "meta"), "next");
                inner = ctl_page_inner(&answer, &size);
                if (!inner || !next[0])
                        return error_set(err, ERROR_INTERNAL, -EBADMSG,
                                         "relmand does not say where the next page begins");
                if (size > 0 && !first)
                        (void)buffer_putc(out, ',');
                first = first && size == 0;
                if (buffer_append(out, inner, size) < 0)
                        return error_set(err, ERROR_INTERNAL, -EFBIG,
                                         "the list does not fit into memory; ask for less with "
                                         "--since");
                if (streq(next, options->after))
                        return 0;
                options->after = next;
        }
}

/* Reports that the daemon stopped a filtered search at its limit, before the end. */
static void note_bound(const ClientAnswer *answer)
{
        const char *after = node_text(node_get(answer->json, "meta"), "searchedAfter");

        if (after[0])
                (void)fprintf(stderr,
                              "relmanctl: note: entries up to sequence %s were not searched; --all "
                              "searches all\n",
                              after);
}

/* With --all, prints all pages as one answer. */
static int list_pages(CtlOptions *options, const char *const *parts, ClientAnswer *ret,
                      bool *ret_printed, Error *err)
{
        _cleanup_(buffer_done) Buffer out = { 0 };
        int r;

        if (!options->all) {
                r = ctl_get(options, ctl_path(options, parts), ret, ret_printed, err);
                if (r >= 0)
                        note_bound(ret);
                return r;
        }
        if (options->limit)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--all and --limit exclude each other");
        buffer_init(&out, API_ANSWER_MAX);
        (void)buffer_puts(&out, "{\"data\":[");
        r = read_pages(options, parts, ret->shape, &out, err);
        if (r < 0)
                return r;
        (void)buffer_printf(&out, "],\"meta\":{\"next\":%s}}\n", options->after);
        return ctl_print_pages(options, &out, ret, ret_printed, err);
}

/* Prints one event with --follow. */
static void print_line(CtlOptions *options, const Node *event)
{
        printf("%s %s %s '%s' %s\n", node_text(event, "sequence"), node_text(event, "at"),
               node_text(event, "type"), node_text(event, "objectName"),
               data_text(event, &options->arena));
}

static int follow(CtlOptions *options, Error *err)
{
        const char *const parts[] = { "/events", NULL };
        const char *after = options->after ? options->after : "0";
        /* skips the events in the first answer, because they are not new */
        bool skip = !options->after && !options->since;

        for (;;) {
                ClientAnswer answer = { .shape = &events_shape };
                const Node *list;
                char next[32];
                bool is_end;
                int r;

                options->after = after;
                options->limit = "1000";
                r = ctl_fetch(options, ctl_path(options, parts), &answer, err);
                if (r < 0)
                        return r;
                list = node_page(answer.json);
                for (size_t i = 0; i < list->n && !skip; i++)
                        print_line(options, list->items[i]);
                (void)fflush(stdout); /* main() checks for write errors */
                if (ferror(stdout))
                        return 0;
                (void)snprintf(next, sizeof(next), "%s",
                               node_text(node_get(answer.json, "meta"), "next"));
                if (!next[0])
                        return error_set(err, ERROR_INTERNAL, -EBADMSG,
                                         "relmand does not say where the next events begin; is "
                                         "relmanctl of the same version?");
                is_end = streq(next, after);
                if (is_end)
                        skip = false;
                arena_clear(&options->arena);
                after = arena_strdup(&options->arena, next);
                if (!after)
                        return error_oom(err);
                if (is_end)
                        (void)usleep(FOLLOW_STEP); /* a signal ends this wait */
        }
}

/* Starts a replay after a sequence number, or from the event with an id. */
static int replay(CtlOptions *options, const char *receiver, Error *err)
{
        const char *const parts[] = { "/receivers/", receiver, "/replay", NULL };
        const char *const members[] = { "from", options->from, NULL };
        static const AnswerShape shape = { .members = { "pending" } };
        const char *body = NULL;
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        uint64_t after;
        int r;

        if (!options->after == !options->from)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "usage: relmanctl events replay RECEIVER --after SEQUENCE | --from ID");
        if (options->after && parse_uint64(options->after, &after) < 0)
                return error_set(err, ERROR_INVALID, -EINVAL, "--after takes a sequence, not '%s'",
                                 options->after);
        body = options->after ? arena_printf(&options->arena, "{\"after\":%s}", options->after)
                              : ctl_body(options, members);
        /* the id is a member of the body, not a parameter of the query */
        options->after = options->from = NULL;
        r = body ? ctl_post(options, ctl_path(options, parts), body, &answer, &printed, err)
                 : error_oom(err);
        if (r >= 0 && !printed)
                printf("receiver '%s': delivering %s event%s again\n", receiver,
                       node_text(answer.json, "pending"),
                       ctl_plural(node_text(answer.json, "pending")));
        return r;
}

/* Converts --object env/prod to environment/prod. */
static int expand_object(CtlOptions *options, Error *err)
{
        const char *slash = options->object ? strchr(options->object, '/') : NULL, *kind;
        int r;

        if (!slash)
                return 0;
        kind = arena_strndup(&options->arena, options->object, (size_t)(slash - options->object));
        if (!kind)
                return error_oom(err);
        r = ctl_kind(kind, &kind, err);
        if (r < 0)
                return r;
        options->object = arena_printf(&options->arena, "%s%s", kind, slash);
        return options->object ? 0 : error_oom(err);
}

int verb_events(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "follow", "after",  "from", "limit", "since",
                                                     "type",   "object", "all",  NULL };
        const CtlTakes takes = {
                takes_options, 0, 2,
                "[--follow] [--since TIME|DURATION] [--type TYPE] [--object KIND/NAME] "
                "[--after SEQUENCE] [--limit N | --all], or replay RECEIVER "
                "--after SEQUENCE | --from ID"
        };
        _cleanup_(ctl_options_done) CtlOptions options;
        const char *const parts[] = { "/events", NULL };
        ClientAnswer answer = { .shape = &events_shape };
        bool printed = false;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.n_names > 0 &&
            (options.n_names != 2 || !streq(options.names[0], "replay")))
                r = error_set(err, ERROR_INVALID, -EINVAL, "usage: relmanctl events %s",
                              takes.usage);
        if (r >= 0 && options.n_names == 2)
                return replay(&options, options.names[1], err);
        if (r >= 0)
                r = expand_object(&options, err);
        if (r >= 0 && options.follow && options.all)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--follow and --all exclude each other; --follow --after 0 "
                                 "begins with the first");
        if (r >= 0 && options.follow && !ctl_is_table(&options))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "--follow prints lines for people; ask again with --after SEQUENCE "
                        "and -o, or GET /api/v1/events as a stream");
        if (r >= 0 && options.follow)
                return follow(&options, err);
        if (r >= 0)
                r = list_pages(&options, parts, &answer, &printed, err);
        return r < 0 || printed ? r : print_events(&options, node_page(answer.json), err);
}

/* Formats an outcome: "refused (409): there is a release 'x' already". */
static const char *audit_outcome_text(const Node *entry, Arena *arena)
{
        const char *outcome = node_text(entry, "outcome"), *status = node_text(entry, "status"),
                   *detail = node_text(entry, "detail");

        if (!detail[0])
                return outcome;
        return status[0] ? arena_printf(arena, "%s (%s): %s", outcome, status, detail)
                         : arena_printf(arena, "%s: %s", outcome, detail);
}

/* Refuses options and arguments of the list with --verify, and the other way round. */
static int check_audit(const CtlOptions *options, Error *err)
{
        if (options->verify &&
            (options->since || options->object || options->after || options->limit || options->all))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--verify checks statements; --since, --object, --after, --limit "
                                 "and --all are for the list of requests");
        if (!options->verify &&
            (options->key || options->head || options->to || options->n_names > 0))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--key, --head, --to and ENVIRONMENT or FILE go with --verify");
        return 0;
}

int verb_audit(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "after",  "limit", "since", "object", "all",
                                                     "verify", "key",   "head",  "to",     NULL };
        static const char *const columns[] = { "SEQUENCE", "AT",     "WHO",     "PERSON",  "FROM",
                                               "ACTION",   "OBJECT", "RELEASE", "OUTCOME", NULL };
        static const AnswerShape shape = { true, { "sequence", "principal" } };
        const CtlTakes takes = { takes_options, 0, 10000,
                                 "[--since TIME|DURATION] [--object KIND/NAME] [--after SEQUENCE] "
                                 "[--limit N | --all], or audit --verify --key FILE "
                                 "ENVIRONMENT|FILE..." };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(table_done) Table table = { 0 };
        const char *const parts[] = { "/audit", NULL };
        ClientAnswer answer = { .shape = &shape };
        bool printed = false;
        const Node *list;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = check_audit(&options, err);
        if (r >= 0 && options.verify)
                return audit_verify(&options, err);
        if (r >= 0)
                r = expand_object(&options, err);
        if (r >= 0)
                r = list_pages(&options, parts, &answer, &printed, err);
        if (r < 0 || printed)
                return r;
        list = node_page(answer.json);
        r = table_of(&table, &options, columns);
        for (size_t i = 0; i < list->n && r >= 0; i++) {
                const Node *entry = list->items[i];
                const char *const cells[] = { node_text(entry, "sequence"),
                                              node_text(entry, "at"),
                                              node_text(entry, "principal"),
                                              node_text(entry, "person"),
                                              node_text(entry, "origin"),
                                              node_text(entry, "action"),
                                              node_text(entry, "objectName"),
                                              node_text(entry, "release"),
                                              audit_outcome_text(entry, &options.arena) };

                r = cells[8] ? table_add(&table, cells) : -ENOMEM;
        }
        if (r < 0)
                return error_oom(err);
        table_print(&table);
        return 0;
}
