/* Tests which connections a request may use: proxies, private addresses, connections of other
 * pools. Also tests the limits of a request: no redirects, and a body that is cut. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/address.h"
#include "http/http.h"
#include "http/proxy.h"
#include "unit.h"

/* --- a server whose answer is its number of requests and the request line --------------------- */

#define ORIGIN_ADDRESS (INADDR_LOOPBACK + 1)
#define CLIENTS_MAX    8
#define BODY_MAX       500 /* maximum size of a body in get() */

/* the server at 127.0.0.1, and the origin server at 127.0.0.2; a test sets the kind of the origin's
 * address */
static pid_t server, origin_server;
static char server_url[64], origin_url[64];
static AddressKind origin_kind = ADDRESS_PRIVATE;
static unsigned n_kinds; /* number of queries of the kind of the origin's address */

AddressKind __wrap_address_kind(const struct sockaddr *address);
AddressKind __real_address_kind(const struct sockaddr *address);
AddressKind __wrap_address_kind(const struct sockaddr *address)
{
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;

        if (address->sa_family != AF_INET || four->sin_addr.s_addr != htonl(ORIGIN_ADDRESS))
                return __real_address_kind(address);
        n_kinds++;
        return origin_kind;
}

/* A held request. At the next request, the server answers it with a redirect to the other
 * server. */
static int held = -1;

static void answer_held(void)
{
        if (held >= 0)
                (void)dprintf(held,
                              "HTTP/1.1 302 Found\r\nLocation: %s/there\r\nContent-Length: "
                              "0\r\n\r\n",
                              server_url);
        held = -1;
}

static void answer(int fd, const char *request, int n)
{
        char body[1000], text[1200];
        const char *status = strstr(request, " /away ") ? "302 Found\r\nLocation: /there"
                             : strstr(request, " /busy ")
                                     ? "503 Busy\r\nRetry-After: 3600\r\n"
                                       "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 3600"
                                     : "200 OK";
        char elsewhere[100];
        int size;

        if (strstr(request, " /elsewhere ")) {
                (void)snprintf(elsewhere, sizeof(elsewhere), "302 Found\r\nLocation: %s/busy",
                               server_url);
                status = elsewhere;
        }

        answer_held();
        if (strstr(request, " /held "))
                held = fd;
        if (strstr(request, " /silent ") || held >= 0)
                return;
        if (strstr(request, " /late "))
                (void)sleep(3);
        size = snprintf(body, sizeof(body), "%d %.*s", n, (int)strcspn(request, "\r\n"), request);
        if (strstr(request, " /long "))
                size = snprintf(body, sizeof(body), "%0*d", BODY_MAX + 1, n);
        size = snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status,
                        size, body);
        if (write(fd, text, (size_t)size) != size)
                _exit(1);
}

static void serve(int listener)
{
        struct pollfd fds[CLIENTS_MAX] = { { .fd = listener, .events = POLLIN } };
        nfds_t n = 1;
        int count = 0;

        for (;;) {
                if (poll(fds, n, -1) < 0)
                        _exit(1);
                for (nfds_t i = 1; i < n; i++) {
                        char request[512] = "";

                        if (!fds[i].revents)
                                continue;
                        if (read(fds[i].fd, request, sizeof(request) - 1) <= 0) {
                                (void)close(fds[i].fd);
                                fds[i] = fds[--n];
                                break;
                        }
                        answer(fds[i].fd, request, ++count);
                }
                if (fds[0].revents && n < CLIENTS_MAX)
                        fds[n++] = (struct pollfd){ .fd = accept(listener, NULL, NULL),
                                                    .events = POLLIN };
        }
}

/* Starts a server at an address. Returns its port; 0 on failure. */
static in_port_t start_at(in_addr_t host, pid_t *ret)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host) };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || bind(fd, (const struct sockaddr *)&address, size) < 0 || listen(fd, 8) < 0 ||
            getsockname(fd, (struct sockaddr *)&address, &size) < 0)
                return 0;
        *ret = fork();
        if (*ret == 0)
                serve(fd);
        (void)close(fd);
        return *ret > 0 ? ntohs(address.sin_port) : 0;
}

