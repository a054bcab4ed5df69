#include "git/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "git/answer.h"
#include "git/run.h"

#define CACHE_MODE      0700
#define REQUEST_MAX     ((size_t)16 * 1024 * 1024)
#define TREE_OUTPUT_MAX ((size_t)64 * 1024 * 1024) /* of git ls-tree */

/* A file whose bytes are needed. */
typedef struct WantedFile {
        char id[GIT_COMMIT_MAX];
        uint64_t size;
        int number; /* returned by found() */
} WantedFile;

struct GitFetch {
        GitFetchPlan plan;
        Arena arena; /* has the texts of the plan */
        GitStep step;
        ProgramRun *run;
        const char *format; /* of object ids */
        char head[GIT_COMMIT_MAX], commit[GIT_COMMIT_MAX];
        WantedFile *wanted;
        size_t n, capacity;
        size_t at, end;     /* the files that the step GIT_READ reads */
        bool wiped;         /* the cache was removed since the start */
        const char *reason; /* why GIT_FETCH failed */
};

static GitFetch *fetch_free(GitFetch *fetch)
{
        if (!fetch)
                return NULL;
        free(fetch->wanted);
        arena_done(&fetch->arena);
        free(fetch);
        return NULL;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void fetch_end(GitFetch *fetch, GitFetchResult result, const Error *error)
{
        const GitFetchEnd end = { .result = result,
                                  .commit = fetch->commit[0] ? fetch->commit : fetch->head,
                                  .error = error };

        fetch->plan.calls->done(&end, fetch->plan.userdata);
        fetch_free(fetch);
}

static void fetch_fail(GitFetch *fetch, GitFetchResult result, const char *what, const char *reason)
{
        _cleanup_(error_done) Error error = { 0 };

        (void)error_set(&error, ERROR_UNREACHABLE, -EIO, "branch '%s' of %s: %s%s%s",
                        fetch->plan.remote.branch, fetch->plan.remote.url, what, reason ? ": " : "",
                        reason ? reason : "");
        fetch_end(fetch, result, &error);
}

/* A fault of the commit: says which one. */
static void fetch_refuse(GitFetch *fetch, GitFetchResult result, const char *what)
{
        _cleanup_(error_done) Error error = { 0 };

        (void)error_set(&error, ERROR_INVALID, -EINVAL, "commit %.12s of branch '%s' of %s %s",
                        fetch->commit, fetch->plan.remote.branch, fetch->plan.remote.url, what);
        fetch_end(fetch, result, &error);
}

/* --- starting a step -------------------------------------------------------------------------- */

static void on_ended(const ProgramEnd *end, void *userdata);

/* Chooses the files that the next process reads, and writes its input. */
static void choose_files(GitFetch *fetch, Buffer *out)
{
        uint64_t size = 0;

        for (fetch->end = fetch->at; fetch->end < fetch->n; fetch->end++) {
                const WantedFile *file = &fetch->wanted[fetch->end];

                size += file->size + GIT_COMMIT_MAX + 32; /* with the line before the bytes */
                if (fetch->end > fetch->at && size > GIT_READ_MAX)
                        return;
                (void)buffer_printf(out, "%s\n", file->id);
        }
}

static size_t output_max(const GitFetch *fetch)
{
        switch (fetch->step) {
        case GIT_FILES: return TREE_OUTPUT_MAX;
        case GIT_READ: return 2 * GIT_READ_MAX;
        default: return GIT_OUTPUT_MAX;
        }
}

/* Returns the ref of the last good commit. */
static const char *good_ref(const GitVerify *verify)
{
        return git_verifies(verify) ? GIT_SIGNED_REF : GIT_GOOD_REF;
}

static int start_step(GitFetch *fetch, GitStep step, Error *err)
{
        const GitStepInput values = { .format = fetch->format,
                                      .revision = step == GIT_CHECK || fetch->plan.from_cache
                                                          ? good_ref(&fetch->plan.verify)
                                                          : GIT_BASE_REF,
                                      .id = fetch->commit,
                                      .path = fetch->plan.path,
                                      .verify = &fetch->plan.verify };
        _cleanup_(buffer_done) Buffer input;

        fetch->step = step;
        buffer_init(&input, REQUEST_MAX);
        if (step == GIT_READ)
                choose_files(fetch, &input);
        return git_step_start(&(GitStepRun){ .programs = fetch->plan.programs,
                                             .step = step,
                                             .remote = &fetch->plan.remote,
                                             .values = &values,
                                             .input = step == GIT_READ ? &input : NULL,
                                             .output_max = output_max(fetch),
                                             .done = on_ended,
                                             .userdata = fetch },
                              &fetch->run, err);
}

static void go_on(GitFetch *fetch, GitStep step)
{
        _cleanup_(error_done) Error error = { 0 };

        if (start_step(fetch, step, &error) < 0)
                fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(step), error_message(&error));
}

