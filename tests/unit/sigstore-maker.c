#include "sigstore-maker.h"

#include <openssl/ct.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "trust/base64.h"
#include "trust/dsse.h"
#include "trust/hash.h"
#include "unit.h"

#define TEXT_MAX   ((size_t)1024 * 1024)
#define LOG_HOST   "log.example.com"
#define POLICY     "1.3.6.1.4.1.57264.2"
#define YEARS      (10 * 365 * 86400L)
#define ISSUER_RAW "1.3.6.1.4.1.57264.1.1"
#define ISSUER_OID "1.3.6.1.4.1.57264.1.8"

/* --- bytes ------------------------------------------------------------------------------------ */

static const char *encode(const Maker *maker, Bytes data)
{
        const char *text;
        Buffer out;

        buffer_init(&out, TEXT_MAX);
        base64_encode(data.data, data.size, &out);
        text = arena_strdup(maker->arena, out.data);
        buffer_done(&out);
        return text;
}

static Bytes copy(const Maker *maker, unsigned char *der, int size)
{
        Bytes bytes = { arena_memdup(maker->arena, der, (size_t)size), (size_t)size };

        assert_true(size > 0);
        OPENSSL_free(der);
        return bytes;
}

static Bytes der_of(const Maker *maker, X509 *certificate)
{
        unsigned char *der = NULL;
        int size = i2d_X509(certificate, &der);

        return copy(maker, der, size);
}

static Bytes key_der(const Maker *maker, EVP_PKEY *key)
{
        unsigned char *der = NULL;
        int size = i2d_PUBKEY(key, &der);

        return copy(maker, der, size);
}

static Bytes hash(const Maker *maker, Bytes data)
{
        Hash result;

        assert_int_equal(hash_compute("sha256", data, &result, NULL), 0);
        return (Bytes){ arena_memdup(maker->arena, result.data, result.size), result.size };
}

static const char *hex(const Maker *maker, Bytes data)
{
        const char *text = "";

        for (size_t i = 0; i < data.size; i++)
                text = arena_printf(maker->arena, "%s%02x", text, data.data[i]);
        return text;
}

static Bytes bytes_of(const char *text)
{
        return (Bytes){ (const void *)text, strlen(text) };
}

static Bytes sign(const Maker *maker, EVP_PKEY *key, Bytes data)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[512];
        size_t size = sizeof(signature);

        assert_int_equal(EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL), 1);
        assert_int_equal(EVP_DigestSign(context, signature, &size, data.data, data.size), 1);
        EVP_MD_CTX_free(context);
        return (Bytes){ arena_memdup(maker->arena, signature, size), size };
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

static X509 *new_certificate(const char *name, EVP_PKEY *key, X509 *issuer, long from, long until)
{
        X509 *made = X509_new();
        X509_NAME *subject = X509_get_subject_name(made);
        static long serial = 1;

        assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
        assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial), 1);
        if (name)
                assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                            (const void *)name, -1, -1, 0),
                                 1);
        assert_int_equal(
                X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer) : subject), 1);
        assert_non_null(ASN1_TIME_set(X509_getm_notBefore(made), from));
        assert_non_null(ASN1_TIME_set(X509_getm_notAfter(made), until));
        assert_int_equal(X509_set_pubkey(made, key), 1);
        return made;
}

static X509 *make_ca(const char *name, EVP_PKEY *key)
{
        X509 *made = new_certificate(name, key, NULL, MAKER_TIME - YEARS, MAKER_TIME + YEARS);

        extend(made, "basicConstraints", "critical,CA:TRUE");
        extend(made, "keyUsage", "critical,keyCertSign");
        assert_true(X509_sign(made, key, EVP_sha256()) > 0);
        return made;
}

static X509 *make_stamper(const Maker *maker)
{
        X509 *made = new_certificate("stamper", maker->stamper_key, maker->stamper_root,
                                     MAKER_TIME - YEARS, MAKER_TIME + YEARS);

        extend(made, "keyUsage", "critical,digitalSignature");
        extend(made, "extendedKeyUsage", "critical,timeStamping");
        assert_true(X509_sign(made, maker->stamper_root_key, EVP_sha256()) > 0);
        return made;
}