static int start_server(void **state)
{
        in_port_t port = start_at(INADDR_LOOPBACK, &server);

        (void)state;
        (void)snprintf(server_url, sizeof(server_url), "http://127.0.0.1:%u", (unsigned)port);
        if (port > 0)
                port = start_at(ORIGIN_ADDRESS, &origin_server);
        (void)snprintf(origin_url, sizeof(origin_url), "http://127.0.0.2:%u", (unsigned)port);
        return port > 0 ? 0 : -1;
}

static int stop_server(void **state)
{
        (void)state;
        (void)kill(server, SIGKILL);
        (void)kill(origin_server, SIGKILL);
        return waitpid(server, NULL, 0) == server &&
                               waitpid(origin_server, NULL, 0) == origin_server
                       ? 0
                       : -1;
}

/* --- clients ---------------------------------------------------------------------------------- */

typedef struct Client {
        sd_event *event;
        HttpClient *http;
} Client;

typedef struct Answer {
        bool is_there;
        char text[600]; /* the body, or the error message */
        ErrorKind kind;
        unsigned status;
        size_t size; /* size of the body */
} Answer;

static void open_client(Client *client)
{
        Error error = { 0 };

        assert_true(sd_event_new(&client->event) >= 0);
        assert_int_equal(http_client_new(client->event, "test", &client->http, &error), 0);
}

static void close_client(Client *client)
{
        client->http = http_client_free(client->http);
        client->event = sd_event_unref(client->event);
}

static HttpPool *make_pool_with(Client *client, const char *origin, const char *proxy,
                                unsigned silence)
{
        const HttpPoolOptions options = { .name = "registry 'test'",
                                          .concurrency = 1,
                                          .timeout = 10 * USEC_PER_SEC,
                                          .silence = silence,
                                          .allow_plain = true,
                                          .origin = origin,
                                          .proxy = proxy,
                                          .max_tries = 1 };
        HttpPool *pool = NULL;
        Error error = { 0 };

        assert_int_equal(http_pool_new(client->http, &options, &pool, &error), 0);
        return pool;
}

static HttpPool *make_pool(Client *client, const char *origin, const char *proxy)
{
        return make_pool_with(client, origin, proxy, 0);
}

static void on_answer(const HttpResponse *response, const Error *error, void *userdata)
{
        Answer *answer = userdata;

        answer->kind = error ? error->kind : ERROR_NONE;
        (void)snprintf(answer->text, sizeof(answer->text), "%s",
                       error ? error_message(error) : response->body);
        answer->status = response ? response->status : 0;
        answer->size = response ? response->body_size : 0;
        answer->is_there = true;
}

static Answer ask(Client *client, HttpPool *pool, const HttpRequest *request)
{
        Answer answer = { 0 };
        HttpCall *call = NULL;
        Error error = { 0 };

        assert_int_equal(http_start(pool, request, on_answer, &answer, &call, &error), 0);
        while (!answer.is_there)
                assert_true(sd_event_run(client->event, UINT64_MAX) >= 0);
        return answer;
}

static Answer get(Client *client, HttpPool *pool, const char *url)
{
        return ask(client, pool,
                   &(HttpRequest){ .method = HTTP_GET, .url = url, .body_max = BODY_MAX });
}

/* --- tests ------------------------------------------------------------------------------------ */

/* The request goes to a host that is not the registry. Docker Hub does this: its tag list is on
 * another host. */
static void test_the_address_of_a_proxy_may_be_private(void **state)
{
        Client client;
        HttpPool *pool;
        Answer answer;

        (void)state;
        for (int by_environment = 0; by_environment <= 1; by_environment++) {
                if (by_environment)
                        assert_int_equal(setenv("http_proxy", server_url, 1), 0);
                open_client(&client);
                pool = make_pool(&client, "http://registry.invalid",
                                 by_environment ? NULL : server_url);
                answer = get(&client, pool, "http://hub.invalid/list");
                assert_non_null(strstr(answer.text, " GET http://hub.invalid/list "));
                http_pool_free(pool);
                close_client(&client);
        }
        assert_int_equal(unsetenv("http_proxy"), 0);
}

