/* Tests which operations the sandbox of a unit allows: sandbox-probe PORT. Tries each operation and
 * prints a line "NAME allowed" or "NAME denied: WHY". PORT must be a listening port on loopback. An
 * allowed operation changes nothing. */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static in_port_t port;

/* Converts the result of a system call to 0 or a negative errno. Closes the result if it is a
 * descriptor. */
static int print_result(int result)
{
        int r = result < 0 ? -errno : 0;

        if (result > 2)
                (void)close(result);
        return r;
}

static int try_socket(int family, int type)
{
        return print_result(socket(family, type, 0));
}

static int netlink_socket(void)
{
        return try_socket(AF_NETLINK, SOCK_RAW);
}

static int packet_socket(void)
{
        return try_socket(AF_PACKET, SOCK_RAW);
}

static int vsock_socket(void)
{
        return try_socket(AF_VSOCK, SOCK_STREAM);
}

static int writable_code(void)
{
        void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return map == MAP_FAILED ? -errno : munmap(map, 4096);
}

/* Runs an attempt in a child process, because it would change the calling process. Returns its
 * result. */
static int in_child(int (*attempt)(void))
{
        int status;
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0)
                _exit(-attempt());
        return waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ? -ECHILD : -WEXITSTATUS(status);
}

static int enter_user_namespace(void)
{
        return print_result(unshare(CLONE_NEWUSER));
}

static int user_namespace(void)
{
        return in_child(enter_user_namespace);
}

static int become_realtime(void)
{
        return print_result(
                sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }));
}

static int realtime(void)
{
        return in_child(become_realtime);
}

static int try_create(const char *path)
{
        int r = print_result(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));

        return r < 0 ? r : print_result(unlink(path));
}

static int write_etc(void)
{
        return try_create("/etc/sandbox-probe");
}

static int write_usr(void)
{
        return try_create("/usr/sandbox-probe");
}

static int read_shadow(void)
{
        return print_result(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}

static int try_list(const char *path)
{
        DIR *folder = opendir(path);

        return folder ? closedir(folder) : -errno;
}

static int list_home(void)
{
        return try_list("/home");
}

static int list_root(void)
{
        return try_list("/root");
}

static int write_proc_sys(void)
{
        return print_result(open("/proc/sys/kernel/hostname", O_WRONLY | O_CLOEXEC));
}

static int read_environment_of_init(void)
{
        return print_result(open("/proc/1/environ", O_RDONLY | O_CLOEXEC));
}

static int set_user_id_bit(void)
{
        char path[] = "/tmp/sandbox-probe-XXXXXX";
        int fd = mkstemp(path), r;

        if (fd < 0)
                return -errno;
        r = print_result(fchmod(fd, 04700));
        (void)close(fd);
        return unlink(path) < 0 ? -errno : r;
}

/* Sets the kernel's time zone to UTC, which is its present value. This needs the same privilege as
 * setting the time. */
static int set_clock(void)
{
        const struct timezone utc = { 0 };

        return print_result((int)syscall(SYS_settimeofday, NULL, &utc));
}

static int try_run(const char *path)
{
        static char name[] = "true";
        char *const arguments[] = { name, NULL };
        pid_t pid;
        int r = posix_spawn(&pid, path, NULL, NULL, arguments, NULL);

        return r != 0 ? -r : print_result(waitpid(pid, NULL, 0) > 0 ? 0 : -1);
}

static int run_program(void)
{
        return try_run("/bin/true");
}

/* Copies a program to the path and executes the copy. Returns 0 or a negative errno. */
static int try_run_copy(const char *path)
{
        int from = open("/bin/true", O_RDONLY | O_CLOEXEC);
        int to = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700);
        int r = from < 0 || to < 0 ? -errno : 0;

        while (r == 0) {
                char bytes[65536];
                ssize_t n = read(from, bytes, sizeof(bytes));

                if (n <= 0)
                        break;
                r = write(to, bytes, (size_t)n) == n ? 0 : -errno;
        }
        if (from >= 0)
                (void)close(from);
        if (to < 0)
                return r;
        (void)close(to);
        if (r == 0)
                r = try_run(path);
        return unlink(path) < 0 ? -errno : r;
}