static void fail_internally(GitFetch *fetch, int r)
{
        fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(fetch->step),
                   r == -ENOMEM ? "out of memory" : "not understood");
}

/* --- results of steps ------------------------------------------------------------------------- */

static void list_ended(GitFetch *fetch, const ProgramEnd *end)
{
        answer_find_head(end->output, end->output_size, fetch->plan.remote.branch, fetch->head);
        if (!fetch->head[0]) {
                fetch_fail(fetch, GIT_FETCH_NO_BRANCH, "the repository does not have this branch",
                           NULL);
                return;
        }
        if (streq(fetch->head, fetch->plan.known)) {
                fetch_end(fetch, GIT_FETCH_SAME, NULL);
                return;
        }
        fetch->format = strlen(fetch->head) == 40 ? "sha1" : "sha256";
        go_on(fetch, GIT_INIT);
}

/* Removes the locks that a killed process left. Only this fetch works in the cache. */
static void unlock(const GitFetch *fetch)
{
        static const char *const names[] = { "shallow.lock",         "HEAD.lock",
                                             "config.lock",          "packed-refs.lock",
                                             (GIT_BASE_REF ".lock"), "gc.pid",
                                             "gc.pid.lock" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                char path[4096];

                if (snprintf(path, sizeof(path), "%s/%s", fetch->plan.remote.cache, names[i]) <
                    (int)sizeof(path))
                        (void)unlink(path); /* most do not exist; git reports the others */
        }
}

/* Makes an empty folder for gpg(1), with a configuration that asks nobody for keys. */
static int make_keyring(const GitFetch *fetch, Error *err)
{
        static const char text[] = "no-autostart\nno-auto-key-retrieve\nno-auto-check-trustdb\n";
        _cleanup_(arena_done) Arena arena;
        const char *folder, *keys, *options;
        int r;

        arena_init(&arena, (size_t)64 * 1024);
        folder = git_keyring(&fetch->plan.remote, &arena);
        keys = arena_printf(&arena, "%s/pubring.kbx", folder ? folder : "");
        options = arena_printf(&arena, "%s/gpg.conf", folder ? folder : "");
        if (!folder || !keys || !options)
                return error_oom(err);
        r = file_make_folder(folder, CACHE_MODE, err);
        if (r >= 0)
                r = file_remove(keys, err);
        return r < 0 ? r : file_replace(options, text, strlen(text), 0600, err);
}

static void verify(GitFetch *fetch)
{
        _cleanup_(error_done) Error error = { 0 };

        if (fetch->plan.from_cache || !git_verifies(&fetch->plan.verify))
                go_on(fetch, GIT_FILES);
        else if (fetch->plan.verify.ssh_signers)
                go_on(fetch, GIT_VERIFY);
        else if (make_keyring(fetch, &error) < 0)
                fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(GIT_KEYS), error_message(&error));
        else
                go_on(fetch, GIT_KEYS);
}

static void resolve_ended(GitFetch *fetch, const ProgramEnd *end)
{
        char id[1][GIT_COMMIT_MAX];

        if (!answer_read_ids(end->output, end->output_size, id, 1)) {
                fail_internally(fetch, -EBADMSG);
                return;
        }
        (void)snprintf(fetch->commit, sizeof(fetch->commit), "%s", id[0]);
        verify(fetch);
}

