/* Tests the admission of digests, for each use of a digest and each fact that the decision
 * needs. */

#include "fixture.h"
#include "model/registry.h"
#include "release/admission.h"
#include "unit.h"

#define DIGEST_D "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define NOW      FIXTURE_TIME
#define DAY      (86400 * USEC_PER_SEC)

static PlatformDigest both[] = { { "linux/amd64", DIGEST_B }, { "linux/arm64", DIGEST_C } };
static PlatformDigest other_arm[] = { { "linux/amd64", DIGEST_B }, { "linux/arm64", DIGEST_D } };
static PlatformDigest arm_more[] = { { "linux/arm/v7", DIGEST_D }, { "linux/arm64", DIGEST_C } };

static const Manifest index_both = {
        .digest = DIGEST_A, .artifact = "", .platforms = { both, 2 }, .created = -1
};
static const Manifest index_amd64 = {
        .digest = DIGEST_A, .artifact = "", .platforms = { both, 1 }, .created = -1
};
static const Manifest timed = {
        .digest = DIGEST_A, .artifact = "", .platforms = { both, 2 }, .created = 1
};
static const Manifest bare = { .digest = DIGEST_A, .artifact = "", .created = -1 };
static const Manifest valid = { .digest = DIGEST_A,
                                .artifact = "",
                                .created = -1,
                                .signature = { .policy = "sha256:a", .result = SIGNATURE_VALID } };
static const Manifest missing = {
        .digest = DIGEST_A,
        .artifact = "",
        .created = -1,
        .signature = { .policy = "sha256:a", .result = SIGNATURE_MISSING, .detail = "nowhere" }
};
static const Manifest invalid = {
        .digest = DIGEST_A,
        .artifact = "",
        .created = -1,
        .signature = { .policy = "sha256:a", .result = SIGNATURE_INVALID, .detail = "wrong" }
};
static const Manifest chart = { .digest = DIGEST_A,
                                .artifact = "a Helm chart",
                                .platforms = { both, 2 } };
static const Manifest not_inspected = { .digest = DIGEST_A,
                                        .platforms = { both, 2 },
                                        .created = 1 };
static const Manifest now_same = { .digest = DIGEST_D, .platforms = { both, 2 }, .created = -1 };
static const Manifest now_other = { .digest = DIGEST_D, .platforms = { other_arm, 2 } };
static const Manifest now_lacks = { .digest = DIGEST_D, .platforms = { arm_more, 2 } };

static const AdmissionAge young = { .since = NOW - DAY / 2, .now = NOW };
static const AdmissionAge old = { .since = NOW - DAY, .now = NOW };
static const AdmissionAge head = { .since = NOW - DAY / 2, .now = NOW, .is_head = true };

/* Settings of the component in a case. */
enum {
        PLAIN,
        DENIES = 1,
        WANTS = 2, /* linux/amd64 and linux/arm64 */
        WANTS_AMD64 = 4,
        BY_CREATED = 8,
        AGE = 16, /* a day */
        SIGNED = 32,
};

typedef struct Case {
        const char *name;
        AdmissionUse use;
        unsigned asks;
        AdmissionFacts facts;
        AdmissionVerdict verdict;
        const char *detail;
        usec_t until;
} Case;

/* Tags of digest A with different histories of releases. */
static const ReleasedDigest released_d = { DIGEST_D, 10, NULL },
                            released_a = { DIGEST_A, 10, NULL };
static const ReleasedDigest released_d_before_a = { DIGEST_D, 20, &released_a };
static const AdmissionTag tag_in_no_release = { 0 };
static const AdmissionTag tag_of_d = { &released_d, NULL, 0, NULL };
static const AdmissionTag tag_of_a = { &released_a, NULL, 0, NULL };
static const AdmissionTag tag_of_both = { &released_d_before_a, NULL, 0, DIGEST_D };
static const AdmissionTag tag_heads_now = { &released_d, NULL, 0, DIGEST_A };
static const AdmissionTag tag_heads_other = { &released_d, NULL, 0, "sha256:head" };
static const AdmissionTag tag_allowed = { &released_d, DIGEST_A, 15, DIGEST_D };
static const AdmissionTag tag_allowed_d = { &released_a, DIGEST_D, 15, NULL };
static const AdmissionTag tag_allowed_before = { &released_d_before_a, "sha256:allowed", 5, NULL };

