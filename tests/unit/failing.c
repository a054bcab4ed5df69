/* Replaces the allocator and other functions of the C library. The linker prefers a function of the
 * program to a function of a library with the same name. */

#undef _FORTIFY_SOURCE /* its inline functions have the names of the functions defined here */

#include "failing.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h> /* not backtrace(): its first call loads a library */

#include "unit.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

#define RANGES_MAX        16
#define PLACES_MAX        16384 /* a power of two */
#define PLACE_DEPTH       4     /* number of callers that identify the place of an allocation */
#define RESULT_MAX        ((size_t)16 * 1024 * 1024)
#define WRONG_MAX         10 /* wrong results that are reported for one job */
#define DIFFERENCE_BEFORE 80

/* Marks functions that may be called before the sanitizers are ready. */
#define _early_ __attribute__((no_sanitize("address", "undefined")))

static const char *const what_names[FAILING_WHAT_MAX_] = {
        [FAILING_ALLOCATIONS] = "allocation",
        [FAILING_CALLS] = "call",
        [FAILING_STATEMENTS] = "statement",
};

/* This data is static, because the functions of the allocator write it and must not allocate. */
static struct {
        size_t n_calls, fail_at;
        FailingWhat what;
        bool onwards;
        pthread_t thread; /* the thread that called failing_arm() */
        /* volatile, because the compiler assumes that functions of libc do not read these
         * variables */
        volatile bool is_armed, is_inside;
} failing;

/* The places that allocate memory: the hash of each place, and the number of its first
 * allocation. */
static struct {
        uintptr_t seen[PLACES_MAX];
        size_t firsts[PLACES_MAX], n;
        bool is_on;
} places;

static struct {
        uintptr_t begin, end;
} fragile[RANGES_MAX];
static size_t n_fragile;

static void *real(const char *name)
{
        void *symbol;

        failing.is_inside = true;
        symbol = dlsym(RTLD_NEXT, name);
        failing.is_inside = false;
        if (!symbol)
                abort();
        return symbol;
}

/* --- selection of calls ----------------------------------------------------------------------- */

/* True for libraries that may crash if an allocation fails, and for libraries of the test. */
static bool is_fragile(const char *library)
{
        static const char *const names[] = { "libcrypto.", "libssl.",       "libcurl",
                                             "libsystemd", "libmicrohttpd", "libcmocka",
                                             "libgnutls",  "ld-linux",      "libstdc++" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strstr(library, names[i]))
                        return true;
        return false;
}

static int note_library(struct dl_phdr_info *info, size_t size, void *userdata)
{
        (void)size, (void)userdata;
        if (!is_fragile(info->dlpi_name))
                return 0;
        for (size_t i = 0; i < info->dlpi_phnum; i++) {
                const ElfW(Phdr) *header = &info->dlpi_phdr[i];

                if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
                        continue;
                assert_true(n_fragile < RANGES_MAX);
                fragile[n_fragile].begin = info->dlpi_addr + header->p_vaddr;
                fragile[n_fragile].end = fragile[n_fragile].begin + header->p_memsz;
                n_fragile++;
        }
        return 0;
}

