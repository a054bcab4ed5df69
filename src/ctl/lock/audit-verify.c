/* audit --verify: verifies the chains of signed statements about environments, from the daemon or
 * from files with one statement a line. */

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "lock/chain.h"
#include "model/json.h"

#define STATEMENTS_MAX ((size_t)1024 * 1024 * 1024) /* bytes of a file of statements */
#define AUDIT_PAGE     20 /* statements of one answer; each has all digests of a release */

typedef struct Audit {
        CtlOptions *options;
        const char *to; /* --to; NULL: none */
        StatementChain chain;
        Buffer lines; /* the verified statements, for --to */
} Audit;

static int audit_add(Audit *audit, const char *text, size_t size, Error *err)
{
        int r = chain_add(&audit->chain, text, size, err);

        if (r < 0 || !audit->to)
                return r;
        (void)buffer_append(&audit->lines, text, size);
        return buffer_putc(&audit->lines, '\n') < 0 ? error_oom(err) : 0;
}

/* --- sources ---------------------------------------------------------------------------------- */

static int read_file(Audit *audit, const char *path, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r = file_read(path, STATEMENTS_MAX, &data, &size, err);

        for (const char *at = data; r >= 0 && at < data + size;) {
                const char *end = memchr(at, '\n', (size_t)(data + size - at));

                if (!end)
                        end = data + size;
                r = audit_add(audit, at, (size_t)(end - at), err);
                at = end + 1;
        }
        return r;
}

static int add_item(Audit *audit, const cJSON *item, Error *err)
{
        const cJSON *envelope = cJSON_GetObjectItemCaseSensitive(item, "envelope");
        char *text = envelope ? cJSON_PrintUnformatted(envelope) : NULL;
        int r;

        if (!text)
                return error_set(
                        err, ERROR_INTERNAL, -EBADMSG,
                        "the server's answer is not relman's: a statement has no envelope");
        r = audit_add(audit, text, strlen(text), err);
        cJSON_free(text);
        return r;
}

/* Reads the page with this number. Returns the number of its statements. */
static int read_page(Audit *audit, const char *name, unsigned number, Error *err)
{
        static const AnswerShape shape = { true, { "number", "digest" } };
        CtlOptions *options = audit->options;
        const char *const parts[] = { "/environments/", name, "/statements", NULL };
        ClientAnswer answer = { .shape = &shape, .raw = true };
        _cleanup_(json_free) cJSON *json = NULL;
        const cJSON *item;
        int r, n = 0;

        options->page = arena_printf(&options->arena, "%u", number);
        options->page_size = arena_printf(&options->arena, "%d", AUDIT_PAGE);
        r = options->page && options->page_size
                    ? ctl_fetch(options, ctl_path(options, parts), &answer, err)
                    : error_oom(err);
        if (r >= 0)
                r = json_parse(answer.text, strlen(answer.text), &json, NULL, err);
        cJSON_ArrayForEach(item, json)
        {
                if (r >= 0)
                        r = add_item(audit, item, err);
                n++;
        }
        return r < 0 ? r : n;
}

static int read_environment(Audit *audit, const char *name, Error *err)
{
        int r = AUDIT_PAGE;

        audit->chain.environment = name;
        for (unsigned page = 1; r == AUDIT_PAGE; page++)
                r = read_page(audit, name, page, err);
        return MIN(r, 0);
}

/* --- the result ------------------------------------------------------------------------------- */

static int report(const Audit *audit, const char *name, Error *err)
{
        const StatementChain *chain = &audit->chain;
        int r = 0;

        printf("%s: good: %lld statement%s about environment '%s', the last one: release '%s' is "
               "%s; head %s\n",
               name, (long long)chain->n, text_plural((size_t)chain->n), chain->name,
               chain->release, chain->status, chain->digest);
        if (chain->n_unsigned > 0)
                printf("%s: %lld change%s %s no statement: relmand had no signing key then\n", name,
                       (long long)chain->n_unsigned, text_plural((size_t)chain->n_unsigned),
                       chain->n_unsigned == 1 ? "has" : "have");
        if (audit->to)
                r = file_update(audit->to, audit->lines.data, audit->lines.size, FILE_ACCESS(0644),
                                err);
        return MIN(r, 0);
}

static int verify_one(Audit *audit, const char *name, Error *err)
{
        int r = access(name, F_OK) >= 0 || !name_is_valid(name)
                        ? read_file(audit, name, err)
                        : read_environment(audit, name, err);

        if (r >= 0)
                r = chain_end(&audit->chain, err);
        if (r >= 0)
                r = report(audit, name, err);
        return r < 0 ? error_prefix(err, r, "%s", name) : 0;
}

static int check_options(const CtlOptions *options, Error *err)
{
        if (!options->key || options->n_names == 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "audit --verify needs --key FILE and an ENVIRONMENT or FILE");
        if (options->n_names > 1 && (options->head || options->to))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--head and --to are about one environment or file");
        if (options->head && !digest_is_valid(options->head))
                return error_set(err, ERROR_INVALID, -EINVAL, "--head '%s' is not a digest",
                                 options->head);
        return 0;
}

int audit_verify(CtlOptions *options, Error *err)
{
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        const char *to = options->to;
        int status = CTL_OK, r;

        r = check_options(options, err);
        options->to = NULL; /* the API has a parameter of this name */
        if (r >= 0)
                r = lock_keys_read(options->key, &keys, err);
        for (int i = 0; r >= 0 && i < options->n_names; i++) {
                Audit audit = { .options = options,
                                .to = to,
                                .chain = { .keys = &keys, .head = options->head } };
                _cleanup_(error_done) Error error = { 0 };

                buffer_init(&audit.lines, STATEMENTS_MAX);
                if (verify_one(&audit, options->names[i], &error) < 0) {
                        log_error("%s", error_message(&error));
                        status = error.kind == ERROR_HOSTILE || status == CTL_ALTERED ? CTL_ALTERED
                                                                                      : CTL_USAGE;
                }
                buffer_done(&audit.lines);
        }
        return r < 0 ? r : status;
}
