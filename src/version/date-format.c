#include "version/date-format.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/time.h"
#include "version/date.h"
#include "version/strategy.h"

/* --- the format ------------------------------------------------------------------------------- */

/* clang-format off */
static const DatePiece words[] = { /* longer words first, because YY is a prefix of YYYY */
        { .word = "MODIFIER", .token = DATE_MODIFIER },
        { .word = "MAJOR",    .token = DATE_MAJOR, .min = 1 },
        { .word = "MINOR",    .token = DATE_MINOR, .min = 1 },
        { .word = "MICRO",    .token = DATE_MICRO, .min = 1 },
        { .word = "YYYY",     .token = DATE_YEAR,  .min = 4, .max = 4 },
        { .word = "YY",       .token = DATE_YEAR,  .min = 1, .max = 3 },
        { .word = "0Y",       .token = DATE_YEAR,  .min = 2, .max = 3 },
        { .word = "MM",       .token = DATE_MONTH, .min = 1, .max = 2 },
        { .word = "0M",       .token = DATE_MONTH, .min = 2, .max = 2 },
        { .word = "WW",       .token = DATE_WEEK,  .min = 1, .max = 2 },
        { .word = "0W",       .token = DATE_WEEK,  .min = 2, .max = 2 },
        { .word = "DD",       .token = DATE_DAY,   .min = 1, .max = 2 },
        { .word = "0D",       .token = DATE_DAY,   .min = 2, .max = 2 },
};
/* clang-format on */

static bool is_separator(char c)
{
        return c == '.' || c == '-' || c == '_';
}

static int refuse_format(const DateFormat *format, const char *why, Error *err)
{
        char quoted[REASON_QUOTE_SIZE];

        return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is no dateFormat: %s",
                         escape_text(format->text, strlen(format->text), quoted, sizeof(quoted)),
                         why);
}

static const DatePiece *word_at(const char *at)
{
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strncmp(at, words[i].word, strlen(words[i].word)) == 0)
                        return &words[i];
        return NULL;
}

static const DatePiece *find_piece(const DateFormat *format, DateToken token)
{
        for (size_t i = 0; i < format->n; i++)
                if (format->pieces[i].token == token)
                        return &format->pieces[i];
        return NULL;
}

static bool is_counter(const DatePiece *piece)
{
        return piece->token == DATE_MAJOR || piece->token == DATE_MINOR ||
               piece->token == DATE_MICRO;
}

/* Marks the widths of two numbers as fixed if they have no separator between them. A counter may
 * follow without a fixed width. */
static void join(DatePiece *before, DatePiece *piece)
{
        if (piece->separator || piece->token == DATE_MODIFIER)
                return;
        before->is_fixed = true;
        piece->is_fixed = !is_counter(piece);
}

static int add_piece(DateFormat *format, const DatePiece *word, char separator, Error *err)
{
        DatePiece *piece = &format->pieces[format->n];
        const DatePiece *before = format->n > 0 ? piece - 1 : NULL;

        if (find_piece(format, word->token))
                return refuse_format(format, "a part stands twice; each stands once", err);
        if (before && before->token == DATE_MODIFIER)
                return refuse_format(format, "MODIFIER must be the last part", err);
        if (before && is_counter(before) && !separator && word->token != DATE_MODIFIER)
                return refuse_format(
                        format, "after MAJOR, MINOR and MICRO a separator must stand: . - or _",
                        err);
        *piece = *word;
        piece->separator = separator;
        format->n++;
        format->n_numbers += word->token != DATE_MODIFIER;
        if (before)
                join(piece - 1, piece);
        return 0;
}

/* True if year, month, week and day have this order in the format, so that versions sort by
 * date. */
static bool is_in_order(const DateFormat *format)
{
        static const DateToken order[] = { DATE_YEAR, DATE_MONTH, DATE_WEEK, DATE_DAY };
        const DatePiece *last = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
                const DatePiece *piece = find_piece(format, order[i]);

                if (piece && last && piece < last)
                        return false;
                last = piece ? piece : last;
        }
        return true;
}

