#include "base/file.h"
#include "base/limits.h"
#include "ctl/lock/lock-files.h"

int lock_file_read(const char *path, Arena *arena, Lock *ret, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        size_t size = 0;
        int r = file_read(path, LOCK_FILE_MAX, &data, &size, err);

        return r < 0 ? r : lock_read_native(path, data, size, arena, ret, err);
}

int ctl_split_commas(const char *text, Arena *arena, Strings *ret)
{
        ret->items = arena_alloc_array(arena, strlen(text) + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        while (*text) {
                size_t size = strcspn(text, ",");

                if (size > 0) {
                        ret->items[ret->n] = arena_strndup(arena, text, size);
                        if (!ret->items[ret->n++])
                                return -ENOMEM;
                }
                text += size + (text[size] == ',');
        }
        return 0;
}