static void test_without_the_proxy_the_guard_stands(void **state)
{
        Client client;
        HttpPool *pool;
        Answer answer;

        (void)state;
        assert_int_equal(setenv("http_proxy", server_url, 1), 0);
        assert_int_equal(setenv("no_proxy", "127.0.0.0/8", 1), 0);
        open_client(&client);
        pool = make_pool(&client, "http://registry.invalid", NULL);
        answer = get(&client, pool, server_url);
        assert_int_equal(answer.kind, ERROR_HOSTILE);
        assert_non_null(strstr(answer.text, "an internal address"));
        http_pool_free(pool);
        close_client(&client);
        assert_int_equal(unsetenv("http_proxy"), 0);
        assert_int_equal(unsetenv("no_proxy"), 0);
}

static void test_a_proxy_is_not_asked_for_link_local_addresses(void **state)
{
        static const char *const urls[] = { "http://169.254.169.254/latest/",
                                            "http://169.254.169.254./", "http://0xa9fea9fe/",
                                            "http://[fe80::1]/" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
                Client client;
                HttpPool *pool;
                Answer answer;

                open_client(&client);
                pool = make_pool(&client, "http://registry.invalid", server_url);
                answer = get(&client, pool, urls[i]);
                assert_case(answer.kind == ERROR_HOSTILE, "%s: %s", urls[i], answer.text);
                http_pool_free(pool);
                close_client(&client);
        }
}

/* libcurl shares connections between pools. So each pool must check the address again. */
static void test_a_connection_of_another_pool_is_checked_again(void **state)
{
        Client client;
        HttpPool *own, *other;
        Answer first, refused, last;

        (void)state;
        open_client(&client);
        own = make_pool(&client, server_url, NULL);
        other = make_pool(&client, "http://registry.invalid", NULL);
        first = get(&client, own, server_url);
        assert_non_null(strstr(first.text, " GET / "));
        refused = get(&client, other, server_url);
        assert_int_equal(refused.kind, ERROR_HOSTILE);
        assert_non_null(strstr(refused.text, "an internal address"));
        last = get(&client, own, server_url);
        /* the server counts only this request: the refused one was not sent */
        assert_int_equal(strtol(last.text, NULL, 10), strtol(first.text, NULL, 10) + 1);
        http_pool_free(own);
        http_pool_free(other);
        close_client(&client);
}

static void test_what_no_proxy_names(void **state)
{
        static const struct {
                const char *list, *host, *port;
                bool wanted;
        } cases[] = {
                { "*", "r.example", "443", true },
                { "example", "r.example", "443", true },
                { "a.example,r.example", "r.example", "443", true },
                { "a.example r.example", "R.Example", "443", true },
                { ".r.example", "r.example", "443", true },
                { "*.example", "r.example", "443", true },
                { "r.example.", "r.example", "443", true },
                { "r.example", "r.example.", "443", true },
                { "r.example:443", "r.example", "443", true },
                { "r.example:443", "r.example", "5000", false },
                { "ample", "r.example", "443", false },
                { "r.example", "evil-r.example", "443", false },
                { "", "r.example", "443", false },
                { ",, ,", "r.example", "443", false },
                { ".", "r.example", "443", false },
                { "10.1.2.3", "10.1.2.3", "80", true },
                { "10.1.2.3:80", "10.1.2.3", "80", true },
                { "10.1.2.3:81", "10.1.2.3", "80", false },
                { "10.0.0.0/8", "10.1.2.3", "80", true },
                { "10.0.0.0/15", "10.1.2.3", "80", true },
                { "10.0.0.0/16", "10.1.2.3", "80", false },
                { "10.0.0.0/", "10.1.2.3", "80", false },
                { "10.0.0.0/99", "10.1.2.3", "80", false },
                { "0.0.0.0/0", "10.1.2.3", "80", true },
                { "2.3", "10.1.2.3", "80", false },
                { "::1", "[::1]", "80", true },
                { "[::1]:80", "[::1]", "80", true },
                { "[::1]:81", "[::1]", "80", false },
                { "fd00::/8", "[fd12::1]", "80", true },
                { "fd00::/8", "10.1.2.3", "80", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_case(proxy_list_has(cases[i].list, cases[i].host, cases[i].port) ==
                                    cases[i].wanted,
                            "'%s': %s:%s", cases[i].list, cases[i].host, cases[i].port);
}

/* A request to a registry fails soon if the registry sends nothing. Clients of relmand must wait
 * longer: relmand sends nothing while it polls, or until a lockfile changes. */
static void test_how_long_a_server_may_send_nothing_is_a_setting(void **state)
{
        Client client;
        HttpPool *pool;
        Answer answer;
        char url[96];

        (void)state;
        open_client(&client);
        pool = make_pool_with(&client, server_url, NULL, 60);
        (void)snprintf(url, sizeof(url), "%s/late", server_url);
        answer = get(&client, pool, url);
        assert_case(answer.kind == ERROR_NONE, "%s", answer.text);
        http_pool_free(pool);
        pool = make_pool_with(&client, server_url, NULL, 1);
        (void)snprintf(url, sizeof(url), "%s/silent", server_url);
        answer = get(&client, pool, url);
        assert_non_null(
                strstr(answer.text, "Less than 64 bytes/sec transferred the last 1 seconds"));
        http_pool_free(pool);
        close_client(&client);
}

static void test_a_redirect_is_an_answer_if_the_request_says_so(void **state)
{
        HttpRequest request = { .method = HTTP_GET, .body_max = BODY_MAX };
        Client client;
        HttpPool *pool;
        Answer answer;
        char url[96];

        (void)state;
        open_client(&client);
        pool = make_pool(&client, server_url, NULL);
        (void)snprintf(url, sizeof(url), "%s/away", server_url);
        request.url = url;
        answer = ask(&client, pool, &request);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.text, "GET /there HTTP/1.1"));
        request.no_redirect = true;
        answer = ask(&client, pool, &request);
        assert_int_equal(answer.status, 302);
        assert_non_null(strstr(answer.text, "GET /away HTTP/1.1"));
        http_pool_free(pool);
        close_client(&client);
}

