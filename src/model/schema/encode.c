#include "model/schema/encode.h"

#include <stdint.h>
#include <stdio.h>

#include "base/time.h"
#include "base/utf8.h"
#include "model/schema/decode.h"

static bool is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Eight equal bytes. */
#define BYTES(c) (UINT64_C(0x0101010101010101) * (c))

/* True if all eight bytes are plain. Each term sets the highest bit of one sort of bytes that are
 * not plain: from 0x80, 0x7f, below 0x20, '"', '\\'. Carries and borrows start only at such bytes.
 */
static bool are_plain(uint64_t bytes)
{
        uint64_t high = bytes | (bytes + BYTES(1)) | (bytes - BYTES(0x20)) |
                        ((bytes ^ BYTES('"')) - BYTES(1)) | ((bytes ^ BYTES('\\')) - BYTES(1));

        return (high & BYTES(0x80)) == 0;
}

/* Returns the number of plain bytes at the beginning. */
static size_t plain_size(const char *text, size_t size)
{
        uint64_t bytes;
        size_t n = 0;

        /* checks the first four and the last four bytes */
        if (size >= 4 && size < sizeof(bytes)) {
                memcpy(&bytes, text, 4);
                memcpy((char *)&bytes + 4, text + size - 4, 4);
                if (are_plain(bytes))
                        return size;
        }
        for (; size - n >= sizeof(bytes); n += sizeof(bytes)) {
                memcpy(&bytes, text + n, sizeof(bytes));
                if (!are_plain(bytes))
                        break;
        }
        /* checks the last eight bytes, some of them for the second time */
        if (n > 0 && size - n < sizeof(bytes)) {
                memcpy(&bytes, text + size - sizeof(bytes), sizeof(bytes));
                if (are_plain(bytes))
                        return size;
        }
        while (n < size && is_plain((unsigned char)text[n]))
                n++;
        return n;
}

/* Appends a text that needs no escapes in one step, as most texts: `before`, the text in quotes,
 * `after`; '\0': no character. Returns false if the text needs escapes or the buffer has failed. */
static bool encode_plain(const char *text, size_t size, char before, char after, Buffer *out)
{
        size_t n = size + 2 + (before != '\0') + (after != '\0');
        char *room = plain_size(text, size) < size ? NULL : buffer_extend(out, n);

        if (!room)
                return false;
        if (before)
                *room++ = before;
        *room++ = '"';
        room = mempcpy(room, text, size);
        *room++ = '"';
        if (after)
                *room = after;
        return true;
}

int encode_string(const char *text, Buffer *out)
{
        const char *end = text + strlen(text);

        if (encode_plain(text, (size_t)(end - text), '\0', '\0', out))
                return 0;
        (void)buffer_putc(out, '"');
        while (*text) {
                size_t plain = plain_size(text, (size_t)(end - text)), n;
                uint32_t c;

                (void)buffer_append(out, text, plain);
                text += plain;
                if (!*text)
                        break;
                if (*text == '"' || *text == '\\') {
                        (void)buffer_putc(out, '\\');
                        (void)buffer_putc(out, *text++);
                        continue;
                }
                if ((unsigned char)*text < 0x20 || *text == 0x7f) {
                        (void)buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)*text++);
                        continue;
                }
                n = utf8_decode(text, strnlen(text, UTF8_SIZE_MAX), &c);
                if (n == 0)
                        (void)buffer_puts(out, "\xef\xbf\xbd");
                else
                        (void)buffer_append(out, text, n);
                text += MAX(n, (size_t)1);
        }
        return buffer_putc(out, '"');
}

int encode_name(const char *name, bool comma, Buffer *out)
{
        if (encode_plain(name, strlen(name), comma ? ',' : '\0', ':', out))
                return 0;
        if (comma)
                (void)buffer_putc(out, ',');
        (void)encode_string(name, out);
        return buffer_putc(out, ':');
}

static const void *at(const void *object, size_t offset)
{
        return (const char *)object + offset;
}

/* --- comparison with defaults ----------------------------------------------------------------- */

static bool is_empty_object(const Schema *schema, const void *object);

static bool is_word(const Field *field, const void *value)
{
        return field->word && *(const bool *)at(value, field->word_offset);
}

static bool equals_default(const Field *field, const void *value)
{
        FieldValue standard;

        switch (field->type) {
        case FIELD_STRING: return str_equal(*(const char *const *)value, field->default_value);
        case FIELD_STRINGS: return ((const Strings *)value)->n == 0;
        case FIELD_PAIRS: return ((const Pairs *)value)->n == 0;
        case FIELD_LIST: return ((const SchemaList *)value)->n == 0;
        case FIELD_OBJECT: return !is_word(field, value) && is_empty_object(field->schema, value);
        case FIELD_BOOL:
                return decode_default(field, &standard) == 0 &&
                       standard.boolean == *(const bool *)value;
        case FIELD_ENUM: /* a reader refuses a document without a required field */
                return !field->required && decode_default(field, &standard) == 0 &&
                       standard.enumerator == *(const int *)value;
        case FIELD_INTEGER:
        case FIELD_DURATION:
        case FIELD_SIZE:
        case FIELD_PERCENT:
                return decode_default(field, &standard) == 0 &&
                       standard.integer == *(const int64_t *)value;
        }
        return false;
}

