/* Checks relman with test cases of other programs: check-cases FILE... A file has a heading line,
 * and four columns separated by tabs: source, policy (or kind), tags (or input), expected. A case
 * does not apply if relman lacks the feature, or if doc/versions.md decides otherwise. Such a case
 * is counted, and printed with the reason. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"

#define CASES_FILE_MAX ((size_t)16 * 1024 * 1024)
#define ARENA_MAX      ((size_t)64 * 1024 * 1024)

static const struct {
        const char *kind;
        CaseCheck check;
} checks[] = {
        { "constraint-parse", check_constraint_parse },
        { "constraint-check", check_constraint },
        { "range-check", check_range },
        { "version-parse-loose", check_parse_loose },
        { "version-parse-strict", check_parse_strict },
        { "semver-parse-strict", check_parse_strict },
        { "version-canonical", check_canonical },
        { "version-parse-kargo", check_canonical },
        { "semver-parse-tag", check_canonical },
        { "version-compare", check_compare },
        { "semver-compare", check_compare },
        { "semver-order-asc", check_order_semver },
        { "date-order-asc", check_order_date },
        { "calver-order-asc", check_order_date },
        { "sequential-order-asc", check_order_sequential },
        { "sequential-valid", check_sequential },
        { "date-valid", check_date },
        { "flux-semver", check_pick },
        { "flux-filter-semver", check_pick },
        { "kargo-semver", check_pick },
        { "argo-semver", check_pick },
        { "flux-alphabetical", check_alphabetical },
        { "flux-filter", check_filter },
        { "flux-exclude", check_exclude },
        { "kargo-semver-order", check_kargo_order },
        { "argo-platform", check_platform },
        { "image-ref-parse", check_image },
        { "rule-extract", check_extract },
        { "coerce-trap", check_coerce_trap },
};

typedef struct Counts {
        size_t n_passed, n_failed, n_other;
} Counts;

/* Splits "kind key=value ;; key=value" into the kind and the parameters. */
static void split_policy(Case *c, char *policy)
{
        char *space = strchr(policy, ' ');

        c->kind = policy;
        c->parameters = "";
        if (space) {
                *space = '\0';
                c->parameters = space + 1;
        }
}

static void run_case(Case *c, size_t line, Counts *counts)
{
        Arena arena;

        arena_init(&arena, ARENA_MAX);
        c->arena = &arena;
        c->got = "";
        for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
                Verdict verdict;

                if (!streq(checks[i].kind, c->kind))
                        continue;
                verdict = checks[i].check(c);
                if (verdict == CASE_FAILED)
                        printf("line %zu: %s %s '%s': expected '%s', got '%s' (%s)\n", line,
                               c->kind, c->parameters, c->input, c->expected, c->got, c->source);
                else if (verdict == CASE_OTHER)
                        printf("line %zu: not concerned: %s %s '%s': %s\n", line, c->kind,
                               c->parameters, c->input, c->got);
                counts->n_passed += verdict == CASE_PASSED;
                counts->n_failed += verdict == CASE_FAILED;
                counts->n_other += verdict == CASE_OTHER;
                arena_done(&arena);
                return;
        }
        counts->n_other++;
        arena_done(&arena);
}

static int run_file(const char *path, Counts *counts, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        size_t size, line = 0;
        int r;

        r = file_read(path, CASES_FILE_MAX, &data, &size, err);
        if (r < 0)
                return r;
        for (char *at = data, *next; *at; at = next) {
                char *end = strchrnul(at, '\n');
                char *columns[4] = { NULL };

                next = *end ? end + 1 : end;
                *end = '\0';
                for (size_t i = 0; i < 4 && at; i++)
                        columns[i] = strsep(&at, "\t");
                if (++line == 1 || !columns[3])
                        continue; /* the heading, or a line with too few columns */
                Case c = { .source = columns[0], .input = columns[2], .expected = columns[3] };
                split_policy(&c, columns[1]);
                run_case(&c, line, counts);
        }
        return 0;
}

int main(int argc, char **argv)
{
        Counts counts = { 0 };

        for (int i = 1; i < argc; i++) {
                _cleanup_(error_done) Error error = { 0 };

                if (run_file(argv[i], &counts, &error) < 0) {
                        (void)fprintf(stderr, "check-cases: %s\n", error_message(&error));
                        return 2;
                }
        }
        printf("%zu passed, %zu failed, %zu not concerned\n", counts.n_passed, counts.n_failed,
               counts.n_other);
        return counts.n_failed > 0 || counts.n_passed == 0;
}
