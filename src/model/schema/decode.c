#include "model/schema/decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/time.h"
#include "model/component.h"
#include "model/enum-names.h"
#include "model/registry.h"
#include "model/release.h"
#include "model/schema/encode.h"

#define FIELDS_MAX 64
/* maximum number of diagnostics about unknown fields of one mapping; further ones are counted */
#define UNKNOWN_SHOWN_MAX 20

/* The state of one call of decode_object(). */
typedef struct Decoder {
        Arena *arena;
        DiagList *diags;
        bool known_only; /* skips unknown fields without an error */
} Decoder;

static int decode_fields(const Decoder *decoder, const Schema *schema, const Node *node,
                         void *object);
static int decode_value(const Decoder *decoder, const Field *field, const Node *node, void *object);

static void *at(void *object, size_t offset)
{
        return (char *)object + offset;
}

static int oom(const Decoder *decoder)
{
        decoder->diags->failed = -ENOMEM;
        return -ENOMEM;
}

/* --- single values ---------------------------------------------------------------------------- */

static const char *wanted(FieldType type)
{
        switch (type) {
        case FIELD_STRING: return "text";
        case FIELD_BOOL: return "true or false";
        case FIELD_INTEGER: return "an integer";
        case FIELD_DURATION: return "a duration such as 90s, 5m, 24h or 7d";
        case FIELD_SIZE: return "a size such as 512K or 64M";
        case FIELD_PERCENT: return "a percentage such as 10%";
        case FIELD_ENUM: return "one of a few words";
        case FIELD_STRINGS: return "a list of texts";
        case FIELD_PAIRS: return "a mapping from text to text";
        case FIELD_OBJECT: return "a mapping";
        case FIELD_LIST: return "a list";
        }
        return "something else";
}

static int mistyped(const Decoder *decoder, const Field *field, const Node *node)
{
        if (node->type == NODE_SCALAR)
                diag_error(decoder->diags, node->place, "field \"%s\" wants %s, not \"%s\"",
                           field->name, wanted(field->type), node->text);
        else
                diag_error(decoder->diags, node->place, "field \"%s\" wants %s, not %s",
                           field->name, wanted(field->type),
                           node_type_to_string(node->type, node->style));
        return -EINVAL;
}

/* Refuses a JSON number where a text is expected: 1.10 and 1.1 are the same number. */
static int no_text(const Decoder *decoder, const Field *field, const Node *node)
{
        if (node->type != NODE_SCALAR)
                return mistyped(decoder, field, node);
        diag_error(decoder->diags, node->place, "field \"%s\" must be a string: write \"%s\"",
                   field->name, node->text);
        return -EINVAL;
}

static int parse_duration_value(const char *text, int64_t *ret)
{
        usec_t usec;
        int r;

        r = duration_parse(text, &usec);
        if (r < 0)
                return r;
        if (usec > INT64_MAX)
                return -ERANGE;
        *ret = (int64_t)usec;
        return 0;
}

/* Parses an integer. Accepts 5.0, because some programs write integers in this form. */
static int parse_integer(const char *text, int64_t *ret)
{
        char digits[24];
        size_t size = strcspn(text, ".");

        if (text[size] == '.' && text[size + 1] && size < sizeof(digits) &&
            text[size + 1 + strspn(text + size + 1, "0")] == '\0') {
                memcpy(digits, text, size);
                digits[size] = '\0';
                text = digits;
        }
        return parse_int64(text, ret);
}

static int parse_number(FieldType type, const char *text, int64_t *ret)
{
        uint64_t size;
        unsigned percent;
        int r;

        switch (type) {
        case FIELD_INTEGER: return parse_integer(text, ret);
        case FIELD_DURATION: return parse_duration_value(text, ret);
        case FIELD_SIZE:
                r = parse_size(text, &size);
                if (r < 0 || size > INT64_MAX)
                        return r < 0 ? r : -ERANGE;
                *ret = (int64_t)size;
                return 0;
        case FIELD_PERCENT:
                r = parse_percent(text, &percent);
                *ret = r < 0 ? 0 : (int64_t)percent;
                return r;
        case FIELD_STRING:
        case FIELD_BOOL:
        case FIELD_ENUM:
        case FIELD_STRINGS:
        case FIELD_PAIRS:
        case FIELD_OBJECT:
        case FIELD_LIST: break;
        }
        return -EINVAL;
}

