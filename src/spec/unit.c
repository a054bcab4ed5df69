#include "spec/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "spec/check.h"
#include "spec/tree/yaml.h"

#define UNIT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define SET_ARENA_MAX  ((size_t)256 * 1024 * 1024)

Unit *unit_unref(Unit *unit)
{
        if (!unit || --unit->n_refs > 0)
                return NULL;
        diag_list_done(&unit->diags);
        arena_done(&unit->arena);
        free(unit);
        return NULL;
}

void unit_set_free(void *owner)
{
        UnitSet *set = owner;

        if (!set)
                return;
        for (size_t i = 0; i < set->n; i++)
                /* NOLINT(*NullDereference): units is NULL only if n is 0 */
                unit_unref(set->units[i]);
        free(set->units);
        arena_done(&set->arena);
        free(set);
}

int unit_set_new(size_t n, UnitSet **ret)
{
        UnitSet *set = calloc(1, sizeof(*set));

        if (!set)
                return -ENOMEM;
        arena_init(&set->arena, SET_ARENA_MAX);
        set->units = calloc(n + 1, sizeof(*set->units));
        if (!set->units) {
                unit_set_free(set);
                return -ENOMEM;
        }
        *ret = set;
        return 0;
}

const char *unit_message(Arena *arena, const DiagList *diags)
{
        _cleanup_(buffer_done) Buffer line;
        size_t first = 0;

        buffer_init(&line, 16 * 1024);
        while (first < diags->n && diags->items[first].severity != SEVERITY_ERROR)
                first++;
        if (first >= diags->n || diag_format(&diags->items[first], &line) < 0)
                return "it could not be read";
        return arena_strdup(arena, line.data);
}

static int add_broken(Unit *unit, const Decoded *what, const DiagList *diags)
{
        Broken *broken = &unit->brokens[unit->n_brokens++];

        *broken = (Broken){ .file = unit->path,
                            .kind = what ? what->kind : OBJECT_KIND_MAX_,
                            .tenant = what ? what->tenant : NULL,
                            .name = what ? what->name : NULL,
                            .message = unit_message(&unit->arena, diags) };
        return broken->message ? 0 : -ENOMEM;
}

/* Checks the formats of a document. Does so even if the document could not be decoded, to report
 * all its errors at once. */
static int check_all_formats(const Node *node, ObjectKind kind, KnownPatterns *known,
                             DiagList *diags)
{
        const Node *meta = node_get(node, "metadata"), *spec = node_get(node, "spec");
        int worst = 0, r;

        if (kind == OBJECT_KIND_MAX_)
                return 0;
        if (meta)
                worst = check_formats(&meta_schema, meta, known, diags);
        if (spec) {
                r = check_formats(kind_schema(kind)->spec, spec, known, diags);
                worst = MIN(worst, r);
        }
        return worst;
}

int unit_decode(const Node *node, KnownPatterns *known, Arena *arena, Decoded *ret, DiagList *diags)
{
        int r, formats;

        *ret = (Decoded){ .kind = OBJECT_KIND_MAX_ };
        r = decode_document(node, arena, ret, diags);
        if (r == -ENOMEM)
                return r;
        formats = check_all_formats(node, ret->kind, known, diags);
        r = MIN(r, formats);
        return r < 0 ? r : check_object(ret->object, diags);
}

static int read_document(Unit *unit, const Node *node, KnownPatterns *known)
{
        _cleanup_(diag_list_done) DiagList diags; /* a separate list, because the list of the unit
                                                   * may be full of earlier messages */
        Decoded decoded;
        int r;

        diag_list_init(&diags);
        r = unit_decode(node, known, &unit->arena, &decoded, &diags);
        diag_list_append(&unit->diags, &diags);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return add_broken(unit, &decoded, &diags);
        unit->objects[unit->n_objects++] = decoded.object;
        return 0;
}

/* Collects all errors of a document that is not used. */
static int check_unused(Unit *unit, const Node *node, KnownPatterns *known)
{
        Decoded decoded;

        return unit_decode(node, known, &unit->arena, &decoded, &unit->diags) == -ENOMEM ? -ENOMEM
                                                                                         : 0;
}

