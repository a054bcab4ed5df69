/* Runs one transfer of a call: the easy handle, its callbacks and limits. */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/vec.h"
#include "http/internal.h"
#include "http/proxy.h"

#define CONNECT_TIMEOUT_MSEC 10000L
#define LOW_SPEED_BYTES      64L /* per second; a slower server counts as silent */

/* --- received data ---------------------------------------------------------------------------- */

static bool write_all(int fd, const char *data, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                data += n;
                size -= (size_t)n;
        }
        return true;
}

/* Takes the growth of the answer from the memory share. */
static int charge(HttpCall *call)
{
        size_t n = call->answer.capacity - call->n_charged;

        if (!call->share || n == 0)
                return 0;
        call->over_budget = budget_take(call->share, n);
        if (call->over_budget == 0)
                call->n_charged += n;
        return call->over_budget;
}

static size_t on_body(char *data, size_t size, size_t n, void *userdata)
{
        HttpCall *call = userdata;
        long status = 0;

        /* libcurl may pass single bytes: read the status only if it is needed */
        if (call->body_fd >= 0) {
                (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
                if (status == 200)
                        return write_all(call->body_fd, data, size * n) ? size * n : 0;
        }
        if (call->cut_body && size * n > call->body_max - call->answer.size) {
                call->is_cut =
                        buffer_append(&call->answer, data, call->body_max - call->answer.size) == 0;
                return 0; /* ends the transfer */
        }
        if (buffer_append(&call->answer, data, size * n) < 0) {
                call->too_large = call->answer.failed == -EFBIG;
                return 0; /* ends the transfer */
        }
        return charge(call) < 0 ? 0 : size * n;
}

/* Stores one header line. A status line begins a new answer and drops the headers before it, such
 * as those of 1xx answers. */
static size_t on_header(char *data, size_t size, size_t n, void *userdata)
{
        HttpCall *call = userdata;
        Buffer *headers = &call->answer_headers;
        size_t length = size * n, name;
        const char *colon = memchr(data, ':', length);

        if (length >= 5 && strncmp(data, "HTTP/", 5) == 0) {
                buffer_clear(headers);
                call->headers_ended = false;
                return length;
        }
        call->headers_ended = length <= 2;
        if (!colon || memchr(data, '\0', length))
                return length;
        name = (size_t)(colon - data);
        while (length > 0 && strchr("\r\n \t", data[length - 1]))
                length--;
        /* RFC 9110, 5.5. In a later request, a value with CR could end its line and begin
         * another. */
        if (memchr(data, '\r', length))
                return size * n;
        (void)buffer_append(headers, data, name);
        (void)buffer_putc(headers, '\0');
        for (name++; name < length && (data[name] == ' ' || data[name] == '\t');)
                name++;
        if (name < length)
                (void)buffer_append(headers, data + name, length - name);
        if (buffer_putc(headers, '\0') < 0) {
                call->headers_too_large = true;
                return 0; /* ends the transfer */
        }
        return size * n;
}

/* Continues after the previous value, because an answer may have thousands of headers of one
 * name. */
const char *http_header(const HttpResponse *response, const char *name, const char *after)
{
        const Buffer *text = response->headers;
        const char *p = after ? after + strlen(after) + 1 : text->data;
        size_t size = strlen(name);

        while (p && p < text->data + text->size) {
                size_t n = strlen(p);
                const char *value = p + n + 1;

                if (n == size && strncasecmp(p, name, n) == 0)
                        return value;
                p = value + strlen(value) + 1;
        }
        return NULL;
}

/* --- permitted addresses ---------------------------------------------------------------------- */

/* True if the URL is the origin followed by a path, as in almost all requests. Parsing both URLs
 * would take a tenth of the time of a request. */
static bool url_begins_with(const char *url, const char *origin)
{
        size_t n = strlen(origin);

        return strncmp(url, origin, n) == 0 && url[n] == '/';
}

static bool is_to_origin(const HttpCall *call)
{
        _cleanup_(freep) char *host = NULL, *origin = NULL;

        if (!call->pool->origin)
                return call->n_redirects == 0;
        if (url_begins_with(call->url, call->pool->origin))
                return true;
        host = url_host(call->url);
        origin = url_host(call->pool->origin);
        return host && origin && strcasecmp(host, origin) == 0;
}

/* True if a connection to an address of this kind is allowed. With a proxy the address is that of
 * the proxy, which the administrator chose. */
static bool may_connect(const HttpCall *call, AddressKind kind)
{
        if (call->is_proxied || call->pool->unix_socket || is_to_origin(call))
                return true;
        return kind == ADDRESS_PUBLIC ||
               (kind == ADDRESS_PRIVATE && call->origin_kind != ADDRESS_PUBLIC);
}

/* Records the kind of the address of the origin. Only an established connection counts, because a
 * name may also have addresses at which no server answers. With TLS, the server is then verified.
 * The call has its own copy, so that no other call changes where its redirects may lead. */
static void note_origin(HttpCall *call, AddressKind kind)
{
        if (!call->is_proxied && !call->pool->unix_socket && is_to_origin(call))
                call->origin_kind = call->pool->origin_kind = kind;
}

static void name_address(const struct sockaddr *address, char ret[INET6_ADDRSTRLEN])
{
        const void *raw =
                address->sa_family == AF_INET6
                        ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)
                                  ->sin6_addr
                        : (const void *)&((const struct sockaddr_in *)(const void *)address)
                                  ->sin_addr;

        if (!inet_ntop(address->sa_family, raw, ret, INET6_ADDRSTRLEN))
                (void)snprintf(ret, INET6_ADDRSTRLEN, "an odd address");
}