static int decode_number(const Decoder *decoder, const Field *field, const Node *node, int64_t *ret)
{
        int64_t value;
        int r;

        if (node->type != NODE_SCALAR)
                return mistyped(decoder, field, node);
        r = parse_number(field->type, node->text, &value);
        if (r == -ERANGE)
                diag_error(decoder->diags, node->place, "field \"%s\": \"%s\" is too large",
                           field->name, node->text);
        else if (r < 0)
                return mistyped(decoder, field, node);
        else if (value < 0 || (field->positive && value == 0))
                diag_error(decoder->diags, node->place, "field \"%s\" must be greater than %s",
                           field->name, field->positive ? "0" : "or equal to 0");
        else {
                *ret = value;
                return 0;
        }
        return -EINVAL;
}

static int decode_bool(const Decoder *decoder, const Field *field, const Node *node, bool *ret)
{
        /* only the words of YAML 1.2 are bools: "yes", "on" and quoted words are text */
        if (node->type != NODE_SCALAR || node->style == SCALAR_QUOTED ||
            parse_bool(node->text, ret) < 0)
                return mistyped(decoder, field, node);
        return 0;
}

/* Returns the right text for a wrong word that people often try; NULL: the table does not have the
 * word. */
static const char *answer_of(const Field *field, const char *word)
{
        for (const char *const *other = field->others; other && *other; other += 2)
                if (streq(other[0], word))
                        return other[1];
        return NULL;
}

static int decode_enum(const Decoder *decoder, const Field *field, const Node *node, int *ret)
{
        char choices[256] = "";
        const char *nearest, *answer;
        size_t n = 0, size = 0;
        int i;

        if (!node_is_text(node))
                return no_text(decoder, field, node);
        i = names_find(field->names, node->text);
        if (i >= 0) {
                *ret = i;
                return 0;
        }
        for (; field->names[n] && size < sizeof(choices); n++)
                size += (size_t)snprintf(choices + size, sizeof(choices) - size, "%s%s",
                                         n > 0 ? ", " : "", field->names[n]);
        answer = answer_of(field, node->text);
        nearest = answer ? NULL : suggest_nearest(node->text, field->names, n);
        diag_error(decoder->diags, node->place, "field \"%s\" is one of %s; not \"%s\"%s%s%s%s%s",
                   field->name, choices, node->text, nearest ? "; did you mean \"" : "",
                   nearest ? nearest : "", nearest ? "\"?" : "", answer ? "; " : "",
                   answer ? answer : "");
        return -EINVAL;
}

/* Keeps the text of a plain YAML scalar: version: 2.10 stays "2.10". */
static int decode_text(const Decoder *decoder, const Field *field, const Node *node,
                       const char **ret)
{
        if (!node_is_text(node))
                return no_text(decoder, field, node);
        if (strlen(node->text) > TEXT_MAX) {
                diag_error(decoder->diags, node->place, "field \"%s\" is longer than %d bytes",
                           field->name, TEXT_MAX);
                return -EINVAL;
        }
        *ret = arena_strdup(decoder->arena, node->text);
        return *ret ? 0 : oom(decoder);
}

/* --- collections ------------------------------------------------------------------------------ */

static int decode_strings(const Decoder *decoder, const Field *field, const Node *node,
                          Strings *ret)
{
        int worst = 0, r;

        if (field->single && node->type == NODE_SCALAR) {
                ret->items = arena_alloc_array(decoder->arena, 1, sizeof(*ret->items));
                r = ret->items ? decode_text(decoder, field, node, &ret->items[0]) : oom(decoder);
                ret->n = r >= 0;
                return r;
        }
        if (node->type != NODE_SEQUENCE)
                return mistyped(decoder, field, node);
        ret->items = arena_alloc_array(decoder->arena, node->n, sizeof(*ret->items));
        if (!ret->items)
                return oom(decoder);
        for (size_t i = 0; i < node->n; i++) {
                r = decode_text(decoder, field, node->items[i], &ret->items[i]);
                worst = MIN(worst, r);
        }
        ret->n = worst < 0 ? 0 : node->n;
        return worst;
}

static int compare_pairs(const void *a, const void *b)
{
        return strcmp(((const Pair *)a)->key, ((const Pair *)b)->key);
}

/* Returns the node with the text of a pair. If the field is `single`, the value may also be a list
 * of one text. */
static const Node *pair_value(const Field *field, const Node *node)
{
        return field->single && node->type == NODE_SEQUENCE && node->n == 1 ? node->items[0] : node;
}

/* Decodes a mapping from text to text. Sorts the pairs by key, so that equal mappings give equal
 * bytes: the order has no meaning. */
