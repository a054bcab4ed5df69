#include "version/range.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "version/range-date.h"
#include "version/semver.h"
#include "version/strategy.h"

/* A range has groups of bounds. It contains a version that satisfies every bound of one group. The
 * meaning of a bound depends on how many numbers it has before an x or the end:
 *
 *            1.2.3              1.2                1                  *
 *   =        that version       >=1.2.0 <1.3.0     >=1.0.0 <2.0.0     any
 *   !=       any but it         not 1.2.x          not 1.x            !=0.0.0
 *   >        above it           >=1.3.0            >=2.0.0            >0.0.0
 *   <        below it           <1.2.0             <1.0.0             none
 *   >=       it and above       >=1.2.0            >=1.0.0            any
 *   <=       it and below       <1.3.0             <2.0.0             <0.1.0
 *   ~        >=1.2.3 <1.3.0     >=1.2.0 <1.3.0     >=1.0.0 <2.0.0     any
 *   ^        >=1.2.3 <2.0.0     >=1.2.0 <2.0.0     >=1.0.0 <2.0.0     =0.0.0
 *
 * ^0.2.3 is >=0.2.3 <0.3.0, ^0.0.3 is only 0.0.3, and ~0.0.0 is any. All this is as in
 * Masterminds/semver v3, including the surprising cases of the last column. A range must select the
 * same version in relman and in Helm. */

typedef struct Bound {
        BoundType type;
        SemverText version; /* version.n_fields is the number of fields before an x or the end */
        DateText date;      /* used in place of version under the strategy date */
        struct Bound *next;
} Bound;

typedef struct Group {
        Bound *bounds;
        bool has_prerelease; /* a bound is a prerelease, so prereleases can match */
        struct Group *next;
} Group;

struct Range {
        const VersionStrategy *strategy; /* NULL: the range was only checked */
        Group *groups;
};

typedef struct Reader {
        const VersionStrategy *strategy;
        const char *text;
        const char *at;
        const char *end;
        Arena *arena;
        const char *reason; /* why the text at this position is invalid */
} Reader;

/* --- reading --- */

static void skip_blanks(Reader *reader)
{
        while (reader->at < reader->end && strchr(" \t\n\r\f\v", *reader->at))
                reader->at++;
}

static bool take(Reader *reader, const char *word)
{
        size_t size = strlen(word);

        if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
                return false;
        reader->at += size;
        return true;
}

static BoundType read_operator(Reader *reader)
{
        /* longer operators first, because shorter ones are prefixes of them */
        static const struct {
                const char *word;
                BoundType type;
        } operators[] = {
                { "!=", BOUND_NOT_EQUAL },     { ">=", BOUND_GREATER_EQUAL },
                { "=>", BOUND_GREATER_EQUAL }, { "<=", BOUND_LESS_EQUAL },
                { "=<", BOUND_LESS_EQUAL },    { "~>", BOUND_TILDE },
                { "=", BOUND_EQUAL },          { ">", BOUND_GREATER },
                { "<", BOUND_LESS },           { "~", BOUND_TILDE },
                { "^", BOUND_CARET },
        };

        for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
                if (take(reader, operators[i].word))
                        return operators[i].type;
        return BOUND_TYPE_MAX_;
}

static int refuse_range(Reader *reader, const char *reason)
{
        return refuse(&reader->reason, reason);
}

static bool is_wildcard(const Reader *reader)
{
        return reader->at < reader->end && strchr("xX*", *reader->at);
}

/* Reads one number or wildcard. Adds a number to ret unless a wildcard came before it. */
static int read_field(Reader *reader, SemverText *ret, size_t index, bool *is_wild)
{
        size_t n = digits_span(reader->at, reader->end);

        if (is_wildcard(reader)) {
                reader->at++;
                *is_wild = true;
                return 0;
        }
        if (n == 0)
                return refuse_range(reader, "expected a number, x or * (as in >=1.2 <2, or 1.x)");
        if (n > 1 && *reader->at == '0')
                return refuse_range(reader, "a number has a leading zero, which is not semver,");
        if (!*is_wild) {
                ret->fields[index] = digits_of(reader->at, n);
                ret->n_fields++;
        }
        reader->at += n;
        return 0;
}

static const char *version_end(const Reader *reader)
{
        const char *at = reader->at;

        while (at < reader->end && !strchr(" \t\n\r\f\v,|", *at))
                at++;
        return at;
}

static bool is_of_dates(const VersionStrategy *strategy)
{
        return strategy && strategy->type == STRATEGY_DATE;
}