static int unreadable(Unit *unit, const Error *error)
{
        int r;

        if (error->code == -ENOMEM || error->code == -ESTALE)
                return error->code;
        diag_add(&unit->diags, SEVERITY_ERROR, (Place){ .file = unit->path }, "%s",
                 error_message(error));
        unit->brokens = arena_alloc_array(&unit->arena, 1, sizeof(*unit->brokens));
        if (!unit->brokens)
                return -ENOMEM;
        r = add_broken(unit, NULL, &unit->diags);
        unit->is_unread = true;
        unit->brokens[0].is_unread = error->code != -EINVAL && error->code != -EFBIG;
        return r;
}

/* --- steps of reading ------------------------------------------------------------------------- */

struct UnitRead {
        Unit *unit;
        char *data;
        YamlReader *yaml; /* NULL: all documents were parsed, or the file cannot be read */
        Arena arena;      /* memory of the nodes */
        YamlDocuments documents;
        bool is_invalid; /* the file is not valid YAML */
        size_t at;       /* index of the next document */
};

static int begin_yaml(UnitRead *read, size_t size)
{
        const YamlText text = { .file = read->unit->path, .data = read->data, .size = size };

        return yaml_reader_new(&text, &read->arena, &read->documents, &read->unit->diags,
                               &read->yaml);
}

int unit_read_new(const SpecSource *source, const TreeFiles *files, const TreeFile *file,
                  UnitRead **ret)
{
        _cleanup_(unit_read_freep) UnitRead *read = calloc(1, sizeof(*read));
        Unit *unit = read ? calloc(1, sizeof(*unit)) : NULL;
        _cleanup_(error_done) Error error = { 0 };
        size_t size;
        int r;

        if (!unit)
                return -ENOMEM;
        read->unit = unit;
        arena_init(&read->arena, UNIT_ARENA_MAX);
        unit->n_refs = 1;
        unit->identity = file->identity;
        arena_init(&unit->arena, UNIT_ARENA_MAX);
        diag_list_init(&unit->diags);
        unit->path = arena_strdup(&unit->arena, file->path);
        if (!unit->path)
                return -ENOMEM;
        r = source->kind->read(source, files, file, &read->data, &size, &error);
        r = r < 0 ? unreadable(unit, &error) : begin_yaml(read, size);
        if (r < 0)
                return r;
        *ret = TAKE(read);
        return 0;
}

/* Drops all documents of a file that is not valid YAML, because relman cannot know what follows the
 * error. */
static int end_yaml(UnitRead *read, int r)
{
        Unit *unit = read->unit;
        size_t n = read->documents.n + 1;

        read->yaml = yaml_reader_free(read->yaml);
        if (r == -ENOMEM)
                return r;
        unit->objects = arena_alloc_array(&unit->arena, n, sizeof(*unit->objects));
        unit->brokens = arena_alloc_array(&unit->arena, n, sizeof(*unit->brokens));
        if (!unit->objects || !unit->brokens)
                return -ENOMEM;
        return r < 0 ? add_broken(unit, NULL, &unit->diags) : 0;
}

int unit_read_step(UnitRead *read, KnownPatterns *known, usec_t until, Unit **ret)
{
        Unit *unit = read->unit;
        int r;

        if (read->yaml) {
                r = yaml_reader_step(read->yaml, until);
                if (r > 0)
                        return r;
                read->is_invalid = r < 0;
                r = end_yaml(read, r);
                if (r < 0)
                        return r;
        }
        while (read->at < read->documents.n) {
                const Node *node = read->documents.items[read->at++];

                r = read->is_invalid ? check_unused(unit, node, known)
                                     : read_document(unit, node, known);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        if (unit->diags.failed) /* the unit is incomplete: the next load must read the file again */
                return unit->diags.failed;
        unit->is_unread = unit->is_unread || unit->diags.may_pass;
        *ret = TAKE(read->unit);
        return 0;
}

UnitRead *unit_read_free(UnitRead *read)
{
        if (!read)
                return NULL;
        yaml_reader_free(read->yaml);
        unit_unref(read->unit);
        arena_done(&read->arena);
        free(read->data);
        free(read);
        return NULL;
}
