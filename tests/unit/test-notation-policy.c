/* Tests trust stores and trusted identities, and verifies signatures that Notary Project's own
 * programs made (tests/data/notation). */

#include <openssl/pem.h>

#include "base/file.h"
#include "base/limits-trust.h"
#include "trust/notation/notation.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define FILE_MAX ((size_t)64 * 1024)

static Bytes read_data(const char *name)
{
        const char *folder = getenv("SRCDIR");
        const char *path =
                arena_printf(&arena, "%s/tests/data/notation/%s", folder ? folder : ".", name);
        Error error = { 0 };
        char *text = NULL;
        size_t size = 0;
        Bytes bytes;

        assert_case(file_read(path, FILE_MAX, &text, &size, &error) >= 0, "%s",
                    error_message(&error));
        bytes = (Bytes){ arena_memdup(&arena, text, size), size };
        free(text);
        return bytes;
}

/* --- real signatures -------------------------------------------------------------------------- */

#define DIGEST_SIGNED  "sha256:19dbd2e48e921426ee8ace4dc892edfb2ecdc1d1a72d5416c83670c30acecef0"
#define DIGEST_STAMPED "sha256:c0669ef34cdc14332c0f1ab0c2c01acb91d96014b172f1a76f3a39e63d1f0bda"
#define TYPE_SIGNED    "application/vnd.oci.image.manifest.v1+json"
#define TYPE_STAMPED   "application/vnd.docker.distribution.manifest.v2+json"
#define NOW            (1800000000 * USEC_PER_SEC)

typedef struct Real {
        const char *file;
        NotationFormat format;
        bool is_stamped, has_tsa;
        const char *identity, *reason, *when;
} Real;

/* Trusts the certificate that signs, which is self-signed. */
static const char *verify_real(const Real *real, NotationSigner *ret)
{
        const NotationArtifact artifact = { real->is_stamped ? DIGEST_STAMPED : DIGEST_SIGNED,
                                            real->is_stamped ? TYPE_STAMPED : TYPE_SIGNED,
                                            real->is_stamped ? 528 : 481 };
        TrustStore store = { 0 };
        SubjectRule rule;
        const NotationPolicy policy = {
                .store = &store, .identities = &rule, .n_identities = 1, .now = NOW
        };
        NotationEnvelope envelope;
        Error error = { 0 };
        const char *reason;
        int r = notation_envelope_read(real->format, read_data(real->file), &arena, &envelope,
                                       &error);

        assert_case(r >= 0, "%s", error_message(&error));
        assert_int_equal(subject_rule_read(real->identity, &arena, &rule, NULL), 0);
        assert_int_equal(trust_store_read(&store, TRUST_STORE_CA, "leaf", envelope.chain[0], NULL),
                         0);
        if (real->has_tsa)
                assert_int_equal(trust_store_read(&store, TRUST_STORE_TSA, "tsa",
                                                  read_data("tsa.cer"), NULL),
                                 0);
        r = notation_verify(&envelope, &artifact, &policy, &arena, ret, &error);
        reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");
        error_done(&error);
        trust_store_done(&store);
        return reason;
}

