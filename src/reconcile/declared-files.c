#include "reconcile/declared-files.h"

#include <sys/stat.h>

static usec_t changed_at(const char *path)
{
        struct stat st;

        if (stat(path, &st) < 0 || st.st_mtim.tv_sec < 0)
                return 0;
        return (usec_t)st.st_mtim.tv_sec * USEC_PER_SEC + (usec_t)st.st_mtim.tv_nsec / 1000;
}

usec_t declared_files_changed_at(const StoredObjects *stored)
{
        const char *last = NULL; /* objects of one file often follow one another */
        usec_t newest = 0;

        for (size_t i = 0; i < stored->n; i++) {
                const char *file = stored->items[i].declared_file;

                if (!file || (last && streq(file, last)))
                        continue;
                newest = MAX(newest, changed_at(file));
                last = file;
        }
        return newest;
}