static int read_semver(Reader *reader, SemverText *ret)
{
        SemverText version = { 0 };
        bool is_wild = false;
        const char *end;
        int r;

        if (reader->end - reader->at > 1 && *reader->at == 'v')
                reader->at++;
        for (size_t i = 0; i < SEMVER_FIELDS; i++) {
                r = read_field(reader, &version, i, &is_wild);
                if (r < 0)
                        return r;
                if (i + 1 == SEMVER_FIELDS || !take(reader, "."))
                        break;
        }
        end = version_end(reader);
        r = semver_read_rest(reader->at, end, reader->arena, &version, &reader->reason);
        if (r < 0)
                return r;
        reader->at = end;
        *ret = version;
        return 0;
}

static int read_date(Reader *reader, Bound *ret)
{
        const char *end = version_end(reader);
        int r;

        if (end == reader->at)
                return refuse_range(reader, "a version must stand");
        r = range_date_read(reader->strategy, reader->at, (size_t)(end - reader->at), reader->arena,
                            &ret->date, &reader->reason);
        if (r < 0)
                return r;
        reader->at = end;
        return 0;
}

/* Reads a version of any strategy: numbers, letters and wildcards with . - _ + between them. */
static int read_any(Reader *reader)
{
        const char *end = version_end(reader);

        if (end - reader->at > 1 && *reader->at == 'v')
                reader->at++;
        if (!is_wildcard(reader) && digits_span(reader->at, end) == 0)
                return refuse_range(reader, "a number, x or * must stand");
        for (; reader->at < end; reader->at++) {
                bool is_part =
                        is_digit(*reader->at) || is_letter(*reader->at) || *reader->at == '*';

                if (!is_part && (!strchr(".-_+", *reader->at) || reader->at + 1 == end))
                        return refuse_range(reader, "no version");
        }
        return 0;
}

static int read_version(Reader *reader, Bound *ret)
{
        if (is_of_dates(reader->strategy))
                return read_date(reader, ret);
        return reader->strategy ? read_semver(reader, &ret->version) : read_any(reader);
}

static int add_bound(Reader *reader, Group *group, BoundType type, const Bound *version)
{
        Bound *bound = arena_alloc(reader->arena, sizeof(*bound));

        if (!bound)
                return -ENOMEM;
        *bound = *version;
        bound->type = type;
        bound->next = group->bounds;
        group->bounds = bound;
        group->has_prerelease |= version->version.prerelease || version->date.modifier;
        return 0;
}

/* Reads the " - " of "1.2 - 2", which must have blanks on both sides. Returns false if there is
 * none. */
static bool take_hyphen(Reader *reader)
{
        const char *start = reader->at;
        const char *hyphen;

        skip_blanks(reader);
        hyphen = reader->at;
        if (hyphen > start && take(reader, "-")) {
                skip_blanks(reader);
                if (reader->at > hyphen + 1)
                        return true;
        }
        reader->at = start;
        return false;
}

static int read_bound(Reader *reader, Group *group)
{
        BoundType type = read_operator(reader);
        Bound version = { 0 }, high = { 0 };
        int r;

        skip_blanks(reader);
        r = read_version(reader, &version);
        if (r < 0)
                return r;
        if (type != BOUND_TYPE_MAX_ || !take_hyphen(reader))
                return add_bound(reader, group, type == BOUND_TYPE_MAX_ ? BOUND_EQUAL : type,
                                 &version);
        r = read_version(reader, &high);
        if (r < 0)
                return r;
        r = add_bound(reader, group, BOUND_GREATER_EQUAL, &version);
        if (r < 0)
                return r;
        return add_bound(reader, group, BOUND_LESS_EQUAL, &high);
}

/* Reads bounds up to "||" or the end, separated by blanks or one comma. */
static int read_group(Reader *reader, Group *group)
{
        int r;

        skip_blanks(reader);
        for (;;) {
                bool is_comma;

                r = read_bound(reader, group);
                if (r < 0)
                        return r;
                skip_blanks(reader);
                is_comma = take(reader, ",");
                skip_blanks(reader);
                if (!is_comma && (reader->at == reader->end || *reader->at == '|'))
                        return 0;
        }
}

static int read_range(Reader *reader, Range *range)
{
        Group **last = &range->groups;
        int r;

        for (;;) {
                Group *group = arena_alloc(reader->arena, sizeof(*group));

                if (!group)
                        return -ENOMEM;
                *last = group;
                last = &group->next;
                r = read_group(reader, group);
                if (r < 0)
                        return r;
                if (reader->at == reader->end)
                        return 0;
                if (!take(reader, "||"))
                        return refuse_range(reader, "expected '||'");
        }
}

