#include "store/sqlite/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/macros.h"
#include "base/text.h"
#include "base/uuid.h"

#define NAMES_MAX 100 /* largest number of copies with the same time in their name */

static const char *const journals[] = { "-wal", "-shm" };

/* Formats a time as "20261123T170000Z". */
static void compact_time(usec_t now, char ret[TIME_TEXT_SIZE])
{
        char text[TIME_TEXT_SIZE];
        size_t n = 0;

        (void)time_format(now, text);
        for (const char *p = text; *p; p++)
                if (*p != '-' && *p != ':')
                        ret[n++] = *p;
        ret[n] = '\0';
}

int quarantine_name(const char *path, const char *what, usec_t now, const char *suffix, char **ret,
                    Error *err)
{
        char when[TIME_TEXT_SIZE];

        compact_time(now, when);
        for (int i = 1; i <= NAMES_MAX; i++) {
                _cleanup_(freep) char *name = NULL;
                char number[16] = "";

                if (i > 1)
                        (void)snprintf(number, sizeof(number), ".%d", i);
                name = text_printf("%s.%s-%s%s%s", path, what, when, number, suffix);
                if (!name)
                        return error_oom(err);
                if (access(name, F_OK) < 0) {
                        *ret = TAKE(name);
                        return 0;
                }
        }
        return error_set(err, ERROR_CONFLICT, -EEXIST,
                         "'%s.%s-%s' and those after it are there already; move them away", path,
                         what, when);
}

static int join(const char *path, const char *suffix, char **ret, Error *err)
{
        *ret = text_printf("%s%s", path, suffix);
        return *ret ? 0 : error_oom(err);
}

static int keep_one(const char *path, const char *suffix, const char *to, Error *err)
{
        _cleanup_(freep) char *old = NULL, *new = NULL;
        int r;

        r = join(path, suffix, &old, err);
        if (r >= 0)
                r = join(to, suffix, &new, err);
        if (r < 0)
                return r;
        if (link(old, new) < 0 && errno != ENOENT)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot keep '%s' as '%s': %s", old,
                                 new, strerror(errno));
        return 0;
}

/* Restores the first name of a file if it is missing. */
static int give_back(const char *path, const char *suffix, const char *kept)
{
        _cleanup_(freep) char *old = NULL, *new = NULL;

        if (join(path, suffix, &old, NULL) < 0 || join(kept, suffix, &new, NULL) < 0)
                return -ENOMEM;
        return link(new, old) < 0 && errno != EEXIST && errno != ENOENT ? -errno : 0;
}

int quarantine_undo(const char *path, const char *kept)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(journals) && r >= 0; i++)
                r = give_back(path, journals[i], kept);
        if (r >= 0 && unlink(kept) < 0 && errno != ENOENT)
                r = -errno;
        return r < 0 ? r : quarantine_drop_journal(kept, NULL);
}

int quarantine_keep(const char *path, const char *what, usec_t now, char **ret, Error *err)
{
        _cleanup_(freep) char *to = NULL;
        int r;

        r = quarantine_name(path, what, now, "", &to, err);
        if (r >= 0)
                r = keep_one(path, "", to, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(journals) && r >= 0; i++)
                r = keep_one(path, journals[i], to, err);
        if (r >= 0)
                r = file_sync_folder(path, err);
        if (r >= 0)
                *ret = TAKE(to);
        else
                (void)quarantine_undo(path, to); /* the first failure is already reported */
        return r;
}

int quarantine_drop_journal(const char *path, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(journals) && r >= 0; i++) {
                _cleanup_(freep) char *name = NULL;

                r = join(path, journals[i], &name, err);
                if (r >= 0)
                        r = file_remove(name, err);
        }
        return MIN(r, 0);
}

int quarantine_drop_empty_journal(const char *path, Error *err)
{
        _cleanup_(freep) char *wal = NULL;
        struct stat st;
        int r;

        r = join(path, "-wal", &wal, err);
        /* a -wal that cannot be inspected may contain data */
        return r < 0 || (stat(wal, &st) < 0 ? errno != ENOENT : st.st_size > 0)
                       ? r
                       : quarantine_drop_journal(path, err);
}
