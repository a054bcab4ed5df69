/* Runs the complete daemon in this process, on images in a folder. Makes the allocations at each
 * place of the program fail, while relman reconciles everything once and while it serves requests.
 * Acknowledged changes must be stored, answers must be complete or missing, and the next run must
 * repair everything. */

#include <ftw.h>
#include <glob.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"
#include "base/file.h"
#include "base/log.h"
#include "control/formats.h"
#include "failing.h"
#include "layout.h"
#include "store/events.h"
#include "unit.h"

#define RESULT_MAX ((size_t)16 * 1024 * 1024)
#define TURNS_MAX  400

static char folder[] = "/dev/shm/relman-test-daemon-XXXXXX";
static char specs_path[100], locks_path[100], state_path[100], socket_path[100];

static void path_of(char *out, size_t size, const char *name)
{
        assert_true((size_t)snprintf(out, size, "%s/%s", folder, name) < size);
}

static void write_file(const char *name, const char *text)
{
        char path[400];
        FILE *file;

        path_of(path, sizeof(path), name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

/* --- images and specs ------------------------------------------------------------------------- */

static void write_images(void)
{
        static const char *const names[] = { "app/api:v1.0.0", "app/api:v1.1.0", "app/api:nonsense",
                                             "app/worker:v1.0.0", "app/worker:v1.1.0" };

        layout_write(folder, names, ARRAY_SIZE(names));
}

static void write_specs(void)
{
        char text[4000];

        (void)snprintf(
                text, sizeof(text),
                "{apiVersion: relman/v1, kind: Registry, metadata: {name: files}, spec: {url: 'oci-layout:%s/images', type: oci-layout}}\n"
                "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: api, labels: {team: core}}, spec: {imageRepository: r.example.com/app/api, registry: files, versioningStrategy: {type: semver}, platforms: [linux/amd64]}}\n"
                "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: worker}, spec: {imageRepository: r.example.com/app/worker, registry: files, replaces: [worker.image]}}\n"
                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: one}, spec: {mode: pinned, components: [{name: api, version: 1.0.0}, {name: worker, tag: v1.0.0}]}}\n"
                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: all}, spec: {mode: full}}\n"
                "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: st}, spec: {settle: 0s, keep: 3, sameVersion: true}}\n"
                "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: auto}, spec: {stream: st, lock: {formats: [compose, helm]}}}\n"
                "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: manual}, spec: {confirm: manual, promotesFrom: auto, soak: 1s}}\n",
                folder);
        write_file("specs.yaml", text);
}

/* --- a daemon --------------------------------------------------------------------------------- */

typedef struct Daemon {
        sd_event *event;
        Store *store;
        HttpClient *http;
        Reconciler *reconciler;
        Api *api;
} Daemon;

static int on_end(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source, (void)at, (void)userdata;
        return -ETIME;
}

static int daemon_start(Daemon *daemon, bool once, Error *err)
{
        static ReceiverSpecs none;
        const StoreOptions store = { .path = state_path, .now = time_wall() };
        const ReconcileOptions options = { .specs_path = specs_path,
                                           .locks_path = locks_path,
                                           .lock_formats = 1U << LOCK_YAML | 1U << LOCK_JSON,
                                           .events = { .receivers = &none },
                                           .poll_interval = USEC_PER_HOUR,
                                           .recheck_interval = USEC_PER_HOUR,
                                           .once = once };
        int r;

        r = sd_event_new(&daemon->event);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "no loop");
        r = store_open(&store, &daemon->store, err);
        if (r >= 0)
                r = http_client_new(daemon->event, "test", &daemon->http, err);
        if (r >= 0)
                r = reconciler_new(daemon->event, daemon->store, daemon->http, &options,
                                   &daemon->reconciler, err);
        if (r >= 0)
                r = reconciler_start(daemon->reconciler, err);
        if (r >= 0 && !once)
                r = api_new(daemon->event, &(ApiOptions){ .http.socket = socket_path },
                            daemon->reconciler, &daemon->api, err);
        return r;
}

static void daemon_stop(Daemon *daemon)
{
        api_free(daemon->api);
        reconciler_free(daemon->reconciler);
        http_client_free(daemon->http);
        store_close(daemon->store);
        sd_event_unref(daemon->event);
        *daemon = (Daemon){ 0 };
}