static int want(GitFetch *fetch, const GitEntry *entry, int number)
{
        WantedFile *file;

        if (vec_reserve(&fetch->wanted, &fetch->capacity, fetch->n + 1, sizeof(*fetch->wanted)) < 0)
                return -ENOMEM;
        file = &fetch->wanted[fetch->n++];
        file->size = entry->size;
        file->number = number;
        (void)snprintf(file->id, sizeof(file->id), "%s", entry->id);
        return 0;
}

/* Passes the entries to the caller. Returns their number or a negative errno. */
static int take_entries(GitFetch *fetch, const char *output, size_t size)
{
        const char *at = output;
        char id[GIT_COMMIT_MAX];
        GitEntry entry = { .id = id };
        int n = 0, r;

        fetch->n = fetch->at = 0;
        r = fetch->plan.calls->begin(fetch->commit, fetch->plan.userdata);
        while (r >= 0 && at < output + size) {
                size_t n_entry = answer_read_entry(at, (size_t)(output + size - at), &entry, id);

                if (n_entry == 0)
                        return -EBADMSG;
                at += n_entry;
                n++;
                r = fetch->plan.calls->found(&entry, fetch->plan.userdata);
                if (r > 0)
                        r = want(fetch, &entry, r);
        }
        return r < 0 ? r : n;
}

static void files_ended(GitFetch *fetch, const ProgramEnd *end)
{
        int n = end->n_dropped > 0 ? -E2BIG : take_entries(fetch, end->output, end->output_size);

        if (n == -E2BIG)
                fetch_refuse(fetch, GIT_FETCH_NO_PATH,
                             "has too many files; set path to the folder with the specs");
        else if (n < 0)
                fail_internally(fetch, n);
        else if (n == 0 && fetch->plan.path)
                fetch_refuse(
                        fetch, GIT_FETCH_NO_PATH,
                        arena_printf(&fetch->arena, "does not have the path '%s'", fetch->plan.path)
                                ?: "does not have the path");
        else
                go_on(fetch, fetch->n > 0 ? GIT_READ : GIT_CLEAN);
}

static int take_files(GitFetch *fetch, const char *output, size_t size)
{
        size_t at = 0;

        for (; fetch->at < fetch->end; fetch->at++) {
                const WantedFile *file = &fetch->wanted[fetch->at];
                const char *data = NULL;
                size_t n_data = 0;
                size_t n = answer_read_blob(file->id, output + at, size - at, &data, &n_data);
                int r = n > 0 ? fetch->plan.calls->read(file->number, data, n_data,
                                                        fetch->plan.userdata)
                              : -EBADMSG;

                if (r < 0)
                        return r;
                at += n;
        }
        return at == size ? 0 : -EBADMSG;
}

static void read_ended(GitFetch *fetch, const ProgramEnd *end)
{
        int r = end->n_dropped > 0 ? -EBADMSG : take_files(fetch, end->output, end->output_size);

        if (r < 0)
                fail_internally(fetch, r);
        else
                go_on(fetch, fetch->at < fetch->n ? GIT_READ : GIT_CLEAN);
}

static void fetch_again(GitFetch *fetch)
{
        fetch->wiped = true;
        fetch->commit[0] = fetch->head[0] = '\0';
        go_on(fetch, GIT_LIST);
}

/* --- failed steps ----------------------------------------------------------------------------- */

static void verify_ended_badly(GitFetch *fetch, const ProgramEnd *end)
{
        const GitVerify *by = &fetch->plan.verify;
        const char *reason = end->output_size == 0 && !end->timed_out
                                     ? "it is not signed"
                                     : git_step_reason(end, &fetch->plan.remote, &fetch->arena);

        fetch_refuse(fetch, GIT_FETCH_UNVERIFIED,
                     arena_printf(&fetch->arena, "is not signed by %s '%s'%s%s%s: %s",
                                  by->ssh_signers ? "a signer of" : "a key of",
                                  by->ssh_signers ? by->ssh_signers : by->gpg_keys,
                                  by->ssh_revoked ? " that '" : "",
                                  by->ssh_revoked ? by->ssh_revoked : "",
                                  by->ssh_revoked ? "' does not revoke" : "",
                                  reason ? reason : "no reason given")
                             ?: "is not signed as demanded");
}

