#include "forge/forge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/text.h"
#include "forge/api.h"
#include "model/json.h"
#include "model/schema/encode.h"

#define ANSWER_MAX   ((size_t)4 * 1024 * 1024)
#define REQUEST_MAX  ((size_t)1024 * 1024)
#define PATH_SIZE    ((size_t)8 * 1024)
#define MESSAGE_SIZE 300 /* bytes of a forge's message that an error shows */

const char *const forge_state_names[] = { "none", "open", "merged", "closed", NULL };

typedef enum ForgeStep {
        STEP_LIST,
        STEP_READ,
        STEP_BRANCH,
        STEP_CREATE,
        STEP_LABEL,
        STEP_UPDATE,
        STEP_MERGE,
        STEP_CLOSE,
        STEP_DELETE,
} ForgeStep;

struct ForgeRun {
        ForgePlan plan;
        const ForgeApi *api;
        Arena arena; /* has the texts of the plan and of the answers */
        HttpCall *call;
        ForgeStep step;
        ForgeState state;
        bool is_empty;                      /* it changes no file */
        const char *number, *page, *commit; /* of the newest pull request; NULL: there is none */
};

static ForgeRun *run_free(ForgeRun *run)
{
        arena_done(&run->arena);
        free(run);
        return NULL;
}

static void run_end(ForgeRun *run, const Error *error)
{
        const ForgeEnd end = { .state = run->state,
                               .number = run->number,
                               .url = run->page,
                               .commit = run->commit,
                               .is_empty = run->is_empty,
                               .error = error };

        run->plan.done(&end, run->plan.userdata);
        run_free(run);
}

/* --- requests --------------------------------------------------------------------------------- */

/* Returns the value of a placeholder, which is a part of a URL or of JSON. */
static char *value_of(const ForgeRun *run, const char *name, size_t size)
{
        const ForgePlan *plan = &run->plan;
        const char *slash = strchr(plan->repository, '/');

        if (strncmp(name, "{repository}", size) == 0)
                return run->api->escapes_repository ? url_escape(plan->repository)
                                                    : strdup(plan->repository);
        if (strncmp(name, "{owner}", size) == 0)
                return strndup(plan->repository, slash ? (size_t)(slash - plan->repository)
                                                       : strlen(plan->repository));
        if (strncmp(name, "{branch}", size) == 0)
                return url_escape(plan->branch);
        if (strncmp(name, "{base}", size) == 0)
                return url_escape(plan->spec->base);
        if (strncmp(name, "{number}", size) == 0)
                return url_escape(run->number ? run->number : "");
        return url_escape(run->commit ? run->commit : ""); /* {commit} */
}

/* Appends a text with the values of its placeholders. Other braces, of JSON, stay. */
static void fill(const ForgeRun *run, const char *text, Buffer *out)
{
        while (*text) {
                size_t n = strcspn(text, "{");
                size_t size = text[n] ? strcspn(text + n, "}") + 1 : 0;

                (void)buffer_append(out, text, n);
                text += n;
                if (size > 2 && text[1] >= 'a' && text[1] <= 'z') {
                        _cleanup_(freep) char *value = value_of(run, text, size);

                        if (!value)
                                out->failed = -ENOMEM;
                        (void)buffer_puts(out, value ? value : "");
                        text += size;
                } else if (*text)
                        (void)buffer_putc(out, *text++);
        }
}

static void member(Buffer *out, const char *name, const char *value, bool comma)
{
        (void)encode_name(name, comma, out);
        (void)encode_string(value, out);
}

static void write_labels(const Strings *labels, Buffer *out)
{
        (void)encode_name("labels", out->size > 1, out);
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < labels->n; i++) {
                (void)buffer_puts(out, i > 0 ? "," : "");
                (void)encode_string(labels->items[i], out);
        }
        (void)buffer_putc(out, ']');
}

