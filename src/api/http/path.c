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

/* Measures the segment of a pattern at p. Returns the next one. */
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

bool path_matches(const Path *path, const char *pattern)
{
        const char *p = pattern + 1;
        size_t i = 0, size;

        for (; *p; i++) {
                const char *segment = p;

                p = path_next(p, &size);
                if (i >= path->n_segments || i >= API_SEGMENTS_MAX)
                        return false;
                if (segment[0] == '*')
                        return true;
                if (segment[0] == '{' ? path->segments[i][0] == '\0'
                                      : strlen(path->segments[i]) != size ||
                                                strncmp(segment, path->segments[i], size) != 0)
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
