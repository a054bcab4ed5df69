#include "notation-maker.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/buffer.h"
#include "trust/base64.h"
#include "unit.h"

#define TEXT_MAX ((size_t)1024 * 1024)

static const struct {
        const char *type, *curve, *hash;
        size_t bits;
        int cose, half; /* half: bytes of r and s */
} algorithms[] = {
        { "RSA", NULL, "SHA256", 2048, -37, 0 }, { "RSA", NULL, "SHA384", 3072, -38, 0 },
        { "RSA", NULL, "SHA512", 4096, -39, 0 }, { "EC", "P-256", "SHA256", 0, -7, 32 },
        { "EC", "P-384", "SHA384", 0, -35, 48 }, { "EC", "P-521", "SHA512", 0, -36, 66 },
};
const char *const notation_names[] = { "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", NULL };

/* --- texts ------------------------------------------------------------------------------------ */

const char *notation_replace(const NotationMaker *maker, const char *text, const char *from,
                             const char *to)
{
        const char *at;

        if (!from)
                return text;
        at = strstr(text, from);
        assert_case(at != NULL, "'%s' is not in '%s'", from, text);
        return arena_printf(maker->arena, "%.*s%s%s", (int)(at - text), text, to,
                            at + strlen(from));
}

static const char *fill(const NotationMaker *maker, const char *text, const char *name,
                        const char *value)
{
        return strstr(text, name) ? notation_replace(maker, text, name, value) : text;
}

static const char *base64(const NotationMaker *maker, Bytes data, bool is_url)
{
        const char *text;
        Buffer out;

        buffer_init(&out, TEXT_MAX);
        base64_encode(data.data, data.size, &out);
        for (char *c = out.data; is_url && *c; c++)
                *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
        text = arena_strdup(maker->arena, out.data);
        buffer_done(&out);
        return text;
}

static const char *hex(const NotationMaker *maker, Bytes data)
{
        char *text = arena_alloc_bytes(maker->arena, 2 * data.size + 1);

        text[0] = '\0';
        for (size_t i = 0; i < data.size; i++)
                (void)snprintf(text + 2 * i, 3, "%02x", data.data[i]);
        return text;
}

static Bytes bytes_of(const char *text)
{
        return (Bytes){ (const void *)text, strlen(text) };
}

/* --- CBOR ------------------------------------------------------------------------------------- */

static void put_head(Buffer *out, unsigned major, uint64_t value)
{
        const unsigned n = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
        static const unsigned kinds[] = { [1] = 24, [2] = 25, [4] = 26 };

        (void)buffer_putc(out, (char)(major << 5 | (n == 0 ? (unsigned)value : kinds[n])));
        for (unsigned i = n; i > 0; i--)
                (void)buffer_putc(out, (char)(value >> (8 * (i - 1))));
}

static void put_item(const char **at, Buffer *out);

static void put_list(const char **at, unsigned major, char end, Buffer *out)
{
        Buffer inner;
        size_t n = 0;

        buffer_init(&inner, TEXT_MAX);
        for (*at += 1 + strspn(*at + 1, " ,:"); **at != end; *at += strspn(*at, " ,:"), n++)
                put_item(at, &inner);
        ++*at;
        put_head(out, major, end == '}' ? n / 2 : n);
        (void)buffer_append(out, inner.data, inner.size);
        buffer_done(&inner);
}

static void put_hex(const char *digits, size_t n, Buffer *out)
{
        for (size_t i = 0; i + 1 < n; i += 2) {
                unsigned value = 0;

                assert_int_equal(sscanf(digits + i, "%2x", &value), 1);
                (void)buffer_putc(out, (char)value);
        }
}

static void put_number(const char **at, Buffer *out)
{
        char *end;
        const long long number = strtoll(*at, &end, 10);

        assert_true(end > *at);
        *at = end;
        if (*end != '(') {
                put_head(out, number < 0, number < 0 ? (uint64_t)(-1 - number) : (uint64_t)number);
                return;
        }
        put_head(out, 6, (uint64_t)number);
        ++*at;
        put_item(at, out);
        assert_true(*(*at)++ == ')');
}

/* Writes an item: {a: b}, [a, b], 'text', "hex digits of bytes", 1(tag), -1, or !hex digits of
 * anything. */
