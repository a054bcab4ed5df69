#include "edit/pointer.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

#define INDEX_MAX 100000

/* --- pointers --------------------------------------------------------------------------------- */

/* A part of a pointer between two slashes. */
typedef struct Part {
        const char *text; /* without escapes */
        char *field;      /* of [FIELD=TEXT]; NULL: another form */
        const char *wanted;
} Part;

static int part_read(const char *at, size_t size, Arena *arena, Part *ret)
{
        char *text = arena_strndup(arena, at, size), *to = text, *equals;

        if (!text)
                return -ENOMEM;
        for (const char *from = text; *from; from++) {
                bool is_escape = *from == '~' && (from[1] == '0' || from[1] == '1');

                *to++ = !is_escape ? *from : *++from == '0' ? '~' : '/';
        }
        *to = '\0';
        *ret = (Part){ .text = text };
        equals = strchr(text, '=');
        if (text[0] != '[' || to[-1] != ']' || !equals)
                return 0;
        ret->field = arena_strndup(arena, text + 1, (size_t)(equals - text) - 1);
        ret->wanted = arena_strndup(arena, equals + 1, (size_t)(to - equals) - 2);
        return ret->field && ret->wanted ? 0 : -ENOMEM;
}

/* --- steps ------------------------------------------------------------------------------------ */

/* A search for one value. */
typedef struct Search {
        const char *file;
        const Edit *edit;
        const EventTree *tree;
        Arena *arena;
        size_t depth; /* number of bytes of the pointer that were found */
        Error *err;
} Search;

#define refuse(search, node, ...) refuse_(search, node, arena_printf((search)->arena, __VA_ARGS__))

static const EventNode *refuse_(const Search *search, const EventNode *node, const char *problem)
{
        (void)error_set(search->err, ERROR_INVALID, -EINVAL, "%s:%u: pointer '%s': %s",
                        search->file, node ? node->line : 1, search->edit->pointer,
                        problem ? problem : "out of memory");
        return NULL;
}

/* The part of the pointer that was found, for messages. */
static const char *found_of(const Search *search)
{
        const char *text = arena_strndup(search->arena, search->edit->pointer, search->depth);

        return !text || text[0] == '\0' ? "the document" : text;
}

static const EventNode *find_anchor(const Search *search, const EventNode *alias)
{
        const EventNode *found = NULL;

        for (const EventNode *at = search->tree->first; at && at != alias; at = at->after)
                if (at->anchor && streq(at->anchor, alias->text))
                        found = at;
        return found;
}

static const EventNode *refuse_alias(const Search *search, const EventNode *alias)
{
        const EventNode *anchor = find_anchor(search, alias);

        return refuse(
                search, alias,
                "%s is the alias *%s of line %u, which other places may use too; point to the "
                "value there",
                found_of(search), alias->text, anchor ? anchor->line : 0);
}

static const EventNode *find_key(const Search *search, const EventNode *mapping, const Part *part)
{
        const EventNode *found = NULL;
        const char *advice = "check the pointer";

        for (const EventNode *at = mapping->child; at && at->next; at = at->next->next) {
                if (events_is_text(at, "<<"))
                        advice = "the merge key << of the mapping may bring it: point to the "
                                 "value at its anchor";
                if (!events_is_text(at, part->text))
                        continue;
                if (found)
                        return refuse(search, at,
                                      "the key '%s' stands twice in %s, at line %u too; remove one",
                                      part->text, found_of(search), found->line);
                found = at;
        }
        return found ? found->next
                     : refuse(search, mapping, "%s has no key '%s'; %s", found_of(search),
                              part->text, advice);
}