typedef struct Stack {
        uintptr_t hash;
        unsigned depth;
} Stack;

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *context, void *userdata)
{
        Stack *stack = userdata;

        if (++stack->depth > 2) /* skips the frames of this file */
                stack->hash = (stack->hash ^ _Unwind_GetIP(context)) * 0x9e3779b97f4a7c15U;
        return stack->depth < PLACE_DEPTH + 2 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void note_place(void)
{
        Stack stack = { .hash = 1 };
        uintptr_t address;
        size_t i;

        failing.is_inside = true;
        (void)_Unwind_Backtrace(on_frame, &stack);
        failing.is_inside = false;
        address = stack.hash;
        i = address >> 50;
        while (places.seen[i] && places.seen[i] != address)
                i = (i + 1) % PLACES_MAX;
        if (places.seen[i] || places.n >= PLACES_MAX / 2)
                return;
        places.seen[i] = address;
        places.firsts[places.n++] = failing.n_calls;
}

_early_ bool failing_now(FailingWhat what, const void *caller)
{
        uintptr_t address = (uintptr_t)caller;

        if (!failing.is_armed || failing.what != what || failing.is_inside ||
            !pthread_equal(pthread_self(), failing.thread))
                return false;
        for (size_t i = 0; i < n_fragile; i++)
                if (address >= fragile[i].begin && address < fragile[i].end)
                        return false;
        failing.n_calls++;
        if (places.is_on)
                note_place();
        return failing.fail_at > 0 && (failing.n_calls == failing.fail_at ||
                                       (failing.onwards && failing.n_calls > failing.fail_at));
}

#define CALL_FAILS(what) failing_now(what, __builtin_return_address(0))

void failing_arm(FailingWhat what, size_t n, bool onwards)
{
        if (n_fragile == 0)
                (void)dl_iterate_phdr(note_library, NULL);
        failing.thread = pthread_self();
        failing.what = what;
        failing.fail_at = n;
        failing.onwards = onwards;
        failing.n_calls = 0;
        failing.is_armed = true;
}

size_t failing_disarm(void)
{
        failing.is_armed = false;
        return failing.n_calls;
}

/* --- allocations ------------------------------------------------------------------------------ */

#if IS_SANITIZED
#define NEXT(name) __interceptor_##name
#else
#define NEXT(name) __libc_##name
#endif
void *NEXT(malloc)(size_t size);
void *NEXT(calloc)(size_t n, size_t size);
void *NEXT(realloc)(void *p, size_t size);

_early_ void *malloc(size_t size)
{
        if (!CALL_FAILS(FAILING_ALLOCATIONS))
                return NEXT(malloc)(size);
        errno = ENOMEM;
        return NULL;
}

_early_ void *calloc(size_t n, size_t size)
{
        if (!CALL_FAILS(FAILING_ALLOCATIONS))
                return NEXT(calloc)(n, size);
        errno = ENOMEM;
        return NULL;
}

_early_ void *realloc(void *p, size_t size)
{
        if (!CALL_FAILS(FAILING_ALLOCATIONS))
                return NEXT(realloc)(p, size);
        errno = ENOMEM;
        return NULL;
}

/* --- arenas: each call may need a new block, so each call can fail ---------------------------- */

#define DEFINE_ARENA_CALL(type, name, parameters, arguments)                                       \
        type __real_##name parameters;                                                             \
        type __wrap_##name parameters;                                                             \
        type __wrap_##name parameters                                                              \
        {                                                                                          \
                if (!CALL_FAILS(FAILING_ALLOCATIONS))                                              \
                        return __real_##name arguments;                                            \
                arena->failed = true;                                                              \
                return NULL;                                                                       \
        }

DEFINE_ARENA_CALL(void *, arena_alloc, (Arena * arena, size_t size), (arena, size))
DEFINE_ARENA_CALL(void *, arena_alloc_array, (Arena * arena, size_t n, size_t size),
                  (arena, n, size))
DEFINE_ARENA_CALL(void *, arena_memdup, (Arena * arena, const void *data, size_t size),
                  (arena, data, size))
DEFINE_ARENA_CALL(char *, arena_strdup, (Arena * arena, const char *text), (arena, text))
DEFINE_ARENA_CALL(char *, arena_strndup, (Arena * arena, const char *text, size_t size),
                  (arena, text, size))

char *__wrap_arena_printf(Arena *arena, const char *format, ...) _printf_(2, 3);
char *__wrap_arena_printf(Arena *arena, const char *format, ...)
{
        _cleanup_(freep) char *text = NULL;
        va_list ap;
        int n;

        if (CALL_FAILS(FAILING_ALLOCATIONS)) {
                arena->failed = true;
                return NULL;
        }
        failing.is_inside = true;
        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        failing.is_inside = false;
        if (n < 0)
                abort();
        return __real_arena_strndup(arena, text, (size_t)n);
}

/* --- calls on files --------------------------------------------------------------------------- */

/* DEFINE_CALL(type, result of a failure, errno of a failure, name, parameters, arguments) */
#define DEFINE_CALL(type, failure, code, name, parameters, arguments)                              \
        type name parameters                                                                       \
        {                                                                                          \
                static type(*next) parameters;                                                     \
                                                                                                   \
                if (!next)                                                                         \
                        next = (type(*) parameters)real(#name);                                    \
                if (!CALL_FAILS(FAILING_CALLS))                                                    \
                        return next arguments;                                                     \
                errno = code;                                                                      \
                return failure;                                                                    \
        }

#define DEFINE_OPEN(name)                                                                          \
        int name(const char *path, int flags, ...)                                                 \
        {                                                                                          \
                static int (*next)(const char *, int, ...);                                        \
                mode_t mode = 0;                                                                   \
                va_list ap;                                                                        \
                                                                                                   \
                if (flags & O_CREAT) {                                                             \
                        va_start(ap, flags);                                                       \
                        mode = va_arg(ap, mode_t);                                                 \
                        va_end(ap);                                                                \
                }                                                                                  \
                if (!next)                                                                         \
                        next = (int (*)(const char *, int, ...))real(#name);                       \
                if (!CALL_FAILS(FAILING_CALLS))                                                    \
                        return next(path, flags, mode);                                            \
                errno = EMFILE;                                                                    \
                return -1;                                                                         \
        }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)

/* Makes only openat2(2) fail. relman calls it through syscall(), because the C library has no
 * function for it. */
long syscall(long number, ...)
{
        static long (*next)(long, ...);
        long arguments[6];
        va_list ap;

        va_start(ap, number);
        for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
                arguments[i] = va_arg(ap, long);
        va_end(ap);
        if (!next)
                next = (long (*)(long, ...))real("syscall");
        if (number != SYS_openat2 || !CALL_FAILS(FAILING_CALLS))
                return next(number, arguments[0], arguments[1], arguments[2], arguments[3],
                            arguments[4], arguments[5]);
        errno = EMFILE;
        return -1;
}

DEFINE_CALL(ssize_t, -1, EIO, read, (int fd, void *data, size_t size), (fd, data, size))
DEFINE_CALL(ssize_t, -1, ENOSPC, write, (int fd, const void *data, size_t size), (fd, data, size))
DEFINE_CALL(ssize_t, -1, EIO, pread, (int fd, void *data, size_t size, off_t at),
            (fd, data, size, at))
DEFINE_CALL(ssize_t, -1, EIO, pread64, (int fd, void *data, size_t size, off_t at),
            (fd, data, size, at))
DEFINE_CALL(ssize_t, -1, ENOSPC, pwrite, (int fd, const void *data, size_t size, off_t at),
            (fd, data, size, at))
DEFINE_CALL(ssize_t, -1, ENOSPC, pwrite64, (int fd, const void *data, size_t size, off_t at),
            (fd, data, size, at))
DEFINE_CALL(int, -1, EIO, fsync, (int fd), (fd))
DEFINE_CALL(int, -1, EIO, fdatasync, (int fd), (fd))
DEFINE_CALL(int, -1, EIO, ftruncate, (int fd, off_t size), (fd, size))
DEFINE_CALL(int, -1, EIO, ftruncate64, (int fd, off_t size), (fd, size))
DEFINE_CALL(int, -1, EIO, fstat, (int fd, struct stat *st), (fd, st))
DEFINE_CALL(int, -1, EIO, stat, (const char *path, struct stat *st), (path, st))
DEFINE_CALL(int, -1, EIO, lstat, (const char *path, struct stat *st), (path, st))
DEFINE_CALL(int, -1, EACCES, rename, (const char *from, const char *to), (from, to))
DEFINE_CALL(int, -1, EACCES, link, (const char *from, const char *to), (from, to))
DEFINE_CALL(int, -1, ENOSPC, symlink, (const char *from, const char *to), (from, to))
DEFINE_CALL(int, -1, EACCES, unlink, (const char *path), (path))
DEFINE_CALL(int, -1, ENOSPC, mkdir, (const char *path, mode_t mode), (path, mode))
DEFINE_CALL(int, -1, EPERM, fchmod, (int fd, mode_t mode), (fd, mode))
DEFINE_CALL(int, -1, EPERM, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
DEFINE_CALL(ssize_t, -1, ENOSYS, getrandom, (void *data, size_t size, unsigned flags),
            (data, size, flags))

/* --- the database: programs that use it link with --wrap=sqlite3_step ------------------------- */

int __wrap_sqlite3_step(void *statement);
int __real_sqlite3_step(void *statement) __attribute__((weak)); /* missing in other programs */

int __wrap_sqlite3_step(void *statement)
{
        return CALL_FAILS(FAILING_STATEMENTS) ? 13 /* SQLITE_FULL */
                                              : __real_sqlite3_step(statement);
}

/* --- sweeps ----------------------------------------------------------------------------------- */

static int run_job(const FailingJob *job, Buffer *out, Error *err)
{
        int r;

        buffer_init(out, RESULT_MAX);
        r = job->run(job->input, out, err);
        if (out->failed && err->kind == ERROR_NONE)
                r = error_oom(err); /* only the buffer of the test failed, which the job does not
                                     * report */
        return r;
}

static void prepare(const FailingJob *job)
{
        if (job->prepare)
                job->prepare(job->input);
}

/* Returns why the result of a job with a failed call is wrong; NULL if it is right. */
static const char *fault_of(FailingWhat what, int r, const Error *error, const Buffer *out,
                            const Buffer *wanted)
{
        if (r >= 0 && error->kind != ERROR_NONE)
                return "said to be well, with an error";
        if (r >= 0 && !streq(out->data, wanted->data))
                return "said to be well, but it came to something else";
        if (r < 0 && error->kind == ERROR_NONE)
                return "failed, and gave no reason";
        if (r < 0 && what != FAILING_ALLOCATIONS && !error->message)
                return "failed, and said nothing";
        return NULL;
}

/* Prints both texts, beginning shortly before their first difference. */
static void print_difference(const char *got, const char *wanted)
{
        size_t i = 0;

        while (got[i] && got[i] == wanted[i])
                i++;
        i = i > DIFFERENCE_BEFORE ? i - DIFFERENCE_BEFORE : 0;
        print_error("...%.300s\ninstead of\n...%.300s\n", got + i, wanted + i);
}

/* Runs the job once. The n-th call fails; if onwards is true, also all later calls. Returns 1 if
 * the result is wrong. */
static size_t try_one(FailingWhat what, const FailingJob *job, size_t n, bool onwards,
                      const Buffer *wanted)
{
        Error error = { 0 };
        const char *fault;
        Buffer out;
        int r;

        prepare(job);
        failing_arm(what, n, onwards);
        r = run_job(job, &out, &error);
        (void)failing_disarm();
        fault = fault_of(what, r, &error, &out, wanted);
        if (fault && !job->is_control)
                print_error("%s, %s %zu%s: %s: %s (%d)\n", job->name, what_names[what], n,
                            onwards ? " and all after it" : "", fault, error_message(&error), r);
        if (fault && !job->is_control && r >= 0)
                print_difference(out.data, wanted->data);
        error_done(&error);
        buffer_done(&out);
        if (job->check)
                job->check(job->input);
        return fault != NULL;
}

/* FAILING of the environment: the sweep takes one in so many of its failures. */
static size_t sample_of(const FailingJob *job)
{
        const char *wanted = getenv("FAILING");
        size_t every = wanted ? strtoul(wanted, NULL, 10) : 1;

        return job->is_control ? 1 : MAX(every, (size_t)1);
}

static size_t stride_of(FailingWhat what, const FailingJob *job)
{
        if (job->by_place && getenv("FAILING") && streq(getenv("FAILING"), "all"))
                return 1;
        return what == FAILING_ALLOCATIONS ? MAX(job->stride, (size_t)1) : job->stride / 4 + 1;
}

/* Returns a number that is another one each month, so that samples change and repeat. */
static size_t month(void)
{
        time_t now = time(NULL);
        struct tm at;

        assert_non_null(gmtime_r(&now, &at));
        return (size_t)at.tm_year * 12 + (size_t)at.tm_mon;
}

size_t failing_sweep(FailingWhat what, const FailingJob *job)
{
        size_t stride = stride_of(what, job), sample = sample_of(job);
        size_t first = month() % sample * stride;
        size_t total, n_faults = 0, n_wrong = 0;
        Error error = { 0 };
        Buffer wanted, again;

        prepare(job);
        assert_case(run_job(job, &wanted, &error) >= 0, "%s: %s", job->name, error_message(&error));
        prepare(job);
        (void)memset(&places, 0, sizeof(places));
        places.is_on = job->by_place;
        /* counts the calls of the second run, because libraries make some objects only once */
        failing_arm(what, 0, false);
        assert_case(run_job(job, &again, &error) >= 0, "%s: %s", job->name, error_message(&error));
        total = failing_disarm();
        places.is_on = false;
        total = job->by_place ? places.n : total;
        assert_case(streq(wanted.data, again.data), "%s: not the same twice:\n%s\n%s", job->name,
                    wanted.data, again.data);
        buffer_done(&again);
        assert_case(total > 0, "%s: there is nothing that could fail", job->name);
        first = first < total ? first : 0;
        stride *= sample;
        for (size_t i = first; i < total && n_wrong < WRONG_MAX; i += stride, n_faults += 2) {
                size_t n = job->by_place ? places.firsts[i] : i + 1;

                n_wrong += try_one(what, job, n, false, &wanted) +
                           try_one(what, job, n, true, &wanted);
        }
        buffer_done(&wanted);
        assert_case(job->is_control == (n_wrong > 0), "%s: %zu went wrong", job->name, n_wrong);
        return n_faults;
}
