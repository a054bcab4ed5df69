/* Tests the reader of manifests with signatures and of lists of referrers. */

#include "unit.h"
#include "verify/signature-json.h"

TEST_ARENA(arena, set_up, tear_down)

#define DIGEST_A                  "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B                  "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SIMPLE                    "\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\""
#define BUNDLE                    "\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\""
#define LAYER(type, digest, more) "{" type ",\"digest\":\"" digest "\"" more "}"
#define SIGNED                    ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"c2ln\"}"

#define JWS     "\"mediaType\":\"application/jose+json\""
#define COSE    "\"mediaType\":\"application/cose\""
#define NOTARY  "application/vnd.cncf.notary.signature"
#define SUBJECT ",\"subject\":{\"mediaType\":\"m\",\"digest\":\"" DIGEST_B "\",\"size\":481}"

static const SignatureMakers all = { true, true };

static void test_the_layers_with_signatures_are_read(void **state)
{
        static const char text[] = "{\"layers\":[" LAYER(SIMPLE, DIGEST_A, SIGNED) "," LAYER(
                "\"mediaType\":\"text/plain\"", DIGEST_A,
                "") "," LAYER(BUNDLE, DIGEST_B, "") "," LAYER(SIMPLE, DIGEST_B, "") "]}";
        SignatureLayers layers;

        (void)state;
        assert_int_equal(signature_layers_read(text, strlen(text), &arena, &layers, NULL), 0);
        assert_int_equal(layers.n, 3);
        assert_int_equal(layers.items[0].format, LAYER_SIMPLE);
        assert_string_equal(layers.items[0].digest, DIGEST_A);
        assert_string_equal(layers.items[0].annotations.signature, "c2ln");
        assert_int_equal(layers.items[1].format, LAYER_BUNDLE);
        assert_string_equal(layers.items[1].digest, DIGEST_B);
        assert_null(layers.items[1].annotations.signature);
        assert_null(layers.items[2].annotations.signature);
}

