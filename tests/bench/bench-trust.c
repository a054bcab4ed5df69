/* Measures verifications of signatures: bench-trust. Makes one signature of each kind, and verifies
 * it many times. Prints a line for each kind: its name and its median processor time in
 * microseconds. Keys and trusted roots are read once, as for the images of a component. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/notation-maker.h"
#include "../unit/unit.h"
#include "trust/sigstore.h"

#define N_RUNS   201
#define WORK_MAX ((size_t)64 * 1024 * 1024)

TEST_ARENA(arena, set_up, tear_down)

static double processor_time(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
        const double one = *(const double *)a, other = *(const double *)b;

        return one < other ? -1 : one > other;
}

/* Runs the function, and prints its median time. */
static void measure(const char *name, void (*run)(const void *input), const void *input)
{
        double times[N_RUNS];

        for (size_t i = 0; i < N_RUNS; i++) {
                const double began = processor_time();

                run(input);
                times[i] = processor_time() - began;
        }
        qsort(times, N_RUNS, sizeof(times[0]), compare);
        printf("%s %.0f\n", name, times[N_RUNS / 2]);
}

/* --- Sigstore --------------------------------------------------------------------------------- */

typedef struct BundleCase {
        const char *text;
        SigstorePolicy policy;
        SigstoreArtifact artifact;
} BundleCase;

static void verify_bundle(const void *input)
{
        const BundleCase *item = input;
        _cleanup_(arena_done) Arena work;
        SigstoreSigner signer;
        Bundle bundle;

        arena_init(&work, WORK_MAX);
        assert_int_equal(bundle_read(item->text, strlen(item->text), &work, &bundle, NULL), 0);
        assert_int_equal(
                sigstore_verify(&bundle, &item->artifact, &item->policy, &work, &signer, NULL), 0);
}

static void measure_bundles(const Maker *maker)
{
        static const struct {
                const char *name;
                bool has_key, has_root, is_stamped;
        } kinds[] = {
                { "key", true, false, false },
                { "key-and-log", true, true, false },
                { "identity", false, true, false },
                { "identity-and-time-stamp", false, true, true },
        };
        static const IdentityRule rule = { .issuer = MAKER_ISSUER, .subject = MAKER_SUBJECT };
        const char *text = maker_root(maker), *pem = maker_public_key(maker);
        _cleanup_(trust_keys_done) TrustKeys keys = { 0 };
        _cleanup_(trusted_root_freep) TrustedRoot *root = NULL;

        assert_int_equal(trusted_root_read(text, strlen(text), &root, NULL), 0);
        assert_int_equal(trust_keys_read(&keys, "key", pem, strlen(pem), NULL), 0);
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                Recipe recipe = maker_recipe(maker);
                BundleCase item = { .policy = { .identities = &rule,
                                                .n_identities = 1,
                                                .root = kinds[i].has_root ? root : NULL,
                                                .keys = kinds[i].has_key ? &keys : NULL,
                                                .now = MAKER_NOW },
                                    .artifact = { .digest = maker_digest(maker) } };

                recipe.has_key = kinds[i].has_key;
                recipe.stamp = kinds[i].is_stamped ? MAKER_TIME : 0;
                item.text = maker_bundle(maker, &recipe);
                measure(kinds[i].name, verify_bundle, &item);
        }
}

/* --- Notary Project --------------------------------------------------------------------------- */

typedef struct NotationCase {
        NotationFormat format;
        Bytes envelope;
        NotationPolicy policy;
} NotationCase;

static void verify_notation(const void *input)
{
        static const NotationArtifact artifact = { NOTATION_DIGEST, NOTATION_TYPE, NOTATION_SIZE };
        const NotationCase *item = input;
        _cleanup_(arena_done) Arena work;
        NotationEnvelope envelope;
        NotationSigner signer;

        arena_init(&work, WORK_MAX);
        assert_int_equal(
                notation_envelope_read(item->format, item->envelope, &work, &envelope, NULL), 0);
        assert_int_equal(notation_verify(&envelope, &artifact, &item->policy, &work, &signer, NULL),
                         0);
}

static void measure_notation(void)
{
        static const SubjectRule anybody;
        _cleanup_(trust_store_done) TrustStore store = { 0 };
        NotationMaker maker;
        const char *pem;

        notation_maker_init(&maker, &arena);
        pem = notation_pem(&maker, maker.base.ca);
        assert_int_equal(trust_store_read(&store, TRUST_STORE_CA, "root",
                                          (Bytes){ (const void *)pem, strlen(pem) }, NULL),
                         0);
        for (int format = NOTATION_JWS; format <= NOTATION_COSE; format++) {
                const NotationRecipe recipe = notation_recipe(&maker, (NotationFormat)format);
                const NotationCase item = {
                        .format = (NotationFormat)format,
                        .envelope = notation_make(&maker, (NotationFormat)format, &recipe, NULL),
                        .policy = { .store = &store,
                                    .identities = &anybody,
                                    .n_identities = 1,
                                    .now = MAKER_NOW },
                };

                measure(format == NOTATION_JWS ? "notation-jws" : "notation-cose", verify_notation,
                        &item);
        }
        notation_maker_done(&maker);
}

int main(void)
{
        Maker maker;

        assert_int_equal(set_up(NULL), 0);
        maker_init(&maker, &arena);
        measure_bundles(&maker);
        measure_notation();
        maker_done(&maker);
        return tear_down(NULL);
}