static int decode_pairs(const Decoder *decoder, const Field *field, const Node *node, Pairs *ret)
{
        int worst = 0, r;

        if (node->type != NODE_MAPPING)
                return mistyped(decoder, field, node);
        ret->items = arena_alloc_array(decoder->arena, node->n, sizeof(*ret->items));
        if (!ret->items)
                return oom(decoder);
        for (size_t i = 0; i < node->n; i++) {
                ret->items[i].key = arena_strdup(decoder->arena, node->entries[i].key);
                if (!ret->items[i].key)
                        return oom(decoder);
                r = decode_text(decoder, field, pair_value(field, node->entries[i].value),
                                &ret->items[i].value);
                worst = MIN(worst, r);
        }
        ret->n = worst < 0 ? 0 : node->n;
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_pairs);
        return worst;
}

static int decode_struct(const Decoder *decoder, const Schema *schema, const Node *node,
                         void *object)
{
        if (schema->has_place)
                *(Place *)object = node->place;
        return decode_fields(decoder, schema, node, object);
}

/* Decodes an object that may be written as one word, or as the value of one of its fields. */
static int decode_object_or_word(const Decoder *decoder, const Field *field, const Node *node,
                                 void *value)
{
        Field inner;

        if (field_is_short(field, node, &inner))
                return decode_defaults(field->schema, decoder->arena, value) < 0
                               ? -EINVAL
                               : decode_value(decoder, &inner, node, value);
        if (!field->word || node->type != NODE_SCALAR)
                return decode_struct(decoder, field->schema, node, value);
        if (!streq(node->text, field->word)) {
                diag_error(decoder->diags, node->place,
                           "field \"%s\" wants %s or a mapping, not \"%s\"", field->name,
                           field->word, node->text);
                return -EINVAL;
        }
        *(bool *)at(value, field->word_offset) = true;
        return decode_defaults(field->schema, decoder->arena, value);
}

/* Decodes an item that may be written as the value of one of its fields. */
static int decode_item(const Decoder *decoder, const Field *field, const Node *node, void *item)
{
        Field inner;

        if (node->type != NODE_SCALAR || !field_is_short(field, node, &inner))
                return decode_struct(decoder, field->schema, node, item);
        if (field->schema->has_place)
                *(Place *)item = node->place;
        return decode_defaults(field->schema, decoder->arena, item) < 0
                       ? -EINVAL
                       : decode_value(decoder, &inner, node, item);
}

static int decode_list(const Decoder *decoder, const Field *field, const Node *node,
                       SchemaList *ret)
{
        int worst = 0, r;

        if (node->type != NODE_SEQUENCE)
                return mistyped(decoder, field, node);
        ret->items = arena_alloc_array(decoder->arena, node->n, field->schema->size);
        if (!ret->items)
                return oom(decoder);
        for (size_t i = 0; i < node->n; i++) {
                r = decode_item(decoder, field, node->items[i],
                                at(ret->items, i * field->schema->size));
                worst = MIN(worst, r);
        }
        ret->n = worst < 0 ? 0 : node->n;
        return worst;
}

static int decode_value(const Decoder *decoder, const Field *field, const Node *node, void *object)
{
        void *value = at(object, field->offset);

        if (field->place_offset > 0)
                *(Place *)at(object, field->place_offset) = node->place;
        switch (field->type) {
        case FIELD_STRING: return decode_text(decoder, field, node, value);
        case FIELD_BOOL: return decode_bool(decoder, field, node, value);
        case FIELD_INTEGER:
        case FIELD_DURATION:
        case FIELD_SIZE:
        case FIELD_PERCENT: return decode_number(decoder, field, node, value);
        case FIELD_ENUM: return decode_enum(decoder, field, node, value);
        case FIELD_STRINGS: return decode_strings(decoder, field, node, value);
        case FIELD_PAIRS: return decode_pairs(decoder, field, node, value);
        case FIELD_OBJECT: return decode_object_or_word(decoder, field, node, value);
        case FIELD_LIST: return decode_list(decoder, field, node, value);
        }
        return -EINVAL;
}

/* --- defaults --------------------------------------------------------------------------------- */

int decode_default(const Field *field, FieldValue *ret)
{
        const char *text = field->default_value;
        int r = 0;

        *ret = (FieldValue){ 0 };
        if (!text)
                return 0;
        if (field->type == FIELD_BOOL)
                return parse_bool(text, &ret->boolean);
        if (field->type == FIELD_ENUM) {
                r = names_find(field->names, text);
                ret->enumerator = MAX(r, 0);
                return MIN(r, 0);
        }
        return parse_number(field->type, text, &ret->integer);
}

