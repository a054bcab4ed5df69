#include <cbor.h>
#include <errno.h>

#include "base/buffer.h"
#include "base/limits-trust.h"
#include "trust/notation/cbor-item.h"
#include "trust/notation/headers.h"

#define TAG_SIGN1    18 /* RFC 9052, 2 */
#define TAG_TIME     1  /* RFC 8949, 3.4.2 */
#define LABEL_ALG    1
#define LABEL_CRIT   2
#define LABEL_TYPE   3
#define LABEL_CHAIN  33 /* RFC 9360 */
#define SIGN1_LENGTH 4
#define HEAD_MAX     9 /* bytes of the head of an item */

/* Attributes of both maps. */
typedef struct CoseHeaders {
        NotationHeaders all;
        CborItem labels[COSE_LABELS_MAX];
        size_t n;
        CborReader critical; /* the items of the list; read when all labels are known */
        uint64_t n_critical;
} CoseHeaders;

typedef struct CoseParser {
        CborReader *reader;
        CoseHeaders *headers;
        NotationEnvelope *envelope;
        Arena *arena;
} CoseParser;

static int refuse_cbor(const char *what, Error *err)
{
        return error_set(err, ERROR_INVALID, -EBADMSG,
                         "not a Notary Project signature: %s is not valid in COSE", what);
}

static bool is_equal(const CborItem *a, const CborItem *b)
{
        return a->kind == b->kind && a->value == b->value && bytes_equal(a->bytes, b->bytes);
}

static bool is_number(const CborItem *item, uint64_t number)
{
        return item->kind == CBOR_KIND_UNSIGNED && item->value == number;
}

/* --- values ----------------------------------------------------------------------------------- */

static int read_algorithm(const CoseParser *parser, Error *err)
{
        CborItem item;
        int r = cbor_next_of(parser->reader, CBOR_KIND_NEGATIVE, &item);

        if (r >= 0 && item.value < INT16_MAX)
                parser->envelope->algorithm = notation_algorithm_of_cose(-1 - (int64_t)item.value);
        if (parser->envelope->algorithm)
                return 0;
        return notation_refuse("its algorithm is not one of PS256, PS384, PS512, ES256, ES384 and "
                               "ES512",
                               err);
}

static int read_text(const CoseParser *parser, const char *what, Bytes *ret, Error *err)
{
        CborItem item;

        if (cbor_next_of(parser->reader, CBOR_KIND_TEXT, &item) < 0)
                return refuse_cbor(what, err);
        *ret = item.bytes;
        return 0;
}

static int read_time(const CoseParser *parser, const char *what, usec_t *ret, Error *err)
{
        CborItem tag, item;

        if (cbor_next_of(parser->reader, CBOR_KIND_TAG, &tag) < 0 || tag.value != TAG_TIME ||
            cbor_next_of(parser->reader, CBOR_KIND_UNSIGNED, &item) < 0 || item.value == 0 ||
            item.value > INT32_MAX * (uint64_t)INT16_MAX)
                return refuse_cbor(what, err);
        *ret = item.value * USEC_PER_SEC;
        return 0;
}

/* The list may name a label that follows it, so it is only found here. */
static int find_critical(const CoseParser *parser, Error *err)
{
        CborReader start = *parser->reader;
        CborItem list;

        if (cbor_skip(parser->reader) < 0 || cbor_next_of(&start, CBOR_KIND_ARRAY, &list) < 0)
                return refuse_cbor("the list of critical attributes", err);
        parser->headers->critical = start;
        parser->headers->n_critical = list.value;
        return 0;
}

static int read_critical(CoseHeaders *headers, Error *err)
{
        int r = 0;

        for (uint64_t i = 0; i < headers->n_critical && r >= 0; i++) {
                CborItem item;

                if (cbor_next_of(&headers->critical, CBOR_KIND_TEXT, &item) < 0)
                        return notation_refuse(
                                "an item of the list of critical attributes is not text", err);
                r = notation_note_critical(&headers->all, item.bytes, err);
        }
        return r;
}