/* Appends a number in big-endian order. */
static void put(Buffer *out, uint64_t number, unsigned n_bytes)
{
        while (n_bytes-- > 0)
                (void)buffer_putc(out, (char)(number >> (8 * n_bytes)));
}

/* Signs the certificate as a log of certificates does, before it has the timestamp. */
static void add_sct(const Maker *maker, const Recipe *recipe, X509 *made)
{
        const uint64_t when = (uint64_t)recipe->sct_time * 1000;
        const Bytes issuer = hash(maker, key_der(maker, maker->ca_key)),
                    id = hash(maker, key_der(maker, maker->ct_key));
        STACK_OF(SCT) *list = sk_SCT_new_null();
        unsigned char *der = NULL;
        SCT *sct = SCT_new();
        Bytes signature;
        Buffer out;
        int size;

        assert_true(X509_sign(made, maker->ca_key, EVP_sha256()) > 0);
        size = i2d_re_X509_tbs(made, &der);
        buffer_init(&out, TEXT_MAX);
        put(&out, 0, 2);
        put(&out, recipe->has_bad_sct ? when + 1 : when, 8);
        put(&out, 1, 2);
        (void)buffer_append(&out, issuer.data, issuer.size);
        put(&out, (uint64_t)size, 3);
        (void)buffer_append(&out, der, (size_t)size);
        put(&out, 0, 2);
        signature = sign(maker, maker->ct_key, (Bytes){ (void *)out.data, out.size });
        assert_int_equal(SCT_set_version(sct, SCT_VERSION_V1), 1);
        assert_int_equal(SCT_set1_log_id(sct, id.data, id.size), 1);
        SCT_set_timestamp(sct, when);
        assert_int_equal(SCT_set_signature_nid(sct, NID_ecdsa_with_SHA256), 1);
        assert_int_equal(SCT_set1_signature(sct, signature.data, signature.size), 1);
        assert_true(sk_SCT_push(list, sct) > 0);
        assert_int_equal(X509_add1_ext_i2d(made, NID_ct_precert_scts, list, 0, 0), 1);
        SCT_LIST_free(list);
        OPENSSL_free(der);
        buffer_done(&out);
}

static X509 *make_leaf(const Maker *maker, const Recipe *recipe)
{
        X509 *made = new_certificate(NULL, maker->leaf_key, maker->ca, recipe->from, recipe->until);

        extend(made, "basicConstraints", recipe->constraints);
        extend(made, "keyUsage", recipe->usage);
        extend(made, "extendedKeyUsage", recipe->extended_usage);
        extend(made, "subjectAltName", recipe->names);
        extend(made, ISSUER_OID, recipe->issuer);
        extend(made, ISSUER_RAW, recipe->raw_issuer);
        if (!recipe->has_no_sct)
                add_sct(maker, recipe, made);
        assert_true(X509_sign(made, maker->ca_key, EVP_sha256()) > 0);
        return made;
}

/* --- the bundle ------------------------------------------------------------------------------- */

/* The values that several parts of a bundle have. */
typedef struct Parts {
        Bytes signature, data, leaf; /* leaf size 0: a key */
        const char *verifier_pem;    /* base64 */
        const char *body;
} Parts;

static const char *pem(const Maker *maker, X509 *certificate)
{
        BIO *bio = BIO_new(BIO_s_mem());
        const char *text;
        char *data;
        long size;

        if (certificate)
                assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
        else
                assert_int_equal(PEM_write_bio_PUBKEY(bio, maker->leaf_key), 1);
        size = BIO_get_mem_data(bio, &data);
        text = arena_strndup(maker->arena, data, (size_t)size);
        BIO_free(bio);
        return text;
}

const char *maker_public_key(const Maker *maker)
{
        return pem(maker, NULL);
}

const char *maker_digest(const Maker *maker)
{
        return arena_printf(maker->arena, "sha256:%s",
                            hex(maker, hash(maker, bytes_of(MAKER_ARTIFACT))));
}