static void write_texts(const ForgeRun *run, Buffer *out)
{
        const ForgeApi *api = run->api;

        member(out, "title", run->plan.title, false);
        member(out, api->body, run->plan.body, true);
        if (run->step == STEP_UPDATE)
                return;
        member(out, api->create_head, run->plan.branch, true);
        member(out, api->create_base, run->plan.spec->base, true);
        (void)buffer_puts(out, api->create_more);
        if (!api->labels && run->plan.spec->labels.n > 0)
                write_labels(&run->plan.spec->labels, out);
}

/* Writes the body of the step's request. */
static void write_body(const ForgeRun *run, Buffer *out)
{
        if (run->step == STEP_MERGE) {
                fill(run, run->api->merge_body, out);
                return;
        }
        (void)buffer_putc(out, '{');
        if (run->step == STEP_CREATE || run->step == STEP_UPDATE)
                write_texts(run, out);
        else if (run->step == STEP_LABEL)
                write_labels(&run->plan.spec->labels, out);
        else
                member(out, run->api->close_member, run->api->close_value, false);
        (void)buffer_putc(out, '}');
}

static const char *path_of(const ForgeRun *run, HttpMethod *ret)
{
        const ForgeApi *api = run->api;

        *ret = HTTP_GET;
        switch (run->step) {
        case STEP_LIST: return api->list;
        case STEP_READ: return api->pull;
        case STEP_BRANCH: return api->branch;
        case STEP_CREATE: *ret = HTTP_POST; return api->create;
        case STEP_LABEL: *ret = HTTP_POST; return api->labels;
        case STEP_MERGE: *ret = api->merge_method; return api->merge;
        case STEP_DELETE: *ret = HTTP_DELETE; return api->delete_branch;
        case STEP_UPDATE:
        case STEP_CLOSE: break;
        }
        *ret = api->update;
        return api->pull;
}

static void on_answer(const HttpResponse *response, const Error *error, void *userdata);

static int send_step(ForgeRun *run, Error *err)
{
        _cleanup_(buffer_done) Buffer url, body;
        _cleanup_(freep) char *authorization =
                text_printf("%s %s", run->api->scheme, run->plan.token);
        HttpRequest request = { .headers = run->api->headers,
                                .authorization = authorization,
                                .same_origin = true,
                                .body_max = ANSWER_MAX };
        const char *path = path_of(run, &request.method);

        buffer_init(&url, PATH_SIZE);
        buffer_init(&body, REQUEST_MAX);
        (void)buffer_puts(&url, run->plan.url);
        fill(run, run->api->repository, &url);
        fill(run, path, &url);
        if (request.method > HTTP_HEAD && request.method != HTTP_DELETE) {
                write_body(run, &body);
                request.body = body.data;
                request.content_type = "application/json";
        }
        if (!authorization || url.failed || body.failed)
                return error_oom(err);
        request.url = url.data;
        return http_start(run->plan.pool, &request, on_answer, run, &run->call, err);
}