static void test_the_layer_of_a_notary_project_signature_is_read(void **state)
{
#define ARTIFACT                  "\"artifactType\":\"" NOTARY "\""
#define CONFIG                    "\"config\":{\"mediaType\":\"" NOTARY "\"}"
#define OF(before, layers, after) "{" before ",\"layers\":[" layers "]" after "}"
        static const struct {
                const char *text;
                size_t n;
                LayerFormat format;
                bool has_subject;
                const char *fault;
        } cases[] = {
                { OF(ARTIFACT, LAYER(JWS, DIGEST_A, ""), SUBJECT), 1, LAYER_JWS, true, NULL },
                { OF(CONFIG, LAYER(COSE, DIGEST_A, ""), SUBJECT), 1, LAYER_COSE, true, NULL },
                { OF(ARTIFACT, LAYER(JWS, DIGEST_A, ""), ""), 1, LAYER_JWS, false, NULL },
                { OF(ARTIFACT, LAYER(JWS, DIGEST_A, ""),
                     ",\"subject\":{\"mediaType\":\"m\",\"digest\":\"" DIGEST_B "\",\"size\":-1}"),
                  1, LAYER_JWS, false, NULL },
                { OF(ARTIFACT, "", SUBJECT), 0, LAYER_JWS, false, NULL },
                { OF("\"artifactType\":\"x\"", LAYER(JWS, DIGEST_A, ""), SUBJECT), 0, LAYER_JWS,
                  false, NULL },
                { OF(ARTIFACT, LAYER(JWS, DIGEST_A, "") "," LAYER(COSE, DIGEST_A, ""), SUBJECT), 1,
                  LAYER_JWS, true, "its manifest has more than one layer" },
                { OF(ARTIFACT, LAYER(BUNDLE, DIGEST_A, ""), SUBJECT), 1, LAYER_JWS, true,
                  "its type 'application/vnd.dev.sigstore.bundle.v0.3+json' is neither JWS nor COSE" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SignatureLayers layers;
                int r = signature_layers_read(cases[i].text, strlen(cases[i].text), &arena, &layers,
                                              NULL);

                assert_case(r == 0 && layers.n == cases[i].n, "%zu: %d, %zu", i, r, layers.n);
                if (layers.n == 0)
                        continue;
                assert_true(layers.items[0].format == cases[i].format);
                assert_string_equal(layers.items[0].digest, DIGEST_A);
                assert_true(!layers.items[0].fault == !cases[i].fault);
                if (cases[i].fault)
                        assert_string_equal(layers.items[0].fault, cases[i].fault);
                assert_case(!layers.items[0].subject.digest == !cases[i].has_subject, "%zu", i);
                if (cases[i].has_subject) {
                        assert_string_equal(layers.items[0].subject.digest, DIGEST_B);
                        assert_true(layers.items[0].subject.size == 481);
                }
        }
}

static void test_what_is_no_manifest_of_signatures_is_refused(void **state)
{
        static const struct {
                const char *text, *reason;
        } cases[] = {
                { "", "JSON" },
                { "<html>", "JSON" },
                { "[]", "it has no array 'layers'" },
                { "{\"layers\":{}}", "it has no array 'layers'" },
                { "{\"layers\":[{" SIMPLE "}]}", "an entry has no digest" },
                { "{\"layers\":[{" SIMPLE ",\"digest\":\"sha256:a\"}]}", "an entry has no digest" },
                { "{\"layers\":[{" BUNDLE ",\"digest\":7}]}", "an entry has no digest" },
                { "{\"layers\":[],\"layers\":[]}", "layers" },
                { "{\"layers\":[],\"Layers\":[]}", "Layers" },
                { "{\"layers\":[" LAYER(SIMPLE, DIGEST_A, ",\"digest\":\"" DIGEST_B "\"") "]}",
                  "digest" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                SignatureLayers layers;
                Error error = { 0 };
                int r = signature_layers_read(cases[i].text, strlen(cases[i].text), &arena, &layers,
                                              &error);

                assert_case(r < 0 && error.kind == ERROR_HOSTILE, "%zu: %d", i, r);
                assert_case(strstr(error_message(&error), cases[i].reason), "%zu: %s", i,
                            error_message(&error));
                error_done(&error);
        }
}

#define ENTRY(digest, type) "{\"digest\":\"" digest "\"" type "}"
#define TYPE(type)          ",\"artifactType\":\"" type "\""

static void test_referrers_that_may_hold_signatures_are_listed(void **state)
{
        static const struct {
                const char *text;
                size_t n, n_others;
        } cases[] = {
                { "{\"manifests\":[]}", 0, 0 },
                { "{\"manifests\":[" ENTRY(DIGEST_A, "") "]}", 1, 0 },
                { "{\"manifests\":[" ENTRY(
                          DIGEST_A, TYPE("application/vnd.dev.sigstore.bundle.v0.3+json")) "]}",
                  1, 0 },
                { "{\"manifests\":[" ENTRY(
                          DIGEST_A, TYPE("application/vnd.dev.cosign.artifact.sig.v1+json")) "]}",
                  1, 0 },
                { "{\"manifests\":[" ENTRY(DIGEST_A,
                                           TYPE("application/vnd.oci.empty.v1+json")) "]}",
                  1, 0 },
                { "{\"manifests\":[" ENTRY(DIGEST_A,
                                           TYPE("application/vnd.oci.image.config.v1+json")) "]}",
                  1, 0 },
                { "{\"manifests\":[" ENTRY(DIGEST_A, TYPE("application/spdx+json")) "," ENTRY(
                          DIGEST_B, "") "]}",
                  1, 1 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Referrers referrers;
                int r = referrers_read(cases[i].text, strlen(cases[i].text), all, &arena,
                                       &referrers, NULL);

                assert_case(r == 0, "%zu: %d", i, r);
                assert_case(referrers.n == cases[i].n && referrers.n_others == cases[i].n_others,
                            "%zu: %zu, %zu", i, referrers.n, referrers.n_others);
        }
}

static void test_only_signatures_of_the_wanted_types_are_listed(void **state)
{
        static const char text[] = "{\"manifests\":[" ENTRY(DIGEST_A, TYPE(NOTARY)) "," ENTRY(
                DIGEST_B, TYPE("application/vnd.dev.sigstore.bundle.v0.3+json")) "]}";
        static const SignatureMakers cosign = { .sigstore = true }, notation = { .notary = true };
        Referrers referrers;

        (void)state;
        assert_int_equal(referrers_read(text, strlen(text), cosign, &arena, &referrers, NULL), 0);
        assert_true(referrers.n == 1 && referrers.n_others == 1);
        assert_string_equal(referrers.digests[0], DIGEST_B);
        assert_int_equal(referrers_read(text, strlen(text), notation, &arena, &referrers, NULL), 0);
        assert_true(referrers.n == 1 && referrers.n_others == 1);
        assert_string_equal(referrers.digests[0], DIGEST_A);
}

static void test_what_is_no_index_is_refused(void **state)
{
        static const char *const cases[] = {
                "",
                "<html>",
                "{}",
                "{\"manifests\":{}}",
                "{\"manifests\":[{}]}",
                "{\"manifests\":[" ENTRY("sha1:a", "") "]}",
                "{\"manifests\":[],\"manifests\":[]}",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Referrers referrers;
                int r = referrers_read(cases[i], strlen(cases[i]), all, &arena, &referrers, NULL);

                assert_case(r < 0, "%zu: %d", i, r);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_layers_with_signatures_are_read),
        cmocka_unit_test(test_the_layer_of_a_notary_project_signature_is_read),
        cmocka_unit_test(test_what_is_no_manifest_of_signatures_is_refused),
        cmocka_unit_test(test_referrers_that_may_hold_signatures_are_listed),
        cmocka_unit_test(test_only_signatures_of_the_wanted_types_are_listed),
        cmocka_unit_test(test_what_is_no_index_is_refused),
};
TEST_PROGRAM("signature-json", tests, set_up, tear_down)
