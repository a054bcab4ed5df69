/* Fuzzes connections of the HTTP server. An input contains the bytes and actions of one client, and
 * may hold several requests.
 *
 * A byte 0xff and the byte after it are an action: 'p' runs the event loop, 'r' reads a part of the
 * answers, 'h' shuts down the client's end, 'c' closes the connection. Any other byte after 0xff is
 * sent unchanged.
 *
 * A strict parser of RFC 9112 counts the requests in the same bytes. Properties:
 * - The server handles no request that the strict parser does not find.
 * - If all requests are well-formed and complete, the server answers each of them.
 * - A connection that the client closed uses no memory. */

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/http/request.h"
#include "api/http/sliced.h"
#include "base/log.h"
#include "fuzz.h"

#define TURNS_MAX  400
#define SENT_MAX   (64 * 1024) /* maximum number of bytes that a client sends */
#define BODY_BYTES 4096
#define N_SLICES   5
#define LEFT_MAX   100 /* number of closed connections that the server may not have noticed yet */

int LLVMFuzzerInitialize(int *argc, char ***argv);

static char socket_path[64], folder[] = "/dev/shm/relman-fuzz-XXXXXX";
static sd_event *event;
static HttpServer server;
static size_t n_handled; /* requests that reached a handler */

/* --- the application -------------------------------------------------------------------------- */

/* Answers with the size of the body. */
static int handle_now(Request *request, Error *err)
{
        (void)err;
        n_handled++;
        return buffer_printf(&request->answer.body, "%zu", request->body.size);
}

typedef struct Later {
        Request *request;
        sd_event_source *timer;
} Later;

static void later_cancel(void *work)
{
        Later *later = work;

        sd_event_source_disable_unref(later->timer);
        free(later);
}

static int on_later(sd_event_source *source, usec_t usec, void *userdata)
{
        Later *later = userdata;
        Request *request = later->request;

        (void)source, (void)usec;
        (void)buffer_puts(&request->answer.body, "later"); /* the buffer records a failure */
        request_resume(request);
        later_cancel(later);
        return 0;
}

/* Answers in a later turn of the event loop. */
static int handle_later(Request *request, Error *err)
{
        Later *later = calloc(1, sizeof(*later));

        (void)err;
        n_handled++;
        require(later != NULL);
        later->request = request;
        require(sd_event_add_time(event, &later->timer, CLOCK_MONOTONIC, 0, 1, on_later, later) >=
                0);
        request_suspend(request, later_cancel, later);
        return 0;
}

/* Writes a slice of the answer. */
static int write_slice(Slice *slice, void *state, Error *err)
{
        int *n = state;

        (void)err;
        json_text(&slice->json, NULL, "a slice of the answer");
        return ++*n < N_SLICES;
}

static int handle_slices(Request *request, Error *err)
{
        static const Slicer slicer = { .write = write_slice };
        int *n = arena_alloc(&request->arena, sizeof(*n));

        n_handled++;
        if (!n)
                return error_oom(err);
        *n = 0;
        return answer_in_slices(request, &slicer, n, err);
}

static int begin(Request *request, Error *err)
{
        (void)request, (void)err;
        return 0;
}

static void record(Request *request, unsigned status)
{
        (void)request, (void)status;
}

static int check_tenant(Request *request, const char *name, Error *err)
{
        (void)request, (void)name, (void)err;
        return 0;
}

static void stop(struct Api *api)
{
        (void)api;
}

/* clang-format off */
static const Route routes[] = {
        { "GET", "/now", ACCESS_READ, .handler = handle_now },
        { "POST", "/now", ACCESS_READ, .body_max = BODY_BYTES, .handler = handle_now },
        { "GET", "/later", ACCESS_READ, .handler = handle_later },
        { "POST", "/later", ACCESS_READ, .body_max = BODY_BYTES, .handler = handle_later },
        { "GET", "/slices", ACCESS_READ, .handler = handle_slices },
        { .method = NULL },
};
/* clang-format on */

static void finish(void)
{
        http_server_close(&server);
        http_server_done(&server);
        sd_event_unref(event);
        (void)rmdir(folder); /* ignores failures: the folder is in memory */
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        static const HttpApplication application = { routes, begin, record, check_tenant, stop };
        static HttpOptions options = { .socket = socket_path };
        Error error = { 0 };

        (void)argc, (void)argv;
        require(mkdtemp(folder) != NULL);
        (void)snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
        log_open("fuzz", LOG_LEVEL_ERROR);
        require(sd_event_new(&event) >= 0);
        require(http_server_init(&server, event, &options, &application, NULL, &error) >= 0);
        require(http_server_open(&server, &error) >= 0);
        (void)atexit(finish);
        return 0;
}