static int set_default(const Field *field, Arena *arena, void *object)
{
        void *value = at(object, field->offset);
        FieldValue standard;

        switch (field->type) {
        case FIELD_STRING: *(const char **)value = field->default_value; return 0;
        case FIELD_OBJECT: return decode_defaults(field->schema, arena, value);
        case FIELD_STRINGS:
        case FIELD_PAIRS:
        case FIELD_LIST: return 0;
        case FIELD_BOOL:
        case FIELD_ENUM:
        case FIELD_INTEGER:
        case FIELD_DURATION:
        case FIELD_SIZE:
        case FIELD_PERCENT: break;
        }
        if (decode_default(field, &standard) < 0)
                return -EINVAL;
        if (field->type == FIELD_BOOL)
                *(bool *)value = standard.boolean;
        else if (field->type == FIELD_ENUM)
                *(int *)value = standard.enumerator;
        else
                *(int64_t *)value = standard.integer;
        return 0;
}

int decode_defaults(const Schema *schema, Arena *arena, void *object)
{
        for (const Field *field = schema->fields; field->name; field++)
                if (set_default(field, arena, object) < 0)
                        return -EINVAL; /* the schema has an invalid default; a test decodes all
                                           defaults */
        return 0;
}

/* --- objects ---------------------------------------------------------------------------------- */

static bool is_known(const char *const *names, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (streq(names[i], name))
                        return true;
        return false;
}

static void report_unknown(const NodeEntry *entry, const FieldNames *names, DiagList *diags)
{
        const char *nearest = NULL;

        if (diags->n < DIAG_MAX) /* a full list drops the text, so no suggestion is needed */
                nearest = suggest_nearest(entry->key, names->items, names->n);
        diag_error(diags, entry->key_place, "unknown field \"%s\" in %s%s%s%s", entry->key,
                   names->of, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                   nearest ? "\"?" : "");
}

int decode_check_keys(const Node *node, const FieldNames *names, DiagList *diags)
{
        size_t n_unknown = 0;

        for (size_t i = 0; i < node->n; i++)
                if (!is_known(names->items, names->n, node->entries[i].key) &&
                    n_unknown++ < UNKNOWN_SHOWN_MAX)
                        report_unknown(&node->entries[i], names, diags);
        if (n_unknown > UNKNOWN_SHOWN_MAX)
                diag_error(diags, node->place, "%zu more unknown fields in %s",
                           n_unknown - UNKNOWN_SHOWN_MAX, names->of);
        return n_unknown > 0 ? -EINVAL : 0;
}

static int check_fields(const Schema *schema, const Node *node, DiagList *diags)
{
        const char *names[FIELDS_MAX];
        size_t n = 0;

        for (const Field *field = schema->fields; field->name && n < FIELDS_MAX; field++)
                names[n++] = field->name;
        return decode_check_keys(node, &(FieldNames){ schema->name, names, n }, diags);
}

static int decode_fields(const Decoder *decoder, const Schema *schema, const Node *node,
                         void *object)
{
        int worst = decode_defaults(schema, decoder->arena, object), r;

        if (node->type != NODE_MAPPING) {
                diag_error(decoder->diags, node->place, "%s must be a mapping, not %s",
                           schema->name, node_type_to_string(node->type, node->style));
                return -EINVAL;
        }
        if (!decoder->known_only && check_fields(schema, node, decoder->diags) < 0)
                worst = -EINVAL;
        for (const Field *field = schema->fields; field->name; field++) {
                const Node *value = node_get(node, field->name);

                r = 0;
                if (value && value->type != NODE_NULL)
                        r = decode_value(decoder, field, value, object);
                else if (field->required) {
                        diag_error(decoder->diags, node->place, "missing field \"%s\" in %s",
                                   field->name, schema->name);
                        r = -EINVAL;
                }
                worst = MIN(worst, r);
        }
        return worst;
}

int decode_object(const Schema *schema, const Node *node, Arena *arena, void *object,
                  DiagList *diags)
{
        const Decoder decoder = { .arena = arena, .diags = diags };

        return decode_fields(&decoder, schema, node, object);
}

int decode_known(const Schema *schema, const Node *node, Arena *arena, void *object,
                 DiagList *diags)
{
        const Decoder decoder = { .arena = arena, .diags = diags, .known_only = true };

        return decode_fields(&decoder, schema, node, object);
}
