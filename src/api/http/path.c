#include "api/http/path.h"

#include <errno.h>
#include <string.h>

int path_split(const char *text, Arena *arena, Path *ret)
{
        const char *p = text;

        *ret = (Path){ .text = text };
        while (*p == '/') {
                size_t size = strcspn(++p, "/"), at = ret->n_segments++;

                if (at < API_SEGMENTS_MAX) {
                        ret->segments[at] = arena_strndup(arena, p, size);
                        if (!ret->segments[at]) {
                                *ret = (Path){ .text = text };
                                return -ENOMEM;
                        }
                }
                p += size;
        }
        return 0;
}

/* Sets *ret_size to the size of the pattern's segment at p. Returns the next segment. */
static const char *path_next(const char *p, size_t *ret_size)
{
        *ret_size = strcspn(p, "/");
        return p + *ret_size + (p[*ret_size] == '/');
}

/* Returns the path from segment i on. */
static const char *path_rest(const Path *path, size_t i)
{
        const char *p = path->text;

        for (size_t n = 0; *p; p++)
                if (*p == '/' && n++ == i)
                        return p + 1;
        return p;
}

/* Compares a segment of a path with the segment of a pattern at *p, and moves *p to the next
 * segment. Calls no function: a call would take longer than the comparison. */
static bool segment_matches(const char *segment, const char **p)
{
        const char *at = *p;
        bool is_parameter = *at == '{';

        if (is_parameter && segment[0] == '\0')
                return false;
        for (; *at && *at != '/'; at++)
                if (!is_parameter && *segment++ != *at)
                        return false;
        *p = at + (*at == '/');
        return is_parameter || *segment == '\0';
}

bool path_matches(const Path *path, const char *pattern)
{
        const char *p = pattern + 1;
        size_t i = 0;

        if (*p == '\0')
                return streq(path->text, "/");
        for (; *p; i++) {
                if (i >= path->n_segments || i >= API_SEGMENTS_MAX)
                        return false;
                if (*p == '*')
                        return true;
                if (!segment_matches(path->segments[i], &p))
                        return false;
        }
        return i == path->n_segments;
}

const char *path_parameter(const Path *path, const char *pattern, const char *name)
{
        const char *p = pattern + 1;
        size_t size, length = strlen(name);

        for (size_t i = 0; *p; i++) {
                const char *segment = p;

                p = path_next(p, &size);
                if ((segment[0] == '{' && size == length + 2) ||
                    (segment[0] == '*' && size == length + 1)) {
                        if (strncmp(segment + 1, name, length) == 0)
                                return segment[0] == '*' ? path_rest(path, i) : path->segments[i];
                }
        }
        return NULL;
}
