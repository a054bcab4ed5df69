#include "git/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/text.h"

#define REASON_MAX 600

static bool has(const char *output, size_t size, const char *text)
{
        return memmem(output, size, text, strlen(text));
}

/* Returns the size of the id at the beginning of a line; 0: there is none. */
static size_t id_size(const char *line, size_t size)
{
        size_t n = 0;

        while (n < size &&
               ((line[n] >= '0' && line[n] <= '9') || (line[n] >= 'a' && line[n] <= 'f')))
                n++;
        return n == 40 || n == 64 ? n : 0;
}

/* Returns the next line of the output, and moves *at behind it. NULL: there is none. */
static const char *next_line(const char **at, const char *end, size_t *ret_size)
{
        const char *line = *at,
                   *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

        if (line == end)
                return NULL;
        *ret_size = (size_t)((stop ? stop : end) - line);
        *at = stop ? stop + 1 : end;
        return line;
}

void answer_find_head(const char *output, size_t size, const char *branch, char ret[GIT_COMMIT_MAX])
{
        const char *at = output, *line;
        size_t n_line;

        ret[0] = '\0';
        while ((line = next_line(&at, output + size, &n_line))) {
                size_t n = id_size(line, n_line), prefix = strlen("\trefs/heads/");

                if (n > 0 && n_line == n + prefix + strlen(branch) &&
                    strncmp(line + n, "\trefs/heads/", prefix) == 0 &&
                    strncmp(line + n + prefix, branch, strlen(branch)) == 0)
                        (void)snprintf(ret, GIT_COMMIT_MAX, "%.*s", (int)n, line);
        }
}

bool answer_read_ids(const char *output, size_t size, char (*ret)[GIT_COMMIT_MAX], size_t n)
{
        const char *at = output, *line;
        size_t n_line, i = 0;

        while ((line = next_line(&at, output + size, &n_line))) {
                if (i == n || n_line == 0 || id_size(line, n_line) != n_line)
                        return false;
                (void)snprintf(ret[i++], GIT_COMMIT_MAX, "%.*s", (int)n_line, line);
        }
        return i == n;
}

size_t answer_read_blob(const char *id, const char *output, size_t size, const char **ret_data,
                        size_t *ret_size)
{
        const char *end = size > 0 ? memchr(output, '\n', size) : NULL;
        size_t n_id = strlen(id), n_head = end ? (size_t)(end - output) + 1 : 0;
        char *after = NULL;
        size_t n;

        if (n_head < n_id + sizeof(" blob ") || strncmp(output, id, n_id) != 0 ||
            strncmp(output + n_id, " blob ", 6) != 0)
                return 0;
        n = strtoul(output + n_id + 6, &after, 10);
        if (after != end || n >= size - n_head)
                return 0;
        *ret_data = output + n_head;
        *ret_size = n;
        return n_head + n + 1;
}

size_t answer_read_entry(const char *output, size_t size, GitEntry *ret,
                         char ret_id[GIT_COMMIT_MAX])
{
        const char *end = size > 0 ? memchr(output, '\0', size) : NULL;
        const char *tab = end ? memchr(output, '\t', (size_t)(end - output)) : NULL;
        char mode[8], type[16], bytes[24], head[128];

        if (!tab || (size_t)(tab - output) >= sizeof(head))
                return 0;
        (void)snprintf(head, sizeof(head), "%.*s", (int)(tab - output), output);
        if (sscanf(head, "%7s %15s %64s %23s", mode, type, ret_id, bytes) != 4)
                return 0;
        *ret = (GitEntry){ .path = tab + 1, .id = ret_id };
        ret->type = streq(mode, "120000")  ? GIT_ENTRY_LINK
                    : !streq(type, "blob") ? GIT_ENTRY_SUBMODULE
                                           : GIT_ENTRY_FILE;
        ret->size = strtoull(bytes, NULL, 10); /* "-" for a submodule */
        return (size_t)(end - output) + 1;
}

PushFault answer_push_fault(const char *output, size_t size)
{
        /* a server reports a race between two pushes as its own refusal */
        static const char *const moved[] = { "[rejected] (stale info)",
                                             "[rejected] (fetch first)",
                                             "[rejected] (non-fast-forward)",
                                             "incorrect old value provided",
                                             "cannot lock ref",
                                             "failed to update ref",
                                             "failed to lock" };

        for (size_t i = 0; i < ARRAY_SIZE(moved); i++)
                if (has(output, size, moved[i]))
                        return PUSH_MOVED;
        if (has(output, size, "hash algorithm"))
                return PUSH_FORMAT;
        return has(output, size, "[remote rejected]") ? PUSH_REFUSED : PUSH_FAILED;
}

bool answer_asks_for_password(const char *output, size_t size)
{
        return has(output, size, "could not read Username") ||
               has(output, size, "could not read Password");
}

bool answer_is_denied(const char *output, size_t size)
{
        static const char *const texts[] = { "Authentication failed", "Permission denied",
                                             "returned error: 401", "returned error: 403",
                                             "Host key verification failed" };

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (has(output, size, texts[i]))
                        return true;
        return answer_asks_for_password(output, size);
}

/* True for a line that says nothing about the cause. */
static bool is_noise(const char *line, size_t size)
{
        static const char *const starts[] = { "To ",
                                              "Done",
                                              "error: failed to push some refs",
                                              "Please make sure",
                                              "and the repository exists",
                                              "hint:",
                                              "fatal: the remote end hung up" };

        for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
                if (size >= strlen(starts[i]) && strncmp(line, starts[i], strlen(starts[i])) == 0)
                        return true;
        return false;
}

static void append_line(const char *line, size_t size, Buffer *out)
{
        while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\r'))
                size--;
        size = MIN(size, (size_t)REASON_MAX);
        if (size == 0 || is_noise(line, size) || out->size >= REASON_MAX)
                return;
        if (out->size > 0)
                (void)buffer_puts(out, "; ");
        if (text_is_printable(line, size, TEXT_ONE_LINE, NULL)) {
                (void)buffer_append(out, line, size);
                return;
        }
        for (size_t i = 0; i < size; i++)
                (void)buffer_putc(out, (line[i] >= 0x20 && line[i] < 0x7f) ? line[i] : '?');
}

const char *answer_reason(const char *output, size_t size, Arena *arena)
{
        const char *at = output, *line;
        _cleanup_(buffer_done) Buffer text;
        size_t n;

        buffer_init(&text, 64 * 1024);
        if (has(output, size, "Host key verification failed")) /* after a page of warnings */
                return "the key of the server is not in knownHosts";
        while ((line = next_line(&at, output + size, &n)))
                append_line(line, n, &text);
        return text.failed ? NULL
                           : arena_strdup(arena, text.size > 0 ? text.data : "no reason given");
}