static curl_socket_t on_socket(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
        HttpCall *call = userdata;
        int fd;

        (void)purpose;
        if (!may_connect(call, address_kind(&address->addr))) {
                name_address(&address->addr, call->refused);
                return CURL_SOCKET_BAD;
        }
        fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd >= 0)
                sockets_opened(&call->pool->client->watched, fd);
        return fd;
}

static bool read_address(const char *text, struct sockaddr_storage *ret)
{
        struct sockaddr_in *four = (struct sockaddr_in *)(void *)ret;
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)ret;

        *ret = (struct sockaddr_storage){ .ss_family = AF_INET };
        if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
                return true;
        ret->ss_family = AF_INET6;
        return inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
}

/* Called by libcurl before each request. Checks the address of existing connections too: another
 * pool, with other permitted addresses, may have made them. */
static int on_connected(void *userdata, char *remote,
                        char *local, /* NOLINT(readability-non-const-parameter): libcurl's type */
                        int remote_port, int local_port)
{
        HttpCall *call = userdata;
        struct sockaddr_storage address;
        AddressKind kind;

        (void)local, (void)remote_port, (void)local_port;
        if (!read_address(remote, &address))
                address.ss_family = AF_UNSPEC; /* counts as private */
        kind = address_kind((const struct sockaddr *)&address);
        if (!may_connect(call, kind)) {
                (void)snprintf(call->refused, sizeof(call->refused), "%s", remote);
                return CURL_PREREQFUNC_ABORT;
        }
        note_origin(call, kind);
        return CURL_PREREQFUNC_OK;
}

/* True if the host of the URL is a link-local address. Names are not resolved here: the proxy
 * resolves them. */
static bool leads_to_link_local(const HttpCall *call)
{
        _cleanup_(freep) char *host = url_host(call->url);
        size_t size = host ? strlen(host) : 0;
        struct sockaddr_storage address;

        if (size > 1 && host[0] == '[') {
                host[size - 1] = '\0';
                memmove(host, host + 1, size - 1);
        } else if (size > 1 && host[size - 1] == '.')
                host[size - 1] = '\0';
        return host && !is_to_origin(call) && read_address(host, &address) &&
               address_kind((const struct sockaddr *)&address) == ADDRESS_LINK_LOCAL;
}

static int on_close(void *userdata, curl_socket_t fd)
{
        sockets_closing(userdata, fd);
        return close(fd);
}

/* --- easy handles ----------------------------------------------------------------------------- */

/* Sets the options that all transfers of a pool share. */
static int set_up(HttpPool *pool, CURL *easy)
{
        CURLcode code = CURLE_OK;
        const char *protocols = pool->allow_plain ? "http,https" : "https";

        /* clang-format off */
#define SET(option, value) code = code != CURLE_OK ? code : curl_easy_setopt(easy, option, value)
        SET(CURLOPT_USERAGENT, pool->client->user_agent);
        SET(CURLOPT_PROTOCOLS_STR, protocols);
        SET(CURLOPT_FOLLOWLOCATION, 0L);
        SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_TIMEOUT_MS, (long)(pool->timeout / USEC_PER_MSEC));
        SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MSEC);
        SET(CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
        SET(CURLOPT_LOW_SPEED_TIME, (long)pool->silence);
        SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        SET(CURLOPT_PIPEWAIT, 1L);
        SET(CURLOPT_WRITEFUNCTION, on_body);
        SET(CURLOPT_HEADERFUNCTION, on_header);
        SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
        SET(CURLOPT_PREREQFUNCTION, on_connected);
        SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
        SET(CURLOPT_CLOSESOCKETDATA, &pool->client->watched);
        if (pool->unix_socket)
                SET(CURLOPT_UNIX_SOCKET_PATH, pool->unix_socket);
        SET(CURLOPT_NOPROXY, ""); /* set_proxy() has chosen the proxy */
        if (pool->ca_file)
                SET(CURLOPT_CAINFO, pool->ca_file);
        if (pool->cert_file)
                SET(CURLOPT_SSLCERT, pool->cert_file);
        if (pool->key_file)
                SET(CURLOPT_SSLKEY, pool->key_file);
#undef SET
        /* clang-format on */
        return code == CURLE_OK ? 0 : -ENOMEM;
}

