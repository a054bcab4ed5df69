#include "version/version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "version/date.h"
#include "version/digits.h"
#include "version/sort-key.h"
#include "version/strategy.h"

static int manual_parse(const char *text, size_t size, Arena *arena, Version *ret,
                        const char **ret_reason)
{
        (void)text;
        (void)size;
        (void)arena;
        (void)ret;
        return refuse(ret_reason, "the manual strategy reads no tags; assign it under versions");
}

/* clang-format off */
static const StrategyParse strategies[STRATEGY_TYPE_MAX_] = {
        [STRATEGY_SEMVER]     = semver_parse,
        [STRATEGY_DATE]       = date_parse,
        [STRATEGY_SEQUENTIAL] = sequential_parse,
        [STRATEGY_NUMERIC]    = numeric_parse,
        [STRATEGY_LEXICAL]    = lexical_parse,
        [STRATEGY_MANUAL]     = manual_parse,
};
/* clang-format on */

int version_parse(const VersionStrategy *strategy, const char *text, size_t size, Arena *arena,
                  Version *ret, const char **ret_reason)
{
        if (size == 0)
                return refuse(ret_reason, "the version is empty");
        if (size > TEXT_MAX)
                return refuse(ret_reason,
                              arena_printf(arena, "the version is longer than %d bytes", TEXT_MAX));
        if (strategy->type == STRATEGY_DATE && strategy->date_format)
                return date_parse_format(strategy, text, size, arena, ret, ret_reason);
        return strategies[strategy->type](text, size, arena, ret, ret_reason);
}

int version_parse_assigned(const VersionStrategy *strategy, const char *text, Arena *arena,
                           Version *ret, const char **ret_reason)
{
        static const VersionStrategy semver = { .type = STRATEGY_SEMVER };

        if (strategy->type == STRATEGY_MANUAL)
                strategy = &semver;
        return version_parse(strategy, text, strlen(text), arena, ret, ret_reason);
}

static bool is_space(uint32_t c)
{
        return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
               c == 0x202f || c == 0x205f || c == 0x3000;
}

int version_check_assigned(const char *text, const char **ret_reason)
{
        size_t size = strlen(text), n;

        if (!text_is_printable(text, size, TEXT_ONE_LINE, NULL))
                return refuse(ret_reason, "a version holds valid UTF-8 without control characters");
        for (const char *p = text; *p; p += n) {
                uint32_t c = 0;

                n = utf8_decode(p, strnlen(p, UTF8_SIZE_MAX), &c);
                if (n == 0 || is_space(c))
                        return refuse(ret_reason, "a version holds no white space");
        }
        return 0;
}

int version_key_by_time(SortKey key, uint64_t seconds, Arena *arena, SortKey *ret)
{
        char text[24];
        size_t n = (size_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
        KeyWriter writer;
        uint8_t *data;
        int r;

        r = key_begin(&writer, arena, sizeof(text));
        if (r < 0)
                return r;
        key_number(&writer, digits_of(text, n));
        *ret = key_finish(&writer);
        data = arena_alloc(arena, ret->size + key.size);
        if (!data)
                return -ENOMEM;
        memcpy(data, ret->data, ret->size);
        memcpy(data + ret->size, key.data, key.size);
        *ret = (SortKey){ .data = data, .size = ret->size + key.size };
        return 0;
}
