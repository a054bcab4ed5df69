#include "program/program-input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "lock/format.h"
#include "program/program-run.h"

int program_input_of(const void *data, size_t size, Error *err)
{
        int fd = memfd_create("relman-input", MFD_CLOEXEC), r;

        if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0) {
                r = error_set(err, ERROR_INTERNAL, -errno, "cannot make a program's input: %s",
                              strerror(errno));
                close_fd(&fd);
                return r;
        }
        return fd;
}

int program_input(const Lock *lock, Arena *arena, Error *err)
{
        LockFiles files;
        int r;

        r = lock_format_write(lock, LOCK_JSON, arena, &files, err);
        return r < 0 ? r : program_input_of(files.items[0].data, files.items[0].size, err);
}

#define N_OWN 8 /* variables about the lock */
static const char *const inherited[] = { "PATH", "LANG", "TZ", "HOME" };

/* Returns the variable at an index: first the inherited ones, then own, then more. */
static ProgramVariable variable_at(size_t i, const ProgramVariable *own,
                                   const ProgramVariable *more)
{
        if (i < ARRAY_SIZE(inherited))
                return (ProgramVariable){ inherited[i], getenv(inherited[i]) };
        i -= ARRAY_SIZE(inherited);
        return i < N_OWN ? own[i] : more[i - N_OWN];
}

const char **program_environment(const Lock *lock, const char *path, const ProgramVariable *more,
                                 size_t n, Arena *arena)
{
        const Release *release = &lock->release;
        const ProgramVariable own[N_OWN] = {
                { "RELMAN_TENANT", release->tenant },
                { "RELMAN_ENVIRONMENT", lock->environment },
                { "RELMAN_RELEASE", release->name },
                { "RELMAN_RELEASE_ID", release->id.text },
                { "RELMAN_DISPLAY_NAME", release->display_name },
                { "RELMAN_PATH", path },
                { "RELMAN_LOCK_DIGEST", lock->lock_digest },
                { "RELMAN_COMMIT_SHA", release->source_ref.commit_sha },
        };
        size_t most = ARRAY_SIZE(inherited) + N_OWN + n + 1, n_set = 0;
        const char **variables = arena_alloc_array(arena, most, sizeof(*variables));

        if (!variables)
                return NULL;
        for (size_t i = 0; i < most - 1; i++) {
                const ProgramVariable one = variable_at(i, own, more);

                if (!one.value)
                        continue;
                variables[n_set] = arena_printf(arena, "%s=%s", one.name, one.value);
                if (!variables[n_set++])
                        return NULL;
        }
        return variables;
}

const char **program_arguments(const Strings *exec, Arena *arena)
{
        const char **arguments = arena_alloc_array(arena, exec->n + 1, sizeof(*arguments));

        if (arguments)
                memcpy(arguments, exec->items, exec->n * sizeof(*arguments));
        return arguments;
}

int program_problem(const ProgramEnd *end, usec_t timeout, char ret[PROGRAM_PROBLEM_SIZE])
{
        char limit[DURATION_TEXT_SIZE];

        if (end->timed_out)
                (void)snprintf(ret, PROGRAM_PROBLEM_SIZE, "was ended after %s",
                               duration_format(timeout, limit));
        else if (WIFSIGNALED(end->status))
                (void)snprintf(ret, PROGRAM_PROBLEM_SIZE, "was killed by signal %d",
                               WTERMSIG(end->status));
        else if (WEXITSTATUS(end->status) != 0)
                (void)snprintf(ret, PROGRAM_PROBLEM_SIZE, "exited with status %d",
                               WEXITSTATUS(end->status));
        else
                return 0;
        return 1;
}