static CURL *get_easy(HttpPool *pool)
{
        CURL *easy;

        if (pool->n_idle > 0)
                return pool->idle[--pool->n_idle];
        easy = curl_easy_init();
        if (easy && set_up(pool, easy) < 0) {
                curl_easy_cleanup(easy);
                return NULL;
        }
        return easy;
}

static void put_easy(HttpPool *pool, CURL *easy)
{
        if (vec_reserve(&pool->idle, &pool->idle_capacity, pool->n_idle + 1, sizeof(CURL *)) < 0)
                curl_easy_cleanup(easy);
        else
                pool->idle[pool->n_idle++] = easy;
}

static int set_method(HttpCall *call)
{
        /* requests bodies without compression; libcurl decompresses others; an answer to HEAD has
         * no body */
        const char *encoding = call->method == HTTP_HEAD ? NULL : "identity";

        /* the easy handle may have done a request with another method */
        (void)curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST,
                               call->method > HTTP_POST ? call_method_name(call) : NULL);
        if (call->method >= HTTP_POST && call->method != HTTP_DELETE) {
                (void)curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
                (void)curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
        } else {
                (void)curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L); /* also undoes NOBODY */
                if (call->method == HTTP_HEAD)
                        (void)curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
        }
        return curl_easy_setopt(call->easy, CURLOPT_ACCEPT_ENCODING, encoding) == CURLE_OK
                       ? 0
                       : -ENOMEM;
}

static int set_proxy(HttpCall *call, Error *err)
{
        const char *proxy =
                call->pool->unix_socket ? NULL : proxy_for(call->pool->proxy, call->url);

        call->is_proxied = proxy != NULL;
        if (curl_easy_setopt(call->easy, CURLOPT_PROXY, proxy ? proxy : "") != CURLE_OK)
                return error_oom(err);
        if (call->is_proxied && leads_to_link_local(call))
                return error_set(err, ERROR_HOSTILE, -EACCES,
                                 "%.*s: refused to connect to %.*s, an internal address",
                                 (int)strcspn(call->origin_url, "?#"), call->origin_url,
                                 (int)strcspn(call->url, "?#"), call->url);
        return 0;
}

int transfer_begin(HttpCall *call, Error *err)
{
        HttpPool *pool = call->pool;
        CURLMcode code;
        int r;

        call->easy = get_easy(pool);
        if (!call->easy)
                return error_oom(err);
        buffer_clear(&call->answer);
        buffer_clear(&call->answer_headers);
        call->too_large = call->headers_too_large = call->headers_ended = false;
        call->is_cut = call->is_interrupted = false;
        call->over_budget = 0;
        if (call->n_redirects == 0)
                call->origin_kind = pool->origin_kind;
        call->curl_message[0] = call->refused[0] = '\0';
        r = set_proxy(call, err);
        if (r < 0) {
                put_easy(pool, TAKE(call->easy));
                return r;
        }
        (void)curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
        (void)curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
        (void)curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
        (void)curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETDATA, call);
        (void)curl_easy_setopt(call->easy, CURLOPT_PREREQDATA, call);
        /* on_connected() refuses an existing connection to an address that only another pool may
         * use. So a redirect makes a new connection, which may get another address. */
        (void)curl_easy_setopt(call->easy, CURLOPT_FRESH_CONNECT, call->n_redirects > 0 ? 1L : 0L);
        (void)curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->curl_message);
        if (set_method(call) < 0 ||
            curl_easy_setopt(call->easy, CURLOPT_URL, call->url) != CURLE_OK ||
            curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER,
                             call->n_redirects == 0 || url_same_origin(call->url, call->origin_url)
                                     ? call->headers
                                     : call->plain_headers) != CURLE_OK) {
                put_easy(pool, TAKE(call->easy));
                return error_oom(err);
        }
        code = curl_multi_add_handle(pool->client->multi, call->easy);
        if (code != CURLM_OK) {
                put_easy(pool, TAKE(call->easy));
                return error_set(err, ERROR_INTERNAL, -EIO, "libcurl: %s",
                                 curl_multi_strerror(code));
        }
        pool->stats.n_requests++;
        return 0;
}

void transfer_end(HttpCall *call)
{
        long status = 0;

        if (!call->easy)
                return;
        (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        call->status = (unsigned)status;
        /* cannot fail: the easy handle is in the multi handle */
        (void)curl_multi_remove_handle(call->pool->client->multi, call->easy);
        (void)curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, NULL);
        (void)curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, NULL);
        put_easy(call->pool, TAKE(call->easy));
}