static const EventNode *find_item(const Search *search, const EventNode *list, const Part *part)
{
        char *end;
        size_t number = strtoul(part->text, &end, 10), n = 0;
        const EventNode *found = NULL;

        if (!part->field && (*end || end == part->text || part->text[0] < '0' ||
                             part->text[0] > '9' || number > INDEX_MAX))
                return refuse(search, list, "%s is a list; name an item as 0 or as [name=%s]",
                              found_of(search), part->text);
        for (const EventNode *at = list->child; at; at = at->next, n++) {
                if (part->field ? !events_is_text(events_get(at, part->field), part->wanted)
                                : n != number)
                        continue;
                if (found)
                        return refuse(search, at, "two items of %s match '%s'; name it by number",
                                      found_of(search), part->text);
                found = at;
        }
        if (!found && !part->field)
                return refuse(search, list, "%s has %zu item%s, counted from 0", found_of(search),
                              n, text_plural(n));
        return found ? found
                     : refuse(search, list, "%s has no item %s", found_of(search), part->text);
}

static const EventNode *find_child(const Search *search, const EventNode *node, const Part *part)
{
        switch (node->type) {
        case EVENT_MAPPING: return find_key(search, node, part);
        case EVENT_SEQUENCE: return find_item(search, node, part);
        case EVENT_ALIAS: return refuse_alias(search, node);
        case EVENT_SCALAR: break;
        }
        return refuse(search, node, "%s is a value and has no key '%s'", found_of(search),
                      part->text);
}

/* --- documents -------------------------------------------------------------------------------- */

static bool is_field(const EventNode *mapping, const char *key, const char *wanted)
{
        return !wanted || events_is_text(events_get(mapping, key), wanted);
}

static bool is_document(const EventNode *root, const Edit *edit)
{
        const EventNode *meta = events_get(root, "metadata");

        return is_field(root, "kind", edit->kind) && is_field(meta, "name", edit->name) &&
               is_field(meta, "namespace", edit->name_space);
}

static const char *document_of(const Edit *edit, Arena *arena)
{
        const char *kind = edit->kind ? edit->kind : "document";
        const char *text = edit->name ? arena_printf(arena, "%s '%s'", kind, edit->name) : kind;

        return text ? text : kind;
}

static const EventNode *find_root(const Search *search)
{
        const EventTree *tree = search->tree;
        const Edit *edit = search->edit;
        const EventNode *found = NULL;
        size_t n = 0, n_filled = 0;

        for (size_t i = 0; i < tree->n; i++) {
                if (tree->roots[i]->type == EVENT_SCALAR)
                        continue; /* empty, or without keys */
                n_filled++;
                if (is_document(tree->roots[i], edit)) {
                        found = tree->roots[i];
                        n++;
                }
        }
        if (n == 1)
                return found;
        if (n_filled == 0)
                return refuse(search, NULL, "the file is empty; write the value there once");
        if (n == 0)
                return refuse(search, NULL, "the file has no %s; check kind, name and namespace",
                              document_of(edit, search->arena));
        return refuse(search, found, "%zu documents match; name one by kind, name and namespace",
                      n);
}

/* --- the value -------------------------------------------------------------------------------- */

static const EventNode *check_value(const Search *search, const EventNode *node)
{
        if (node->type == EVENT_ALIAS)
                return refuse_alias(search, node);
        if (node->type != EVENT_SCALAR)
                return refuse(search, node, "it is a %s; point to a single value",
                              node->type == EVENT_MAPPING ? "mapping" : "list");
        if (node->style == STYLE_BLOCK)
                return refuse(search, node, "it is a block scalar (| or >); write it on one line");
        return node;
}

const EventNode *pointer_find(const char *file, const EventTree *tree, const Edit *edit,
                              Arena *arena, Error *err)
{
        Search search = { .file = file, .edit = edit, .tree = tree, .arena = arena, .err = err };
        const EventNode *node = find_root(&search);
        const char *at = edit->pointer;

        while (node && *at == '/') {
                size_t size = strcspn(at + 1, "/");
                Part part;

                if (part_read(at + 1, size, arena, &part) < 0) {
                        (void)error_oom(err);
                        return NULL;
                }
                node = find_child(&search, node, &part);
                at += 1 + size;
                search.depth = (size_t)(at - edit->pointer);
        }
        return node ? check_value(&search, node) : NULL;
}