static void put_item(const char **at, Buffer *out)
{
        const char first = **at, *start = *at + 1;
        size_t n;

        switch (first) {
        case '{': put_list(at, 5, '}', out); return;
        case '[': put_list(at, 4, ']', out); return;
        case '\'':
        case '"':
                n = strcspn(start, first == '\'' ? "'" : "\"");
                put_head(out, first == '\'' ? 3 : 2, first == '\'' ? n : n / 2);
                if (first == '\'')
                        (void)buffer_append(out, start, n);
                else
                        put_hex(start, n, out);
                *at = start + n + 1;
                return;
        case '!':
                n = strspn(start, "0123456789abcdef");
                put_hex(start, n, out);
                *at = start + n;
                return;
        default: put_number(at, out);
        }
}

Bytes notation_cbor(const NotationMaker *maker, const char *text)
{
        Bytes bytes;
        Buffer out;

        buffer_init(&out, TEXT_MAX);
        for (; *text; text += strspn(text, " ,"))
                put_item(&text, &out);
        bytes = (Bytes){ arena_memdup(maker->arena, out.data, out.size), out.size };
        buffer_done(&out);
        return bytes;
}

/* --- certificates ----------------------------------------------------------------------------- */

static void extend(X509 *certificate, const char *name, const char *value)
{
        X509_EXTENSION *extension;
        X509V3_CTX context;

        if (!value)
                return;
        X509V3_set_ctx(&context, NULL, certificate, NULL, NULL, 0);
        X509V3_set_ctx_nodb(&context);
        extension = X509V3_EXT_conf(NULL, &context, name, value);
        assert_case(extension != NULL, "%s = %s", name, value);
        assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
        X509_EXTENSION_free(extension);
}

static void name(X509_NAME *subject, const char *text)
{
        while (*text) {
                const size_t n = strcspn(text, "="), n_value = strcspn(text + n, "/");
                char type[32];

                (void)snprintf(type, sizeof(type), "%.*s", (int)n, text);
                assert_int_equal(X509_NAME_add_entry_by_txt(subject, type, MBSTRING_UTF8,
                                                            (const void *)(text + n + 1),
                                                            (int)n_value - 1, -1, 0),
                                 1);
                text += n + n_value;
                text += *text == '/';
        }
}

static X509 *make_certificate(const char *subject, EVP_PKEY *key, X509 *issuer, long from,
                              long until)
{
        X509 *made = X509_new();
        static long serial = 1000;

        assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
        assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial), 1);
        name(X509_get_subject_name(made), subject);
        assert_int_equal(X509_set_issuer_name(made, X509_get_subject_name(issuer ? issuer : made)),
                         1);
        assert_non_null(ASN1_TIME_set(X509_getm_notBefore(made), from));
        assert_non_null(ASN1_TIME_set(X509_getm_notAfter(made), until));
        assert_int_equal(X509_set_pubkey(made, key), 1);
        return made;
}

static X509 *make_leaf(const NotationMaker *maker, const NotationRecipe *recipe)
{
        EVP_PKEY *key = maker->keys[recipe->algorithm];
        X509 *issuer = recipe->has_between ? maker->between : maker->base.ca;
        X509 *made = make_certificate(recipe->subject, key, recipe->is_self_signed ? NULL : issuer,
                                      recipe->from, recipe->until);

        extend(made, "basicConstraints", recipe->constraints);
        extend(made, "keyUsage", recipe->usage);
        extend(made, "extendedKeyUsage", recipe->extended_usage);
        assert_true(X509_sign(made,
                              recipe->is_self_signed ? key
                              : recipe->has_between  ? maker->between_key
                                                     : maker->base.ca_key,
                              EVP_sha256()) > 0);
        return made;
}

static Bytes der_of(const NotationMaker *maker, X509 *certificate)
{
        unsigned char *der = NULL;
        int size = i2d_X509(certificate, &der);
        Bytes bytes = { arena_memdup(maker->arena, der, (size_t)size), (size_t)size };

        OPENSSL_free(der);
        return bytes;
}

const char *notation_pem(const NotationMaker *maker, X509 *certificate)
{
        BIO *bio = BIO_new(BIO_s_mem());
        const char *text;
        char *data;
        long size;

        assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
        size = BIO_get_mem_data(bio, &data);
        text = arena_strndup(maker->arena, data, (size_t)size);
        BIO_free(bio);
        return text;
}

/* --- envelopes -------------------------------------------------------------------------------- */