/* --- the strict parser ------------------------------------------------------------------------ */

typedef struct Parsed {
        size_t n_requests; /* number of well-formed heads before the first malformed head */
        bool is_complete; /* all bytes belong to complete requests, whose size the server accepts */
} Parsed;

static bool is_token(const char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] <= ' ' || text[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", text[i]))
                        return false;
        return size > 0;
}

/* Returns the end of the line at p, before its CRLF; NULL if there is no CRLF before `end`. */
static const char *line_end(const char *p, const char *end)
{
        const char *found = memchr(p, '\n', (size_t)(end - p));

        return found && found > p && found[-1] == '\r' ? found - 1 : NULL;
}

static bool is_request_line(const char *p, const char *end)
{
        const char *target = memchr(p, ' ', (size_t)(end - p));
        const char *version = target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;

        if (!version || version == target + 1 || !is_token(p, (size_t)(target - p)))
                return false;
        for (const char *c = target + 1; c < version; c++)
                if ((unsigned char)*c <= ' ' || *c == 0x7f)
                        return false;
        /* RFC 9112, 2.3: a higher minor version is handled as 1.1 */
        return end - version == 9 && memcmp(version, " HTTP/1.", 8) == 0 && version[8] >= '0' &&
               version[8] <= '9';
}

typedef struct Head {
        size_t body_size;
        unsigned n_hosts; /* headers "Host: x" */
        bool has_length, is_chunked;
        bool has_others; /* any other header: the server may close the connection after it */
} Head;

static bool is_name(const char *p, const char *colon, const char *name)
{
        return (size_t)(colon - p) == strlen(name) && strncasecmp(p, name, strlen(name)) == 0;
}

/* Reads a header line. Returns false if it is malformed. */
static bool read_field(const char *p, const char *end, Head *head)
{
        const char *colon = memchr(p, ':', (size_t)(end - p)), *value;

        if (!colon || !is_token(p, (size_t)(colon - p)))
                return false;
        for (const char *c = colon + 1; c < end; c++)
                if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
                        return false;
        for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
                value++;
        while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
        if (is_name(p, colon, "Transfer-Encoding"))
                head->is_chunked = true;
        else if (!is_name(p, colon, "Content-Length")) {
                if (is_name(p, colon, "Host") && end == value + 1 && *value == 'x')
                        head->n_hosts++;
                else
                        head->has_others = true;
                return true;
        } else if (head->has_length || value == end)
                return false;
        for (head->has_length = !head->is_chunked; value < end && head->has_length; value++) {
                if (*value < '0' || *value > '9')
                        return false;
                head->body_size = MIN(head->body_size * 10 + (size_t)(*value - '0'), SENT_MAX);
        }
        return !(head->is_chunked && head->has_length);
}

/* True for a request line that a handler answers without closing the connection. */
static bool is_plain(const char *p, const char *end)
{
        static const char *const lines[] = { "GET /now HTTP/1.1", "POST /now HTTP/1.1",
                                             "GET /later HTTP/1.1", "POST /later HTTP/1.1",
                                             "GET /slices HTTP/1.1" };
        size_t size = (size_t)(end - p);

        for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
                if (strlen(lines[i]) == size && memcmp(lines[i], p, size) == 0)
                        return true;
        return false;
}

/* Reads a head, and moves *p to its end. Returns 1; 0 if the head is malformed; -1 if it is
 * incomplete. */
static int read_head(const char **p, const char *end, Head *head)
{
        const char *line;
        bool is_first = true;

        while ((line = line_end(*p, end)) && line > *p) {
                if (is_first ? !is_request_line(*p, line) : !read_field(*p, line, head))
                        return 0;
                if (is_first)
                        head->has_others = !is_plain(*p, line);
                is_first = false;
                *p = line + 2;
        }
        if (!line)
                return -1;
        *p = line + 2;
        return !is_first;
}

static Parsed parse(const char *p, const char *end)
{
        Parsed parsed = { .is_complete = true };

        while (p < end) {
                Head head = { 0 };
                bool is_get;
                int r;

                while (p < end && (*p == '\r' || *p == '\n')) {
                        parsed.is_complete = false; /* RFC 9112, 2.2, does not require that these
                                                     * bytes are accepted */
                        p++;
                }
                is_get = p < end && *p == 'G';
                r = p < end ? read_head(&p, end, &head) : -1;
                if (r <= 0) {
                        parsed.is_complete = false;
                        break;
                }
                parsed.n_requests++;
                if (head.is_chunked || head.has_others || head.n_hosts != 1 ||
                    head.body_size > (is_get ? 0 : BODY_BYTES))
                        parsed.is_complete = false;
                if (head.is_chunked) /* the server closes the connection after this request */
                        break;
                if (head.body_size > (size_t)(end - p)) {
                        parsed.is_complete = false;
                        break;
                }
                p += head.body_size;
        }
        return parsed;
}

