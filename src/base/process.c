#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macros.h"

static int set_files(const ProcessPlan *plan, posix_spawn_file_actions_t *files)
{
        const int from[] = { plan->input, plan->output, plan->error };
        int r = 0;

        for (int to = 0; to <= STDERR_FILENO && r == 0; to++)
                r = from[to] >= 0
                            ? posix_spawn_file_actions_adddup2(files, from[to], to)
                            : posix_spawn_file_actions_addopen(files, to, "/dev/null", O_RDWR, 0);
        return r;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
        sigset_t none, standard;
        int r;

        (void)sigemptyset(&none);
        (void)sigemptyset(&standard);
        (void)sigaddset(&standard, SIGPIPE);
        r = posix_spawnattr_setsigmask(attributes, &none);
        r = r ? r : posix_spawnattr_setsigdefault(attributes, &standard);
        r = r ? r : posix_spawnattr_setpgroup(attributes, 0);
        return r ? r
                 : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                                POSIX_SPAWN_SETSIGDEF |
                                                                POSIX_SPAWN_SETPGROUP);
}

int process_start(const ProcessPlan *plan, pid_t *ret, Error *err)
{
        char *const *arguments = (char *const *)(uintptr_t)plan->arguments;
        char *const *environment = (char *const *)(uintptr_t)plan->environment;
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        int r;

        r = posix_spawn_file_actions_init(&files);
        if (r == 0) {
                r = posix_spawnattr_init(&attributes);
                if (r == 0) {
                        r = set_files(plan, &files);
                        r = r ? r : set_attributes(&attributes);
                        r = r ? r
                              : posix_spawnp(ret, arguments[0], &files, &attributes, arguments,
                                             environment ? environment : environ);
                        (void)posix_spawnattr_destroy(&attributes);
                }
                (void)posix_spawn_file_actions_destroy(&files);
        }
        return r == 0 ? 0
                      : error_set(err, ERROR_INVALID, -r, "cannot run '%s': %s", arguments[0],
                                  strerror(r));
}

int process_status(int code, int status)
{
        return code == CLD_EXITED ? status << 8 : status;
}
