/* Injects faults into the program under test, by LD_PRELOAD. Not part of the product.
 *
 * Allocations: $FAULT_CONTROL names a file that contains a Control. The file is mapped and shared
 * with the driver, and selects the allocations that fail. $FAULT_STACKS names a file that gets a
 * hash of the call stack of each allocation. A driver can then test one allocation of each stack.
 *
 * Negative controls: $FAULT_WITHOUT names a protection to remove; see `protections` below. */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name)       ((__typeof__(&name))real(#name))
#define BOOTSTRAP_MEMORY 65536
#define STACK_DEPTH      32

typedef struct Control {
        uint64_t n_calls;  /* allocations since main() */
        uint64_t fail_at;  /* number of the first allocation that fails; 0: none fails */
        uint64_t fail_for; /* number of allocations that fail, beginning with fail_at */
        uint64_t n_failed;
} Control;

typedef enum Protection {
        PROTECTION_NONE,
        PROTECTION_SYNC,   /* fsync and fdatasync do nothing */
        PROTECTION_RENAME, /* instead of a rename, the file is written in place, in two halves */
        PROTECTION_COMMIT, /* acknowledged changes are not committed */
        PROTECTION_CHECK,  /* a failed allocation returns an invalid pointer, like a caller that
                            * does not check for NULL */
        PROTECTION_ERROR,  /* failed writes of the database report success */
        PROTECTION_FREE,   /* every tenth block is never freed */
        PROTECTION_MAX_,
} Protection;

static const char *const protections[PROTECTION_MAX_] = {
        [PROTECTION_NONE] = "",         [PROTECTION_SYNC] = "sync",
        [PROTECTION_RENAME] = "rename", [PROTECTION_COMMIT] = "commit",
        [PROTECTION_CHECK] = "check",   [PROTECTION_ERROR] = "error",
        [PROTECTION_FREE] = "free",
};

static Control nobodys, *control = &nobodys;
static Protection without;
static int stacks_fd = -1;
static volatile int is_armed, is_inside; /* volatile, because dlsym() calls the functions below */
static _Alignas(16) char bootstrap[BOOTSTRAP_MEMORY];
static size_t bootstrap_used;

static void *real(const char *name)
{
        void *symbol;

        is_inside++;
        symbol = dlsym(RTLD_NEXT, name);
        is_inside--;
        if (!symbol)
                abort();
        return symbol;
}

/* --- allocations ------------------------------------------------------------------------------ */

static void note_stack(void)
{
        void *frames[STACK_DEPTH];
        uint64_t hash = 14695981039346656037U;
        int n;

        is_inside++;
        n = backtrace(frames, STACK_DEPTH);
        for (int i = 1; i < n; i++)
                hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211U;
        /* ignores failures: the driver uses the hashes that were written */
        (void)!write(stacks_fd, &hash, sizeof(hash));
        is_inside--;
}

static int fails(void)
{
        uint64_t n;

        if (!is_armed || is_inside)
                return 0;
        n = ++control->n_calls;
        if (stacks_fd >= 0)
                note_stack();
        if (control->fail_at == 0 || n < control->fail_at ||
            n - control->fail_at >= control->fail_for)
                return 0;
        control->n_failed++;
        errno = ENOMEM;
        return 1;
}

static void *failed(void)
{
        return without == PROTECTION_CHECK ? (void *)16 : NULL;
}

static int is_bootstrap(const void *p)
{
        return (const char *)p >= bootstrap && (const char *)p < bootstrap + sizeof(bootstrap);
}

/* Returns memory for an allocation of dlsym() while it looks up the real allocator. */
static void *take_bootstrap(size_t size)
{
        void *p = bootstrap + bootstrap_used;

        bootstrap_used += (size + 15) & ~(size_t)15;
        if (bootstrap_used > sizeof(bootstrap))
                abort();
        return p;
}

void *malloc(size_t size)
{
        static __typeof__(&malloc) next;

        if (!next && is_inside)
                return take_bootstrap(size);
        if (!next)
                next = REAL(malloc);
        return fails() ? failed() : next(size);
}

void *calloc(size_t n, size_t size)
{
        static __typeof__(&calloc) next;

        if (!next && is_inside)
                return take_bootstrap(n * size);
        if (!next)
                next = REAL(calloc);
        return fails() ? failed() : next(n, size);
}

void *realloc(void *p, size_t size)
{
        static __typeof__(&realloc) next;

        if (!next)
                next = REAL(realloc);
        return fails() ? failed() : next(p, size);
}

void free(void *p)
{
        static __typeof__(&free) next;
        static unsigned n;

        if (!p || is_bootstrap(p) || (!next && is_inside))
                return;
        if (!next)
                next = REAL(free);
        if (without == PROTECTION_FREE && is_armed && ++n % 10 == 0)
                return;
        next(p);
}

/* --- removed protections ---------------------------------------------------------------------- */

int fsync(int fd)
{
        return without == PROTECTION_SYNC ? 0 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
        return without == PROTECTION_SYNC ? 0 : REAL(fdatasync)(fd);
}

/* With PROTECTION_ERROR, skips every second large write and reports success. */
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
        static unsigned n;

        if (without == PROTECTION_ERROR && size >= 4096 && ++n % 2 == 0)
                return (ssize_t)size;
        return REAL(pwrite64)(fd, data, size, at);
}

static int write_in_place(int from_folder, const char *from, int to_folder, const char *to)
{
        char data[65536];
        int in = openat(from_folder, from, O_RDONLY | O_CLOEXEC);
        int out = openat(to_folder, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        ssize_t n = in >= 0 ? read(in, data, sizeof(data)) : -1;

        if (out < 0 || n < 0)
                return -1;
        (void)!write(out, data, (size_t)n / 2);
        (void)usleep(20000);
        (void)!write(out, data + n / 2, (size_t)(n - n / 2));
        (void)close(in);
        (void)close(out);
        return unlinkat(from_folder, from, 0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
        return without == PROTECTION_RENAME ? write_in_place(from_folder, from, to_folder, to)
                                            : REAL(renameat)(from_folder, from, to_folder, to);
}

/* With PROTECTION_COMMIT, turns transactions into savepoints of one transaction that is never
 * committed. Reads see all changes; a crash loses them. */
int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int size, unsigned flags, sqlite3_stmt **ret,
                       const char **tail)
{
        if (without == PROTECTION_COMMIT) {
                if (strncmp(sql, "BEGIN", 5) == 0) {
                        if (sqlite3_get_autocommit(db))
                                (void)sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
                        sql = "SAVEPOINT fault";
                } else if (strncmp(sql, "COMMIT", 6) == 0)
                        sql = "RELEASE fault";
                else if (strncmp(sql, "ROLLBACK", 8) == 0)
                        sql = "ROLLBACK TO fault";
        }
        return REAL(sqlite3_prepare_v3)(db, sql, size, flags, ret, tail);
}

/* --- start and end of the program ------------------------------------------------------------- */

static int (*main_of_program)(int, char **, char **);

static void map_control(const char *path)
{
        int fd = open(path, O_RDWR | O_CLOEXEC);
        void *p = fd >= 0 ? mmap(NULL, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                          : MAP_FAILED;

        if (p == MAP_FAILED) {
                perror(path);
                _exit(99);
        }
        (void)close(fd);
        control = p;
}

/* Prints the stack of a crash. The driver needs the first frame outside of the C library. */
static void on_crash(int number)
{
        void *frames[STACK_DEPTH];

        is_armed = 0;
        (void)!write(STDERR_FILENO, "crash:\n", 7);
        backtrace_symbols_fd(frames, backtrace(frames, STACK_DEPTH), STDERR_FILENO);
        (void)signal(number, SIG_DFL);
        (void)raise(number);
}

static int main_with_faults(int argc, char **argv, char **envp)
{
        const char *path = getenv("FAULT_CONTROL"), *stacks = getenv("FAULT_STACKS"),
                   *word = getenv("FAULT_WITHOUT");
        void *frames[1];
        int r;

        if (path)
                map_control(path);
        if (stacks)
                stacks_fd = open(stacks, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        for (int i = 0; word && i < PROTECTION_MAX_; i++)
                if (strcmp(protections[i], word) == 0)
                        without = (Protection)i;
        (void)backtrace(frames, 1); /* called at the start, because the first call allocates
                                     * memory */
        if (getenv("FAULT_TELL_CRASH")) {
                (void)signal(SIGSEGV, on_crash);
                (void)signal(SIGFPE, on_crash);
                (void)signal(SIGABRT, on_crash);
        }
        is_armed = 1;
        r = main_of_program(argc, argv, envp);
        is_armed = 0; /* injects no faults after main(), because gcov writes its counts then */
        return r;
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
        main_of_program = main;
        return REAL(__libc_start_main)(main_with_faults, argc, argv, init, fini, rtld_fini,
                                       stack_end);
}