static void test_signatures_of_other_programs_are_accepted(void **state)
{
#define NOTARY   "x509.subject: C=US, ST=WA, O=Notary"
#define NO_CHAIN "the certificate of the signer has no valid chain to the trust store at "
        static const Real cases[] = {
                { "jws.sig", NOTATION_JWS, false, false, NOTARY, "", NULL },
                { "cose.sig", NOTATION_COSE, false, true, NOTARY ", CN=alpine, L=Seattle", "",
                  NULL },
                { "jws-stamped.sig", NOTATION_JWS, true, true, NOTARY, "", "2024-06-18T07:21:43Z" },
                { "cose-stamped.sig", NOTATION_COSE, true, true, "*", "", "2024-06-18T07:21:13Z" },
                { "cose-stamped.sig", NOTATION_COSE, true, false, NOTARY,
                  NO_CHAIN "2027-01-15T08:00:00Z: certificate has expired", NULL },
                { "cose-stamped-late.sig", NOTATION_COSE, true, true, NOTARY,
                  NO_CHAIN "2024-06-19T09:35:54Z: certificate has expired", NULL },
                { "jws.sig", NOTATION_JWS, false, false, NOTARY "x",
                  "the signer 'C=US, ST=WA, L=Seattle, O=Notary, CN=alpine' is none of the trusted "
                  "identities",
                  NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char time[TIME_TEXT_SIZE];
                NotationSigner signer = { 0 };
                const char *reason = verify_real(&cases[i], &signer);

                assert_case(streq(reason, cases[i].reason), "case %zu: %s", i, reason);
                if (cases[i].when)
                        assert_string_equal(time_format(signer.when, time), cases[i].when);
        }
}

/* --- trust stores ----------------------------------------------------------------------------- */

static const char *pem_of(Bytes der)
{
        const unsigned char *at = der.data;
        X509 *certificate = d2i_X509(NULL, &at, (long)der.size);
        BIO *bio = BIO_new(BIO_s_mem());
        const char *text;
        char *data;
        long size;

        assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
        size = BIO_get_mem_data(bio, &data);
        text = arena_strndup(&arena, data, (size_t)size);
        BIO_free(bio);
        X509_free(certificate);
        return text;
}

static const char *refusal_of_store(const char *text)
{
        TrustStore store = { 0 };
        Error error = { 0 };
        int r = trust_store_read(&store, TRUST_STORE_CA, "ca.pem",
                                 (Bytes){ (const void *)text, strlen(text) }, &error);
        const char *reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");

        error_done(&error);
        trust_store_done(&store);
        return reason;
}

static void test_a_trust_store_has_certificates_of_authorities(void **state)
{
        static const char none[] =
                "'ca.pem' has no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----";
        NotationEnvelope stamped;
        const char *pem;

        (void)state;
        assert_int_equal(notation_envelope_read(NOTATION_COSE, read_data("cose-stamped.sig"),
                                                &arena, &stamped, NULL),
                         0);
        pem = pem_of(stamped.chain[0]);
        assert_string_equal(refusal_of_store(pem), "");
        assert_string_equal(refusal_of_store(arena_printf(&arena, "text\n%s%s", pem, pem)), "");
        assert_string_equal(refusal_of_store(""), none);
        assert_string_equal(refusal_of_store("hello"), none);
        assert_string_equal(refusal_of_store("-----BEGIN PUBLIC KEY-----\nAAAA\n"
                                             "-----END PUBLIC KEY-----\n"),
                            none);
        assert_string_equal(refusal_of_store(arena_printf(&arena, "%.*sA\n", 400, pem)),
                            "'ca.pem' has a certificate that cannot be read");
        for (int i = 0; i < 7; i++) /* 128 */
                pem = arena_printf(&arena, "%s%s", pem, pem);
        assert_string_equal(refusal_of_store(pem), "'ca.pem' has more than 100 certificates");
}

/* --- identities ------------------------------------------------------------------------------- */

static const char *refusal_of_identity(const char *text)
{
        Error error = { 0 };
        SubjectRule rule;
        int r = subject_rule_read(text, &arena, &rule, &error);
        const char *reason = arena_strdup(&arena, r < 0 ? error_message(&error) : "");

        error_done(&error);
        return reason;
}

static void test_an_identity_has_the_form_of_the_specification(void **state)
{
#define BEGIN "x509.subject: C=US, ST=WA, O=a"
#define FORM  "write \"x509.subject: C=..., ST=..., O=...\", or \"*\""
#define EACH  "write attributes as NAME=VALUE, separated by commas"
        static const char *const cases[][2] = {
                { BEGIN, NULL },
                { "*", NULL },
                { "x509.subject:C=US,S =WA,O = a ", NULL },
                { "x509.subject: O=a,CN=b,OU=c,L=d,STREET=e,POSTALCODE=f,SERIALNUMBER=g,DC=h,UID=i,"
                  "emailAddress=j,2.5.4.97=k,C=US,st=WA",
                  NULL },
                { BEGIN "\\, b\\;\\\\\\+\\20\\c3\\bc\\ ", NULL },
                { "", FORM },
                { "**", FORM },
                { "C=US, ST=WA, O=a", FORM },
                { "x509.subject:", EACH },
                { "x509.subject: ,", EACH },
                { BEGIN ",", EACH },
                { BEGIN ", CN", EACH },
                { BEGIN ", =b", EACH },
                { BEGIN ", CN=", "an attribute has no value" },
                { BEGIN ", CN=  , L=b", "an attribute has no value" },
                { BEGIN ", CN=#0c01", "values in hexadecimal digits are not supported" },
                { BEGIN "+CN=b",
                  "attributes joined by '+' are not supported; write \\+ for a plus sign" },
                { BEGIN "; CN=b", "write a backslash before ; \" < > in a value" },
                { BEGIN ", CN=\"b\"", "write a backslash before ; \" < > in a value" },
                { BEGIN "\\", "a backslash precedes a character that needs none" },
                { BEGIN "\\x", "a backslash precedes a character that needs none" },
                { BEGIN "\\a", "a backslash precedes a character that needs none" },
                { BEGIN "\\00", "a backslash precedes a character that needs none" },
                { BEGIN ", O=b", "an attribute occurs twice" },
                { "x509.subject: C=US, ST=WA, S=WA, O=a", "an attribute occurs twice" },
                { "x509.subject: C=US, O=a", "C, ST and O are required" },
                { "x509.subject: ST=WA, O=a", "C, ST and O are required" },
                { "x509.subject: C=US, ST=WA", "C, ST and O are required" },
                { BEGIN ", X=b",
                  "an attribute is not one of C, ST, L, O, OU, CN, STREET, POSTALCODE, "
                  "SERIALNUMBER, DC, UID, emailAddress and numbers such as 2.5.4.97" },
                { "x509.subject: 1.1=a,1.2=a,1.3=a,1.4=a,1.5=a,1.6=a,1.7=a,1.8=a,1.9=a,1.10=a,"
                  "1.11=a,1.12=a,1.13=a,1.14=a,1.15=a,1.16=a,1.17=a",
                  "it has too many attributes" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *reason = refusal_of_identity(cases[i][0]),
                           *wanted = cases[i][1] ? arena_printf(&arena, "identity '%s': %s",
                                                                cases[i][0], cases[i][1])
                                                 : "";

                assert_case(streq(reason, wanted), "%s: %s", cases[i][0], reason);
        }
}

/* Makes a certificate with only a subject, as pairs of attributes and values. */
static X509 *make_named(const char *const *pairs)
{
        X509 *made = X509_new();

        for (; *pairs; pairs += 2)
                assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), pairs[0],
                                                            MBSTRING_UTF8, (const void *)pairs[1],
                                                            -1, -1, 0),
                                 1);
        return made;
}

