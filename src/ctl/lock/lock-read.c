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