/* clang-format off */
static const Case cases[] = {
        /* a tag */
        { "tag without facts", ADMIT_TAG, DENIES, { 0 }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag in no release", ADMIT_TAG, PLAIN, { .tag = &tag_in_no_release }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag moved", ADMIT_TAG, PLAIN, { .tag = &tag_of_d }, ADMISSION_TAG_MOVED, DIGEST_D, 0 },
        { "tag as released", ADMIT_TAG, PLAIN, { .tag = &tag_of_a }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag back at a released digest", ADMIT_TAG, PLAIN, { .tag = &tag_of_both }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag moved, and heads a channel already", ADMIT_TAG, PLAIN, { .tag = &tag_heads_now }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag moved from what heads a channel", ADMIT_TAG, PLAIN, { .tag = &tag_heads_other }, ADMISSION_TAG_MOVED, "sha256:head", 0 },
        { "tag moved and allowed", ADMIT_TAG, PLAIN, { .tag = &tag_allowed }, ADMISSION_ADMITTED, NULL, 0 },
        { "tag back at what a permission replaced", ADMIT_TAG, PLAIN, { .tag = &tag_allowed_d }, ADMISSION_TAG_MOVED, DIGEST_D, 0 },
        { "tag released since the permission", ADMIT_TAG, PLAIN, { .tag = &tag_allowed_before }, ADMISSION_ADMITTED, NULL, 0 },
        { "release of a moved tag", ADMIT_RELEASE, DENIES, { .tag = &tag_of_d }, ADMISSION_TAG_MOVED, DIGEST_D, 0 },
        { "promotion of a moved tag", ADMIT_PROMOTION, PLAIN, { .served = SERVED_YES, .tag = &tag_of_d }, ADMISSION_ADMITTED, NULL, 0 },

        /* assignment: only a denied digest is refused */
        { "assign", ADMIT_ASSIGNMENT, PLAIN, { 0 }, ADMISSION_ADMITTED, NULL, 0 },
        { "assign denied", ADMIT_ASSIGNMENT, DENIES, { 0 }, ADMISSION_DENIED, "bad", 0 },
        { "assign without platforms", ADMIT_ASSIGNMENT, WANTS | AGE, { .age = &young }, ADMISSION_ADMITTED, NULL, 0 },

        /* head */
        { "head", ADMIT_HEAD, PLAIN, { .manifest = &bare }, ADMISSION_ADMITTED, NULL, 0 },
        { "head not known", ADMIT_HEAD, PLAIN, { 0 }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "head known to an older relman", ADMIT_HEAD, PLAIN, { .manifest = &not_inspected }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "head is no image", ADMIT_HEAD, PLAIN, { .manifest = &chart }, ADMISSION_OTHER_ARTIFACT, "a Helm chart", 0 },
        { "no image before young", ADMIT_HEAD, AGE | WANTS | BY_CREATED, { .manifest = &chart, .age = &young }, ADMISSION_OTHER_ARTIFACT, "a Helm chart", 0 },
        { "denied before no image", ADMIT_HEAD, DENIES, { .manifest = &chart }, ADMISSION_DENIED, "bad", 0 },
        { "head denied", ADMIT_HEAD, DENIES | WANTS, { 0 }, ADMISSION_DENIED, "bad", 0 },
        { "head of a denied version", ADMIT_HEAD, PLAIN, { .denied_version = "worse" }, ADMISSION_DENIED, "worse", 0 },
        { "head needs a manifest", ADMIT_HEAD, WANTS, { 0 }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "head has platforms", ADMIT_HEAD, WANTS, { .manifest = &index_both }, ADMISSION_ADMITTED, NULL, 0 },
        { "head lacks a platform", ADMIT_HEAD, WANTS, { .manifest = &index_amd64 }, ADMISSION_LACKS_PLATFORM, "linux/arm64", 0 },
        { "head has no platform", ADMIT_HEAD, WANTS, { .manifest = &bare }, ADMISSION_LACKS_PLATFORM, "linux/amd64", 0 },
        { "head needs its time", ADMIT_HEAD, BY_CREATED, { .manifest = &index_both }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "head has its time", ADMIT_HEAD, BY_CREATED, { .manifest = &timed }, ADMISSION_ADMITTED, NULL, 0 },
        { "head too young", ADMIT_HEAD, AGE, { .age = &young }, ADMISSION_TOO_YOUNG, NULL, NOW + DAY / 2 },
        { "head old enough", ADMIT_HEAD, AGE, { .manifest = &bare, .age = &old }, ADMISSION_ADMITTED, NULL, 0 },
        { "head already", ADMIT_HEAD, AGE, { .manifest = &bare, .age = &head }, ADMISSION_ADMITTED, NULL, 0 },
        { "head whose age does not matter", ADMIT_HEAD, AGE, { .manifest = &bare }, ADMISSION_ADMITTED, NULL, 0 },
        { "no minimum age", ADMIT_HEAD, PLAIN, { .manifest = &bare, .age = &young }, ADMISSION_ADMITTED, NULL, 0 },
        { "a refusal before a need", ADMIT_HEAD, WANTS | AGE, { .age = &young }, ADMISSION_TOO_YOUNG, NULL, NOW + DAY / 2 },
        { "lacking before young", ADMIT_HEAD, WANTS | AGE, { .age = &young, .manifest = &index_amd64 }, ADMISSION_LACKS_PLATFORM, "linux/arm64", 0 },
        { "denied before lacking", ADMIT_HEAD, WANTS | DENIES, { .manifest = &index_amd64 }, ADMISSION_DENIED, "bad", 0 },

        { "head not verified", ADMIT_HEAD, SIGNED, { .manifest = &bare }, ADMISSION_NEEDS_SIGNATURE, NULL, 0 },
        { "head verified, not requested", ADMIT_HEAD, PLAIN, { .manifest = &missing }, ADMISSION_ADMITTED, NULL, 0 },
        { "head signed", ADMIT_HEAD, SIGNED, { .manifest = &valid }, ADMISSION_ADMITTED, NULL, 0 },
        { "head not signed", ADMIT_HEAD, SIGNED, { .manifest = &missing }, ADMISSION_SIGNATURE_MISSING, "nowhere", 0 },
        { "head badly signed", ADMIT_HEAD, SIGNED, { .manifest = &invalid }, ADMISSION_SIGNATURE_INVALID, "wrong", 0 },
        { "young before not verified", ADMIT_HEAD, SIGNED | AGE, { .manifest = &bare, .age = &young }, ADMISSION_TOO_YOUNG, NULL, NOW + DAY / 2 },
        { "young before not signed", ADMIT_HEAD, SIGNED | AGE, { .manifest = &missing, .age = &young }, ADMISSION_TOO_YOUNG, NULL, NOW + DAY / 2 },
        { "no manifest before not verified", ADMIT_HEAD, SIGNED, { 0 }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "assigned without a signature", ADMIT_ASSIGNMENT, SIGNED, { .manifest = &missing }, ADMISSION_ADMITTED, NULL, 0 },
        { "release not verified", ADMIT_RELEASE, SIGNED, { .manifest = &bare, .served = SERVED_YES }, ADMISSION_NEEDS_SIGNATURE, NULL, 0 },
        { "release signed", ADMIT_RELEASE, SIGNED, { .manifest = &valid, .served = SERVED_YES }, ADMISSION_ADMITTED, NULL, 0 },
        { "release not signed, not asked for", ADMIT_RELEASE, SIGNED, { .manifest = &missing }, ADMISSION_SIGNATURE_MISSING, "nowhere", 0 },
        { "promotion of what is not signed", ADMIT_PROMOTION, SIGNED, { .manifest = &missing, .served = SERVED_YES }, ADMISSION_ADMITTED, NULL, 0 },

        /* release: needs neither the age nor the build time */
        { "release", ADMIT_RELEASE, PLAIN, { .served = SERVED_YES, .manifest = &bare }, ADMISSION_ADMITTED, NULL, 0 },
        { "release not known", ADMIT_RELEASE, PLAIN, { 0 }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "release of no image", ADMIT_RELEASE, WANTS, { .manifest = &chart }, ADMISSION_OTHER_ARTIFACT, "a Helm chart", 0 },
        { "assign what is no image", ADMIT_ASSIGNMENT, PLAIN, { .manifest = &chart }, ADMISSION_ADMITTED, NULL, 0 },
        { "release denied", ADMIT_RELEASE, DENIES, { 0 }, ADMISSION_DENIED, "bad", 0 },
        { "release of a denied version", ADMIT_RELEASE, WANTS, { .denied_version = "worse" }, ADMISSION_DENIED, "worse", 0 },
        { "release needs a manifest", ADMIT_RELEASE, WANTS, { 0 }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "release lacks a platform", ADMIT_RELEASE, WANTS, { .manifest = &index_amd64 }, ADMISSION_LACKS_PLATFORM, "linux/arm64", 0 },
        { "release not asked for", ADMIT_RELEASE, WANTS, { .manifest = &index_both }, ADMISSION_NEEDS_CHECK, NULL, 0 },
        { "release gone", ADMIT_RELEASE, PLAIN, { .served = SERVED_NO }, ADMISSION_GONE, NULL, 0 },
        { "release, a platform gone", ADMIT_RELEASE, WANTS, { .manifest = &index_both, .served = SERVED_YES, .gone_platform = "linux/arm64" }, ADMISSION_PLATFORM_GONE, "linux/arm64", 0 },
        { "release has platforms", ADMIT_RELEASE, WANTS | AGE | BY_CREATED, { .manifest = &index_both, .age = &young, .served = SERVED_YES }, ADMISSION_ADMITTED, NULL, 0 },

        /* promotion: the registry must serve the digest */
        { "promotion not asked for", ADMIT_PROMOTION, PLAIN, { 0 }, ADMISSION_NEEDS_CHECK, NULL, 0 },
        { "promotion served", ADMIT_PROMOTION, DENIES | WANTS | AGE, { .served = SERVED_YES }, ADMISSION_ADMITTED, NULL, 0 },
        { "promotion, a platform gone", ADMIT_PROMOTION, PLAIN, { .served = SERVED_YES, .gone_platform = "linux/arm64" }, ADMISSION_PLATFORM_GONE, "linux/arm64", 0 },
        { "promotion gone", ADMIT_PROMOTION, PLAIN, { .served = SERVED_NO }, ADMISSION_GONE, NULL, 0 },

        /* live: drift */
        { "live not asked for", ADMIT_LIVE, PLAIN, { 0 }, ADMISSION_NEEDS_CHECK, NULL, 0 },
        { "live gone", ADMIT_LIVE, PLAIN, { .served = SERVED_NO, .now = DIGEST_D }, ADMISSION_GONE, NULL, 0 },
        { "live, a platform gone", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .gone_platform = "linux/arm64", .now = DIGEST_D }, ADMISSION_PLATFORM_GONE, "linux/arm64", 0 },
        { "live, tag not known", ADMIT_LIVE, PLAIN, { .served = SERVED_YES }, ADMISSION_ADMITTED, NULL, 0 },
        { "live, tag the same", ADMIT_LIVE, DENIES, { .served = SERVED_YES, .now = DIGEST_A }, ADMISSION_ADMITTED, NULL, 0 },
        { "live, tag moved, nothing known", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .now = DIGEST_D }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "live, tag moved, old unknown", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .now = DIGEST_D, .now_manifest = &now_same }, ADMISSION_NEEDS_MANIFEST, NULL, 0 },
        { "live, index rewritten", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .manifest = &index_both, .now = DIGEST_D, .now_manifest = &now_same }, ADMISSION_ADMITTED, NULL, 0 },
        { "live, one platform moved", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .manifest = &index_both, .now = DIGEST_D, .now_manifest = &now_other }, ADMISSION_MOVED, NULL, 0 },
        { "live, an unwanted platform moved", ADMIT_LIVE, WANTS_AMD64, { .served = SERVED_YES, .manifest = &index_both, .now = DIGEST_D, .now_manifest = &now_other }, ADMISSION_ADMITTED, NULL, 0 },
        { "live, a platform is left out", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .manifest = &index_both, .now = DIGEST_D, .now_manifest = &now_lacks }, ADMISSION_MOVED, NULL, 0 },
        { "live, a manifest without platforms", ADMIT_LIVE, PLAIN, { .served = SERVED_YES, .manifest = &bare, .now = DIGEST_D, .now_manifest = &now_same }, ADMISSION_MOVED, NULL, 0 },
        { "live, moved and not asked for", ADMIT_LIVE, PLAIN, { .manifest = &index_both, .now = DIGEST_D, .now_manifest = &now_other }, ADMISSION_MOVED, NULL, 0 },
};
/* clang-format on */

