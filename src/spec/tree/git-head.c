#include "spec/tree/git-head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

/* must hold packed-refs, which can be large */
#define GIT_FILE_MAX ((size_t)16 * 1024 * 1024)
#define PARENTS_MAX  64

static bool is_commit(const char *text)
{
        size_t n = strspn(text, "0123456789abcdef");

        return n == 40 || n == 64;
}

static void take(const char *text, char ret[GIT_HEAD_SIZE])
{
        (void)snprintf(ret, GIT_HEAD_SIZE, "%.*s", (int)strspn(text, "0123456789abcdef"), text);
}

/* Returns the content of a file without the line end; NULL if it cannot be read. */
static char *read_text(const char *folder, const char *name)
{
        _cleanup_(freep) char *path = NULL;
        _cleanup_(error_done) Error error = { 0 };
        char *text;
        size_t size;

        path = text_printf("%s/%s", folder, name);
        if (!path)
                return NULL;
        if (file_read(path, GIT_FILE_MAX, &text, &size, &error) < 0)
                return NULL;
        while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
                text[--size] = '\0';
        return text;
}

/* Finds the commit of a ref in packed-refs. Its lines are "COMMIT REF". */
static int find_packed(const char *folder, const char *ref, char ret[GIT_HEAD_SIZE])
{
        _cleanup_(freep) char *packed = read_text(folder, "packed-refs");
        size_t size = strlen(ref);

        for (char *line = packed; line && *line;) {
                char *end = strchrnul(line, '\n');
                size_t n = strspn(line, "0123456789abcdef");

                if (is_commit(line) && line[n] == ' ' && (size_t)(end - line) == n + 1 + size &&
                    strncmp(line + n + 1, ref, size) == 0) {
                        take(line, ret);
                        return 1;
                }
                line = *end ? end + 1 : end;
        }
        return 0;
}

static int resolve(const char *folder, const char *common, char ret[GIT_HEAD_SIZE])
{
        _cleanup_(freep) char *head = read_text(folder, "HEAD"), *ref = NULL;

        if (!head)
                return 0;
        if (is_commit(head)) {
                take(head, ret);
                return 1;
        }
        if (strncmp(head, "ref: ", 5) != 0 || strstr(head, ".."))
                return 0;
        ref = read_text(common, head + 5);
        if (!ref || !is_commit(ref))
                return find_packed(common, head + 5, ret);
        take(ref, ret);
        return 1;
}

/* Finds the commit of HEAD in a Git folder. In a linked work tree, the folder has its own HEAD, and
 * a file "commondir" with the path of the folder that all work trees share. */
static int read_folder(const char *folder, char ret[GIT_HEAD_SIZE])
{
        _cleanup_(freep) char *relative = read_text(folder, "commondir"), *common = NULL;

        if (!relative)
                return resolve(folder, folder, ret);
        if (relative[0] == '/')
                return resolve(folder, relative, ret);
        common = text_printf("%s/%s", folder, relative);
        if (!common)
                return 0;
        return resolve(folder, common, ret);
}

/* Finds the commit of a work tree. ".git" is the Git folder, or a file that names it. Returns
 * -ENOENT if there is no ".git". */
static int read_git(const char *parent, char ret[GIT_HEAD_SIZE])
{
        _cleanup_(freep) char *folder = NULL, *link = NULL, *target = NULL;
        struct stat st;

        folder = text_printf("%s/.git", parent);
        if (!folder)
                return 0;
        if (stat(folder, &st) < 0)
                return -ENOENT;
        if (S_ISDIR(st.st_mode))
                return read_folder(folder, ret);
        link = read_text(parent, ".git");
        if (!link || strncmp(link, "gitdir: ", 8) != 0)
                return 0;
        if (link[8] == '/')
                return read_folder(link + 8, ret);
        target = text_printf("%s/%s", parent, link + 8);
        if (!target)
                return 0;
        return read_folder(target, ret);
}

int git_head(const char *path, char ret[GIT_HEAD_SIZE])
{
        _cleanup_(freep) char *at = realpath(path, NULL);

        for (size_t i = 0; at && at[0] && i < PARENTS_MAX; i++) {
                int r = read_git(at, ret);

                if (r >= 0)
                        return r;
                *strrchr(at, '/') = '\0';
        }
        return 0;
}
