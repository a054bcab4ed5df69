/* Copies the finished preview, so that the documents can be freed. The documents take several times
 * the memory of the preview, and the answer needs memory while it is written. */

#include <stddef.h>
#include <string.h>

#include "preview/preview-internal.h"

typedef struct Copier {
        Arena *arena;       /* arena->failed is set if memory ran out */
        const char *tenant; /* copy of the last tenant; the next object often has the same tenant */
} Copier;

static void copy_text(Copier *copier, const char **text)
{
        if (*text)
                *text = arena_strdup(copier->arena, *text);
}

static void copy_tenant(Copier *copier, const char **tenant)
{
        if (!copier->tenant || !streq(copier->tenant, *tenant))
                copier->tenant = arena_strdup(copier->arena, *tenant);
        *tenant = copier->tenant;
}

/* Replaces an array with its copy. Returns the number of items; 0 if memory ran out. */
static size_t copy_array(Copier *copier, void *array, size_t n, size_t size)
{
        void *items, *copy;

        memcpy(&items, array, sizeof(items));
        copy = n > 0 ? arena_memdup(copier->arena, items, n * size) : NULL;
        memcpy(array, &copy, sizeof(copy));
        return copy ? n : 0;
}

static void copy_object(Copier *copier, Preview *preview, size_t i)
{
        PreviewObject *object = &preview->objects[i];
        DocumentChanges *changes = &object->changes;
        Strings *names;

        copy_tenant(copier, &object->tenant);
        copy_text(copier, &object->name);
        copy_text(copier, &object->message);
        changes->n = copy_array(copier, &changes->items, changes->n, sizeof(*changes->items));
        for (size_t j = 0; j < changes->n; j++) {
                copy_text(copier, &changes->items[j].path);
                copy_text(copier, &changes->items[j].from);
                copy_text(copier, &changes->items[j].to);
        }
        if (!object->environments)
                return;
        names = arena_memdup(copier->arena, object->environments, sizeof(*names));
        object->environments = names;
        if (!names)
                return;
        names->n = copy_array(copier, &names->items, names->n, sizeof(*names->items));
        for (size_t j = 0; j < names->n; j++)
                copy_text(copier, &names->items[j]);
}

static void copy_source(Copier *copier, ComponentSource *source)
{
        copy_text(copier, &source->repository);
        copy_text(copier, &source->revision);
}

static void copy_head(Copier *copier, Preview *preview, size_t i)
{
        PreviewHead *head = &preview->heads[i];

        copy_tenant(copier, &head->tenant);
        copy_text(copier, &head->component);
        copy_text(copier, &head->channel);
        copy_text(copier, &head->default_channel);
        copy_text(copier, &head->from);
        copy_text(copier, &head->to);
        copy_text(copier, &head->from_digest);
        copy_text(copier, &head->to_digest);
        copy_source(copier, &head->from_source);
        copy_source(copier, &head->to_source);
        head->component_id = NULL;
}

static void copy_release(Copier *copier, Preview *preview, size_t i)
{
        PreviewRelease *release = &preview->releases[i];

        copy_tenant(copier, &release->tenant);
        copy_text(copier, &release->name);
        copy_text(copier, &release->problem);
        release->n_parts =
                copy_array(copier, &release->parts, release->n_parts, sizeof(*release->parts));
        for (size_t j = 0; j < release->n_parts; j++) {
                PreviewPart *part = &release->parts[j];

                copy_text(copier, &part->component);
                copy_text(copier, &part->picked.digest);
                copy_text(copier, &part->picked.tag);
                copy_text(copier, &part->picked.semver);
                copy_text(copier, &part->picked.channel);
                copy_text(copier, &part->picked.reason);
                copy_source(copier, &part->source);
                part->component_id = NULL;
        }
}

static void copy_environment(Copier *copier, Preview *preview, size_t i)
{
        PreviewEnvironment *environment = &preview->environments[i];

        copy_tenant(copier, &environment->tenant);
        copy_text(copier, &environment->name);
        copy_text(copier, &environment->from);
        copy_text(copier, &environment->to);
        copy_text(copier, &environment->stream);
        copy_text(copier, &environment->waits_for);
        copy_text(copier, &environment->problem);
}

static void copy_warning(Copier *copier, Preview *preview, size_t i)
{
        PreviewWarning *warning = &preview->warnings[i];

        copy_tenant(copier, &warning->tenant);
        copy_text(copier, &warning->name);
        copy_text(copier, &warning->message);
}

/* A list of the preview, and the function that copies the texts of an item. */
typedef struct List {
        size_t n_offset;
        void (*copy)(Copier *copier, Preview *preview, size_t i);
} List;

static const List lists[] = {
        { offsetof(Preview, n_objects), copy_object },
        { offsetof(Preview, n_heads), copy_head },
        { offsetof(Preview, n_releases), copy_release },
        { offsetof(Preview, n_environments), copy_environment },
        { offsetof(Preview, n_warnings), copy_warning },
};

/* Copies the arrays that are in the arena of the documents. The arrays of objects and heads are
 * malloc()ed. */
static int copy_arrays(Preview *preview, Copier *copier)
{
        (void)copy_array(copier, &preview->releases, preview->n_releases,
                         sizeof(*preview->releases));
        (void)copy_array(copier, &preview->environments, preview->n_environments,
                         sizeof(*preview->environments));
        (void)copy_array(copier, &preview->warnings, preview->n_warnings,
                         sizeof(*preview->warnings));
        return copier->arena->failed ? -ENOMEM : 0;
}

int preview_detach(Previewer *previewer, usec_t until, Error *err)
{
        Preview *preview = previewer->preview;
        Copier copier = { .arena = previewer->input.arena };

        if (previewer->list == 0 && previewer->at == 0 && copy_arrays(preview, &copier) < 0)
                return error_oom(err);
        for (; previewer->list < ARRAY_SIZE(lists); previewer->list++, previewer->at = 0) {
                const List *list = &lists[previewer->list];
                size_t n;

                memcpy(&n, (const char *)preview + list->n_offset, sizeof(n));
                while (previewer->at < n) {
                        list->copy(&copier, preview, previewer->at++);
                        if (copier.arena->failed)
                                return error_oom(err);
                        if (time_monotonic() >= until)
                                return 1;
                }
        }
        arena_done(&previewer->work);
        return 0;
}
