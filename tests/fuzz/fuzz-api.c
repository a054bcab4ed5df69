/* Fuzzes requests of API clients. The fuzzer sends them to the socket of a complete server.
 *
 * - An input that begins with '!' is sent unchanged.
 * - An input that begins with '#' is read as a token file.
 * - In all other inputs, the first line is a method and a path with its query. Headers follow up to
 * an empty line, then the body. The fuzzer adds Host and Content-Length, so that the request passes
 * the HTTP parser and reaches the code of the API. */

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"
#include "api/http/token.h"
#include "base/file.h"
#include "base/log.h"
#include "fuzz.h"

#define TURNS_MAX   200
#define REQUEST_MAX ((size_t)64 * 1024 * 1024)

int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char specs[] =
        "{apiVersion: relman/v1, kind: Component, metadata: {name: api},\n"
        " spec: {imageRepository: '127.0.0.1:1/app/api', suspend: true}}\n"
        "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: r}, spec: {url: 'http://127.0.0.1:1'}}\n"
        "---\n{apiVersion: relman/v1, kind: ReleaseStream, metadata: {name: s}, spec: {}}\n"
        "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: prod}, spec: {stream: s}}\n";

/* static, because the reconciler and the server borrow them */
static char specs_path[64], locks_path[64], socket_path[64];
static char folder[] = "/dev/shm/relman-fuzz-XXXXXX";
static sd_event *event;
static Store *store;
static HttpClient *http;
static Reconciler *reconciler;
static Api *api;

static int on_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
        (void)st, (void)type, (void)place;
        return remove(path);
}

static void finish(void)
{
        api_free(api);
        reconciler_free(reconciler);
        http_client_free(http);
        store_close(store);
        sd_event_unref(event);
        /* ignores failures: the folder is in memory */
        (void)nftw(folder, on_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void path_of(char *out, size_t size, const char *name)
{
        require((size_t)snprintf(out, size, "%s/%s", folder, name) < size);
}

static void write_specs(const char *path)
{
        FILE *file = fopen(path, "we");

        require(file && fputs(specs, file) >= 0 && fclose(file) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        static ReceiverSpecs none;
        char state_path[64];
        Error error = { 0 };

        (void)argc, (void)argv;
        require(mkdtemp(folder) != NULL);
        path_of(specs_path, sizeof(specs_path), "specs.yaml");
        path_of(locks_path, sizeof(locks_path), "locks");
        path_of(state_path, sizeof(state_path), "state.db");
        path_of(socket_path, sizeof(socket_path), "socket");
        write_specs(specs_path);
        log_open("fuzz", LOG_LEVEL_ERROR);
        require(sd_event_new(&event) >= 0);
        require(store_open(&(StoreOptions){ .path = state_path, .now = time_wall() }, &store,
                           &error) >= 0);
        require(http_client_new(event, "fuzz", &http, &error) >= 0);
        require(reconciler_new(event, store, http,
                               &(ReconcileOptions){ .specs_path = specs_path,
                                                    .locks_path = locks_path,
                                                    .events = { .receivers = &none },
                                                    .poll_interval = USEC_PER_HOUR,
                                                    .recheck_interval = USEC_PER_HOUR },
                               &reconciler, &error) >= 0);
        require(reconciler_start(reconciler, &error) >= 0);
        require(api_new(event, &(ApiOptions){ .http.socket = socket_path }, reconciler, &api,
                        &error) >= 0);
        (void)atexit(finish);
        return 0;
}

/* --- one client ------------------------------------------------------------------------------- */

static int connect_client(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
        require(fd >= 0);
        require(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        return fd;
}

typedef struct Answered {
        bool begun;
        unsigned n_idle; /* turns of the event loop since the last data arrived */
} Answered;

/* Reads and drops a part of the answer. The answer must begin with HTTP/, and its status must not
 * be 500. Returns true if the connection is closed, or if an answer has begun and no data arrived
 * for four turns. */
static bool drain(int fd, Answered *answered)
{
        char block[16 * 1024];
        ssize_t n = recv(fd, block, sizeof(block), MSG_DONTWAIT);

        if (n > 4 && !answered->begun) {
                require(memcmp(block, "HTTP/", 5) == 0);
                require(n < 13 || memcmp(block + 9, "500", 3) != 0);
                answered->begun = true;
        }
        answered->n_idle = n > 0 ? 0 : answered->n_idle + 1;
        return n == 0 || (n < 0 && errno != EAGAIN) || (answered->begun && answered->n_idle > 3);
}

static void talk(const char *data, size_t size)
{
        int fd = connect_client();
        Answered answered = { 0 };
        bool ended = false;
        size_t sent = 0;

        for (unsigned turn = 0; turn < TURNS_MAX && !ended; turn++) {
                if (sent < size) {
                        ssize_t n = send(fd, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

                        sent += n > 0 ? (size_t)n : 0;
                        if (sent == size || (n < 0 && errno != EAGAIN)) {
                                sent = size;
                                /* the end of the request */
                                (void)shutdown(fd, SHUT_WR);
                        }
                }
                require(sd_event_run(event, turn < 50 ? 0 : 1000) >= 0);
                ended = drain(fd, &answered);
        }
        (void)close(fd);
        require(sd_event_run(event, 0) >= 0);
}

static void talk_structured(const char *text, size_t size)
{
        const char *line = memchr(text, '\n', size), *body = memmem(text, size, "\n\n", 2);
        _cleanup_(buffer_done) Buffer request = { 0 };
        const char *end = text + size;

        if (!line)
                return;
        body = body ? body + 2 : end;
        buffer_init(&request, REQUEST_MAX);
        (void)buffer_append(&request, text, (size_t)(line - text));
        (void)buffer_puts(&request, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (const char *p = line + 1; p < body && *p != '\n';) {
                const char *stop = memchr(p, '\n', (size_t)(end - p));

                stop = stop ? stop : end;
                (void)buffer_append(&request, p, (size_t)(stop - p));
                (void)buffer_puts(&request, "\r\n");
                p = stop < end ? stop + 1 : end;
        }
        (void)buffer_printf(&request, "Content-Length: %zu\r\n\r\n", (size_t)(end - body));
        (void)buffer_append(&request, body, (size_t)(end - body));
        talk(request.data, request.size);
}

static void read_tokens(const char *text, size_t size)
{
        _cleanup_(arena_done) Arena arena;
        _cleanup_(error_done) Error error = { 0 };
        ApiTokens tokens;

        arena_init(&arena, FUZZ_ARENA_MAX);
        if (tokens_parse(fuzz_text(&arena, (const uint8_t *)text, size), &arena, &tokens, &error) >=
            0)
                require(!tokens_find(&tokens, "nobody has this one"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *text = (const char *)data;

        if (size == 0)
                return 0;
        if (text[0] == '!')
                talk(text + 1, size - 1);
        else if (text[0] == '#')
                read_tokens(text + 1, size - 1);
        else
                talk_structured(text, size);
        return 0;
}
