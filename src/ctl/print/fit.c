#include "ctl/print/fit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/utf8.h"

#define WRAPPED_LEAST 16 /* minimum width of a column whose texts wrap */
#define MESSAGE_LEAST 40 /* a last message with less width is printed below its row */

/* The worth of columns by heading. A heading has the same meaning in every table. Columns of the
 * lowest worth are dropped first. 0: never dropped. */
static const struct {
        const char *heading;
        unsigned char worth;
        bool wraps;
} headings[] = {
        { "EVIDENCE", 1, true },        { "FROM", 1, false },     { "FORMAT", 1, false },
        { "CHECKED", 1, false },        { "SOURCE", 1, false },   { "ROLE", 1, false },
        { "COMPONENTS", 1, false },     { "SEQUENCE", 1, false }, { "POSITION", 2, false },
        { "FIRST SEEN", 2, false },     { "BY", 2, false },       { "CONDITION", 2, false },
        { "ENVIRONMENTS", 2, false },   { "RESOLVED", 3, false }, { "CHANGED", 3, false },
        { "SINCE", 3, false },          { "CREATED", 3, false },  { "DELIVERED", 3, false },
        { "REPOSITORY", 4, false },     { "FOLLOWS", 4, false },  { "CHANNELS", 0, true },
        { "CONDITIONS", 0, true },      { "PENDING", 0, true },   { "MESSAGE", 0, true },
        { "REASON", 0, true },          { "DATA", 0, true },      { "PROBLEM", 0, true },
        { "NAMES RELEASES", 4, false }, { "ACTION", 0, true },
};

/* --- text ------------------------------------------------------------------------------------- */

size_t fit_width(const char *text, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                n += !utf8_continues(text[i]);
        return n;
}

size_t fit_bytes(const char *text, size_t width)
{
        size_t size = 0;

        while (text[size] && (width > 0 || utf8_continues(text[size])))
                width -= !utf8_continues(text[size++]);
        return size;
}

size_t fit_line(const char *text, size_t width, size_t *ret_next)
{
        size_t end = fit_bytes(text, width), size = end;

        if (!text[end]) {
                *ret_next = end;
                return end;
        }
        while (size > 0 && text[size] != ' ' && text[size - 1] != ',')
                size--;
        if (size == 0)
                size = end;
        *ret_next = size + strspn(text + size, " ");
        while (size > 1 && text[size - 1] == ' ')
                size--;
        return size;
}

static const char *ago_text(uint64_t n, const char *unit, bool is_future, char ret[FIT_AGO_SIZE])
{
        (void)snprintf(ret, FIT_AGO_SIZE, "%s%llu %s%s", is_future ? "in " : "",
                       (unsigned long long)n, unit, is_future ? "" : " ago");
        return ret;
}

const char *fit_ago(usec_t at, usec_t now, char ret[FIT_AGO_SIZE])
{
        bool is_future = at > now;
        uint64_t seconds = (is_future ? at - now : now - at) / USEC_PER_SEC;
        char date[TIME_TEXT_SIZE];

        if (seconds < 60)
                return ago_text(seconds, "s", is_future, ret);
        if (seconds < 60 * 60)
                return ago_text(seconds / 60, "min", is_future, ret);
        if (seconds < 48 * 60 * 60)
                return ago_text(seconds / (60 * 60), "h", is_future, ret);
        if (seconds < 30 * 24 * 60 * 60)
                return ago_text(seconds / (24 * 60 * 60), "days", is_future, ret);
        (void)snprintf(ret, FIT_AGO_SIZE, "%.10s", time_format(at, date));
        return ret;
}

/* --- columns ---------------------------------------------------------------------------------- */

static unsigned char worth_of(const FitColumn *column)
{
        for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
                if (streq(headings[i].heading, column->heading))
                        return headings[i].worth;
        return 0;
}

static void find_wraps(FitColumn *columns, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < ARRAY_SIZE(headings); j++)
                        if (streq(headings[j].heading, columns[i].heading))
                                columns[i].wraps = headings[j].wraps;
}

/* Returns the total width. least: use the minimum width of columns that wrap. */
static size_t total_width(const FitColumn *columns, size_t n, bool least)
{
        size_t total = 0;

        for (size_t i = 0; i < n; i++) {
                size_t width = columns[i].width;

                if (width == 0)
                        continue;
                if (least && columns[i].wraps)
                        width = MIN(width, i + 1 == n ? MESSAGE_LEAST : WRAPPED_LEAST);
                total += width + (total > 0 ? FIT_GAP : 0);
        }
        return total;
}

/* Drops the column of the lowest worth. Returns false if none can be dropped. */
static bool drop_one(FitColumn *columns, size_t n)
{
        unsigned char worth = UINT8_MAX;
        FitColumn *least = NULL;

        for (size_t i = 0; i < n; i++) {
                unsigned char own = worth_of(&columns[i]);

                if (columns[i].width > 0 && own > 0 && own <= worth) {
                        worth = own;
                        least = &columns[i];
                }
        }
        if (least)
                least->width = 0;
        return least;
}

/* Narrows the widest column until the table fits, or no column can be narrowed. wraps: narrow only
 * columns that wrap. */
static void narrow(FitColumn *columns, size_t n, size_t width, bool wraps)
{
        for (;;) {
                size_t total = total_width(columns, n, false), widest = n, least;

                for (size_t i = 0; i < n; i++) {
                        least = columns[i].wraps ? WRAPPED_LEAST : FIT_LEAST;
                        if ((!wraps || columns[i].wraps) && columns[i].width > least &&
                            (widest == n || columns[i].width > columns[widest].width))
                                widest = i;
                }
                if (total <= width || widest == n)
                        return;
                least = columns[widest].wraps ? WRAPPED_LEAST : FIT_LEAST;
                columns[widest].width -= MIN(total - width, columns[widest].width - least);
        }
}

void fit_columns(FitColumn *columns, size_t n, size_t width)
{
        FitColumn *last = &columns[n - 1];

        if (width == 0 || total_width(columns, n, false) <= width)
                return;
        find_wraps(columns, n);
        while (total_width(columns, n, true) > width && drop_one(columns, n))
                ;
        narrow(columns, n, width, true);
        if (last->wraps && n > 1 && last->width > 0 &&
            (total_width(columns, n, false) > width ||
             (streq(last->heading, "MESSAGE") && last->width < MESSAGE_LEAST))) {
                last->below = true;
                last->width = 0;
        }
        narrow(columns, n, width, false);
}
