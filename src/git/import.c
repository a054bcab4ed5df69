#include "git/import.h"

#include <stdio.h>
#include <string.h>

static void import_data(const char *data, size_t size, Buffer *out)
{
        (void)buffer_printf(out, "data %zu\n", size);
        (void)buffer_append(out, data, size);
        (void)buffer_putc(out, '\n');
}

static void import_commit(const GitCommit *commit, size_t i, const char *from, Buffer *out)
{
        const unsigned long long seconds = commit->at / USEC_PER_SEC;

        /* the parent's own ref would make the commit depend on what an earlier import left */
        (void)buffer_printf(out, "reset refs/relman/new/%zu\n\ncommit refs/relman/new/%zu\n", i, i);
        (void)buffer_printf(out, "mark :%zu\nauthor %s %llu +0000\ncommitter %s %llu +0000\n",
                            i + 1, commit->author, seconds, commit->author, seconds);
        import_data(commit->message, strlen(commit->message), out);
        if (from[0])
                (void)buffer_printf(out, "from %s\n", from);
        for (size_t k = 0; k < commit->n_files; k++) {
                const GitFile *file = &commit->files[k];

                if (file->data)
                        (void)buffer_printf(out, "M %s inline %s\n",
                                            file->is_executable ? "100755" : "100644", file->path);
                else
                        (void)buffer_printf(out, "D %s\n", file->path);
                if (file->data)
                        import_data(file->data, file->size, out);
        }
        (void)buffer_putc(out, '\n');
}

int import_write(const GitCommits *commits, const char *parent, const bool *skip, Buffer *out)
{
        char from[GIT_COMMIT_MAX];
        size_t last = 0;

        (void)snprintf(from, sizeof(from), "%s", parent);
        (void)buffer_puts(out, "feature done\n");
        for (size_t i = 0; i < commits->n; i++) {
                if (skip && skip[i])
                        continue;
                import_commit(&commits->items[i], i, from, out);
                (void)snprintf(from, sizeof(from), ":%zu", i + 1);
                last = i + 1;
        }
        if (last > 0)
                (void)buffer_printf(out, "reset refs/relman/new/last\nfrom :%zu\n\n", last);
        return buffer_puts(out, "done\n");
}