static void go_on(ForgeRun *run, ForgeStep step)
{
        _cleanup_(error_done) Error error = { 0 };

        run->step = step;
        if (send_step(run, &error) < 0)
                run_end(run, &error);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Returns the text of a member; a dot separates the names of nested objects. NULL: null or none. */
static const char *text_of(const Node *node, const char *path)
{
        const char *dot;

        while (node && (dot = strchr(path, '.'))) {
                char name[32];

                (void)snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
                node = node_get(node, name);
                path = dot + 1;
        }
        return node ? node_get_text(node, path) : NULL;
}

static bool is_text(const Node *node, const char *path, const char *wanted)
{
        const char *text = text_of(node, path);

        return text && streq(text, wanted);
}

/* True if the branch of the pull request is in the repository itself, not in a fork. */
static bool is_own(const ForgeApi *api, const Node *pull)
{
        const char *from = text_of(pull, api->head_repository);
        const char *to = text_of(pull, api->base_repository);

        return from && to && streq(from, to);
}

/* Returns the newest pull request from the branch to the base; NULL: there is none. */
static const Node *find_newest(const ForgeRun *run, const Node *list)
{
        const ForgeApi *api = run->api;
        const Node *newest = NULL;
        uint64_t number, greatest = 0;

        for (size_t i = 0; list->type == NODE_SEQUENCE && i < list->n; i++) {
                const Node *pull = list->items[i];
                const char *text = text_of(pull, api->number);

                if (!is_text(pull, api->head, run->plan.branch) ||
                    !is_text(pull, api->base, run->plan.spec->base) || !is_own(api, pull) ||
                    !text || parse_uint64(text, &number) < 0 || number <= greatest)
                        continue;
                greatest = number;
                newest = pull;
        }
        return newest;
}

static ForgeState state_of(const Node *pull)
{
        if (text_of(pull, "merged_at"))
                return FORGE_MERGED;
        return is_text(pull, "state", "closed") ? FORGE_CLOSED : FORGE_OPEN;
}

/* Takes what a pull request says. Returns false if it lacks a member. */
static bool take_pull(ForgeRun *run, const Node *pull)
{
        run->number = text_of(pull, run->api->number);
        run->page = text_of(pull, run->api->page);
        run->commit = text_of(pull, run->api->commit);
        run->state = state_of(pull);
        return run->number && run->page;
}

/* True if the texts are equal, apart from the kind of line ends and spaces at the end. */
static bool is_same_text(const char *a, const char *b)
{
        while (a && *a && *b) {
                if (*a == '\r')
                        a++;
                else if (*a++ != *b++)
                        return false;
        }
        return a && strspn(a, " \r\n") == strlen(a) && strspn(b, " \r\n") == strlen(b);
}

static void maybe_merge(ForgeRun *run)
{
        if (run->plan.spec->auto_merge && run->commit)
                go_on(run, STEP_MERGE);
        else
                run_end(run, NULL);
}

static void list_ended(ForgeRun *run, const Node *list)
{
        const Node *pull = find_newest(run, list);

        if (pull && take_pull(run, pull) && run->state == FORGE_OPEN)
                go_on(run, run->plan.close ? STEP_CLOSE : STEP_READ);
        else if (run->plan.close)
                run_end(run, NULL);
        else
                go_on(run, STEP_BRANCH);
}

static void read_ended(ForgeRun *run, const Node *pull)
{
        const char *n_files = text_of(pull, run->api->n_files);

        run->is_empty = n_files && streq(n_files, "0");
        if (run->is_empty)
                go_on(run, STEP_CLOSE);
        else if (!is_text(pull, "title", run->plan.title) ||
                 !is_same_text(text_of(pull, run->api->body), run->plan.body))
                go_on(run, STEP_UPDATE);
        else
                maybe_merge(run);
}

/* The newest pull request is not open. */
static void branch_ended(ForgeRun *run, unsigned status, const Node *branch)
{
        const char *commit = branch ? text_of(branch, run->api->branch_commit) : NULL;
        bool is_done = run->commit && commit && streq(run->commit, commit);

        if (status == 404 || (is_done && run->state == FORGE_CLOSED))
                run_end(run, NULL);
        else
                go_on(run, is_done ? STEP_DELETE : STEP_CREATE);
}

static void created(ForgeRun *run)
{
        if (run->api->labels && run->plan.spec->labels.n > 0)
                go_on(run, STEP_LABEL);
        else
                maybe_merge(run);
}

/* Fails with the status, and with the message of the forge on one line. */
static void refuse(ForgeRun *run, unsigned status, const Node *answer)
{
        const char *said = answer ? text_of(answer, "message") : NULL;
        _cleanup_(error_done) Error error = { 0 };
        char line[MESSAGE_SIZE + 1];
        size_t n = 0;

        for (; said && said[n] && n < MESSAGE_SIZE; n++)
                line[n] = (char)(said[n] >= 0x20 && said[n] < 0x7f ? said[n] : ' ');
        line[n] = '\0';
        (void)error_set(&error, status == 401 || status == 403 ? ERROR_DENIED : ERROR_UNREACHABLE,
                        -EPROTO, "%s answers with status %u%s%s", run->plan.url, status,
                        n > 0 ? ": " : "", line);
        run_end(run, &error);
}

/* True if a status that is no success does not end the run: a branch may be missing, and a forge
 * may not merge yet. */
static bool is_tolerated(ForgeStep step, unsigned status)
{
        if (step == STEP_BRANCH)
                return status == 404;
        return (step == STEP_MERGE || step == STEP_DELETE) && status >= 400 && status < 500 &&
               status != 401 && status != 429;
}

static void step_ended(ForgeRun *run, unsigned status, const Node *answer)
{
        switch (run->step) {
        case STEP_LIST: list_ended(run, answer); return;
        case STEP_READ: read_ended(run, answer); return;
        case STEP_BRANCH: branch_ended(run, status, answer); return;
        case STEP_CREATE:
                if (take_pull(run, answer))
                        created(run);
                else
                        refuse(run, status, NULL);
                return;
        case STEP_LABEL:
        case STEP_UPDATE: maybe_merge(run); return;
        case STEP_MERGE: break; /* the next poll finds the result */
        case STEP_CLOSE: run->state = run->is_empty ? FORGE_NONE : FORGE_CLOSED; break;
        case STEP_DELETE: break;
        }
        run_end(run, NULL);
}

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        ForgeRun *run = userdata;
        _cleanup_(error_done) Error bad = { 0 };
        static Node none = { .type = NODE_NULL };
        Node *answer = &none;

        run->call = NULL;
        if (error) {
                run_end(run, error);
                return;
        }
        if (response->body_size > 0 &&
            json_to_node(response->body, response->body_size, &run->arena, &answer, &bad) < 0) {
                error_done(&bad); /* such as an error page of a proxy */
                answer = &none;
        }
        if ((response->status < 200 || response->status > 299) &&
            !is_tolerated(run->step, response->status))
                refuse(run, response->status, answer);
        else
                step_ended(run, response->status, answer);
}

