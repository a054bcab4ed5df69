#pragma once

/* A registry for tests, in another process. Each repository has the tags v1.0.0, v1.1.0, ..., and
 * each tag is an image. The test sets the number of tags. It can also delay the answers for tags
 * below a number. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "unit.h"

#define HOST_CLIENTS_MAX 32
#define HOST_TAGS_MAX    4000
#define HOST_TYPE        "application/vnd.oci.image.manifest.v1+json"
#define HOST_POLL_MSEC   5

/* Memory that the test and the registry share. */
typedef struct Host {
        volatile size_t n_tags;
        volatile size_t holds_below; /* requests for tags with a lower number wait until this is
                                      * 0 */
        volatile unsigned n_heads, n_lists, n_requests;
        char name[32];
        pid_t process;
} Host;

typedef struct HostClient {
        int fd;
        bool waits; /* the request has no answer yet */
        char request[1024];
} HostClient;

static inline void host_manifest(size_t tag, char *manifest, size_t size,
                                 char ret_digest[DIGEST_SIZE_MAX])
{
        char layer[DIGEST_SIZE_MAX], config[DIGEST_SIZE_MAX];

        digest_sha256(&tag, sizeof(tag), layer);
        digest_sha256("{}", 2, config);
        (void)snprintf(manifest, size,
                       "{\"schemaVersion\":2,\"mediaType\":\"" HOST_TYPE "\",\"config\":{"
                       "\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":"
                       "\"%s\",\"size\":2},\"layers\":[{\"mediaType\":"
                       "\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%s\",\"size\":1}]}",
                       config, layer);
        digest_sha256(manifest, strlen(manifest), ret_digest);
}

static inline void host_send(int fd, bool has_body, const char *headers, const char *body)
{
        char head[400];
        int n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n",
                         headers, strlen(body));

        if (send(fd, head, (size_t)n, MSG_NOSIGNAL) < 0 || !has_body)
                return;
        for (size_t done = 0, size = strlen(body); done < size;) {
                ssize_t sent = send(fd, body + done, size - done, MSG_NOSIGNAL);

                if (sent <= 0)
                        return;
                done += (size_t)sent;
        }
}

/* Sends an answer 429 with a Retry-After that exceeds the longest wait of any call. */
static inline void host_send_busy(int fd)
{
        static const char answer[] = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 100\r\n"
                                     "Content-Length: 0\r\n\r\n";

        (void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
}

static inline void host_send_list(int fd, size_t n_tags)
{
        static char body[HOST_TAGS_MAX * 16];
        size_t n = (size_t)snprintf(body, sizeof(body), "{\"name\":\"a\",\"tags\":[");

        for (size_t i = 0; i < n_tags; i++)
                n += (size_t)snprintf(body + n, sizeof(body) - n, "%s\"v1.%zu.0\"",
                                      i > 0 ? "," : "", i);
        (void)snprintf(body + n, sizeof(body) - n, "]}");
        host_send(fd, true, "Content-Type: application/json\r\n", body);
}

static inline void host_send_manifest(int fd, bool has_body, size_t tag)
{
        char manifest[800], headers[300], digest[DIGEST_SIZE_MAX];

        host_manifest(tag, manifest, sizeof(manifest), digest);
        (void)snprintf(headers, sizeof(headers),
                       "Content-Type: " HOST_TYPE "\r\nDocker-Content-Digest: %s\r\n", digest);
        host_send(fd, has_body, headers, manifest);
}

/* Returns the number of the tag that a tag name or digest refers to; SIZE_MAX if there is none. */
static inline size_t host_find(const Host *host, const char *reference)
{
        char manifest[800], digest[DIGEST_SIZE_MAX];
        size_t tag;

        if (sscanf(reference, "v1.%zu.0", &tag) == 1)
                return tag;
        for (tag = host->n_tags; tag-- > 0;) {
                host_manifest(tag, manifest, sizeof(manifest), digest);
                if (strncmp(digest, reference, strlen(digest)) == 0)
                        return tag;
        }
        return SIZE_MAX;
}

/* Sends the answer to the client's request. Returns false if the answer must wait. */
static inline bool host_answer(Host *host, const HostClient *client)
{
        const char *reference = strstr(client->request, "/manifests/");
        bool is_head = strncmp(client->request, "HEAD ", 5) == 0;
        size_t tag;

        if (strstr(client->request, "/tags/list")) {
                host->n_lists++;
                host_send_list(client->fd, host->n_tags);
                return true;
        }
        if (strstr(client->request, "/busy")) {
                host_send_busy(client->fd);
                return true;
        }
        if (!reference) {
                host_send(client->fd, !is_head, "", "{}");
                return true;
        }
        reference += strlen("/manifests/");
        tag = host_find(host, reference);
        if (reference[0] == 'v' && tag < host->holds_below)
                return false;
        if (tag != SIZE_MAX)
                host_send_manifest(client->fd, !is_head, tag);
        return true;
}

static inline bool host_read(Host *host, HostClient *client)
{
        ssize_t n = read(client->fd, client->request, sizeof(client->request) - 1);

        if (n <= 0)
                return false;
        client->request[n] = '\0';
        host->n_requests++;
        host->n_heads += strncmp(client->request, "HEAD ", 5) == 0;
        client->waits = !host_answer(host, client);
        return true;
}

static inline void host_run(Host *host, int listener)
{
        HostClient clients[HOST_CLIENTS_MAX];
        size_t n = 0;

        for (;;) {
                struct pollfd fds[HOST_CLIENTS_MAX + 1];

                for (size_t i = 0; i < n; i++)
                        fds[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
                fds[n] = (struct pollfd){ .fd = listener, .events = POLLIN };
                if (poll(fds, n + 1, HOST_POLL_MSEC) < 0)
                        _exit(1);
                if (fds[n].revents && n < HOST_CLIENTS_MAX)
                        clients[n++] = (HostClient){ .fd = accept(listener, NULL, NULL) };
                for (size_t i = n; i-- > 0;) {
                        if (clients[i].waits && host->holds_below == 0)
                                clients[i].waits = !host_answer(host, &clients[i]);
                        if (i < HOST_CLIENTS_MAX && fds[i].fd == clients[i].fd && fds[i].revents &&
                            !host_read(host, &clients[i])) {
                                (void)close(clients[i].fd);
                                clients[i] = clients[--n];
                        }
                }
        }
}

static inline Host *host_start(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        pid_t process;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        Host *host = mmap(NULL, sizeof(*host), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0);

        assert_true(host != MAP_FAILED);
        assert_true(fd >= 0 && bind(fd, (const struct sockaddr *)&address, size) == 0 &&
                    listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
        (void)snprintf(host->name, sizeof(host->name), "127.0.0.1:%u",
                       (unsigned)ntohs(address.sin_port));
        process = fork();
        assert_true(process >= 0);
        if (process == 0)
                host_run(host, fd);
        host->process = process;
        (void)close(fd);
        return host;
}

static inline void host_stop(Host *host)
{
        assert_int_equal(kill(host->process, SIGKILL), 0);
        assert_int_equal(waitpid(host->process, NULL, 0), host->process);
        assert_int_equal(munmap(host, sizeof(*host)), 0);
}