static void step_ended_badly(GitFetch *fetch, const ProgramEnd *end)
{
        const char *reason = git_step_reason(end, &fetch->plan.remote, &fetch->arena);

        switch (fetch->step) {
        case GIT_VERIFY: verify_ended_badly(fetch, end); return;
        case GIT_CLEAN: fetch_end(fetch, GIT_FETCH_READ, NULL); return; /* the files were read */
        case GIT_FETCH: /* the server may be the cause, and the cache has the good commit */
                fetch->reason = reason;
                go_on(fetch, GIT_CHECK);
                return;
        case GIT_CHECK:
                if (!fetch->wiped && !end->timed_out)
                        go_on(fetch, GIT_WIPE);
                else
                        fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(GIT_FETCH),
                                   fetch->reason);
                return;
        case GIT_INIT:
        case GIT_RESOLVE:
        case GIT_FILES:
        case GIT_READ: /* an earlier process may have left a damaged cache */
                if (!fetch->wiped && !fetch->plan.from_cache && !end->timed_out) {
                        go_on(fetch, GIT_WIPE);
                        return;
                }
                break;
        default: break;
        }
        fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(fetch->step), reason);
}

static void on_ended(const ProgramEnd *end, void *userdata)
{
        GitFetch *fetch = userdata;

        fetch->run = NULL;
        if (!git_step_succeeded(end)) {
                step_ended_badly(fetch, end);
                return;
        }
        switch (fetch->step) {
        case GIT_LIST: list_ended(fetch, end); break;
        case GIT_INIT:
                unlock(fetch);
                go_on(fetch, GIT_FETCH);
                break;
        case GIT_FETCH: go_on(fetch, GIT_RESOLVE); break;
        case GIT_RESOLVE: resolve_ended(fetch, end); break;
        case GIT_KEYS: go_on(fetch, GIT_VERIFY); break;
        case GIT_VERIFY: go_on(fetch, GIT_FILES); break;
        case GIT_FILES: files_ended(fetch, end); break;
        case GIT_READ: read_ended(fetch, end); break;
        case GIT_CHECK:
                fetch_fail(fetch, GIT_FETCH_FAILED, git_step_name(GIT_FETCH), fetch->reason);
                break;
        case GIT_WIPE: fetch_again(fetch); break;
        default: fetch_end(fetch, GIT_FETCH_READ, NULL); break; /* GIT_CLEAN */
        }
}

/* --- the start -------------------------------------------------------------------------------- */

int git_fetch_start(const GitFetchPlan *plan, Arena *arena, GitFetch **ret, Error *err)
{
        GitFetch *fetch = calloc(1, sizeof(*fetch));
        int r;

        if (!fetch)
                return error_oom(err);
        fetch->plan = *plan;
        fetch->format = "sha1";
        /* git init makes the folder, but not those above it */
        r = file_make_folder(plan->remote.cache, CACHE_MODE, err);
        if (r >= 0)
                r = start_step(fetch, plan->from_cache ? GIT_RESOLVE : GIT_LIST, err);
        if (r < 0) {
                fetch_free(fetch);
                return r;
        }
        fetch->arena = *arena;
        *arena = (Arena){ 0 };
        *ret = fetch;
        return 0;
}

GitFetch *git_fetch_cancel(GitFetch *fetch)
{
        if (!fetch)
                return NULL;
        fetch->run = program_run_leave(fetch->run);
        return fetch_free(fetch);
}

static int write_ref(const char *cache, const char *ref, const char *commit, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        const char *path, *line;

        arena_init(&arena, (size_t)64 * 1024);
        path = arena_printf(&arena, "%s/%s", cache, ref);
        line = arena_printf(&arena, "%s\n", commit);
        if (!path || !line)
                return error_oom(err);
        /* git replaces the files of refs in the same way */
        return file_replace(path, line, strlen(line), 0600, err);
}

int git_cache_keep(const char *cache, const GitVerify *verify, const char *commit, Error *err)
{
        int r = write_ref(cache, GIT_GOOD_REF, commit, err);

        return r >= 0 && git_verifies(verify) ? write_ref(cache, GIT_SIGNED_REF, commit, err) : r;
}
