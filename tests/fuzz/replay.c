/* Runs a fuzzer once with each file of its corpus, as a regression test and for coverage, in any
 * build. Prints each input first: if a property is violated, the program aborts, and the last
 * printed input is the cause. */

#include <glob.h>
#include <stdio.h>

#include "fuzz.h"

/* NULL if the fuzzer has no such function */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static bool replay(const char *path)
{
        static uint8_t data[1024 * 1024];
        FILE *file = fopen(path, "re");
        size_t size = file ? fread(data, 1, sizeof(data), file) : 0;

        if (!file || fclose(file) != 0) {
                perror(path);
                return false;
        }
        printf("# %s\n", path);
        (void)fflush(stdout);
        return LLVMFuzzerTestOneInput(data, size) == 0;
}

/* The program replay-NAME uses the corpus of fuzz-NAME. */
int main(int argc, char **argv)
{
        const char *source = getenv("SRCDIR"), *name = strrchr(argv[0], '-');
        char pattern[4096];
        glob_t found;
        int n_bad = 0;

        printf("1..1\n");
        (void)snprintf(pattern, sizeof(pattern), "%s/tests/fuzz/corpus/fuzz%s/*",
                       source ? source : ".", name ? name : "");
        if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc == 0) {
                printf("not ok 1 - %s: nothing is there\n", pattern);
                return 1;
        }
        if (LLVMFuzzerInitialize)
                (void)LLVMFuzzerInitialize(&argc, &argv);
        for (size_t i = 0; i < found.gl_pathc; i++)
                n_bad += !replay(found.gl_pathv[i]);
        printf("%s 1 - %zu inputs of fuzz%s\n", n_bad ? "not ok" : "ok", found.gl_pathc, name);
        globfree(&found);
        return n_bad > 0;
}