static bool is_empty_object(const Schema *schema, const void *object)
{
        for (const Field *field = schema->fields; field->name; field++)
                if (!equals_default(field, at(object, field->offset)))
                        return false;
        return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static int encode_strings(const Field *field, const Strings *strings, Buffer *out)
{
        if (field->single && strings->n == 1)
                return encode_string(strings->items[0], out);
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < strings->n; i++) {
                if (i > 0)
                        (void)buffer_putc(out, ',');
                (void)encode_string(strings->items[i], out);
        }
        return buffer_putc(out, ']');
}

static int encode_pairs(const Pairs *pairs, Buffer *out)
{
        (void)buffer_putc(out, '{');
        for (size_t i = 0; i < pairs->n; i++) {
                (void)encode_name(pairs->items[i].key, i > 0, out);
                (void)encode_string(pairs->items[i].value, out);
        }
        return buffer_putc(out, '}');
}

/* Returns the field whose value may be written instead of the object. NULL if there is none, or if
 * another field differs from its default. */
static const Field *encode_short(const Field *field, const void *value)
{
        const Field *inner = field_short(field);

        for (const Field *other = field->schema->fields; inner && other->name; other++)
                if (other != inner && !equals_default(other, at(value, other->offset)))
                        return NULL;
        return inner;
}

static int encode_value(const Field *field, const void *value, EncodeFlags flags, Buffer *out);

static int encode_inner(const Field *field, const void *value, EncodeFlags flags, Buffer *out)
{
        const Field *inner = encode_short(field, value);

        if (is_word(field, value))
                return encode_string(field->word, out);
        return inner ? encode_value(inner, at(value, inner->offset), flags, out)
                     : encode_object(field->schema, value, flags, out);
}

static int encode_list(const Field *field, const SchemaList *list, EncodeFlags flags, Buffer *out)
{
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < list->n; i++) {
                if (i > 0)
                        (void)buffer_putc(out, ',');
                (void)encode_inner(field, at(list->items, i * field->schema->size), flags, out);
        }
        return buffer_putc(out, ']');
}

static int encode_value(const Field *field, const void *value, EncodeFlags flags, Buffer *out)
{
        char text[DURATION_TEXT_SIZE];
        const char *string;

        switch (field->type) {
        case FIELD_STRING:
                string = *(const char *const *)value;
                return string ? encode_string(string, out) : buffer_puts(out, "null");
        case FIELD_BOOL: return buffer_puts(out, *(const bool *)value ? "true" : "false");
        case FIELD_INTEGER: return buffer_printf(out, "%lld", (long long)*(const int64_t *)value);
        case FIELD_SIZE:
                return buffer_printf(out, "%llu", (unsigned long long)*(const uint64_t *)value);
        case FIELD_PERCENT:
                return buffer_printf(out, "\"%lld%%\"", (long long)*(const int64_t *)value);
        case FIELD_DURATION:
                return encode_string(duration_format(*(const usec_t *)value, text), out);
        case FIELD_ENUM: return encode_string(field->names[*(const int *)value], out);
        case FIELD_STRINGS: return encode_strings(field, value, out);
        case FIELD_PAIRS: return encode_pairs(value, out);
        case FIELD_OBJECT: return encode_inner(field, value, flags, out);
        case FIELD_LIST: return encode_list(field, value, flags, out);
        }
        return 0;
}

int encode_object(const Schema *schema, const void *object, EncodeFlags flags, Buffer *out)
{
        bool first = true;

        (void)buffer_putc(out, '{');
        for (const Field *field = schema->fields; field->name; field++) {
                const void *value = at(object, field->offset);

                if (field->type == FIELD_STRING && !*(const char *const *)value)
                        continue;
                if ((flags & ENCODE_NO_DEFAULTS) && equals_default(field, value))
                        continue;
                (void)encode_name(field->name, !first, out);
                first = false;
                (void)encode_value(field, value, flags, out);
        }
        return buffer_putc(out, '}');
}

int encode_given(const Field *field, const void *object, Buffer *out)
{
        const void *value = at(object, field->offset);
        int r;

        if (equals_default(field, value))
                return 0;
        r = encode_value(field, value, ENCODE_NO_DEFAULTS, out);
        return r < 0 ? r : 1;
}

int encode_document(const Object *object, EncodeFlags flags, Buffer *out)
{
        const KindSchema *schema = kind_schema(object->kind);

        (void)buffer_puts(out, "{\"apiVersion\":\"" API_VERSION "\",\"kind\":\"");
        (void)buffer_puts(out, object_kind_to_string(object->kind));
        (void)buffer_puts(out, "\",\"metadata\":");
        (void)encode_object(&meta_schema, &object->meta, flags, out);
        (void)buffer_puts(out, ",\"spec\":");
        (void)encode_object(schema->spec, object, flags, out);
        return buffer_putc(out, '}');
}