static const char *verifier2(const Maker *maker, const Parts *parts)
{
        return parts->leaf.size
                       ? arena_printf(maker->arena,
                                      "{\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\","
                                      "\"x509Certificate\":{\"rawBytes\":\"%s\"}}",
                                      encode(maker, parts->leaf))
                       : arena_printf(maker->arena, "{\"publicKey\":{\"rawBytes\":\"%s\"}}",
                                      encode(maker, key_der(maker, maker->leaf_key)));
}

static const char *spec1(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        const char *signature = encode(maker, parts->signature),
                   *payload_hash = recipe->payload
                                           ? hex(maker, hash(maker, bytes_of(recipe->payload)))
                                           : "";

        if (streq(recipe->kind, "hashedrekord"))
                return arena_printf(
                        maker->arena,
                        "{\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"}},"
                        "\"signature\":{\"content\":\"%s\",\"publicKey\":{\"content\":\"%s\"}}}",
                        hex(maker, hash(maker, parts->data)), signature, parts->verifier_pem);
        if (streq(recipe->kind, "intoto"))
                return arena_printf(
                        maker->arena,
                        "{\"content\":{\"envelope\":{\"payloadType\":\"%s\",\"signatures\":[{"
                        "\"publicKey\":\"%s\",\"sig\":\"%s\"}]},\"payloadHash\":{\"algorithm\":"
                        "\"sha256\",\"value\":\"%s\"}}}",
                        recipe->payload_type, parts->verifier_pem,
                        encode(maker, bytes_of(signature)), payload_hash);
        return arena_printf(maker->arena,
                            "{\"envelopeHash\":{\"algorithm\":\"sha256\",\"value\":\"00\"},"
                            "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"},"
                            "\"signatures\":[{\"signature\":\"%s\",\"verifier\":\"%s\"}]}",
                            payload_hash, signature, parts->verifier_pem);
}

static const char *spec2(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        const char *signature = encode(maker, parts->signature),
                   *verifier = verifier2(maker, parts);

        if (streq(recipe->kind, "hashedrekord"))
                return arena_printf(
                        maker->arena,
                        "{\"hashedRekordV002\":{\"data\":{\"algorithm\":\"SHA2_256\",\"digest\":"
                        "\"%s\"},\"signature\":{\"content\":\"%s\",\"verifier\":%s}}}",
                        encode(maker, hash(maker, parts->data)), signature, verifier);
        return arena_printf(maker->arena,
                            "{\"dsseV002\":{\"payloadHash\":{\"algorithm\":\"SHA2_256\","
                            "\"digest\":\"%s\"},\"signatures\":[{\"content\":\"%s\","
                            "\"verifier\":%s}]}}",
                            encode(maker, hash(maker, bytes_of(recipe->payload))), signature,
                            verifier);
}

static const char *make_body(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        const bool is_second = streq(recipe->version, "0.0.2") && !streq(recipe->kind, "intoto");

        return arena_printf(maker->arena, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"spec\":%s}",
                            recipe->version, recipe->kind,
                            is_second ? spec2(maker, recipe, parts) : spec1(maker, recipe, parts));
}

/* The entry is the second one of two. */
static const char *make_proof(const Maker *maker, const Parts *parts)
{
        static const unsigned char left[32] = "the hash of the first entry...";
        const Bytes id = hash(maker, key_der(maker, maker->log_key));
        unsigned char data[65] = { 1 };
        char *leaf = arena_printf(maker->arena, "-%s", parts->body);
        const char *root, *note;
        Bytes node, signature;
        unsigned char *line;

        leaf[0] = '\0';
        node = hash(maker, (Bytes){ (void *)leaf, 1 + strlen(parts->body) });
        memcpy(data + 1, left, 32);
        memcpy(data + 33, node.data, 32);
        root = encode(maker, hash(maker, (Bytes){ data, sizeof(data) }));
        note = arena_printf(maker->arena, LOG_HOST "\n2\n%s\n", root);
        signature = sign(maker, maker->log_key, bytes_of(note));
        line = arena_alloc_bytes(maker->arena, 4 + signature.size);
        memcpy(line, id.data, 4);
        memcpy(line + 4, signature.data, signature.size);
        note = arena_printf(maker->arena, LOG_HOST "\\n2\\n%s\\n\\n\xe2\x80\x94 " LOG_HOST " %s\\n",
                            root, encode(maker, (Bytes){ line, 4 + signature.size }));
        return arena_printf(maker->arena,
                            "{\"logIndex\":\"1\",\"rootHash\":\"%s\",\"treeSize\":\"2\","
                            "\"hashes\":[\"%s\"],\"checkpoint\":{\"envelope\":\"%s\"}}",
                            root, encode(maker, (Bytes){ left, 32 }), note);
}

