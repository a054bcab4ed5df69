#include "publish/output-edit.h"

#include <errno.h>

#include "edit/edit.h"

/* memory for the nodes of one file, before and after; the unit of relmand has 384 MiB */
#define FILE_ARENA_MAX ((size_t)128 * 1024 * 1024)

/* --- values ----------------------------------------------------------------------------------- */

static const ReleaseComponent *find_component(const Release *release, const char *name)
{
        for (size_t i = 0; i < release->components.n; i++)
                if (streq(release->components.items[i].component_name, name))
                        return &release->components.items[i];
        return NULL;
}

static int value_of(const GitEdit *edit, const Release *release, Arena *arena, const char **ret,
                    Error *err)
{
        const ReleaseComponent *component = find_component(release, edit->component);

        *ret = NULL;
        if (!component)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "file '%s', pointer '%s': release '%s' has no component '%s'; add "
                                 "it to the release, or remove the edit",
                                 edit->file, edit->pointer, release->name, edit->component);
        switch (edit->value) {
        case GIT_EDIT_IMAGE:
                *ret = arena_printf(arena, "%s@%s", component->repository, component->digest);
                break;
        case GIT_EDIT_DIGEST: *ret = component->digest; break;
        case GIT_EDIT_TAG:
                *ret = component->tag;
                if (!*ret)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "file '%s', pointer '%s': component '%s' was pinned by "
                                         "digest and has no tag; write image or digest",
                                         edit->file, edit->pointer, edit->component);
                break;
        }
        return *ret ? 0 : error_oom(err);
}

/* --- files ------------------------------------------------------------------------------------ */

/* A GitChange. */
static int change_file(GitFile *file, const GitFile *old, Arena *arena, Error *err)
{
        const EditText text = { .data = old->data, .size = old->size };
        _cleanup_(arena_done) Arena scratch;
        EditText edited = { 0 };
        int r;

        arena_init(&scratch, FILE_ARENA_MAX);
        r = edit_text(file->path, &text, file->userdata, &scratch, &edited, err);
        if (r < 0)
                return r;
        file->data = arena_memdup(arena, edited.data, edited.size);
        file->size = edited.size;
        return file->data ? 0 : error_oom(err);
}

static GitFile *find_file(const GitCommit *commit, const char *path)
{
        for (size_t i = 0; i < commit->n_files; i++)
                if (streq(commit->files[i].path, path))
                        return &commit->files[i];
        return NULL;
}

/* Adds an empty file, with room for n edits. */
static GitFile *add_file(GitCommit *commit, const char *path, size_t n, Arena *arena)
{
        Edits *edits = arena_alloc(arena, sizeof(*edits));
        GitFile *file = &commit->files[commit->n_files];

        if (!edits)
                return NULL;
        edits->items = arena_alloc_array(arena, n, sizeof(Edit));
        *file = (GitFile){ .path = path, .change = change_file, .userdata = edits };
        commit->n_files++;
        return edits->items ? file : NULL;
}

int output_edit_files(const OutputSpec *spec, const Lock *lock, Arena *arena, GitCommit *commit,
                      Error *err)
{
        const GitEdits *specs = &spec->git.edits;

        commit->files = arena_alloc_array(arena, specs->n, sizeof(*commit->files));
        if (!commit->files)
                return error_oom(err);
        for (size_t i = 0; i < specs->n; i++) {
                const GitEdit *edit = &specs->items[i];
                GitFile *file = find_file(commit, edit->file);
                Edits *edits;
                const char *value;
                int r = value_of(edit, &lock->release, arena, &value, err);

                if (r < 0)
                        return r;
                if (!file)
                        file = add_file(commit, edit->file, specs->n, arena);
                if (!file)
                        return error_oom(err);
                edits = file->userdata;
                edits->items[edits->n++] = (Edit){ .kind = edit->kind,
                                                   .name = edit->name,
                                                   .name_space = edit->name_space,
                                                   .pointer = edit->pointer,
                                                   .value = value };
        }
        return 0;
}
