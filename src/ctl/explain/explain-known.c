/* Derives relmand's decision about each tag from the facts in its answers, by the same rule
 * (release/admission.h). */

#include <errno.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/parse.h"
#include "base/vec.h"
#include "ctl/explain/explain.h"
#include "model/enum-names.h"
#include "release/admission.h"

void known_tags_done(KnownTags *known)
{
        free(known->items);
        map_done(&known->oldest);
        map_done(&known->assigned);
        version_policy_free(known->policy);
        *known = (KnownTags){ 0 };
}

/* --- reading ---------------------------------------------------------------------------------- */

static usec_t time_of(const Node *row, const char *key)
{
        usec_t wall;

        return time_parse(node_text(row, key), &wall) == 0 ? wall : 0;
}

static const char *text_or_null(const Node *row, const char *key)
{
        const Node *node = node_get(row, key);

        return node && node_is_text(node) ? node->text : NULL;
}

static void read_signature(const Node *row, Signature *ret)
{
        const Node *signature = node_get(row, "signature");
        const char *word = signature ? text_or_null(signature, "result") : NULL;
        const bool is_tolerated = word && streq(word, SIGNATURE_TOLERATED);
        int result = !word          ? -EINVAL
                     : is_tolerated ? SIGNATURE_VALID
                                    : names_find(signature_result_names, word);

        if (result < 0)
                return;
        *ret = (Signature){ .result = (SignatureResult)result,
                            .is_tolerated = is_tolerated,
                            .policy = node_text(signature, "policy"),
                            .detail = node_text(signature, "detail") };
}

/* Reads the manifest in a row. Sets *ret to NULL if relmand has not read the manifest, and returns
 * no error. */
static int read_manifest(const Node *row, const char *digest, Arena *arena, const Manifest **ret)
{
        const Node *platforms = node_get(row, "platforms");
        usec_t created = time_of(row, "createdAt");
        Manifest *manifest;

        *ret = NULL;
        if (!digest || !platforms || platforms->type != NODE_SEQUENCE)
                return 0;
        manifest = arena_alloc(arena, sizeof(*manifest));
        if (!manifest)
                return -ENOMEM;
        *manifest = (Manifest){ .digest = digest,
                                .artifact = text_or_null(row, "artifact"),
                                .created = node_get(row, "createdAt")
                                                   ? (int64_t)(created / USEC_PER_SEC)
                                                   : -1 };
        manifest->platforms.items =
                arena_alloc_array(arena, platforms->n, sizeof(*manifest->platforms.items));
        if (!manifest->platforms.items)
                return -ENOMEM;
        for (size_t i = 0; i < platforms->n; i++)
                manifest->platforms.items[manifest->platforms.n++] =
                        (PlatformDigest){ .platform = node_text(platforms->items[i], NULL) };
        read_signature(row, &manifest->signature);
        *ret = manifest;
        return 0;
}

/* Records when a digest was first seen: the time of the tag that has had the digest longest. A poll
 * by relmand uses the same rule. */
static int note_age(KnownTags *known, KnownTag *tag)
{
        const KnownTag *old = tag->digest ? map_get(&known->oldest, tag->digest) : tag;

        return old && old->since <= tag->since ? 0
                                               : map_put(&known->oldest, tag->digest, tag, NULL);
}

static KnownTag *new_tag(const Node *row, Arena *arena)
{
        KnownTag *tag = arena_alloc(arena, sizeof(*tag));
        usec_t changed, pushed;

        if (!tag)
                return NULL;
        changed = time_of(row, "changedAt");
        pushed = time_of(row, "pushedAt");
        *tag = (KnownTag){
                .tag = node_text(row, "tag"),
                .digest = text_or_null(row, "digest"),
                .problem = text_or_null(row, "problem"),
                .gone = streq(node_text(row, "gone"), "true"),
                .since = pushed > 0 ? MIN(pushed, changed) : changed,
        };
        if (text_or_null(row, "keeps")) {
                tag->moved = tag->digest;
                tag->digest = text_or_null(row, "keeps");
        }
        return read_manifest(row, tag->digest, arena, &tag->manifest) < 0 ? NULL : tag;
}

static bool is_head(const Channels *heads, const char *tag)
{
        for (size_t i = 0; i < heads->n; i++)
                if (streq(heads->items[i].tag, tag))
                        return true;
        return false;
}