static int refuse_text(const Reader *reader, Error *err)
{
        char quoted[REASON_QUOTE_SIZE];

        escape_text(reader->text, (size_t)(reader->end - reader->text), quoted, sizeof(quoted));
        return error_set(err, ERROR_INVALID, -EINVAL, "bad range '%s': %s at offset %zu", quoted,
                         reader->reason, (size_t)(reader->at - reader->text));
}

int range_parse(const VersionStrategy *strategy, const char *text, Arena *arena, Range **ret,
                Error *err)
{
        Reader reader = { .strategy = strategy, .arena = arena };
        size_t size = strlen(text);
        Range *range;
        int r;

        if (size > TEXT_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the range is %zu bytes long; at most %d are read", size,
                                 TEXT_MAX);
        if (strspn(text, " \t\n\r\f\v") == size)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "the range is empty; '*' is any release");
        reader.text = reader.at = arena_strndup(arena, text, size);
        range = arena_alloc(arena, sizeof(*range));
        if (!reader.text || !range)
                return error_oom(err);
        range->strategy = strategy;
        reader.end = reader.text + size;
        r = read_range(&reader, range);
        if (r == -EINVAL)
                return refuse_text(&reader, err);
        if (r < 0)
                return error_oom(err);
        *ret = range;
        return 0;
}

/* --- matching --- */

/* Compares the first n numbers. */
static int compare_fields(const SemverText *a, const SemverText *b, size_t n)
{
        int order = 0;

        for (size_t i = 0; i < n && order == 0; i++)
                order = digits_compare(a->fields[i], b->fields[i]);
        return order;
}

static bool is_zero(const SemverText *version)
{
        static const SemverText zero;

        return compare_fields(version, &zero, SEMVER_FIELDS) == 0;
}

static bool matches_tilde(const SemverText *version, const SemverText *bound)
{
        if (semver_compare(version, bound) < 0)
                return false;
        if (is_zero(bound) && (bound->n_fields == SEMVER_FIELDS || bound->n_fields == 0))
                return true;
        return compare_fields(version, bound, MIN(bound->n_fields, 2)) == 0;
}

static bool matches_equal(const SemverText *version, const SemverText *bound)
{
        if (bound->n_fields < SEMVER_FIELDS)
                return matches_tilde(version, bound);
        return semver_compare(version, bound) == 0;
}

static bool matches_not_equal(const SemverText *version, const SemverText *bound)
{
        SemverText beside = *version;

        if (bound->n_fields == 1)
                return compare_fields(version, bound, 1) != 0;
        if (bound->n_fields != 2)
                return semver_compare(version, bound) != 0;
        if (compare_fields(version, bound, 2) != 0)
                return true;
        /* if major and minor are equal, compare only the prerelease: "!=1.2-rc" allows 1.2.5 */
        memcpy(beside.fields, bound->fields, sizeof(beside.fields));
        return semver_compare(&beside, bound) != 0;
}

static bool matches_greater(const SemverText *version, const SemverText *bound)
{
        if (bound->n_fields == 1 || bound->n_fields == 2)
                return compare_fields(version, bound, bound->n_fields) > 0;
        return semver_compare(version, bound) > 0;
}

static bool matches_less(const SemverText *version, const SemverText *bound)
{
        return semver_compare(version, bound) < 0;
}

static bool matches_greater_equal(const SemverText *version, const SemverText *bound)
{
        return semver_compare(version, bound) >= 0;
}

static bool matches_less_equal(const SemverText *version, const SemverText *bound)
{
        if (bound->n_fields == SEMVER_FIELDS)
                return semver_compare(version, bound) <= 0;
        return compare_fields(version, bound, bound->n_fields == 1 ? 1 : 2) <= 0;
}

/* True if the version is not below the bound, and equals it up to the first number of the bound
 * that is not zero. If all numbers of the bound are zero, all must be equal. */
static bool matches_caret(const SemverText *version, const SemverText *bound)
{
        size_t n_written = bound->n_fields == 0 ? SEMVER_FIELDS : bound->n_fields;
        size_t n = 1;

        while (n < n_written && bound->fields[n - 1].n == 0)
                n++;
        return semver_compare(version, bound) >= 0 && compare_fields(version, bound, n) == 0;
}