static Bytes sign(const NotationMaker *maker, const NotationRecipe *recipe, Bytes data)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *parameters = NULL;
        unsigned char signature[1024], *raw = arena_alloc(maker->arena, sizeof(signature));
        const unsigned char *at = signature;
        const int half = algorithms[recipe->algorithm].half;
        size_t size = sizeof(signature);
        ECDSA_SIG *pair;

        assert_int_equal(EVP_DigestSignInit_ex(context, &parameters,
                                               algorithms[recipe->algorithm].hash, NULL, NULL,
                                               maker->keys[recipe->algorithm], NULL),
                         1);
        if (half == 0) {
                assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING),
                                 1);
                assert_int_equal(
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST), 1);
        }
        assert_int_equal(EVP_DigestSign(context, signature, &size, data.data, data.size), 1);
        EVP_MD_CTX_free(context);
        signature[size - 1] ^= recipe->has_bad_signature;
        if (half == 0)
                return (Bytes){ arena_memdup(maker->arena, signature, size), size };
        pair = d2i_ECDSA_SIG(NULL, &at, (long)size);
        assert_non_null(pair);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, half), half);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + half, half), half);
        ECDSA_SIG_free(pair);
        return (Bytes){ raw, 2 * (size_t)half };
}

/* Returns the certificates as a list of base64 texts, or of hexadecimal digits. */
static const char *list_chain(const NotationMaker *maker, NotationFormat format,
                              const NotationRecipe *recipe, X509 *leaf)
{
        X509 *chain[] = { leaf, recipe->has_between ? maker->between : NULL,
                          recipe->is_self_signed ? NULL : maker->base.ca };
        const char *text = "";

        for (size_t i = 0; i < ARRAY_SIZE(chain); i++)
                if (chain[i])
                        text = arena_printf(maker->arena, "%s%s\"%s\"", text, *text ? "," : "",
                                            format == NOTATION_JWS
                                                    ? base64(maker, der_of(maker, chain[i]), false)
                                                    : hex(maker, der_of(maker, chain[i])));
        return text;
}

static const char *fill_others(const NotationMaker *maker, NotationFormat format,
                               const NotationRecipe *recipe, X509 *leaf, Bytes signature)
{
        const char *others =
                fill(maker, recipe->others, "$CHAIN", list_chain(maker, format, recipe, leaf));
        Bytes stamp;

        if (recipe->stamp == 0)
                return others;
        stamp = maker_stamp(&maker->base, signature, recipe->stamp, true);
        return notation_replace(maker, others, "}",
                                arena_printf(maker->arena,
                                             format == NOTATION_JWS
                                                     ? ",\"" NOTATION_HEADER_STAMP "\":\"%s\"}"
                                                     : ", '" NOTATION_HEADER_STAMP "': \"%s\"}",
                                             format == NOTATION_JWS ? base64(maker, stamp, false)
                                                                    : hex(maker, stamp)));
}

static const char *algorithm_of(const NotationMaker *maker, NotationFormat format,
                                const NotationRecipe *recipe)
{
        return format == NOTATION_JWS
                       ? notation_names[recipe->algorithm]
                       : arena_printf(maker->arena, "%d", algorithms[recipe->algorithm].cose);
}

Bytes notation_make(const NotationMaker *maker, NotationFormat format, const NotationRecipe *recipe,
                    const char **ret_leaf)
{
        const bool is_jws = format == NOTATION_JWS;
        X509 *leaf = make_leaf(maker, recipe);
        const char *headers = fill(maker, recipe->headers, "$ALG",
                                   algorithm_of(maker, format, recipe)),
                   *text = recipe->envelope, *payload;
        Bytes signature, input;

        headers = is_jws ? base64(maker, bytes_of(headers), true)
                         : hex(maker, notation_cbor(maker, headers));
        payload = is_jws ? base64(maker, bytes_of(recipe->payload), true)
                         : hex(maker, bytes_of(recipe->payload));
        input = is_jws ? bytes_of(arena_printf(maker->arena, "%s.%s", headers, payload))
                       : notation_cbor(maker, arena_printf(maker->arena,
                                                           "['Signature1', \"%s\", \"\", \"%s\"]",
                                                           headers, payload));
        signature = sign(maker, recipe, input);
        text = fill(maker, text, "$HEADERS", headers);
        text = fill(maker, text, "$PAYLOAD", payload);
        text = fill(maker, text, "$SIGNATURE",
                    is_jws ? base64(maker, signature, true) : hex(maker, signature));
        text = fill(maker, text, "$OTHERS", fill_others(maker, format, recipe, leaf, signature));
        if (ret_leaf)
                *ret_leaf = notation_pem(maker, leaf);
        X509_free(leaf);
        return is_jws ? bytes_of(text) : notation_cbor(maker, text);
}

