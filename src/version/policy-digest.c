#include <stdio.h>
#include <string.h>

#include "version/policy.h"

/* Raise this when the code changes the meaning of unchanged rules: every tag is then classified
 * again. */
#define MEANING "1"

/* Adds one text to the digest. Each text is hashed alone first, so that different lists never give
 * the same input; NULL differs from "". */
static void fold(char digest[DIGEST_SIZE_MAX], const char *text)
{
        char both[2 * DIGEST_SIZE_MAX], part[DIGEST_SIZE_MAX] = "";
        int size;

        if (text)
                digest_sha256(text, strlen(text), part);
        size = snprintf(both, sizeof(both), "%s%s", digest, part);
        digest_sha256(both, (size_t)size, digest);
}

static void fold_count(char digest[DIGEST_SIZE_MAX], size_t n)
{
        char text[32];

        snprintf(text, sizeof(text), "%zu", n);
        fold(digest, text);
}

void version_policy_digest(const ComponentSpec *spec, char ret_digest[DIGEST_SIZE_MAX])
{
        char digest[DIGEST_SIZE_MAX] = "";

        fold(digest, MEANING);
        fold(digest, strategy_type_to_string(spec->versioning_strategy.type));
        fold(digest, spec->versioning_strategy.tag_pattern);
        fold(digest, spec->versioning_strategy.semver_extract);
        fold(digest, spec->default_channel);
        fold_count(digest, spec->version_rules.n);
        for (size_t i = 0; i < spec->version_rules.n; i++) {
                const VersionRule *rule = &spec->version_rules.items[i];

                fold(digest, rule->pattern);
                fold(digest, rule->channel);
                fold(digest, rule->prerelease_pattern);
        }
        fold_count(digest, spec->ignore_tags.n);
        for (size_t i = 0; i < spec->ignore_tags.n; i++)
                fold(digest, spec->ignore_tags.items[i]);
        fold_count(digest, spec->versions.n);
        for (size_t i = 0; i < spec->versions.n; i++) {
                const ManualVersion *manual = &spec->versions.items[i];

                fold(digest, manual->tag);
                fold(digest, manual->semver);
                fold(digest, manual->channel);
        }
        fold_count(digest, spec->deny.n);
        for (size_t i = 0; i < spec->deny.n; i++) {
                fold(digest, spec->deny.items[i].digest);
                fold(digest, spec->deny.items[i].version);
        }
        fold_count(digest, spec->platforms.n);
        for (size_t i = 0; i < spec->platforms.n; i++)
                fold(digest, spec->platforms.items[i]);
        fold_count(digest, spec->versioning_strategy.order_by);
        fold(digest, spec->versioning_strategy.follow);
        fold_count(digest, spec->minimum_age);
        fold_count(digest, (size_t)spec->max_versions);
        if (spec->versioning_strategy.date_format) /* without dateFormat the digest must equal that
                                                      of older versions of relman */
                fold(digest, spec->versioning_strategy.date_format);
        memcpy(ret_digest, digest, sizeof(digest));
}
