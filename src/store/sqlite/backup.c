#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/copy.h"
#include "store/sqlite/schema.h"

#define COPY_SUFFIX ".tmp"

int sqlite_backup_new(Store *base, StoreBackup **ret, Error *err)
{
        SqliteStore *store = sqlite_store(base);
        Uuid id = uuid_new(time_wall());
        int r = connection_ensure(store, err);

        return r < 0 ? r
                     : sqlite_copy_new(store,
                                       text_printf("%s.%s" COPY_SUFFIX, store->path, id.text), true,
                                       ret, err);
}

int sqlite_backup_open(StoreBackup *base, Error *err)
{
        const SqliteBackup *backup = (const SqliteBackup *)base;
        int fd = open(backup->path, O_RDONLY | O_CLOEXEC);

        return fd >= 0 ? fd
                       : error_set(err, ERROR_INTERNAL, -errno, "cannot read '%s': %s",
                                   backup->path, strerror(errno));
}

bool sqlite_is_copy(int fd)
{
        static const char magic[] = "SQLite format 3";
        char head[APPLICATION_ID_OFFSET + 4];

        return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
               memcmp(head, magic, sizeof(magic)) == 0 && schema_is_ours(head);
}

/* --- leftover copies -------------------------------------------------------------------------- */

/* True for "NAME.UUID.tmp", and for the journal that SQLite makes for it. */
static bool is_copy(const char *entry, const char *name)
{
        size_t size = strlen(name);
        Uuid id = { 0 };

        if (strncmp(entry, name, size) != 0 || entry[size] != '.' ||
            strlen(entry + size + 1) < sizeof(id.text))
                return false;
        memcpy(id.text, entry + size + 1, sizeof(id.text) - 1);
        return uuid_is_valid(id.text) &&
               strncmp(entry + size + sizeof(id.text), COPY_SUFFIX, strlen(COPY_SUFFIX)) == 0;
}

void sqlite_backups_sweep(const char *path)
{
        const char *slash = strrchr(path, '/');
        _cleanup_(freep) char *folder =
                slash ? text_printf("%.*s", (int)(slash - path) + 1, path) : text_printf(".");
        DIR *dir = folder ? opendir(folder) : NULL;
        struct dirent *entry;

        /* ignores failures: a leftover copy only takes disk space */
        while (dir && (entry = readdir(dir)))
                if (is_copy(entry->d_name, slash ? slash + 1 : path))
                        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        if (dir)
                (void)closedir(dir); /* read only */
}
