/* lock: gets the lockfile of an environment or a release from the daemon. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "model/enum-names.h"

/* seconds that one request of --wait-change may take; proxies often end a request after 60
 * seconds */
#define LOCK_WAIT 50
#define LOCK_STEP (2 * USEC_PER_SEC) /* pause between two requests, if the daemon does not wait */

/* Requests a lockfile. Returns ERROR_NOT_FOUND after a 404. */
static int lock_ask(CtlOptions *options, const char *kind, const char *name, const LockQuery *query,
                    ClientAnswer *ret, Error *err)
{
        const char *const parts[] = { kind, name, "/lock", NULL };
        const ClientRequest request = {
                .method = HTTP_GET,
                .path = ctl_path(options, parts),
                .if_none_match =
                        query->known ? arena_printf(&options->arena, "\"%s\"", query->known) : NULL,
                .wait_seconds = query->wait_seconds
        };

        if (!request.path || (query->known && !request.if_none_match))
                return error_oom(err);
        *ret = (ClientAnswer){ .is_plain = true };
        return client_call(&options->place, &request, &options->arena, ret, err);
}

/* Gets the lockfile of the environment with that name or, if there is none, of the release. */
static int lock_find(CtlOptions *options, const LockQuery *query, ClientAnswer *ret, Error *err)
{
        static const char environments[] = "/environments/", releases[] = "/releases/";
        static const char *const kinds[] = { "environment", "release" };
        const char *name = query->name, *slash = strchr(name, '/');
        _cleanup_(error_done) Error missing = { 0 };
        int r;

        if (slash) {
                const char *kind = arena_strndup(&options->arena, name, (size_t)(slash - name));

                if (!kind)
                        return error_oom(err);
                r = ctl_kind(kind, &kind, err);
                if (r < 0)
                        return r;
                if (!streq(kind, "environment") && !streq(kind, "release"))
                        return ctl_unknown("kind", kind, kinds, ARRAY_SIZE(kinds), err);
                if (options->as_of && streq(kind, "release"))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "--as-of is about environments: the lockfile of a release "
                                         "does not change");
                return lock_ask(options, streq(kind, "release") ? releases : environments,
                                slash + 1, query, ret, err);
        }
        r = lock_ask(options, environments, name, query, ret, &missing);
        if (r >= 0)
                return r;
        if (missing.kind != ERROR_NOT_FOUND || options->as_of) {
                error_move(err, &missing);
                return r;
        }
        r = lock_ask(options, releases, name, query, ret, err);
        if (r < 0 && err->kind == ERROR_NOT_FOUND) {
                error_done(err);
                return error_set(err, ERROR_NOT_FOUND, -EREMOTEIO,
                                 "there is no environment and no release '%s'; relmanctl get "
                                 "environments and relmanctl get releases list them",
                                 name);
        }
        return r;
}

int lock_fetch(CtlOptions *options, LockQuery *query, Lock *ret, Error *err)
{
        ClientAnswer answer;
        int r = lock_find(options, query, &answer, err);

        if (r < 0)
                return r;
        query->has_waited = answer.may_wait;
        if (answer.status == 304)
                return 0;
        r = lock_read_native(query->name, answer.text, strlen(answer.text), &options->arena, ret,
                             err);
        return r < 0 ? error_prefix(err, r, "the server's answer is not relman's") : 1;
}

int lock_fetch_admission(CtlOptions *options, const char *name, LockFormat format, const char **ret,
                         Error *err)
{
        static const char kind[] = "environment/";
        const bool has_kind = text_begins_with(name, kind);
        ClientAnswer answer;
        int r;

        options->admission = lock_format_names[format];
        r = lock_ask(options, "/environments/", has_kind ? name + strlen(kind) : name,
                     &(LockQuery){ 0 }, &answer, err);
        options->admission = NULL;
        if (r >= 0)
                *ret = answer.text;
        return MIN(r, 0);
}