/* Reads a list of certificates, or one certificate. */
static int read_chain(const CoseParser *parser, Error *err)
{
        Bytes *certificates = arena_alloc_array(parser->arena, CHAIN_MAX, sizeof(*certificates));
        CborReader start = *parser->reader;
        CborItem item;
        uint64_t n = 1;

        if (!certificates)
                return error_oom(err);
        if (cbor_next(parser->reader, &item) >= 0 && item.kind == CBOR_KIND_ARRAY)
                n = item.value;
        else
                *parser->reader = start;
        if (n > CHAIN_MAX)
                return notation_refuse("it has too many certificates (x5chain)", err);
        for (uint64_t i = 0; i < n; i++) {
                if (cbor_next_of(parser->reader, CBOR_KIND_BYTES, &item) < 0)
                        return refuse_cbor("the chain of certificates", err);
                certificates[i] = item.bytes;
        }
        parser->envelope->chain = certificates;
        parser->envelope->n_chain = n;
        return 0;
}

static int read_stamp(const CoseParser *parser, Error *err)
{
        CborItem item;

        if (cbor_next_of(parser->reader, CBOR_KIND_BYTES, &item) < 0)
                return refuse_cbor("the time stamp", err);
        parser->envelope->stamp = item.bytes;
        return 0;
}

/* --- maps ------------------------------------------------------------------------------------- */

static int read_signed_value(const CoseParser *parser, const CborItem *label, Error *err)
{
        NotationHeaders *all = &parser->headers->all;

        if (is_number(label, LABEL_ALG))
                return read_algorithm(parser, err);
        if (is_number(label, LABEL_CRIT))
                return find_critical(parser, err);
        if (is_number(label, LABEL_TYPE))
                return read_text(parser, "the content type", &all->content_type, err);
        if (cbor_is_text(label, NOTATION_HEADER_SCHEME))
                return read_text(parser, NOTATION_HEADER_SCHEME, &all->scheme, err);
        if (cbor_is_text(label, NOTATION_HEADER_SIGNING_TIME))
                return read_time(parser, NOTATION_HEADER_SIGNING_TIME, &all->signing_time, err);
        if (cbor_is_text(label, NOTATION_HEADER_AUTHENTIC_TIME))
                return read_time(parser, NOTATION_HEADER_AUTHENTIC_TIME, &all->authentic_time, err);
        if (cbor_is_text(label, NOTATION_HEADER_EXPIRY))
                return read_time(parser, NOTATION_HEADER_EXPIRY, &all->expiry, err);
        all->has_plugin = all->has_plugin || cbor_is_text(label, NOTATION_HEADER_PLUGIN);
        return 1;
}

/* Returns 1 if the value of this label was not read. */
static int read_value(const CoseParser *parser, bool is_signed, const CborItem *label, Error *err)
{
        if (is_number(label, LABEL_CHAIN))
                return read_chain(parser, err);
        if (is_signed)
                return read_signed_value(parser, label, err);
        return cbor_is_text(label, NOTATION_HEADER_STAMP) ? read_stamp(parser, err) : 1;
}

/* Reads a label. RFC 9052, 3: a label is in one of both maps only, and only once. */
static int read_label(const CoseParser *parser, CborItem *ret, Error *err)
{
        CoseHeaders *headers = parser->headers;

        if (cbor_next(parser->reader, ret) < 0 ||
            (ret->kind != CBOR_KIND_UNSIGNED && ret->kind != CBOR_KIND_NEGATIVE &&
             ret->kind != CBOR_KIND_TEXT))
                return refuse_cbor("a label", err);
        for (size_t i = 0; i < headers->n; i++)
                if (is_equal(&headers->labels[i], ret))
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "the signature has an attribute twice: programs differ in "
                                         "which value they take");
        if (headers->n == COSE_LABELS_MAX)
                return notation_refuse("it has too many attributes", err);
        headers->labels[headers->n++] = *ret;
        return 0;
}