static void test_a_subject_must_have_all_attributes_of_an_identity(void **state)
{
        static const char *const pairs[] = { "CN", "r+e", "O",  "Ä, Inc", "OU", "x", "OU",
                                             "y",  "C",   "US", "ST",     "WA", NULL };
        static const struct {
                const char *identity;
                int wanted;
        } cases[] = {
                { "*", 1 },
                { "x509.subject: C=US, ST=WA, O=Ä\\, Inc", 1 },
                { "x509.subject: C=US, S=WA, O=\\c3\\84\\, Inc, CN=r\\+e", 1 },
                { "x509.subject: C=US, S=WA, O=Ä\\, Inc, 2.5.4.3=r\\+e", 1 },
                { "x509.subject: C=US, ST=WA, O=ä\\, Inc", 0 },
                { "x509.subject: C=US, ST=WA, O=Ä", 0 },
                { "x509.subject: C=US, ST=WA, O=Ä\\, Incorporated", 0 },
                { "x509.subject: C=us, ST=WA, O=Ä\\, Inc", 0 },
                { "x509.subject: C=US, ST=WA, O=Ä\\, Inc, L=z", 0 },
                { "x509.subject: C=US, ST=WA, O=Ä\\, Inc, OU=x", -EBADMSG },
        };
        X509 *certificate = make_named(pairs);

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SubjectRule rules[2];
                Error error = { 0 };

                assert_int_equal(
                        subject_rule_read("x509.subject: C=a, ST=b, O=c", &arena, &rules[0], NULL),
                        0);
                assert_int_equal(subject_rule_read(cases[i].identity, &arena, &rules[1], NULL), 0);
                assert_case(subject_is_allowed(certificate, rules, 2, &error) == cases[i].wanted,
                            "%s: %s", cases[i].identity, error_message(&error));
                error_done(&error);
                assert_int_equal(subject_is_allowed(certificate, rules, 0, NULL), 0);
        }
        assert_string_equal(subject_show(certificate, &arena),
                            "CN=r\\+e, O=\\C3\\84\\, Inc, OU=x, OU=y, C=US, ST=WA");
        X509_free(certificate);
}

/* clang-format off */
static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures_of_other_programs_are_accepted),
        cmocka_unit_test(test_a_trust_store_has_certificates_of_authorities),
        cmocka_unit_test(test_an_identity_has_the_form_of_the_specification),
        cmocka_unit_test(test_a_subject_must_have_all_attributes_of_an_identity),
};
/* clang-format on */

TEST_PROGRAM("notation-policy", tests, set_up, tear_down)