typedef struct LockCall {
        const char *name, *to;
        LockFormat format;
} LockCall;

/* Prints or saves the lockfile. Returns 1 after printing, or if the saved file changed. */
static int lock_put(CtlOptions *options, const LockCall *call, const Lock *lock, Error *err)
{
        LockFiles files;
        int r = lock_format_write(lock, call->format, &options->arena, &files, err);

        if (r < 0)
                return r;
        if (call->to)
                return lock_files_save(&files, call->to, err);
        lock_files_print(&files);
        return 1;
}

/* Repeats the request until the lockfile changes: until its lock digest is no longer first or, with
 * --to, until its content differs from the file at that path. Goes on if the daemon does not
 * answer, or refuses to wait because too many clients are waiting. The next request is then one
 * without waiting. */
static int lock_wait(CtlOptions *options, const LockCall *call, const char *first, Error *err)
{
        char known[DIGEST_SIZE_MAX];
        LockQuery query = { .name = call->name, .known = known, .wait_seconds = LOCK_WAIT };

        (void)snprintf(known, sizeof(known), "%s", first);
        for (;;) {
                usec_t began = time_monotonic();
                Lock lock;
                int r;

                arena_clear(&options->arena);
                query.has_waited = false;
                r = lock_fetch(options, &query, &lock, err);
                query.wait_seconds = LOCK_WAIT;
                if (r < 0 && err->kind == ERROR_UNREACHABLE) {
                        error_done(err);
                        query.wait_seconds = 0;
                        r = 0;
                }
                if (r > 0) {
                        (void)snprintf(known, sizeof(known), "%s", lock.lock_digest);
                        r = lock_put(options, call, &lock, err);
                }
                if (r != 0)
                        return MIN(r, 0);
                if (!query.has_waited || time_monotonic() - began < LOCK_STEP) /* no busy loop */
                        (void)usleep(LOCK_STEP); /* a signal ends this wait */
        }
}

/* Prints or saves what an environment admits. */
static int put_admission(CtlOptions *options, const LockCall *call, Error *err)
{
        LockFile file = { .name = "" };
        const LockFiles files = { &file, 1 };
        int r;

        if (options->wait_change)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--wait-change does not go with --format %s, because a change of "
                                 "allowAlso ends no wait; an output of relmand can apply the file",
                                 options->format);
        r = lock_fetch_admission(options, call->name, call->format, &file.data, err);
        if (r < 0)
                return r;
        file.size = strlen(file.data);
        if (call->to)
                return lock_files_save(&files, call->to, err);
        lock_files_print(&files);
        return 0;
}

int verb_lock(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "format", "to", "wait-change", "as-of", NULL };
        const CtlTakes takes = { takes_options, 1, 1,
                                 "ENVIRONMENT|RELEASE [--format FORMAT] [--to PATH] "
                                 "[--wait-change | --as-of TIME|DURATION]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        LockCall wanted = { .format = LOCK_YAML };
        Lock lock;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0 && options.as_of && options.wait_change)
                r = error_set(err, ERROR_INVALID, -EINVAL,
                              "--as-of and --wait-change exclude each other: the past does not "
                              "change");
        if (r >= 0 && options.format)
                r = lock_format_of(options.format, &wanted.format, err);
        if (r < 0)
                return r;
        wanted.name = options.names[0];
        wanted.to = options.to;
        options.to = NULL; /* `to` is a path here, not a parameter of the API */
        if (lock_format_is_admission(wanted.format)) {
                r = put_admission(&options, &wanted, err);
                return MIN(r, 0);
        }
        r = lock_fetch(&options, &(LockQuery){ .name = wanted.name }, &lock, err);
        if (r < 0)
                return r;
        r = options.wait_change && !wanted.to ? 0 : lock_put(&options, &wanted, &lock, err);
        if (r == 0 && options.wait_change)
                r = lock_wait(&options, &wanted, lock.lock_digest, err);
        return MIN(r, 0);
}