static const char *make_entry(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        const Bytes id = hash(maker, key_der(maker, maker->log_key));
        const char *promise = "", *body = encode(maker, bytes_of(parts->body));

        if (recipe->integrated > 0) {
                const char *text = arena_printf(maker->arena,
                                                "{\"body\":\"%s\",\"integratedTime\":%ld,"
                                                "\"logID\":\"%s\",\"logIndex\":7}",
                                                body, recipe->integrated, hex(maker, id));

                promise = arena_printf(maker->arena,
                                       "\"integratedTime\":\"%ld\",\"inclusionPromise\":{"
                                       "\"signedEntryTimestamp\":\"%s\"},",
                                       recipe->integrated,
                                       encode(maker, sign(maker, maker->log_key, bytes_of(text))));
        }
        return arena_printf(maker->arena,
                            "{\"logIndex\":\"7\",\"logId\":{\"keyId\":\"%s\"},\"kindVersion\":{"
                            "\"kind\":\"%s\",\"version\":\"%s\"},%s\"inclusionProof\":%s,"
                            "\"canonicalizedBody\":\"%s\"}",
                            encode(maker, id), recipe->kind, recipe->version, promise,
                            make_proof(maker, parts), body);
}

static int on_time(TS_RESP_CTX *context, void *data, long *seconds, long *microseconds)
{
        (void)context;
        *seconds = *(const long *)data;
        *microseconds = 0;
        return 1;
}

static ASN1_INTEGER *on_serial(TS_RESP_CTX *context, void *data)
{
        ASN1_INTEGER *serial = ASN1_INTEGER_new();

        (void)context, (void)data;
        assert_int_equal(ASN1_INTEGER_set(serial, 1), 1);
        return serial;
}

/* Returns a request for a time stamp in DER. */
static BIO *make_request(const Maker *maker, Bytes signature)
{
        const char *name = maker->stamp.hash ? maker->stamp.hash : "SHA256";
        unsigned char data[EVP_MAX_MD_SIZE];
        size_t n = 0;
        TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
        X509_ALGOR *algorithm = X509_ALGOR_new();
        BIO *bio = BIO_new(BIO_s_mem());
        TS_REQ *request = TS_REQ_new();

        assert_int_equal(EVP_Q_digest(NULL, name, NULL, signature.data, signature.size, data, &n),
                         1);
        X509_ALGOR_set_md(algorithm, EVP_get_digestbyname(name));
        assert_int_equal(TS_MSG_IMPRINT_set_algo(imprint, algorithm), 1);
        assert_int_equal(TS_MSG_IMPRINT_set_msg(imprint, data, (int)n), 1);
        assert_int_equal(TS_REQ_set_version(request, 1), 1);
        assert_int_equal(TS_REQ_set_msg_imprint(request, imprint), 1);
        assert_int_equal(TS_REQ_set_cert_req(request, 1), 1);
        assert_int_equal(i2d_TS_REQ_bio(bio, request), 1);
        X509_ALGOR_free(algorithm);
        TS_MSG_IMPRINT_free(imprint);
        TS_REQ_free(request);
        return bio;
}