/* Older versions of libmicrohttpd accept some bare line feeds as CRLF, and lines that begin with a
 * NUL as empty lines. The server cannot detect this; see "No promise" in doc/reliability.md.
 * Returns true if the bytes may contain one of these. */
static bool is_unclear(const char *p, size_t size)
{
        bool is_old = MHD_VERSION < 0x00097701;

        for (size_t i = 0; i < size && is_old; i++)
                if (p[i] == '\0' || (p[i] == '\n' && (i == 0 || p[i - 1] != '\r')))
                        return true;
        return false;
}

/* --- one client ------------------------------------------------------------------------------- */

typedef struct Client {
        int fd;
        bool is_closed; /* closed by the client or the server */
        char sent[SENT_MAX];
        size_t n_sent;
} Client;

static void turn(void)
{
        require(sd_event_run(event, 0) >= 0);
}

static int connect_client(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
        require(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        return fd;
}

/* Returns true if bytes arrived. */
static bool read_some(Client *client)
{
        char block[16 * 1024];
        ssize_t n = client->is_closed ? -1 : recv(client->fd, block, sizeof(block), MSG_DONTWAIT);

        client->is_closed = client->is_closed || n == 0 || (n < 0 && errno != EAGAIN);
        return n > 0;
}

static void send_piece(Client *client, const char *p, size_t size)
{
        for (unsigned n = 0; size > 0 && !client->is_closed && n < TURNS_MAX; n++) {
                ssize_t sent = send(client->fd, p, size, MSG_NOSIGNAL | MSG_DONTWAIT);

                client->is_closed = sent < 0 && errno != EAGAIN;
                if (sent > 0) {
                        memcpy(client->sent + client->n_sent, p, (size_t)sent);
                        client->n_sent += (size_t)sent;
                        p += sent;
                        size -= (size_t)sent;
                }
                if (size > 0) {
                        turn();
                        (void)read_some(client);
                }
        }
}

/* Sends the input and performs its actions. Returns false if the client gave up. */
static bool act(Client *client, const char *p, const char *end)
{
        while (p < end) {
                const char *next = memchr(p, 0xff, (size_t)(end - p));

                send_piece(client, p, (size_t)((next ? next : end) - p));
                if (!next || next + 1 >= end)
                        return true;
                p = next + 2;
                switch (next[1]) {
                case 'p': turn(); break;
                case 'r': (void)read_some(client); break;
                case 'h': (void)shutdown(client->fd, SHUT_WR); return false;
                case 'c': return false;
                default: send_piece(client, next + 1, 1); break;
                }
        }
        return true;
}

static uint64_t n_answers(void)
{
        uint64_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(server.n_answers); i++)
                n += server.n_answers[i];
        return n;
}

/* Runs the event loop and reads, until no more data arrives. */
static void read_all(Client *client)
{
        for (unsigned n_idle = 0, n = 0; n_idle < 12 && n < TURNS_MAX && !client->is_closed; n++) {
                turn();
                n_idle = read_some(client) ? 0 : n_idle + 1;
        }
}

/* Requires that closed connections use no memory. The server notices some of them only in its check
 * of all connections, once a second. So the fuzzer waits for several connections at once. */
static void check_that_all_ends(void)
{
        const Listener *listener = server.listeners;

        for (unsigned n = 0; n < 8 && listener->n_connections > 0; n++)
                turn();
        for (unsigned n = 0; listener->n_connections > LEFT_MAX; n++) {
                require(n < TURNS_MAX);
                require(sd_event_run(event, 10 * USEC_PER_MSEC) >= 0);
        }
        if (listener->n_connections > 0)
                return;
        turn();
        require(!server.suspended && !server.slices && server.memory.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static Client client;
        const char *text = (const char *)data;
        uint64_t n_before = n_answers();
        bool is_complete;
        Parsed parsed;

        if (size > SENT_MAX)
                return 0;
        n_handled = 0;
        client.fd = connect_client();
        client.is_closed = false;
        client.n_sent = 0;
        is_complete = act(&client, text, text + size);
        read_all(&client);
        parsed = parse(client.sent, client.sent + client.n_sent);
        if (!is_unclear(client.sent, client.n_sent)) {
                require(n_handled <= parsed.n_requests);
                require(n_answers() - n_before <= parsed.n_requests + 1);
        }
        if (is_complete && parsed.is_complete)
                require(n_answers() - n_before == parsed.n_requests);
        (void)close(client.fd);
        check_that_all_ends();
        return 0;
}