static void test_a_large_body_is_refused_or_cut(void **state)
{
        HttpRequest request = { .method = HTTP_GET, .body_max = BODY_MAX };
        Client client;
        HttpPool *pool;
        Answer answer;
        char url[96];

        (void)state;
        open_client(&client);
        pool = make_pool(&client, server_url, NULL);
        (void)snprintf(url, sizeof(url), "%s/long", server_url);
        request.url = url;
        answer = ask(&client, pool, &request);
        assert_int_equal(answer.kind, ERROR_HOSTILE);
        request.cut_body = true;
        answer = ask(&client, pool, &request);
        assert_case(answer.kind == ERROR_NONE, "%s", answer.text);
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.size, BODY_MAX);
        request.body_max = BODY_MAX + 1; /* a body that fits is read to its end */
        answer = ask(&client, pool, &request);
        assert_int_equal(answer.size, BODY_MAX + 1);
        http_pool_free(pool);
        close_client(&client);
}

/* --- names whose addresses change ------------------------------------------------------------- */

static HttpPool *origin_pool(Client *client)
{
        const HttpPoolOptions options = { .name = "registry 'test'",
                                          .concurrency = 2,
                                          .timeout = 10 * USEC_PER_SEC,
                                          .allow_plain = true,
                                          .origin = origin_url,
                                          .max_tries = 1 };
        HttpPool *pool = NULL;
        Error error = { 0 };

        assert_int_equal(http_pool_new(client->http, &options, &pool, &error), 0);
        return pool;
}

static void start_get(HttpPool *pool, const char *path, Answer *answer)
{
        char url[96];
        HttpCall *call = NULL;
        Error error = { 0 };

        (void)snprintf(url, sizeof(url), "%s%s", origin_url, path);
        assert_int_equal(
                http_start(pool,
                           &(HttpRequest){ .method = HTTP_GET, .url = url, .body_max = BODY_MAX },
                           on_answer, answer, &call, &error),
                0);
}

/* While a request waits for its answer, the name of the origin gets a private address. Another
 * request connects to it. The answer comes from the public address. */
static void test_a_redirect_is_judged_by_the_connection_that_it_came_from(void **state)
{
        Answer first = { 0 }, second = { 0 };
        Client client;
        HttpPool *pool;

        (void)state;
        open_client(&client);
        pool = origin_pool(&client);
        origin_kind = ADDRESS_PUBLIC;
        /* libcurl learns that the server has no HTTP/2, and then uses one connection for each
         * request */
        (void)get(&client, pool, origin_url);
        n_kinds = 0;
        start_get(pool, "/held", &first);
        while (n_kinds == 0)
                assert_true(sd_event_run(client.event, UINT64_MAX) >= 0);
        origin_kind = ADDRESS_PRIVATE;
        start_get(pool, "/other", &second);
        while (!first.is_there || !second.is_there)
                assert_true(sd_event_run(client.event, UINT64_MAX) >= 0);
        assert_case(second.status == 200, "%s / %s", second.text, first.text);
        assert_int_equal(first.kind, ERROR_HOSTILE);
        assert_non_null(strstr(first.text, "127.0.0.1 is an internal address"));
        http_pool_free(pool);
        close_client(&client);
}

