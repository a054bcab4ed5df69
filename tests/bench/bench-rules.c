/* Measures how fast rules read tags: bench-rules [N]. Prints the tags per second on one core, the
 * median of five rounds. */

#include <stdio.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/time.h"
#include "version/policy.h"

#define N_ROUNDS 5
#define CHUNK    10000 /* number of tags after which the arena is cleared */

static char *make_tags(size_t n)
{
        static const char *const before[] = { "v", "v", "nightly-", "sha-" };
        static const char *const after[] = { "", "-rc.1", "", "" };
        char *tags = malloc(n * 32);

        for (size_t i = 0; tags && i < n; i++)
                (void)snprintf(tags + i * 32, 32, "%s%zu.%zu.%zu%s", before[i % 4], i / 10000 % 100,
                               i / 100 % 100, i % 100, after[i % 4]);
        return tags;
}

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
        static VersionRule rules[] = {
                { .pattern = "^v(\\d+\\.\\d+\\.\\d+)$", .channel = "stable" },
                { .pattern = "^v(\\d+\\.\\d+\\.\\d+-(?:beta|rc)\\.\\d+)$",
                  .channel = "beta",
                  .prerelease_pattern = "-(alpha|beta|rc)" },
                { .pattern = "^nightly-(\\d+\\.\\d+\\.\\d+)$", .channel = "nightly" }
        };
        const ComponentSpec spec = { .object = { .kind = KIND_COMPONENT,
                                                 .meta = { .name = "bench" } },
                                     .version_rules = { rules, ARRAY_SIZE(rules) },
                                     .default_channel = "stable" };
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        _cleanup_(freep) char *tags = NULL;
        uint64_t n = 1000000;
        double rates[N_ROUNDS];
        size_t n_eligible = 0;
        Arena arena;

        if (argc > 1 && parse_uint64(argv[1], &n) < 0)
                return 2;
        tags = make_tags(n);
        if (!tags || version_policy_new(&spec, &policy, &error) < 0)
                return 1;
        arena_init(&arena, (size_t)256 * 1024 * 1024);
        for (size_t round = 0; round < N_ROUNDS; round++) {
                usec_t start = time_monotonic();

                n_eligible = 0;
                for (size_t i = 0; i < n; i++) {
                        Classification is;

                        if (version_policy_classify(policy, tags + i * 32, &arena, &is, NULL) < 0)
                                return 1;
                        n_eligible += is.eligible;
                        if (i % CHUNK == CHUNK - 1)
                                arena_clear(&arena);
                }
                rates[round] =
                        (double)n / ((double)(time_monotonic() - start) / (double)USEC_PER_SEC);
        }
        arena_done(&arena);
        qsort(rates, N_ROUNDS, sizeof(double), compare);
        printf("%.0f\n", rates[N_ROUNDS / 2]);
        return n_eligible == n / 4 * 3 ? 0 : 1;
}