static int read_map(const CoseParser *parser, bool is_signed, Error *err)
{
        CborItem map, label;

        if (cbor_next_of(parser->reader, CBOR_KIND_MAP, &map) < 0)
                return refuse_cbor("the map of attributes", err);
        for (uint64_t i = 0; i < map.value; i++) {
                int r = read_label(parser, &label, err);

                if (r >= 0)
                        r = read_value(parser, is_signed, &label, err);
                if (r < 0)
                        return r;
                if (r > 0 && cbor_skip(parser->reader) < 0)
                        return refuse_cbor("an attribute", err);
        }
        return 0;
}

/* --- the envelope ----------------------------------------------------------------------------- */

static void append_bytes(Buffer *out, Bytes bytes)
{
        unsigned char head[HEAD_MAX];

        (void)buffer_append(out, head,
                            cbor_encode_bytestring_start(bytes.size, head, sizeof(head)));
        (void)buffer_append(out, bytes.data, bytes.size);
}

/* Encodes the Sig_structure (RFC 9052, 4.4), which the signature covers. */
static int encode_signed(Bytes headers, Arena *arena, NotationEnvelope *ret, Error *err)
{
        static const char context[] = "Signature1";
        const size_t n_context = sizeof(context) - 1;
        _cleanup_(buffer_done) Buffer out;
        unsigned char head[HEAD_MAX];

        buffer_init(&out, (size_t)2 * NOTATION_MAX);
        (void)buffer_append(&out, head, cbor_encode_array_start(SIGN1_LENGTH, head, sizeof(head)));
        (void)buffer_append(&out, head, cbor_encode_string_start(n_context, head, sizeof(head)));
        (void)buffer_append(&out, context, n_context);
        append_bytes(&out, headers);
        append_bytes(&out, (Bytes){ (const void *)"", 0 }); /* no external data */
        append_bytes(&out, ret->payload);
        ret->signed_bytes =
                (Bytes){ out.failed ? NULL : arena_memdup(arena, out.data, out.size), out.size };
        return ret->signed_bytes.data ? 0 : error_oom(err);
}

static int check_complete(const CoseParser *parser, const CoseHeaders *headers, Error *err)
{
        if (!parser->envelope->algorithm)
                return notation_refuse("it has no algorithm", err);
        if (parser->envelope->n_chain == 0)
                return notation_refuse("it has no chain of certificates (x5chain)", err);
        return notation_check_headers(&headers->all, parser->envelope, err);
}

static int read_parts(const CoseParser *parser, Bytes *ret_headers, Error *err)
{
        CborReader inner;
        CborItem item;
        CoseParser of_signed = *parser;
        int r;

        if (cbor_next_of(parser->reader, CBOR_KIND_TAG, &item) < 0 || item.value != TAG_SIGN1 ||
            cbor_next_of(parser->reader, CBOR_KIND_ARRAY, &item) < 0 ||
            item.value != SIGN1_LENGTH || cbor_next_of(parser->reader, CBOR_KIND_BYTES, &item) < 0)
                return notation_refuse("it is not COSE_Sign1", err);
        *ret_headers = item.bytes;
        inner.rest = item.bytes;
        of_signed.reader = &inner;
        r = read_map(&of_signed, true, err);
        if (r < 0)
                return r;
        if (inner.rest.size > 0)
                return refuse_cbor("the map of attributes", err);
        r = read_map(parser, false, err);
        if (r < 0)
                return r;
        if (cbor_next_of(parser->reader, CBOR_KIND_BYTES, &item) < 0)
                return notation_refuse("it has no payload", err);
        parser->envelope->payload = item.bytes;
        if (cbor_next_of(parser->reader, CBOR_KIND_BYTES, &item) < 0 ||
            parser->reader->rest.size > 0)
                return refuse_cbor("the signature", err);
        parser->envelope->signature = item.bytes;
        return 0;
}

int notation_read_cose(Bytes data, Arena *arena, NotationEnvelope *ret, Error *err)
{
        CborReader reader = { data };
        CoseHeaders headers = { 0 };
        const CoseParser parser = { &reader, &headers, ret, arena };
        Bytes signed_headers = { 0 };
        int r = read_parts(&parser, &signed_headers, err);

        if (r >= 0)
                r = read_critical(&headers, err);
        if (r >= 0)
                r = check_complete(&parser, &headers, err);
        return r < 0 ? r : encode_signed(signed_headers, arena, ret, err);
}
