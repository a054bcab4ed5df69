#include "trust/notation/cbor-item.h"

#include <cbor.h>
#include <errno.h>

/* heads of tags that are one byte */
#define TAG_FIRST 0xc0
#define TAG_LAST  0xd7

#if CBOR_MAJOR_VERSION == 0 && CBOR_MINOR_VERSION < 10
typedef size_t CborSize;
#else
typedef uint64_t CborSize;
#endif

/* The item that the callbacks of libcbor fill. */
typedef struct Decoded {
        CborItem item;
        bool is_indefinite;
} Decoded;

static void take(void *userdata, CborKind kind, uint64_t value)
{
        Decoded *decoded = userdata;

        decoded->item = (CborItem){ .kind = kind, .value = value };
}

static void on_uint8(void *userdata, uint8_t value)
{
        take(userdata, CBOR_KIND_UNSIGNED, value);
}

static void on_uint16(void *userdata, uint16_t value)
{
        take(userdata, CBOR_KIND_UNSIGNED, value);
}

static void on_uint32(void *userdata, uint32_t value)
{
        take(userdata, CBOR_KIND_UNSIGNED, value);
}

static void on_uint64(void *userdata, uint64_t value)
{
        take(userdata, CBOR_KIND_UNSIGNED, value);
}

static void on_negint8(void *userdata, uint8_t value)
{
        take(userdata, CBOR_KIND_NEGATIVE, value);
}

static void on_negint16(void *userdata, uint16_t value)
{
        take(userdata, CBOR_KIND_NEGATIVE, value);
}

static void on_negint32(void *userdata, uint32_t value)
{
        take(userdata, CBOR_KIND_NEGATIVE, value);
}

static void on_negint64(void *userdata, uint64_t value)
{
        take(userdata, CBOR_KIND_NEGATIVE, value);
}

static void on_bytes(void *userdata, cbor_data data, CborSize size)
{
        Decoded *decoded = userdata;

        decoded->item = (CborItem){ .kind = CBOR_KIND_BYTES, .bytes = { data, (size_t)size } };
}

static void on_text(void *userdata, cbor_data data, CborSize size)
{
        Decoded *decoded = userdata;

        decoded->item = (CborItem){ .kind = CBOR_KIND_TEXT, .bytes = { data, (size_t)size } };
}

static void on_array(void *userdata, CborSize n)
{
        take(userdata, CBOR_KIND_ARRAY, n);
}

static void on_map(void *userdata, CborSize n)
{
        take(userdata, CBOR_KIND_MAP, n);
}

static void on_tag(void *userdata, uint64_t tag)
{
        take(userdata, CBOR_KIND_TAG, tag);
}

static void on_indefinite(void *userdata)
{
        Decoded *decoded = userdata;

        decoded->is_indefinite = true;
}

/* Reads a tag of one byte. libcbor before 0.11 refuses 6 to 20, among them that of COSE_Sign1. */
static bool read_short_tag(CborReader *reader, CborItem *ret)
{
        const unsigned head = reader->rest.size > 0 ? reader->rest.data[0] : 0;

        if (head < TAG_FIRST || head > TAG_LAST)
                return false;
        *ret = (CborItem){ .kind = CBOR_KIND_TAG, .value = head - TAG_FIRST };
        reader->rest.data++;
        reader->rest.size--;
        return true;
}

int cbor_next(CborReader *reader, CborItem *ret)
{
        Decoded decoded = { .item.kind = CBOR_KIND_OTHER };
        struct cbor_callbacks callbacks = cbor_empty_callbacks;
        struct cbor_decoder_result result;

        if (read_short_tag(reader, ret))
                return 0;
        callbacks.uint8 = on_uint8;
        callbacks.uint16 = on_uint16;
        callbacks.uint32 = on_uint32;
        callbacks.uint64 = on_uint64;
        callbacks.negint8 = on_negint8;
        callbacks.negint16 = on_negint16;
        callbacks.negint32 = on_negint32;
        callbacks.negint64 = on_negint64;
        callbacks.byte_string = on_bytes;
        callbacks.string = on_text;
        callbacks.array_start = on_array;
        callbacks.map_start = on_map;
        callbacks.tag = on_tag;
        callbacks.byte_string_start = on_indefinite;
        callbacks.string_start = on_indefinite;
        callbacks.indef_array_start = on_indefinite;
        callbacks.indef_map_start = on_indefinite;
        callbacks.indef_break = on_indefinite;
        result = cbor_stream_decode(reader->rest.data, reader->rest.size, &callbacks, &decoded);
        if (result.status != CBOR_DECODER_FINISHED || decoded.is_indefinite)
                return -EBADMSG;
        reader->rest.data += result.read;
        reader->rest.size -= result.read;
        *ret = decoded.item;
        return 0;
}

int cbor_next_of(CborReader *reader, CborKind kind, CborItem *ret)
{
        int r = cbor_next(reader, ret);

        return r >= 0 && ret->kind != kind ? -EBADMSG : r;
}

int cbor_skip(CborReader *reader)
{
        uint64_t left = 1;

        while (left > 0) {
                CborItem item;
                int r = cbor_next(reader, &item);

                if (r < 0)
                        return r;
                left--;
                /* each item takes a byte, so that a larger number is a false claim */
                if (item.value > reader->rest.size &&
                    (item.kind == CBOR_KIND_ARRAY || item.kind == CBOR_KIND_MAP))
                        return -EBADMSG;
                if (item.kind == CBOR_KIND_ARRAY)
                        left += item.value;
                else if (item.kind == CBOR_KIND_MAP)
                        left += 2 * item.value;
                else if (item.kind == CBOR_KIND_TAG)
                        left++;
        }
        return 0;
}

bool cbor_is_text(const CborItem *item, const char *text)
{
        return item->kind == CBOR_KIND_TEXT &&
               bytes_equal(item->bytes, (Bytes){ (const void *)text, strlen(text) });
}