static int keep_tag(KnownTags *known, KnownTag *tag, Error *err)
{
        if (vec_reserve(&known->items, &known->capacity, known->n + 1, sizeof(*known->items)) < 0)
                return error_oom(err);
        known->items[known->n++] = tag;
        return 0;
}

/* An assigned version applies to its digest, even if the tag has another digest now. */
int known_tags_add_manual(KnownTags *known, const Node *row, Arena *arena, Error *err)
{
        KnownTag *tag = arena_alloc(arena, sizeof(*tag));

        if (!tag)
                return error_oom(err);
        *tag = (KnownTag){ .tag = node_text(row, "tag"),
                           .digest = text_or_null(row, "digest"),
                           .assigned = text_or_null(row, "semver"),
                           .channel = text_or_null(row, "channel") };
        if (!tag->digest || !tag->assigned || !tag->channel)
                return 0;
        if (map_put(&known->assigned, tag->digest, tag, NULL) < 0)
                return error_oom(err);
        return keep_tag(known, tag, err);
}

/* True if the row of an assigned version has all facts about this tag. */
static bool has_only_manual_row(const KnownTags *known, const KnownTag *tag)
{
        if (tag->digest) {
                const KnownTag *manual = map_get(&known->assigned, tag->digest);

                return manual && streq(manual->tag, tag->tag);
        }
        for (size_t i = 0; i < known->n && known->items[i]->assigned; i++)
                if (streq(known->items[i]->tag, tag->tag))
                        return true;
        return false;
}

/* Copies the manifest to the row of the assigned version, because that row has no manifest. */
static int note_manifest(KnownTags *known, const KnownTag *tag)
{
        KnownTag *manual = tag->digest ? map_get(&known->assigned, tag->digest) : NULL;

        if (manual)
                manual->manifest = tag->manifest;
        return 0;
}

/* Adds a tag. A deleted tag counts for the age of its digest. It is explained only if it is the
 * head of a channel, or was requested. */
int known_tags_add(KnownTags *known, const Node *row, const char *only, Arena *arena, Error *err)
{
        KnownTag *tag = new_tag(row, arena);

        if (!tag || note_age(known, tag) < 0)
                return error_oom(err);
        known->are_verified =
                known->are_verified || (tag->manifest && tag->manifest->signature.policy);
        if (tag->gone && !is_head(&known->heads, tag->tag) && !(only && streq(only, tag->tag)))
                return 0;
        return has_only_manual_row(known, tag) ? note_manifest(known, tag)
                                               : keep_tag(known, tag, err);
}

int known_tags_read_heads(KnownTags *known, const Node *component, Arena *arena, Error *err)
{
        const Node *channels = node_map(component, "channels");

        known->heads.items = arena_alloc_array(arena, channels->n, sizeof(*known->heads.items));
        if (!known->heads.items)
                return error_oom(err);
        for (size_t i = 0; i < channels->n; i++)
                known->heads.items[known->heads.n++] =
                        (Channel){ .name = channels->entries[i].key,
                                   .tag = node_text(channels->entries[i].value, "tag"),
                                   .digest = node_text(channels->entries[i].value, "digest"),
                                   .semver = text_or_null(channels->entries[i].value, "semver") };
        return 0;
}

/* --- deciding --------------------------------------------------------------------------------- */

static bool heads_a_channel(const KnownTags *known, const char *digest)
{
        for (size_t i = 0; i < known->heads.n; i++)
                if (streq(known->heads.items[i].digest, digest))
                        return true;
        return false;
}

static int apply_admission(const Admission *admission, const ComponentSpec *component,
                           ExplainFact *fact, Arena *arena)
{
        char until[TIME_TEXT_SIZE], age[DURATION_TEXT_SIZE];

        switch (admission->verdict) {
        case ADMISSION_DENIED: fact->refused = admission->detail; break;
        case ADMISSION_LACKS_PLATFORM:
        case ADMISSION_OTHER_ARTIFACT:
        case ADMISSION_SIGNATURE_MISSING:
        case ADMISSION_SIGNATURE_INVALID: fact->refused = admission_unfit(admission, arena); break;
        case ADMISSION_TOO_YOUNG:
                fact->waits = arena_printf(arena, "waits until %s, for minimumAge %s",
                                           time_format(admission->until, until),
                                           duration_format(component->minimum_age, age));
                break;
        case ADMISSION_NEEDS_SIGNATURE:
        case ADMISSION_NEEDS_MANIFEST: fact->no_manifest = true; break;
        case ADMISSION_TAG_MOVED:
        case ADMISSION_GONE:
        case ADMISSION_PLATFORM_GONE:
        case ADMISSION_MOVED: fact->refused = "relmand refuses its digest"; break;
        case ADMISSION_ADMITTED:
        case ADMISSION_NEEDS_CHECK:
        case ADMISSION_VERDICT_MAX_: break;
        }
        return arena->failed ? -ENOMEM : 0;
}