static int check_format(const DateFormat *format, Error *err)
{
        const DatePiece *month = find_piece(format, DATE_MONTH);
        const DatePiece *day = find_piece(format, DATE_DAY);

        if (!find_piece(format, DATE_YEAR))
                return refuse_format(format, "it has no year: YYYY, YY or 0Y", err);
        if (find_piece(format, DATE_WEEK) && (month || day))
                return refuse_format(format, "a week goes with neither a month nor a day", err);
        if (day && !month)
                return refuse_format(format, "a day needs a month", err);
        if (!is_in_order(format))
                return refuse_format(
                        format,
                        "the year stands before the month, the month before the day; read other "
                        "dates by a rule with the groups year, month, day and seq",
                        err);
        return 0;
}

int date_format_parse(const char *text, DateFormat *ret, Error *err)
{
        DateFormat format = { .text = text };
        const char *at = text;
        int r;

        while (*at) {
                char separator = format.n > 0 && is_separator(*at) ? *at : 0;
                const DatePiece *word = word_at(at + (separator != 0));

                if (!word)
                        return refuse_format(
                                &format,
                                "its parts are YYYY, YY, 0Y, MM, 0M, WW, 0W, DD, 0D, MAJOR, MINOR, "
                                "MICRO and MODIFIER, with . - or _ between them",
                                err);
                r = add_piece(&format, word, separator, err);
                if (r < 0)
                        return r;
                at += (separator != 0) + strlen(word->word);
        }
        r = check_format(&format, err);
        if (r < 0)
                return r;
        *ret = format;
        return 0;
}

int version_check_date_format(const char *format, Error *err)
{
        DateFormat parsed;

        return date_format_parse(format, &parsed, err);
}

/* --- a version -------------------------------------------------------------------------------- */

typedef struct Reading {
        const DateFormat *format;
        const char *text;
        size_t size;
        const char *at;
        const char *end;
        Arena *arena;
        const char **reason;
        DateText date;
        unsigned number[DATE_TOKEN_MAX_]; /* value of each part of the date */
} Reading;

static int refuse_text(const Reading *reading, const char *why)
{
        char quoted[REASON_QUOTE_SIZE];

        if (!why)
                return -ENOMEM;
        escape_text(reading->text, reading->size, quoted, sizeof(quoted));
        return refuse(reading->reason, arena_printf(reading->arena, "'%s' is not %s: %s", quoted,
                                                    reading->format->text, why));
}

static int refuse_piece(const Reading *reading, const DatePiece *piece)
{
        return refuse_text(
                reading,
                arena_printf(reading->arena, "%s is not where it must stand%s", piece->word,
                             piece->min == 2 && piece->max == 2 ? ", with two digits" : ""));
}

static int refuse_number(const Reading *reading, const DatePiece *piece, unsigned number)
{
        static const char *const nouns[DATE_TOKEN_MAX_] = { [DATE_YEAR] = "year",
                                                            [DATE_MONTH] = "month",
                                                            [DATE_WEEK] = "week",
                                                            [DATE_DAY] = "day" };

        return refuse_text(reading, arena_printf(reading->arena, "there is no %s %u",
                                                 nouns[piece->token], number));
}

static int refuse_rest(const Reading *reading)
{
        bool is_text = reading->at + 1 < reading->end && is_separator(*reading->at) &&
                       is_letter(reading->at[1]) && !find_piece(reading->format, DATE_MODIFIER);
        char quoted[REASON_QUOTE_SIZE];

        escape_text(reading->at, (size_t)(reading->end - reading->at), quoted, sizeof(quoted));
        if (!is_text)
                return refuse_text(reading, arena_printf(reading->arena, "'%s' follows", quoted));
        return refuse_text(
                reading,
                arena_printf(reading->arena,
                             "'%s' follows; if it marks a prerelease: dateFormat: '%s%cMODIFIER'",
                             quoted, reading->format->text, *reading->at));
}

static unsigned number_of(const char *digits, size_t n)
{
        unsigned number = 0;

        for (size_t i = 0; i < n; i++)
                number = number * 10 + (unsigned)(digits[i] - '0');
        return number;
}

static bool is_possible(const unsigned number[DATE_TOKEN_MAX_], DateToken token)
{
        switch (token) {
        case DATE_YEAR: return number[DATE_YEAR] > 0;
        case DATE_MONTH: return number[DATE_MONTH] >= 1 && number[DATE_MONTH] <= 12;
        case DATE_WEEK: return number[DATE_WEEK] >= 1 && number[DATE_WEEK] <= 53;
        case DATE_DAY:
                return number[DATE_DAY] >= 1 &&
                       date_is_valid((long)number[DATE_YEAR], number[DATE_MONTH], number[DATE_DAY]);
        case DATE_MAJOR:
        case DATE_MINOR:
        case DATE_MICRO:
        case DATE_MODIFIER:
        case DATE_TOKEN_MAX_: break;
        }
        return true;
}