static bool bound_matches(const Bound *bound, const SemverText *version)
{
        /* clang-format off */
        static bool (*const matches[BOUND_TYPE_MAX_])(const SemverText *, const SemverText *) = {
                [BOUND_EQUAL]         = matches_equal,
                [BOUND_NOT_EQUAL]     = matches_not_equal,
                [BOUND_GREATER]       = matches_greater,
                [BOUND_LESS]          = matches_less,
                [BOUND_GREATER_EQUAL] = matches_greater_equal,
                [BOUND_LESS_EQUAL]    = matches_less_equal,
                [BOUND_TILDE]         = matches_tilde,
                [BOUND_CARET]         = matches_caret,
        };
        /* clang-format on */

        return matches[bound->type](version, &bound->version);
}

/* A version in the form that a range compares. */
typedef struct Candidate {
        bool is_date;
        bool is_prerelease;
        SemverText semver;
        DateText date;
} Candidate;

static bool group_matches(const Group *group, const Candidate *version, bool include_prerelease)
{
        if (version->is_prerelease && !group->has_prerelease && !include_prerelease)
                return false;
        for (const Bound *bound = group->bounds; bound; bound = bound->next)
                if (version->is_date
                            ? !range_date_matches(bound->type, &bound->date, &version->date)
                            : !bound_matches(bound, &version->semver))
                        return false;
        return true;
}

/* Reads a version without allocating a reason. Returns false if the text is no version. */
static bool read_quietly(const VersionStrategy *strategy, const char *text, Candidate *ret)
{
        size_t size = strlen(text);
        const char *reason;
        Arena none;

        *ret = (Candidate){ .is_date = is_of_dates(strategy) };
        arena_init(&none, 0);
        if (!ret->is_date) {
                if (semver_read(text, size, &none, &ret->semver, &reason) < 0)
                        return false;
                ret->is_prerelease = ret->semver.prerelease != NULL;
                return true;
        }
        if (size == 0 || date_read(strategy, text, size, &none, &ret->date, &reason) < 0)
                return false;
        ret->is_prerelease = ret->date.modifier != NULL;
        return true;
}

bool range_is_exact(const VersionStrategy *strategy, const char *text)
{
        Candidate version;

        switch (strategy->type) {
        case STRATEGY_SEMVER:
        case STRATEGY_MANUAL:
                return read_quietly(strategy, text, &version) &&
                       version.semver.n_fields == SEMVER_FIELDS;
        case STRATEGY_DATE:
                /* without dateFormat, year and month are a complete version */
                return read_quietly(strategy, text, &version) &&
                       (!strategy->date_format ||
                        version.date.n_written == version.date.n_complete);
        case STRATEGY_SEQUENTIAL:
        case STRATEGY_NUMERIC:
        case STRATEGY_LEXICAL:
        case STRATEGY_TYPE_MAX_: break;
        }
        return true;
}

bool range_matches(const Range *range, const char *version, bool include_prerelease)
{
        Candidate read;

        if (!read_quietly(range->strategy, version, &read))
                return false;
        for (const Group *group = range->groups; group; group = group->next)
                if (group_matches(group, &read, include_prerelease))
                        return true;
        return false;
}

/* --- a version or a range --------------------------------------------------------------------- */

static int read_range_of(const VersionStrategy *strategy, const char *text, const char *reason,
                         Arena *arena, VersionWish *ret, Error *err)
{
        Error error = { 0 };
        int r;

        r = range_parse(strategy, text, arena, &ret->range, &error);
        if (r == -EINVAL && reason && !strpbrk(text, "<>=^~*|, ")) {
                error_done(&error); /* the person meant a version: report why the text is none */
                return error_set(err, ERROR_INVALID, -EINVAL, "%s", reason);
        }
        if (r < 0)
                *err = error;
        return r;
}

int version_wish_parse(const VersionStrategy *strategy, const char *text, Arena *arena,
                       VersionWish *ret, Error *err)
{
        const char *reason = NULL;
        VersionWish wish = { 0 };
        int r;

        r = version_parse_assigned(strategy, text, arena, &wish.version, &reason);
        if (r >= 0 && !range_is_exact(strategy, text))
                r = -EINVAL;
        if (r == -EINVAL)
                r = read_range_of(strategy, text, reason, arena, &wish, err);
        else if (r < 0)
                return error_oom(err);
        if (r >= 0)
                *ret = wish;
        return r;
}

bool version_wish_matches(const VersionWish *wish, const Version *version, bool include_prerelease)
{
        return wish->range ? range_matches(wish->range, version->text, include_prerelease)
                           : sort_key_compare(wish->version.sort_key, version->sort_key) == 0;
}
