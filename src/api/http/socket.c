#include "api/http/socket.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parse.h"

#define BACKLOG 4096 /* the kernel may reduce it */

static int socket_fail(Error *err, const char *what, const char *where)
{
        int r = -errno;

        return error_set(err, ERROR_INTERNAL, r, "api: %s '%s': %s", what, where, strerror(-r));
}

/* Removes a socket of an earlier run. Leaves any other file. */
static int remove_stale(const char *path, Error *err)
{
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : socket_fail(err, "cannot inspect", path);
        if (!S_ISSOCK(st.st_mode))
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "api: '%s' is there and is no socket; remove it or name another "
                                 "place by api.socket or api.hooks.socket",
                                 path);
        return unlink(path) < 0 ? socket_fail(err, "cannot remove", path) : 0;
}

int socket_open_unix(const char *path, mode_t mode, Error *err)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd __attribute__((cleanup(close_fd))) = -1;
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return error_set(err, ERROR_INVALID, -ENAMETOOLONG,
                                 "api: '%s' is too long for a socket, at most %zu bytes", path,
                                 sizeof(address.sun_path) - 1);
        memcpy(address.sun_path, path, strlen(path) + 1);
        r = remove_stale(path, err);
        if (r < 0)
                return r;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return socket_fail(err, "no socket", path);
        /* No client can connect between bind() and chmod(), because nothing listens yet. */
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return errno == ENOENT
                               ? error_set(
                                         err, ERROR_NOT_FOUND, -ENOENT,
                                         "api: cannot create the socket '%s': its folder does not "
                                         "exist; create it, or name another place by api.socket "
                                         "or api.hooks.socket",
                                         path)
                               : socket_fail(err, "cannot make the socket", path);
        if (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
                r = socket_fail(err, "cannot listen at", path);
                (void)unlink(path); /* ignored: err has the first failure */
                return r;
        }
        return TAKE_FD(fd);
}

int socket_open_tcp(const char *address, Error *err)
{
        const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                        .ai_socktype = SOCK_STREAM,
                                        .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
        int fd __attribute__((cleanup(close_fd))) = -1;
        struct addrinfo *found;
        const char *port;
        char host[ADDRESS_HOST_MAX];
        int on = 1, r;

        if (parse_address(address, host, &port) < 0 || getaddrinfo(host, port, &hints, &found) != 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "api: listen '%s' is no address and port such as 127.0.0.1:8443 "
                                 "or [::1]:8443",
                                 address);
        fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
            bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
                r = socket_fail(err, "cannot listen at", address);
        else
                r = TAKE_FD(fd);
        freeaddrinfo(found);
        return r;
}