static int run_from_tmp(void)
{
        return try_run_copy("/tmp/sandbox-probe-copy");
}

static int run_from_shm(void)
{
        return try_run_copy("/dev/shm/sandbox-probe-copy");
}

static int run_from_run(void)
{
        return try_run_copy("/run/relman/sandbox-probe-copy");
}

static int run_from_state(void)
{
        return try_run_copy("/var/lib/relman/backups/sandbox-probe-copy");
}

static int watch_etc(void)
{
        int fd = inotify_init1(IN_CLOEXEC), r;

        if (fd < 0)
                return -errno;
        r = inotify_add_watch(fd, "/etc/relman", IN_CREATE) < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

static int try_listen(int family, const void *address, socklen_t size)
{
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        r = bind(fd, address, size) < 0 || listen(fd, 1) < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

static int listen_unix(void)
{
        const struct sockaddr_un address = { .sun_family = AF_UNIX,
                                             .sun_path = "/run/relman/sandbox-probe" };
        int r = try_listen(AF_UNIX, &address, sizeof(address));

        return r < 0 ? r : print_result(unlink(address.sun_path));
}

static struct sockaddr_in loopback(in_port_t at)
{
        return (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_port = htons(at),
                                     .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static int listen_tcp(void)
{
        const struct sockaddr_in address = loopback(0);

        return try_listen(AF_INET, &address, sizeof(address));
}

static int connect_tcp(void)
{
        const struct sockaddr_in address = loopback(port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

/* Tries what SQLite's write-ahead log needs: a lock, shared memory and fsync(). */
static int use_database(int fd)
{
        const struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
        void *map;

        if (ftruncate(fd, 32768) < 0 || fcntl(fd, F_SETLK, &lock) < 0)
                return -errno;
        map = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
                return -errno;
        memset(map, 1, 32768);
        return munmap(map, 32768) < 0 || fdatasync(fd) < 0 ? -errno : 0;
}

static int write_state(void)
{
        static const char path[] = "/var/lib/relman/backups/sandbox-probe";
        int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), r;

        if (fd < 0)
                return -errno;
        r = use_database(fd);
        (void)close(fd);
        return unlink(path) < 0 ? -errno : r;
}

static int notify(void)
{
        int r = sd_notify(0, "STATUS=probed");

        return r < 0 ? r : r == 0 ? -ENOTCONN : 0;
}

static const struct {
        const char *name;
        int (*attempt)(void);
} attempts[] = {
        { "netlink-socket", netlink_socket },
        { "packet-socket", packet_socket },
        { "vsock-socket", vsock_socket },
        { "writable-code", writable_code },
        { "user-namespace", user_namespace },
        { "realtime", realtime },
        { "write-etc", write_etc },
        { "write-usr", write_usr },
        { "read-shadow", read_shadow },
        { "list-home", list_home },
        { "list-root", list_root },
        { "write-proc-sys", write_proc_sys },
        { "read-environment-of-init", read_environment_of_init },
        { "set-user-id-bit", set_user_id_bit },
        { "set-clock", set_clock },
        { "run-program", run_program },
        { "run-from-tmp", run_from_tmp },
        { "run-from-shm", run_from_shm },
        { "run-from-run", run_from_run },
        { "run-from-state", run_from_state },
        { "watch-etc", watch_etc },
        { "listen-unix", listen_unix },
        { "listen-tcp", listen_tcp },
        { "connect-tcp", connect_tcp },
        { "write-state", write_state },
        { "notify", notify },
};

int main(int argc, char **argv)
{
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        port = argc > 1 ? (in_port_t)strtoul(argv[1], NULL, 10) : 0;
        for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
                int r = attempts[i].attempt();

                printf("probe %s %s%s\n", attempts[i].name, r < 0 ? "denied: " : "allowed",
                       r < 0 ? strerror(-r) : "");
        }
        return sd_notify(0, "READY=1") < 0;
}