/* --- a single pass ---------------------------------------------------------------------------- */

static int on_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
        (void)st, (void)type, (void)place;
        return remove(path);
}

static void forget(const void *input)
{
        static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };

        (void)input;
        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
                char path[200];

                (void)snprintf(path, sizeof(path), "%s%s", state_path, suffixes[i]);
                (void)unlink(path);
        }
        /* ignores failures: the folder may not exist */
        (void)nftw(locks_path, on_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Returns the exit status that relmand --once would have. */
static int is_reconciled(const ReconcileReport *report, Error *err)
{
        return report->specs_are_pending + report->n_environments_failed +
                                       report->n_streams_failed + report->n_spec_errors +
                                       report->n_failed + report->n_draft + report->n_refused +
                                       report->n_locks_failed >
                               0
                       ? error_set(err, ERROR_INTERNAL, -EIO, "not all is reconciled")
                       : 0;
}

static int run_once(const void *input, Buffer *out, Error *err)
{
        sd_event_source *end = NULL;
        ReconcileReport report;
        Daemon daemon = { 0 };
        int r;

        (void)input;
        r = daemon_start(&daemon, true, err);
        if (r >= 0) {
                r = sd_event_add_time_relative(daemon.event, &end, CLOCK_MONOTONIC,
                                               60 * USEC_PER_SEC, 0, on_end, NULL);
                if (r >= 0)
                        r = sd_event_loop(daemon.event);
                sd_event_source_unref(end);
                if (r < 0)
                        error_set(err, ERROR_INTERNAL, r, "the loop ended: %s", strerror(-r));
        }
        if (r >= 0) {
                reconciler_report(daemon.reconciler, &report);
                r = is_reconciled(&report, err);
        }
        daemon_stop(&daemon);
        return r < 0 ? r : buffer_puts(out, "reconciled");
}

/* Appends the name and the digests of every lockfile. Other parts differ in each run. */
static void read_locks(Buffer *out)
{
        char pattern[200];
        glob_t found;

        (void)snprintf(pattern, sizeof(pattern), "%s/*/*/*", locks_path);
        assert_int_equal(glob(pattern, 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                const char *path = found.gl_pathv[i], *line;
                _cleanup_(freep) char *data = NULL;
                struct stat st;
                size_t size;

                (void)buffer_printf(out, "%s\n", path + strlen(locks_path));
                assert_int_equal(stat(path, &st), 0);
                if (S_ISDIR(st.st_mode))
                        continue;
                assert_int_equal(file_read(path, RESULT_MAX, &data, &size, NULL), 0);
                assert_true(size > 0 && data[size - 1] == '\n'); /* the lockfile is complete */
                for (line = strstr(data, "@sha256:"); line; line = strstr(line + 1, "@sha256:"))
                        (void)buffer_printf(out, " %.72s\n", line);
        }
        globfree(&found);
}

static char *wanted_locks;

/* Checks that the next run gives the result of a run without failures. */
static void check_next_run(const void *input)
{
        Error error = { 0 };
        Buffer out;

        buffer_init(&out, RESULT_MAX);
        assert_case(run_once(input, &out, &error) >= 0, "the next run: %s", error_message(&error));
        buffer_clear(&out);
        read_locks(&out);
        if (wanted_locks)
                assert_string_equal(out.data, wanted_locks);
        else
                wanted_locks = strdup(out.data);
        buffer_done(&out);
}

static void test_one_run_does_all_or_says_what_it_did_not(void **state)
{
        const FailingJob job = { .name = "once",
                                 .prepare = forget,
                                 .run = run_once,
                                 .check = check_next_run,
                                 .by_place = true,
                                 .stride = 11 };

        (void)state;
        forget(NULL);
        check_next_run(NULL);
        assert_non_null(strstr(wanted_locks, "auto.compose.yaml"));
        print_message("# %zu faults\n", failing_sweep(FAILING_ALLOCATIONS, &job));
}

/* --- requests --------------------------------------------------------------------------------- */

static Daemon served;

static int connect_client(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        return fd;
}

/* Sends a request and reads the answer until the daemon closes the connection. */
static void talk(const char *request, size_t size, Buffer *answer)
{
        int fd = connect_client();
        ssize_t n = -1;

        assert_int_equal(send(fd, request, size, MSG_NOSIGNAL), (ssize_t)size);
        for (unsigned turn = 0; turn < TURNS_MAX && n != 0; turn++) {
                char block[16 * 1024];

                assert_true(sd_event_run(served.event, turn < 100 ? 0 : 5000) >= 0);
                n = recv(fd, block, sizeof(block), MSG_DONTWAIT);
                if (n > 0)
                        (void)buffer_append(answer, block, (size_t)n);
                else if (n < 0 && errno != EAGAIN)
                        n = 0;
        }
        (void)close(fd);
}

static int ask(const void *input, Buffer *out, Error *err)
{
        _cleanup_(buffer_done) Buffer answer = { 0 };
        char request[2000];
        const char *body;
        int n;

        n = snprintf(request, sizeof(request), "%s", (const char *)input);
        buffer_init(&answer, RESULT_MAX);
        talk(request, (size_t)n, &answer);
        body = strstr(answer.data, "\r\n\r\n");
        if (answer.failed || !body)
                return error_set(err, ERROR_INTERNAL, -EIO, "no answer");
        if (strncmp(answer.data, "HTTP/1.1 5", 10) == 0)
                return error_set(err, ERROR_INTERNAL, -EIO, "%.12s", answer.data);
        /* compares only the status of a refusal, because its text may be shorter */
        return buffer_printf(out, "%.12s%s", answer.data, answer.data[9] == '2' ? body : "");
}

/* Checks that the daemon still answers. */
static void check_alive(const void *input)
{
        Error error = { 0 };
        Buffer out;

        (void)input;
        buffer_init(&out, RESULT_MAX);
        assert_case(ask("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &out,
                        &error) >= 0,
                    "%s", error_message(&error));
        assert_non_null(strstr(out.data, "200"));
        buffer_done(&out);
}

static void start_served(void)
{
        Error error = { 0 };

        forget(NULL);
        check_next_run(NULL);
        assert_case(daemon_start(&served, false, &error) >= 0, "%s", error_message(&error));
        for (unsigned turn = 0; turn < 200; turn++)
                assert_true(sd_event_run(served.event, 1000) >= 0);
}

static void test_an_answer_is_complete_or_missing(void **state)
{
        static const char *const paths[] = {
                "components",
                "components/api",
                "components/api/versions",
                "components/api/tags",
                "components/api/tags/v1.0.0",
                "components/api/releases",
                "version-maps?componentId=api",
                "releases",
                "releases?status=ready&componentId=api",
                "releases/one",
                "releases/one/lineage",
                "releases/one/compare/all",
                "environments",
                "environments/auto",
                "environments/auto/history",
                "events",
                "registries",
                "registries/files",
                "streams",
                "streams/st",
                "audit",

                "openapi.json",
                "releases/none",
                "components?page=2&pageSize=1",
        };

        (void)state;
        start_served();
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                char request[300];
                const FailingJob job = { .name = paths[i],
                                         .run = ask,
                                         .check = check_alive,
                                         .input = request,
                                         .by_place = true,
                                         .stride = 3 };

                (void)snprintf(request, sizeof(request),
                               "GET /api/v1/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                               paths[i]);
                (void)failing_sweep(FAILING_ALLOCATIONS, &job);
                if (strstr(paths[i], "history") || strstr(paths[i], "releases"))
                        (void)failing_sweep(FAILING_STATEMENTS, &job);
        }
        daemon_stop(&served);
}

/* Returns the number of accepted commands in the audit. Each stored change has an entry. */
static int count_stored(void)
{
        _cleanup_(arena_done) Arena arena;
        AuditEntries entries;
        Error error = { 0 };
        int n = 0;

        arena_init(&arena, RESULT_MAX);
        assert_case(store_audit(served.store, "default", &(EventFilter){ .limit = 1000000 }, &arena,
                                &entries, &error) >= 0,
                    "%s", error_message(&error));
        for (size_t i = 0; i < entries.n; i++)
                n += entries.items[i].outcome == AUDIT_ACCEPTED;
        return n;
}

static int n_stored, last_status;

static void note_stored(const void *input)
{
        (void)input;
        n_stored = count_stored();
        last_status = 0;
}

/* Sends a request for a change. The result is the class of the status, because times and ids
 * differ. */
static int ask_for_change(const void *input, Buffer *out, Error *err)
{
        _cleanup_(buffer_done) Buffer answer = { 0 };
        const char *request = input;

        buffer_init(&answer, RESULT_MAX);
        talk(request, strlen(request), &answer);
        if (answer.failed || answer.size < 12)
                return error_set(err, ERROR_INTERNAL, -EIO, "no answer");
        last_status = (answer.data[9] - '0') * 100; /* keeps only the class of the status */
        if (last_status >= 500)
                return error_set(err, ERROR_INTERNAL, -EIO, "%d", last_status);
        return buffer_printf(out, "%d", last_status);
}

static void check_stored(const void *input)
{
        int n = count_stored() - n_stored;

        assert_case(last_status == 0 || n == (last_status < 300), "%.60s: %d, and %d stored",
                    (const char *)input, last_status, n);
        check_alive(input);
}

static void write_request(char *out, size_t size, const char *line, const char *body)
{
        (void)snprintf(out, size,
                       "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n"
                       "\r\n%s",
                       line, strlen(body), body);
}

static void test_an_answer_says_what_is_stored(void **state)
{
        static const struct {
                const char *line, *body;
        } writes[] = {
                { "POST /api/v1/environments/auto/hold", "{\"reason\":\"x\"}" },
                { "POST /api/v1/environments/auto/resume", "{}" },
                { "PUT /api/v1/components/made", "{\"displayName\":\"x\"}" },
                { "POST /api/v1/releases/one/promote", "{\"environmentId\":\"auto\"}" },
        };

        static const char made[] =
                "{\"name\":\"made\",\"imageRepository\":\"r.example.com/app/made\"}";
        char request[400];
        Buffer out;
        Error error = { 0 };

        (void)state;
        start_served();
        buffer_init(&out, RESULT_MAX);
        write_request(request, sizeof(request), "POST /api/v1/components", made);
        assert_int_equal(ask_for_change(request, &out, &error), 0);
        assert_string_equal(out.data, "200");
        buffer_done(&out);
        for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
                const FailingJob job = { .name = writes[i].line,
                                         .prepare = note_stored,
                                         .run = ask_for_change,
                                         .check = check_stored,
                                         .input = request,
                                         .by_place = true,
                                         .stride = 3 };

                write_request(request, sizeof(request), writes[i].line, writes[i].body);
                print_message("# %s: %zu faults\n", writes[i].line,
                              failing_sweep(FAILING_ALLOCATIONS, &job));
        }
        daemon_stop(&served);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void *allocate(void *userdata)
{
        (void)userdata;
        return malloc(1);
}

/* libcurl resolves names in a thread. The sanitizer aborts if an allocation in the start of a
 * thread fails. */
static void test_allocations_of_other_threads_do_not_fail(void **state)
{
        pthread_t thread;
        void *memory, *own;

        (void)state;
        failing_arm(FAILING_ALLOCATIONS, 1, true);
        own = malloc(1);
        assert_int_equal(pthread_create(&thread, NULL, allocate, NULL), 0);
        assert_int_equal(pthread_join(thread, &memory), 0);
        (void)failing_disarm();
        assert_null(own);
        assert_non_null(memory);
        free(memory);
}

static int make_folder(void **state)
{
        (void)state;
        log_open("test", LOG_LEVEL_ERROR);
        log_set_level((LogLevel)0); /* no output is expected */
        assert_non_null(mkdtemp(folder));
        path_of(specs_path, sizeof(specs_path), "specs.yaml");
        path_of(locks_path, sizeof(locks_path), "locks");
        path_of(state_path, sizeof(state_path), "state.db");
        path_of(socket_path, sizeof(socket_path), "socket");
        write_images();
        write_specs();
        return 0;
}

static int remove_folder(void **state)
{
        (void)state;
        free(wanted_locks);
        return test_remove_tree(folder);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_run_does_all_or_says_what_it_did_not),
        cmocka_unit_test(test_an_answer_is_complete_or_missing),
        cmocka_unit_test(test_an_answer_says_what_is_stored),
        cmocka_unit_test(test_allocations_of_other_threads_do_not_fail),
};
TEST_PROGRAM("failing-daemon", tests, make_folder, remove_folder)
