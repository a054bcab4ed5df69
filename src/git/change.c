#include "git/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "git/answer.h"

static int compare_files(const void *a, const void *b)
{
        return strcmp(((const BranchFile *)a)->path, ((const BranchFile *)b)->path);
}

static BranchFile *find_file(const BranchFiles *files, const char *path)
{
        const BranchFile key = { .path = path };

        return files->n == 0 ? NULL
                             : bsearch(&key, files->items, files->n, sizeof(key), compare_files);
}

int change_find_files(const GitCommits *commits, Arena *arena, BranchFiles *ret)
{
        size_t n = 0, n_kept = 0;

        for (size_t i = 0; i < commits->n; i++)
                for (size_t k = 0; k < commits->items[i].n_files; k++)
                        n += commits->items[i].files[k].change != NULL;
        *ret = (BranchFiles){ .items = arena_alloc_array(arena, n + 1, sizeof(BranchFile)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < commits->n; i++)
                for (size_t k = 0; k < commits->items[i].n_files; k++)
                        if (commits->items[i].files[k].change)
                                ret->items[ret->n++].path = commits->items[i].files[k].path;
        if (n > 0)
                qsort(ret->items, n, sizeof(*ret->items), compare_files);
        for (size_t i = 0; i < n; i++)
                if (i == 0 || !streq(ret->items[i].path, ret->items[n_kept - 1].path))
                        ret->items[n_kept++] = ret->items[i];
        ret->n = n_kept;
        return 0;
}

/* --- what git prints -------------------------------------------------------------------------- */

/* Reads "MODE TYPE ID". */
static void read_entry(const char *entry, BranchFile *file)
{
        char mode[8], type[16], id[GIT_COMMIT_MAX];

        if (sscanf(entry, "%7s %15s %64s", mode, type, id) != 3)
                return;
        if (streq(mode, "120000"))
                file->fault = "is a symbolic link; name the file that it points to";
        else if (streq(type, "tree"))
                file->fault = "is a folder; name a file in it";
        else if (!streq(type, "blob"))
                file->fault = "is a submodule; name a file of this repository";
        else
                (void)snprintf(file->id, sizeof(file->id), "%s", id);
        file->is_executable = streq(mode, "100755");
}

void change_read_tree(const BranchFiles *files, const char *output, size_t size)
{
        const char *at = output, *end = output + size, *stop;

        for (size_t i = 0; i < files->n; i++)
                files->items[i] = (BranchFile){ .path = files->items[i].path };
        while (at < end && (stop = memchr(at, '\0', (size_t)(end - at)))) {
                const char *tab = strchr(at, '\t');
                BranchFile *file = tab ? find_file(files, tab + 1) : NULL;

                if (file)
                        read_entry(at, file);
                at = stop + 1;
        }
}

int change_request(const BranchFiles *files, Buffer *out)
{
        for (size_t i = 0; i < files->n; i++)
                if (files->items[i].id[0])
                        (void)buffer_printf(out, "%s\n", files->items[i].id);
        return out->failed;
}

int change_read_blobs(const BranchFiles *files, const char *output, size_t size, Arena *arena)
{
        size_t at = 0;

        for (size_t i = 0; i < files->n; i++) {
                BranchFile *file = &files->items[i];
                const char *data = NULL;
                size_t n;

                if (!file->id[0])
                        continue;
                n = answer_read_blob(file->id, output + at, size - at, &data, &file->size);
                if (n == 0)
                        return -EBADMSG;
                file->data = arena_memdup(arena, data, file->size);
                if (!file->data)
                        return -ENOMEM;
                at += n;
        }
        return at == size ? 0 : -EBADMSG;
}

/* --- what commits make ------------------------------------------------------------------------ */

/* Finds the bytes of a file after the commits before number i. */
static bool find_bytes(const GitCommits *commits, size_t i, const BranchFile *file, GitFile *ret)
{
        while (i-- > 0) {
                const GitCommit *commit = &commits->items[i];

                for (size_t k = 0; !commit->problem && k < commit->n_files; k++)
                        if (streq(commit->files[k].path, file->path)) {
                                *ret = commit->files[k];
                                return ret->data != NULL;
                        }
        }
        *ret = (GitFile){ .path = file->path,
                          .data = file->data,
                          .size = file->size,
                          .is_executable = file->is_executable };
        return file->data != NULL;
}

static int make_file(const GitCommits *commits, size_t i, GitFile *file, const BranchFiles *files,
                     Arena *arena, Error *err)
{
        const BranchFile *known = find_file(files, file->path);
        GitFile old;
        int r;

        if (!known || !find_bytes(commits, i, known, &old))
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "file '%s' %s", file->path,
                                 known && known->fault
                                         ? known->fault
                                         : "is not on the branch; commit it there first");
        r = file->change(file, &old, arena, err);
        file->is_executable = old.is_executable;
        return r;
}

int change_make(const GitCommits *commits, const BranchFiles *files, Arena *arena)
{
        for (size_t i = 0; i < commits->n; i++) {
                GitCommit *commit = &commits->items[i];
                _cleanup_(error_done) Error error = { 0 };
                int r = 0;

                commit->problem = NULL;
                for (size_t k = 0; k < commit->n_files && r >= 0; k++)
                        if (commit->files[k].change)
                                r = make_file(commits, i, &commit->files[k], files, arena, &error);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        commit->problem = arena_strdup(arena, error_message(&error));
                if (r < 0 && !commit->problem)
                        return -ENOMEM;
        }
        return 0;
}
