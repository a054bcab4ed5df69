/* Measures a program: usage PROGRAM ARGUMENT... Runs the program and writes "USER SYSTEM WALL PEAK
 * STATUS" to descriptor 3: times in seconds, peak memory in KiB. The program must not be started by
 * a large process: before the exec, the child shares the memory of its parent, which Linux adds to
 * the peak. */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/time.h"

static double seconds(struct timeval time)
{
        return (double)time.tv_sec + (double)time.tv_usec / (double)USEC_PER_SEC;
}

int main(int argc, char **argv)
{
        usec_t start = time_monotonic();
        struct rusage usage;
        int status;
        pid_t pid;

        if (argc < 2)
                return 2;
        pid = fork();
        if (pid == 0) {
                (void)close(3);
                (void)execv(argv[1], argv + 1);
                _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
                return 1;
        return dprintf(3, "%.6f %.6f %.6f %ld %d\n", seconds(usage.ru_utime),
                       seconds(usage.ru_stime),
                       (double)(time_monotonic() - start) / (double)USEC_PER_SEC, usage.ru_maxrss,
                       status) < 0;
}