/* --- public ----------------------------------------------------------------------------------- */

int forge_start(const ForgePlan *plan, Arena *arena, ForgeRun **ret, Error *err)
{
        ForgeRun *run = calloc(1, sizeof(*run));
        int r;

        if (!run)
                return error_oom(err);
        run->plan = *plan;
        run->api = &forge_apis[plan->spec->forge];
        r = send_step(run, err);
        if (r < 0) {
                free(run);
                return r;
        }
        run->arena = *arena;
        *arena = (Arena){ 0 };
        *ret = run;
        return 0;
}

ForgeRun *forge_cancel(ForgeRun *run)
{
        if (!run)
                return NULL;
        run->call = http_call_cancel(run->call);
        return run_free(run);
}

const char *forge_api_url(ForgeType type, const char *git_url, Arena *arena)
{
        const ForgeApi *api = &forge_apis[type];
        const char *host = strstr(git_url, "://"), *user;
        size_t size;

        if (!host || text_begins_with(git_url, "file:"))
                return NULL;
        host += 3;
        size = strcspn(host, "/");
        user = memchr(host, '@', size);
        if (user) {
                size -= (size_t)(user + 1 - host);
                host = user + 1;
        }
        if (text_begins_with(git_url, "ssh:")) /* the port is that of ssh */
                size = strcspn(host, ":/");
        if (api->github_host && size == strlen(api->github_host) &&
            strncmp(host, api->github_host, size) == 0)
                return api->github_url;
        return arena_printf(arena, "https://%.*s%s", (int)size, host, api->path);
}

const char *forge_repository(const char *git_url, Arena *arena)
{
        const char *host = strstr(git_url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
        size_t size = path ? strlen(path + 1) : 0;

        if (!path || text_begins_with(git_url, "file:"))
                return NULL;
        path++;
        while (size > 0 && path[size - 1] == '/')
                size--;
        if (size > 4 && strncmp(path + size - 4, ".git", 4) == 0)
                size -= 4;
        return memchr(path, '/', size) ? arena_strndup(arena, path, size) : NULL;
}
