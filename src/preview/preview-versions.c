/* Reads and sorts the stored versions of a component in steps, because there may be many. */

#include <errno.h>
#include <stdlib.h>

#include "base/sort.h"
#include "base/vec.h"
#include "preview/preview-internal.h"
#include "store/version-pages.h"

#define VERSIONS_PAGE 500

struct PreviewVersions {
        VersionCursor cursor;
        VersionMap *items; /* the texts are in the preview's arena */
        size_t n, capacity;
        Sorting newest;
        bool is_read;
};

void preview_versions_done(Previewer *previewer)
{
        struct PreviewVersions *versions = previewer->versions;

        if (!versions)
                return;
        free(versions->items);
        sorting_done(&versions->newest);
        free(versions);
        previewer->versions = NULL;
}

size_t preview_versions_memory(const Previewer *previewer)
{
        const struct PreviewVersions *versions = previewer->versions;

        return versions ? sizeof(*versions) + versions->capacity * sizeof(VersionMap) +
                                  versions->newest.n * 2 * sizeof(void *)
                        : 0;
}

static int read_pages(Previewer *previewer, const char *component_id, usec_t until, Error *err)
{
        struct PreviewVersions *versions = previewer->versions;
        VersionMaps page;
        int r;

        do {
                r = store_versions_after(previewer->control->store, component_id, &versions->cursor,
                                         previewer->arena, &page, err);
                if (r < 0)
                        return r;
                if (vec_reserve(&versions->items, &versions->capacity, versions->n + page.n,
                                sizeof(VersionMap)) < 0)
                        return error_oom(err);
                if (page.n > 0)
                        memcpy(versions->items + versions->n, page.items,
                               page.n * sizeof(VersionMap));
                versions->n += page.n;
                if (page.n < VERSIONS_PAGE)
                        return 0;
        } while (time_monotonic() < until);
        return 1;
}

static int compare_newest(const void *a, const void *b)
{
        return -version_map_compare(a, b);
}

static int begin_sort(struct PreviewVersions *versions, Error *err)
{
        versions->is_read = true;
        if (sorting_init(&versions->newest, versions->n) < 0)
                return error_oom(err);
        for (size_t i = 0; i < versions->n; i++)
                versions->newest.items[i] = &versions->items[i];
        return 0;
}

int preview_read_versions(Previewer *previewer, const char *component_id, usec_t until,
                          VersionMaps *ret, Error *err)
{
        struct PreviewVersions *versions = previewer->versions;
        int r = 0;

        if (!versions) {
                versions = previewer->versions = calloc(1, sizeof(*versions));
                if (!versions)
                        return error_oom(err);
                versions->cursor.limit = VERSIONS_PAGE;
        }
        if (!versions->is_read) {
                r = read_pages(previewer, component_id, until, err);
                if (r == 0)
                        r = begin_sort(versions, err);
        }
        if (r == 0)
                r = sorting_step(&versions->newest, compare_newest, until);
        if (r != 0)
                return r;
        ret->n = 0;
        ret->items = arena_alloc_array(previewer->arena, versions->n + 1, sizeof(VersionMap));
        if (!ret->items)
                return error_oom(err);
        for (; ret->n < versions->n; ret->n++)
                ret->items[ret->n] = *(const VersionMap *)versions->newest.items[ret->n];
        preview_versions_done(previewer);
        return 0;
}