static int read_number(Reading *reading, const DatePiece *piece)
{
        size_t n = digits_span(reading->at, reading->end);
        unsigned number;

        if (piece->is_fixed && piece->max > 0)
                n = n < MAX(piece->min, 2) ? 0 : MAX(piece->min, 2);
        if (n < piece->min || (piece->max > 0 && n > piece->max) || n == 0)
                return refuse_piece(reading, piece);
        if (is_counter(piece)) {
                date_add_written(&reading->date, reading->at, n);
        } else {
                number = number_of(reading->at, n);
                reading->number[piece->token] =
                        number + (piece->token == DATE_YEAR && piece->max < 4 ? 2000 : 0);
                if (!is_possible(reading->number, piece->token))
                        return refuse_number(reading, piece, number);
                date_add_number(&reading->date, reading->number[piece->token]);
        }
        reading->at += n;
        return 0;
}

static bool is_modifier_byte(char c)
{
        return is_letter(c) || is_digit(c) || is_separator(c) || c == '+';
}

static int read_modifier(Reading *reading)
{
        const char *at = reading->at;

        if (at == reading->end || !is_letter(*at))
                return refuse_text(reading, "MODIFIER begins with a letter");
        while (at < reading->end && is_modifier_byte(*at))
                at++;
        if (at < reading->end)
                return refuse_text(reading, "MODIFIER has letters, digits and . - _ + only");
        reading->date.modifier = reading->at;
        reading->date.modifier_size = (size_t)(at - reading->at);
        reading->at = at;
        return 0;
}

static int read_piece(Reading *reading, const DatePiece *piece)
{
        if (piece->separator) {
                if (*reading->at != piece->separator)
                        return piece->token == DATE_MODIFIER ? refuse_rest(reading)
                                                             : refuse_piece(reading, piece);
                reading->at++;
        }
        return piece->token == DATE_MODIFIER ? read_modifier(reading) : read_number(reading, piece);
}

/* True if a version may omit all pieces from index on, because each is a counter or the modifier.
 * An omitted counter is 0. */
static bool are_optional(const DateFormat *format, size_t index)
{
        for (size_t i = index; i < format->n; i++)
                if (!is_counter(&format->pieces[i]) && format->pieces[i].token != DATE_MODIFIER)
                        return false;
        return index > 0;
}

/* Returns the index of the next piece in the text. Skips missing counters before the modifier, as
 * in 2024.06-rc1. */
static size_t skip_counters(const Reading *reading, size_t index)
{
        const DateFormat *format = reading->format;
        const DatePiece *last = &format->pieces[format->n - 1];
        const char *at = reading->at;

        if (!are_optional(format, index) || last->token != DATE_MODIFIER || !last->separator)
                return index;
        return *at == last->separator && at + 1 < reading->end && is_letter(at[1]) ? format->n - 1
                                                                                   : index;
}

int date_format_read(const DateFormat *format, const char *text, size_t size, Arena *arena,
                     DateText *ret, const char **ret_reason)
{
        Reading reading = { .format = format,
                            .text = text,
                            .size = size,
                            .at = text,
                            .end = text + size,
                            .arena = arena,
                            .reason = ret_reason };
        size_t i;
        int r;

        if (size > 1 && *text == 'v')
                reading.at++;
        for (i = 0; i < format->n; i++) {
                if (reading.at == reading.end)
                        break;
                i = skip_counters(&reading, i);
                r = read_piece(&reading, &format->pieces[i]);
                if (r < 0)
                        return r;
        }
        if (reading.at < reading.end)
                return refuse_rest(&reading);
        if (i < format->n && !are_optional(format, i) && !(format->is_bound && i > 0))
                return refuse_piece(&reading, &format->pieces[i]);
        reading.date.n_written = reading.date.n_fields;
        reading.date.n_complete = format->n_numbers;
        while (reading.date.n_fields < format->n_numbers)
                date_add_number(&reading.date, 0);
        *ret = reading.date;
        return 0;
}