/* Applies the version that a person assigned to the digest, under the tag of that assignment. */
static int apply_assigned(const KnownTags *known, const KnownTag *tag, Arena *arena,
                          ExplainFact *fact)
{
        const KnownTag *manual = map_get(&known->assigned, tag->digest);
        Classification *is;
        const char *reason;

        if (!manual)
                return 0;
        if (manual != tag) {
                fact->refused =
                        arena_printf(arena, "its digest was assigned version %s, as tag '%s'",
                                     manual->assigned, manual->tag);
                return fact->refused ? 0 : -ENOMEM;
        }
        is = arena_alloc(arena, sizeof(*is));
        if (!is)
                return -ENOMEM;
        if (version_policy_assign(known->policy, tag->assigned, tag->channel, arena, is, &reason) <
            0)
                return 0; /* the current strategy does not accept the assigned version, so the rules
                             decide */
        is->reason = "assigned by a person";
        fact->assigned = is;
        return 0;
}

static const char *why_without_digest(const KnownTag *tag, Arena *arena)
{
        if (tag->problem && !streq(tag->problem, TAG_NOT_RESOLVED))
                return arena_printf(arena, "its digest is not known: %s", tag->problem);
        return TAG_NOT_RESOLVED ": its digest was not requested yet, or resolve excludes it";
}

static int decide(const KnownTags *known, const KnownTag *tag, const ComponentSpec *component,
                  usec_t now, Arena *arena, ExplainFact *fact)
{
        AdmissionAge age = { .now = now };
        /* the rules of the Registry are not known here */
        static const VerifyRules inherited = { .n = 1 };
        AdmissionFacts facts = { .policy = known->policy,
                                 .verify = component->verify.n > 0 ? &component->verify
                                           : known->are_verified   ? &inherited
                                                                   : NULL,
                                 .manifest = tag->manifest };
        Admission admission;
        int r;

        *fact = (ExplainFact){ .created = tag->manifest ? tag->manifest->created : 0 };
        if (tag->gone)
                fact->stays = "which the registry no longer lists; it stays the head "
                              "(allowDowngrade: true would let it go back)";
        if (tag->moved)
                fact->stays = arena_printf(
                        arena,
                        "whose tag moved to %s; it keeps %s until relmanctl allow-move %s %s",
                        tag->moved, tag->digest, component->object.meta.name, tag->tag);
        if (tag->gone && !is_head(&known->heads, tag->tag))
                fact->refused = "the registry no longer lists it";
        else if (!tag->digest)
                fact->refused = why_without_digest(tag, arena);
        if (fact->refused || !tag->digest)
                return arena->failed ? -ENOMEM : 0;
        r = apply_assigned(known, tag, arena, fact);
        if (r < 0 || fact->refused)
                return r;
        if (component->minimum_age > 0 && !fact->assigned) {
                age.since = ((const KnownTag *)map_get(&known->oldest, tag->digest))->since;
                age.is_head = heads_a_channel(known, tag->digest);
                facts.age = &age;
        }
        if (tag->manifest && signature_is_tolerated(&tag->manifest->signature))
                fact->tolerated = tag->manifest->signature.detail;
        admission = admission_decide(ADMIT_HEAD, component, tag->digest, &facts);
        return apply_admission(&admission, component, fact, arena);
}

int known_tags_decide(KnownTags *known, const ComponentSpec *component, usec_t now, Arena *arena,
                      ExplainKnown *ret, Error *err)
{
        ExplainFact *facts = arena_alloc_array(arena, known->n, sizeof(*facts));
        int r;

        if (!facts)
                return error_oom(err);
        r = version_policy_new(component, &known->policy, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < known->n; i++)
                if (decide(known, known->items[i], component, now, arena, &facts[i]) < 0)
                        return error_oom(err);
        *ret = (ExplainKnown){ .facts = facts, .heads = known->heads };
        return 0;
}