Bytes maker_stamp(const Maker *maker, Bytes signature, long when, bool is_token)
{
        BIO *request = make_request(maker, signature);
        TS_RESP_CTX *context = TS_RESP_CTX_new();
        const StampForm *form = &maker->stamp;
        ASN1_OBJECT *policy = OBJ_txt2obj(form->policy ? form->policy : POLICY, 1);
        unsigned char *der = NULL;
        TS_RESP *response;
        int size;

        assert_int_equal(TS_RESP_CTX_set_signer_cert(context, maker->stamper), 1);
        assert_int_equal(TS_RESP_CTX_set_signer_key(context, maker->stamper_key), 1);
        assert_int_equal(TS_RESP_CTX_set_signer_digest(context, EVP_sha256()), 1);
        assert_int_equal(TS_RESP_CTX_set_def_policy(context, policy), 1);
        assert_int_equal(TS_RESP_CTX_add_md(context, form->hash ? EVP_get_digestbyname(form->hash)
                                                                : EVP_sha256()),
                         1);
        if (form->seconds)
                assert_int_equal(TS_RESP_CTX_set_accuracy(context, form->seconds, 0, 0), 1);
        else if (is_token && !form->policy)
                assert_int_equal(TS_RESP_CTX_set_accuracy(context, 1, 500, 1), 1);
        TS_RESP_CTX_set_serial_cb(context, on_serial, NULL);
        TS_RESP_CTX_set_time_cb(context, on_time, &when);
        response = TS_RESP_create_response(context, request);
        assert_non_null(response);
        size = is_token ? i2d_PKCS7(TS_RESP_get_token(response), &der)
                        : i2d_TS_RESP(response, &der);
        TS_RESP_free(response);
        ASN1_OBJECT_free(policy);
        TS_RESP_CTX_free(context);
        BIO_free(request);
        return copy(maker, der, size);
}

static const char *make_content(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        const char *signature = encode(maker, parts->signature);

        if (recipe->payload)
                return arena_printf(maker->arena,
                                    "\"dsseEnvelope\":{\"payload\":\"%s\",\"payloadType\":\"%s\","
                                    "\"signatures\":[{\"sig\":\"%s\",\"keyid\":\"\"}]}",
                                    encode(maker, bytes_of(recipe->payload)), recipe->payload_type,
                                    signature);
        return arena_printf(maker->arena,
                            "\"messageSignature\":{\"messageDigest\":{\"algorithm\":\"SHA2_256\","
                            "\"digest\":\"%s\"},\"signature\":\"%s\"}",
                            encode(maker, hash(maker, parts->data)), signature);
}

static const char *make_signer(const Maker *maker, const Recipe *recipe, const Parts *parts)
{
        if (recipe->has_key)
                return "\"publicKey\":{\"hint\":\"x\"}";
        return arena_printf(maker->arena,
                            strstr(recipe->media_type, "0.3")
                                    ? "\"certificate\":{\"rawBytes\":\"%s\"}"
                                    : "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":"
                                      "\"%s\"}]}",
                            encode(maker, parts->leaf));
}

