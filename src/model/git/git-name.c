#include "model/git/git-name.h"

#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/text.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#define URL_MAX     1024
#define BRANCH_MAX  200
#define PATH_MAX_   512
#define POINTER_MAX 1024

bool git_url_is_valid(const char *url)
{
        static const char *const schemes[] = { "https://", "ssh://", "file:///" };
        const char *rest = NULL;
        size_t host;

        for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
                if (text_begins_with(url, schemes[i]))
                        rest = url + strlen(schemes[i]);
        if (!rest || strlen(url) > URL_MAX || strspn(rest, ALNUM "-._~/@:[]+%") != strlen(rest))
                return false;
        if (text_begins_with(url, "file:"))
                return rest[0] != '\0';
        host = strcspn(rest, "/");
        if (host == 0 || rest[host] == '\0' || rest[host + 1] == '\0' || rest[0] == '-')
                return false;
        /* a user is part of the address for ssh only; a password never is */
        for (size_t i = 0; i < host; i++)
                if (rest[i] == '@' && (url[0] != 's' || memchr(rest, ':', i) || i == 0 ||
                                       rest[i + 1] == '-' || i + 1 == host))
                        return false;
        return true;
}

/* True if one part of a path has these characters at its beginning or end. */
static bool is_branch_part(const char *part, size_t size)
{
        return size > 0 && part[0] != '.' && part[0] != '-' && part[size - 1] != '.' &&
               !(size >= 5 && strncmp(part + size - 5, ".lock", 5) == 0);
}

bool git_branch_is_valid(const char *branch)
{
        const char *part = branch;

        if (strlen(branch) > BRANCH_MAX || strspn(branch, ALNUM "-._/") != strlen(branch) ||
            strstr(branch, ".."))
                return false;
        for (;;) {
                size_t size = strcspn(part, "/");

                if (!is_branch_part(part, size))
                        return false;
                if (part[size] == '\0')
                        return true;
                part += size + 1;
        }
}

bool git_path_is_valid(const char *path)
{
        const char *part = path;
        TextFault fault;

        if (strlen(path) > PATH_MAX_ || strpbrk(path, "\"\\") ||
            !text_is_printable(path, strlen(path), TEXT_ONE_LINE, &fault))
                return false;
        for (;;) {
                size_t size = strcspn(part, "/");

                if (size == 0 || (size == 1 && part[0] == '.') ||
                    (size == 2 && strncmp(part, "..", 2) == 0) ||
                    (size == 4 && strncasecmp(part, ".git", 4) == 0))
                        return false;
                if (part[size] == '\0')
                        return true;
                part += size + 1;
        }
}

bool git_pointer_is_valid(const char *pointer)
{
        TextFault fault;

        if (pointer[0] != '/' || pointer[1] == '\0' || strlen(pointer) > POINTER_MAX ||
            !text_is_printable(pointer, strlen(pointer), TEXT_ONE_LINE, &fault))
                return false;
        for (const char *at = pointer; *at; at++)
                if (*at == '~' && at[1] != '0' && at[1] != '1')
                        return false;
        return true;
}

bool git_author_is_valid(const char *author)
{
        const char *open = strchr(author, '<'), *close = open ? strchr(open, '>') : NULL;

        return open && open > author + 1 && open[-1] == ' ' && close && close > open + 1 &&
               close[1] == '\0' && strcspn(author, "<>\n") == (size_t)(open - author) &&
               !strpbrk(open + 1, "< \n");
}