static void decide(const Case *test)
{
        static const char *const wanted[] = { "linux/amd64", "linux/arm64" };
        Denial denial = { .digest = DIGEST_A, .reason = "bad" };
        VerifyRule rule = { .type = VERIFY_COSIGN };
        ComponentSpec component = { .default_channel = "stable" };
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        AdmissionFacts facts = test->facts;
        Admission admission;
        Error error = { 0 };

        component.minimum_age = test->asks & AGE ? DAY : 0;
        component.verify = (VerifyRules){ &rule, test->asks & SIGNED ? 1 : 0 };
        if (test->asks & BY_CREATED)
                component.versioning_strategy.order_by = ORDER_BY_CREATED;
        component.platforms.items = (const char **)(uintptr_t)wanted;
        component.platforms.n = test->asks & WANTS ? 2 : test->asks & WANTS_AMD64 ? 1 : 0;
        component.deny = (Denials){ &denial, test->asks & DENIES ? 1 : 0 };
        assert_case(version_policy_new(&component, &policy, &error) == 0, "%s: %s", test->name,
                    error_message(&error));
        facts.policy = policy;
        facts.verify = component_verify(&component, NULL);
        admission = admission_decide(test->use, &component, DIGEST_A, &facts);
        assert_case(admission.verdict == test->verdict, "%s: %u", test->name, admission.verdict);
        assert_case(str_equal(test->detail, NULL)
                            ? !admission.detail
                            : admission.detail && strstr(admission.detail, test->detail),
                    "%s: %s", test->name, admission.detail);
        assert_case(admission.until == test->until, "%s: until", test->name);
}

