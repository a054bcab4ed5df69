#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "version/policy.h"

/* Increment this number when a change of the code gives other versions for the same rules. relmand
 * then classifies every tag again. */
#define MEANING "2"

/* Receives the texts of the rules one after another. text is NULL for a setting without a value. */
typedef struct Sink {
        void (*add)(struct Sink *sink, const char *text);
        char digest[DIGEST_SIZE_MAX];
        Buffer texts;
} Sink;

/* Adds one text to the digest. Each text is hashed separately first, so that different lists of
 * texts never give the same input. NULL differs from "". */
static void add_to_digest(Sink *sink, const char *text)
{
        char both[2 * DIGEST_SIZE_MAX], part[DIGEST_SIZE_MAX] = "";
        int size;

        if (text)
                digest_sha256(text, strlen(text), part);
        size = snprintf(both, sizeof(both), "%s%s", sink->digest, part);
        digest_sha256(both, (size_t)size, sink->digest);
}

static void add_to_texts(Sink *sink, const char *text)
{
        (void)buffer_putc(&sink->texts, text ? '+' : '-');
        (void)buffer_append(&sink->texts, text ? text : "", text ? strlen(text) + 1 : 0);
}

static void add(Sink *sink, const char *text)
{
        sink->add(sink, text);
}

static void add_count(Sink *sink, size_t n)
{
        char text[32];

        snprintf(text, sizeof(text), "%zu", n);
        add(sink, text);
}

static void add_rules(Sink *sink, const ComponentSpec *spec)
{
        add(sink, strategy_type_to_string(spec->versioning_strategy.type));
        add(sink, spec->versioning_strategy.tag_pattern);
        add(sink, spec->versioning_strategy.semver_extract);
        add(sink, spec->default_channel);
        add_count(sink, spec->version_rules.n);
        for (size_t i = 0; i < spec->version_rules.n; i++) {
                const VersionRule *rule = &spec->version_rules.items[i];

                add(sink, rule->pattern);
                add(sink, rule->channel);
                add(sink, rule->prerelease_pattern);
        }
        add_count(sink, spec->ignore_tags.n);
        for (size_t i = 0; i < spec->ignore_tags.n; i++)
                add(sink, spec->ignore_tags.items[i]);
        add_count(sink, spec->versions.n);
        for (size_t i = 0; i < spec->versions.n; i++) {
                const ManualVersion *manual = &spec->versions.items[i];

                add(sink, manual->tag);
                add(sink, manual->semver);
                add(sink, manual->channel);
        }
        add_count(sink, spec->deny.n);
        for (size_t i = 0; i < spec->deny.n; i++) {
                add(sink, spec->deny.items[i].digest);
                add(sink, spec->deny.items[i].version);
        }
        add_count(sink, spec->platforms.n);
        for (size_t i = 0; i < spec->platforms.n; i++)
                add(sink, spec->platforms.items[i]);
        add_count(sink, spec->versioning_strategy.order_by);
        add(sink, spec->versioning_strategy.follow);
        add_count(sink, spec->minimum_age);
        add_count(sink, (size_t)spec->max_versions);
        /* without dateFormat, the digest must equal that of relman versions before dateFormat
         * existed */
        if (spec->versioning_strategy.date_format)
                add(sink, spec->versioning_strategy.date_format);
        if (spec->artifact != COMPONENT_ARTIFACT_IMAGE)
                add_count(sink, spec->artifact);
}

void version_policy_digest(const ComponentSpec *spec, char ret_digest[DIGEST_SIZE_MAX])
{
        Sink sink = { .add = add_to_digest };

        add(&sink, MEANING);
        add_rules(&sink, spec);
        memcpy(ret_digest, sink.digest, sizeof(sink.digest));
}

bool version_policy_is_same(const ComponentSpec *a, const ComponentSpec *b)
{
        Sink sinks[2] = { { .add = add_to_texts }, { .add = add_to_texts } };
        bool is_same;

        buffer_init(&sinks[0].texts, SPEC_FILE_MAX * 4);
        buffer_init(&sinks[1].texts, SPEC_FILE_MAX * 4);
        add_rules(&sinks[0], a);
        add_rules(&sinks[1], b);
        is_same = !sinks[0].texts.failed && !sinks[1].texts.failed &&
                  sinks[0].texts.size == sinks[1].texts.size &&
                  memcmp(sinks[0].texts.data, sinks[1].texts.data, sinks[0].texts.size) == 0;
        buffer_done(&sinks[0].texts);
        buffer_done(&sinks[1].texts);
        return is_same;
}
