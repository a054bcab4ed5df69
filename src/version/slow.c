#include "version/slow.h"

#include <errno.h>
#include <string.h>

#include "model/image/image.h"
#include "version/regex.h"

/* Parts of tags that make bad patterns slow. A tag has one of `repeated` many times, then one of
 * `ends`, which does not match. */
static const char *const repeated[] = {
        "a", "A", "0", "1.", "a.", "a-", "1-", "_", "0a", "-", "."
};
static const char *const ends[] = { "", "_", "-", ".", "a", "0" };

/* Makes a tag of the maximum length. */
static void make_tag(const char *piece, const char *end, char ret[TAG_MAX + 1])
{
        size_t size = strlen(piece), n_end = strlen(end);

        ret[0] = '0'; /* a tag must not begin with a dot or dash */
        for (size_t i = 1; i < TAG_MAX - n_end; i++)
                ret[i] = piece[i % size];
        memcpy(ret + TAG_MAX - n_end, end, n_end);
        ret[TAG_MAX] = '\0';
        if (piece[0] != '-' && piece[0] != '.')
                ret[0] = piece[0];
}

/* Returns 1 if the match of a tag with this end reaches the limit, 0 if no match does, or
 * -ENOMEM. */
static int try_end(Regex *regex, const char *end, char ret_tag[TAG_MAX + 1])
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(repeated) && r >= 0; i++) {
                make_tag(repeated[i], end, ret_tag);
                r = regex_match(regex, NULL, &(RegexText){ ret_tag, TAG_MAX }, NULL, 0);
                if (r == -E2BIG)
                        return 1;
        }
        return MIN(r, 0);
}

int version_find_slow_tag(const char *pattern, char ret_tag[TAG_MAX + 1], Error *err)
{
        _cleanup_(regex_freep) Regex *regex = NULL;
        char required[3] = "", inside[3] = "0";
        int r;

        r = regex_new(pattern, &regex, err);
        if (r < 0)
                return r;
        /* JIT compilation would take longer than these few matches */
        regex_interpret(regex);
        /* PCRE2 rejects a text without the required character at once, so also try tags with it */
        required[0] = inside[1] = regex_required(regex);
        for (size_t i = 0; i < ARRAY_SIZE(ends) && r == 0; i++)
                r = try_end(regex, ends[i], ret_tag);
        for (size_t i = 0; i < 2 && r == 0 && required[0] && tag_is_valid(inside, 2); i++) {
                required[1] = "_-"[i];
                r = try_end(regex, required, ret_tag);
        }
        return r < 0 ? error_oom(err) : r;
}