/* An attacker adds a private address to the name of a public registry. Nothing answers at that
 * address. */
static void test_an_address_that_does_not_answer_opens_nothing(void **state)
{
        char nobody[64];
        Client client;
        HttpPool *pool;
        Answer answer;

        (void)state;
        open_client(&client);
        (void)snprintf(nobody, sizeof(nobody), "http://127.0.0.3%s", strrchr(origin_url, ':'));
        pool = make_pool(&client, nobody, NULL);
        answer = get(&client, pool, nobody);
        assert_int_equal(answer.kind, ERROR_UNREACHABLE);
        answer = get(&client, pool, server_url); /* as for the token server of the registry */
        assert_int_equal(answer.kind, ERROR_HOSTILE);
        http_pool_free(pool);
        close_client(&client);
}

/* --- pauses that another host asks for -------------------------------------------------------- */

static Answer get_path(Client *client, HttpPool *pool, const char *path)
{
        char url[96];

        (void)snprintf(url, sizeof(url), "%s%s", origin_url, path);
        return get(client, pool, url);
}

static usec_t paused_until(const HttpPool *pool)
{
        HttpPoolStats stats;

        http_pool_stats(pool, &stats);
        return stats.paused_until;
}

static void test_a_pause_of_a_redirects_host_concerns_only_that_host(void **state)
{
        Client client;
        HttpPool *pool;
        Answer answer;

        (void)state;
        origin_kind = ADDRESS_PRIVATE;
        open_client(&client);
        pool = origin_pool(&client);
        answer = get_path(&client, pool, "/elsewhere");
        assert_case(answer.status == 503, "%s", answer.text);
        assert_int_equal(paused_until(pool), 0);
        answer = get_path(&client, pool, "/here");
        assert_case(answer.status == 200, "%s", answer.text);
        /* the host is not asked again in its pause */
        answer = get_path(&client, pool, "/elsewhere");
        assert_int_equal(answer.kind, ERROR_UNREACHABLE);
        assert_non_null(strstr(answer.text,
                               "registry 'test': host '127.0.0.1', to which a redirect "
                               "led, asked for a pause of 3"));
        answer = get_path(&client, pool, "/here");
        assert_case(answer.status == 200, "%s", answer.text);
        http_pool_free(pool);
        close_client(&client);
}

static void test_a_pause_of_the_origin_concerns_all_requests(void **state)
{
        Client client;
        HttpPool *pool;
        Answer answer;

        (void)state;
        open_client(&client);
        pool = origin_pool(&client);
        answer = get_path(&client, pool, "/busy");
        assert_int_equal(answer.status, 503);
        assert_true(paused_until(pool) > 0);
        answer = get_path(&client, pool, "/here");
        assert_int_equal(answer.kind, ERROR_UNREACHABLE);
        assert_non_null(strstr(answer.text, "registry 'test' asked for a pause of 3"));
        http_pool_free(pool);
        close_client(&client);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_address_of_a_proxy_may_be_private),
        cmocka_unit_test(test_without_the_proxy_the_guard_stands),
        cmocka_unit_test(test_a_proxy_is_not_asked_for_link_local_addresses),
        cmocka_unit_test(test_a_connection_of_another_pool_is_checked_again),
        cmocka_unit_test(test_what_no_proxy_names),
        cmocka_unit_test(test_how_long_a_server_may_send_nothing_is_a_setting),
        cmocka_unit_test(test_a_redirect_is_an_answer_if_the_request_says_so),
        cmocka_unit_test(test_a_large_body_is_refused_or_cut),
        cmocka_unit_test(test_a_redirect_is_judged_by_the_connection_that_it_came_from),
        cmocka_unit_test(test_an_address_that_does_not_answer_opens_nothing),
        cmocka_unit_test(test_a_pause_of_a_redirects_host_concerns_only_that_host),
        cmocka_unit_test(test_a_pause_of_the_origin_concerns_all_requests),
};
TEST_PROGRAM("http", tests, start_server, stop_server)
