#define PCRE2_CODE_UNIT_WIDTH 8

#include "version/regex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"

/* Texts are matched as bytes. A pattern must not switch to UTF-8, because a match would then fail
 * on invalid UTF-8. */
#define COMPILE_OPTIONS (PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_DOLLAR_ENDONLY)

struct Regex {
        pcre2_code *code;
        pcre2_match_data *data; /* reused by every match */
        pcre2_match_context *context;
        unsigned n_groups;
        bool tried_jit, has_jit;
};

Regex *regex_free(Regex *regex)
{
        if (!regex)
                return NULL;
        pcre2_match_data_free(regex->data);
        pcre2_match_context_free(regex->context);
        pcre2_code_free(regex->code);
        free(regex);
        return NULL;
}

static int refuse_pattern(const char *pattern, int code, size_t offset, Error *err)
{
        PCRE2_UCHAR message[256];
        char quoted[160];

        if (pcre2_get_error_message(code, message, sizeof(message)) < 0)
                message[0] = 0;
        escape_text(pattern, strlen(pattern), quoted, sizeof(quoted));
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "bad regular expression '%s': %s at offset %zu", quoted,
                         (const char *)message, offset);
}

static int compile(Regex *regex, const char *pattern, Error *err)
{
        size_t offset = 0;
        int code = 0;

        regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, COMPILE_OPTIONS,
                                    &code, &offset, NULL);
        if (!regex->code && code == PCRE2_ERROR_HEAP_FAILED)
                return error_oom(err);
        if (!regex->code)
                return refuse_pattern(pattern, code, offset, err);
        return 0;
}

static int prepare(Regex *regex, Error *err)
{
        uint32_t n_groups = 0;

        (void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &n_groups); /* cannot fail */
        regex->n_groups = n_groups;
        regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
        regex->context = pcre2_match_context_create(NULL);
        if (!regex->data || !regex->context)
                return error_oom(err);
        pcre2_set_depth_limit(regex->context, REGEX_DEPTH_LIMIT);
        return 0;
}

/* Compiles the pattern to machine code at the first match, because most patterns are only checked
 * and never matched. If the system forbids memory that is both writable and executable, the
 * interpreter is used. */
static void use_jit(Regex *regex)
{
        if (regex->tried_jit)
                return;
        regex->tried_jit = true;
        regex->has_jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
}

int regex_new(const char *pattern, Regex **ret, Error *err)
{
        _cleanup_(regex_freep) Regex *regex = NULL;
        size_t size = strlen(pattern);
        int r;

        if (size > PATTERN_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the regular expression is %zu bytes long; at most %d are read",
                                 size, PATTERN_MAX);
        regex = calloc(1, sizeof(*regex));
        if (!regex)
                return error_oom(err);
        r = compile(regex, pattern, err);
        if (r < 0)
                return r;
        r = prepare(regex, err);
        if (r < 0)
                return r;
        *ret = TAKE(regex);
        return 0;
}

unsigned regex_n_groups(const Regex *regex)
{
        return regex->n_groups;
}

int regex_group_number(const Regex *regex, const char *name)
{
        int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);

        return number > 0 ? number : -ENOENT;
}

char regex_required(const Regex *regex)
{
        uint32_t kind = 0, c = 0;

        (void)pcre2_pattern_info(regex->code, PCRE2_INFO_LASTCODETYPE, &kind); /* cannot fail */
        if (kind == 1)
                (void)pcre2_pattern_info(regex->code, PCRE2_INFO_LASTCODEUNIT, &c);
        return c < 0x80 ? (char)c : '\0';
}

void regex_interpret(Regex *regex)
{
        regex->tried_jit = true;
        regex->has_jit = false;
}

RegexBudget regex_budget(void)
{
        return (RegexBudget){ .stops = REGEX_RUN_STOPS_MAX, .steps = REGEX_RUN_STEPS_MAX };
}

bool regex_budget_is_spent(const RegexBudget *budget)
{
        return budget->stops == 0 || budget->steps < REGEX_MATCH_LIMIT;
}

static int run_once(Regex *regex, const RegexText *text)
{
        int r = PCRE2_ERROR_JIT_STACKLIMIT;

        use_jit(regex);
        if (regex->has_jit)
                r = pcre2_jit_match(regex->code, (PCRE2_SPTR)text->data, text->size, 0, 0,
                                    regex->data, regex->context);
        /* only machine code has a stack of fixed size, the interpreter does not */
        if (r == PCRE2_ERROR_JIT_STACKLIMIT)
                r = pcre2_match(regex->code, (PCRE2_SPTR)text->data, text->size, 0, PCRE2_NO_JIT,
                                regex->data, regex->context);
        return r;
}

/* Matches with increasing limits. PCRE2 does not report the steps of a match, only that a limit was
 * reached. The first limit is low and costs no budget; ordinary patterns never reach it. A try with
 * a higher limit takes this limit from the budget, even if the match ends earlier. */
static int run(Regex *regex, RegexBudget *budget, const RegexText *text)
{
        static const unsigned limits[] = { REGEX_MATCH_LIMIT / 100, REGEX_MATCH_LIMIT / 10,
                                           REGEX_MATCH_LIMIT };
        int r = PCRE2_ERROR_MATCHLIMIT;

        for (size_t i = 0; i < ARRAY_SIZE(limits) && r == PCRE2_ERROR_MATCHLIMIT; i++) {
                if (i > 0 && budget) {
                        if (regex_budget_is_spent(budget))
                                return r;
                        budget->steps -= limits[i];
                }
                pcre2_set_match_limit(regex->context, limits[i]);
                r = run_once(regex, text);
        }
        return r;
}

int regex_match(Regex *regex, RegexBudget *budget, const RegexText *text, RegexSpan *ret_spans,
                size_t n_spans)
{
        const size_t *offsets = pcre2_get_ovector_pointer(regex->data);
        int n_found = run(regex, budget, text);

        if (n_found == PCRE2_ERROR_NOMATCH)
                return 0;
        if (n_found == PCRE2_ERROR_NOMEMORY)
                return -ENOMEM;
        if (n_found < 0) { /* all other errors are reached limits */
                if (budget && budget->stops > 0)
                        budget->stops--;
                return -E2BIG;
        }
        for (size_t i = 0; i < n_spans; i++) {
                bool is_set = i < (size_t)n_found && offsets[2 * i] != PCRE2_UNSET &&
                              offsets[2 * i] <= offsets[2 * i + 1];

                ret_spans[i] = (RegexSpan){ .offset = (size_t)-1 };
                if (is_set)
                        ret_spans[i] = (RegexSpan){ .offset = offsets[2 * i],
                                                    .size = offsets[2 * i + 1] - offsets[2 * i] };
        }
        return 1;
}