static void test_every_use_with_every_fact(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                decide(&cases[i]);
}

/* Only the component's setting and the kind of the artifact decide. */
static void test_an_artifact_that_is_not_requested_is_refused(void **state)
{
        static const Manifest sbom = { .digest = DIGEST_A, .artifact = "an SBOM", .created = -1 };
        static const struct {
                ComponentArtifact requested;
                const Manifest *manifest;
                const char *detail, *wanted;
        } rows[] = {
                { COMPONENT_ARTIFACT_IMAGE, &bare, NULL, NULL },
                { COMPONENT_ARTIFACT_IMAGE, &chart, "a Helm chart", "a container image" },
                { COMPONENT_ARTIFACT_IMAGE, &sbom, "an SBOM", "a container image" },
                { COMPONENT_ARTIFACT_CHART, &bare, "a container image", "a Helm chart" },
                { COMPONENT_ARTIFACT_CHART, &chart, NULL, NULL },
                { COMPONENT_ARTIFACT_CHART, &sbom, "an SBOM", "a Helm chart" },
                { COMPONENT_ARTIFACT_ANY, &bare, NULL, NULL },
                { COMPONENT_ARTIFACT_ANY, &chart, NULL, NULL },
                { COMPONENT_ARTIFACT_ANY, &sbom, NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const ComponentSpec component = { .artifact = rows[i].requested };
                const AdmissionFacts facts = { .manifest = rows[i].manifest };
                const Admission admission =
                        admission_decide(ADMIT_HEAD, &component, DIGEST_A, &facts);

                assert_case(admission.verdict == (rows[i].detail ? ADMISSION_OTHER_ARTIFACT
                                                                 : ADMISSION_ADMITTED),
                            "%zu: %u", i, admission.verdict);
                assert_case(str_equal(admission.detail, rows[i].detail) &&
                                    str_equal(admission.wanted, rows[i].wanted),
                            "%zu: %s, not %s", i, admission.detail, admission.wanted);
        }
}

/* A component without deny admits any digest that the registry serves. */
static void test_without_a_policy_nothing_is_denied(void **state)
{
        const ComponentSpec component = { 0 };
        const AdmissionFacts facts = { .served = SERVED_YES, .manifest = &bare };

        (void)state;
        assert_int_equal(admission_decide(ADMIT_RELEASE, &component, DIGEST_A, &facts).verdict,
                         ADMISSION_ADMITTED);
}

/* admission_images() returns the digests of the requested platforms, in any spelling, without the
 * digest that it is given. */
static void test_which_images_are_asked_for(void **state)
{
        static const char *const arm[] = { "linux/aarch64" };
        const PlatformDigests platforms = { both, 2 };
        ComponentSpec component = { 0 };
        PlatformDigests images;
        Arena arena;

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        assert_int_equal(admission_images(&component, DIGEST_A, &platforms, &arena, &images), 0);
        assert_int_equal(images.n, 2);
        assert_int_equal(admission_images(&component, DIGEST_B, &platforms, &arena, &images), 0);
        assert_int_equal(images.n, 1);
        assert_string_equal(images.items[0].digest, DIGEST_C);
        component.platforms = (Strings){ (const char **)(uintptr_t)arm, 1 };
        assert_int_equal(admission_images(&component, DIGEST_A, &platforms, &arena, &images), 0);
        assert_int_equal(images.n, 1);
        assert_string_equal(images.items[0].platform, "linux/arm64");
        arena_done(&arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_use_with_every_fact),
        cmocka_unit_test(test_an_artifact_that_is_not_requested_is_refused),
        cmocka_unit_test(test_without_a_policy_nothing_is_denied),
        cmocka_unit_test(test_which_images_are_asked_for),
};

TEST_PROGRAM("admission", tests, NULL, NULL)