const char *maker_bundle(const Maker *maker, const Recipe *recipe)
{
        X509 *leaf = recipe->has_key ? NULL : make_leaf(maker, recipe);
        Parts parts = { .data = bytes_of(recipe->artifact) };
        const char *stamps = "";
        Buffer encoded;

        buffer_init(&encoded, TEXT_MAX);
        if (recipe->payload) {
                dsse_encode(recipe->payload_type, recipe->payload, strlen(recipe->payload),
                            &encoded);
                parts.data = (Bytes){ arena_memdup(maker->arena, encoded.data, encoded.size),
                                      encoded.size };
        }
        buffer_done(&encoded);
        parts.signature = sign(maker, maker->leaf_key, parts.data);
        if (leaf)
                parts.leaf = der_of(maker, leaf);
        parts.verifier_pem = encode(maker, bytes_of(pem(maker, leaf)));
        parts.body = recipe->other_body ? recipe->other_body : make_body(maker, recipe, &parts);
        if (recipe->stamp > 0)
                stamps = arena_printf(
                        maker->arena,
                        ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[{"
                        "\"signedTimestamp\":\"%s\"}]}",
                        encode(maker, maker_stamp(maker, parts.signature, recipe->stamp, false)));
        X509_free(leaf);
        return arena_printf(maker->arena,
                            "{\"mediaType\":\"%s\",\"verificationMaterial\":{%s,\"tlogEntries\":["
                            "%s]%s},%s}",
                            recipe->media_type, make_signer(maker, recipe, &parts),
                            recipe->has_no_entry ? "" : make_entry(maker, recipe, &parts), stamps,
                            make_content(maker, recipe, &parts));
}

/* --- the instance ----------------------------------------------------------------------------- */

static EVP_PKEY *new_key(void)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

        assert_non_null(key);
        return key;
}

void maker_init(Maker *maker, Arena *arena)
{
        *maker = (Maker){ .arena = arena,
                          .ca_key = new_key(),
                          .leaf_key = new_key(),
                          .log_key = new_key(),
                          .ct_key = new_key(),
                          .stamper_root_key = new_key(),
                          .stamper_key = new_key() };
        maker->ca = make_ca("signers", maker->ca_key);
        maker->stamper_root = make_ca("stampers", maker->stamper_root_key);
        maker->stamper = make_stamper(maker);
}

void maker_done(Maker *maker)
{
        EVP_PKEY_free(maker->ca_key);
        EVP_PKEY_free(maker->leaf_key);
        EVP_PKEY_free(maker->log_key);
        EVP_PKEY_free(maker->ct_key);
        EVP_PKEY_free(maker->stamper_root_key);
        EVP_PKEY_free(maker->stamper_key);
        X509_free(maker->ca);
        X509_free(maker->stamper_root);
        X509_free(maker->stamper);
}

Recipe maker_recipe(const Maker *maker)
{
        return (Recipe){
                .names = "critical,URI:" MAKER_SUBJECT,
                .issuer = "ASN1:UTF8String:" MAKER_ISSUER,
                .raw_issuer = NULL,
                .usage = "critical,digitalSignature",
                .extended_usage = "codeSigning",
                .from = MAKER_TIME - 60,
                .until = MAKER_TIME + 540,
                .sct_time = MAKER_TIME - 60,
                .payload = arena_printf(
                        maker->arena,
                        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":"
                        "\"x\",\"digest\":{\"sha256\":\"%s\"}}],\"predicateType\":\"urn:x\"}",
                        maker_digest(maker) + strlen("sha256:")),
                .payload_type = "application/vnd.in-toto+json",
                .artifact = MAKER_ARTIFACT,
                .kind = "dsse",
                .version = "0.0.1",
                .integrated = MAKER_TIME,
                .media_type = "application/vnd.dev.sigstore.bundle.v0.3+json",
        };
}

static const char *root_log(const Maker *maker, EVP_PKEY *key)
{
        const Bytes der = key_der(maker, key);

        return arena_printf(maker->arena,
                            "[{\"baseUrl\":\"https://" LOG_HOST "\",\"hashAlgorithm\":\"SHA2_256\","
                            "\"publicKey\":{\"rawBytes\":\"%s\",\"keyDetails\":"
                            "\"PKIX_ECDSA_P256_SHA_256\",\"validFor\":{\"start\":"
                            "\"2020-01-01T00:00:00Z\"}},\"logId\":{\"keyId\":\"%s\"},"
                            "\"checkpointKeyId\":null}]",
                            encode(maker, der), encode(maker, hash(maker, der)));
}

const char *maker_root(const Maker *maker)
{
        static const char period[] = "\"validFor\":{\"start\":\"2020-01-01T00:00:00Z\",\"end\":"
                                     "\"2030-12-31T23:59:59.999Z\"}";

        return arena_printf(
                maker->arena,
                "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\","
                "\"tlogs\":%s,\"ctlogs\":%s,\"certificateAuthorities\":[{\"subject\":{"
                "\"organization\":\"x\",\"commonName\":\"x\"},\"uri\":\"https://x\",\"certChain\":"
                "{\"certificates\":[{\"rawBytes\":\"%s\"}]},%s}],\"timestampAuthorities\":[{"
                "\"certChain\":{\"certificates\":[{\"rawBytes\":\"%s\"},{\"rawBytes\":\"%s\"}]},%s}"
                "]}",
                root_log(maker, maker->log_key), root_log(maker, maker->ct_key),
                encode(maker, der_of(maker, maker->ca)), period,
                encode(maker, der_of(maker, maker->stamper)),
                encode(maker, der_of(maker, maker->stamper_root)), period);
}

const char *maker_authority(const Maker *maker)
{
        return encode(maker, der_of(maker, maker->ca));
}