/* --- recipes ---------------------------------------------------------------------------------- */

NotationRecipe notation_recipe(const NotationMaker *maker, NotationFormat format)
{
        NotationRecipe recipe = {
                .algorithm = 3,
                .subject = "C=US/ST=WA/O=Example, Inc/OU=Build/CN=release",
                .usage = "critical,digitalSignature",
                .extended_usage = "codeSigning",
                .from = MAKER_TIME - 86400,
                .until = MAKER_TIME + 30L * 86400,
                .payload = "{\"targetArtifact\":{\"mediaType\":\"" NOTATION_TYPE
                           "\",\"digest\":\"" NOTATION_DIGEST "\",\"size\":481}}",
        };

        (void)maker;
        if (format == NOTATION_JWS) {
                recipe.headers =
                        "{\"alg\":\"$ALG\",\"cty\":\"" NOTATION_PAYLOAD_TYPE
                        "\",\"crit\":[\"" NOTATION_HEADER_SCHEME "\"],\"" NOTATION_HEADER_SCHEME
                        "\":\"notary.x509\",\"" NOTATION_HEADER_SIGNING_TIME
                        "\":\"2023-11-14T23:13:20+01:00\"}"; /* MAKER_TIME */
                recipe.others = "{\"x5c\":[$CHAIN],\"io.cncf.notary.signingAgent\":\"test/1.0.0\"}";
                recipe.envelope = "{\"payload\":\"$PAYLOAD\",\"protected\":\"$HEADERS\","
                                  "\"header\":$OTHERS,\"signature\":\"$SIGNATURE\"}";
                return recipe;
        }
        recipe.headers = "{1: $ALG, 2: ['" NOTATION_HEADER_SCHEME "'], 3: '" NOTATION_PAYLOAD_TYPE
                         "', '" NOTATION_HEADER_SCHEME "': 'notary.x509', "
                         "'" NOTATION_HEADER_SIGNING_TIME "': 1(1700000000)}";
        recipe.others = "{33: [$CHAIN], 'io.cncf.notary.signingAgent': 'test/1.0.0'}";
        recipe.envelope = "18([\"$HEADERS\", $OTHERS, \"$PAYLOAD\", \"$SIGNATURE\"])";
        return recipe;
}

NotationRecipe notation_authority_recipe(const NotationMaker *maker, NotationFormat format)
{
        NotationRecipe recipe = notation_recipe(maker, format);

        recipe.headers = notation_replace(maker, recipe.headers, "notary.x509",
                                          "notary.x509.signingAuthority");
        recipe.headers = notation_replace(maker, recipe.headers, NOTATION_HEADER_SIGNING_TIME,
                                          NOTATION_HEADER_AUTHENTIC_TIME);
        recipe.headers = format == NOTATION_JWS
                                 ? notation_replace(maker, recipe.headers, "\"]",
                                                    "\",\"" NOTATION_HEADER_AUTHENTIC_TIME "\"]")
                                 : notation_replace(maker, recipe.headers, "']",
                                                    "', '" NOTATION_HEADER_AUTHENTIC_TIME "']");
        return recipe;
}

void notation_maker_init(NotationMaker *maker, Arena *arena)
{
        *maker = (NotationMaker){ .arena = arena };
        maker_init(&maker->base, arena);
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
                maker->keys[i] = algorithms[i].curve
                                         ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithms[i].curve)
                                         : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", algorithms[i].bits);
                assert_non_null(maker->keys[i]);
        }
        maker->between_key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        maker->between = make_certificate("CN=between", maker->between_key, maker->base.ca,
                                          MAKER_TIME - 30L * 86400, MAKER_TIME + 60L * 86400);
        extend(maker->between, "basicConstraints", "critical,CA:TRUE,pathlen:0");
        extend(maker->between, "keyUsage", "critical,keyCertSign");
        assert_true(X509_sign(maker->between, maker->base.ca_key, EVP_sha256()) > 0);
}

void notation_maker_done(NotationMaker *maker)
{
        for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
                EVP_PKEY_free(maker->keys[i]);
        EVP_PKEY_free(maker->between_key);
        X509_free(maker->between);
        maker_done(&maker->base);
}
