#include "version/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/map.h"
#include "model/channel-name.h"
#include "version/range.h"

#define QUOTED_SIZE 100

/* Compares candidates for a head like version_map_compare(), newest first. */
static int on_newest_first(const void *a, const void *b)
{
        const ExplainedTag *one = a, *other = b;
        int order = sort_key_compare(other->is.version.sort_key, one->is.version.sort_key);

        if (order != 0)
                return order;
        if (one->is.version.specificity != other->is.version.specificity)
                return one->is.version.specificity > other->is.version.specificity ? -1 : 1;
        return strcmp(other->tag, one->tag);
}

static int on_channel_name(const void *a, const void *b)
{
        const ExplainedHead *one = a, *other = b;

        return strcmp(one->channel, other->channel);
}

/* Copies the reason to the arena, because the policy is freed first. Consecutive tags with the same
 * reason share one copy. */
static int keep_reason(Classification *is, const char *kept[2], Arena *arena)
{
        if (is->reason != kept[0]) {
                kept[0] = is->reason;
                kept[1] = arena_strdup(arena, is->reason);
        }
        is->reason = kept[1];
        return is->reason ? 0 : -ENOMEM;
}

/* Applies the facts of relmand about a tag to the result of the rules. */
static int apply_fact(const ComponentSpec *spec, const ExplainFact *fact, Arena *arena,
                      ExplainedTag *tag)
{
        uint64_t created = fact->created > 0 ? (uint64_t)fact->created : 0;

        tag->fact = fact;
        if (fact->assigned)
                tag->is = *fact->assigned;
        if (!tag->is.eligible)
                return 0;
        tag->skipped = fact->refused ? fact->refused : fact->waits;
        tag->only_waits = !fact->refused && fact->waits;
        if (fact->tolerated) {
                tag->is.reason = arena_printf(arena, "%s; %s", tag->is.reason, fact->tolerated);
                if (!tag->is.reason)
                        return -ENOMEM;
        }
        return spec->versioning_strategy.order_by == ORDER_BY_CREATED
                       ? version_key_by_time(tag->is.version.sort_key, created, arena,
                                             &tag->is.version.sort_key)
                       : 0;
}

/* Classifies all tags. Eligible tags come first, newest first; the others follow in input order. */
static int classify_all(const ComponentSpec *spec, const Strings *tags, const ExplainKnown *known,
                        Arena *arena, Explanation *ret, Error *err)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        ExplainedTag *all = arena_alloc_array(arena, tags->n, sizeof(*all));
        /* the last reason of the policy, and the copy of it in the arena */
        const char *kept[2] = { NULL, NULL };
        size_t n_others = 0;
        int r;

        ret->tags = arena_alloc_array(arena, tags->n, sizeof(*ret->tags));
        if (!all || !ret->tags)
                return error_oom(err);
        r = version_policy_new(spec, &policy, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < tags->n; i++) {
                all[i] = (ExplainedTag){ .tag = tags->items[i] };
                r = version_policy_classify(policy, tags->items[i], arena, &all[i].is, NULL);
                if (r >= 0)
                        r = keep_reason(&all[i].is, kept, arena);
                if (r >= 0 && known)
                        r = apply_fact(spec, &known->facts[i], arena, &all[i]);
                if (r < 0)
                        return error_oom(err);
                if (all[i].is.eligible)
                        ret->tags[ret->n_eligible++] = all[i];
        }
        if (version_policy_gave_up(policy)) {
                ret->gave_up = arena_printf(arena,
                                            "%s; until then relmand changes nothing that it knows "
                                            "of this component",
                                            version_policy_gave_up(policy));
                if (!ret->gave_up)
                        return error_oom(err);
        }
        for (size_t i = 0; i < tags->n; i++)
                if (!all[i].is.eligible)
                        ret->tags[ret->n_eligible + n_others++] = all[i];
        ret->n_tags = tags->n;
        if (ret->n_eligible > 0)
                qsort(ret->tags, ret->n_eligible, sizeof(*ret->tags), on_newest_first);
        return 0;
}

static const char *head_reason(const ExplainedHead *head, Arena *arena)
{
        const Version *first = &head->head->is.version, *second;

        if (!head->next)
                return "the only version there";
        second = &head->next->is.version;
        if (sort_key_compare(first->sort_key, second->sort_key) != 0)
                return arena_printf(arena, "the newest of %zu", head->n_versions);
        if (first->specificity != second->specificity)
                return arena_printf(arena, "equal to %s, but more specific; the newest of %zu",
                                    head->next->tag, head->n_versions);
        return arena_printf(arena, "equal to %s, and the greater text; the newest of %zu",
                            head->next->tag, head->n_versions);
}

static int count_heads(const Explanation *explanation, Map *heads, ExplainedHead *items, Error *err)
{
        size_t n = 0;

        for (size_t i = 0; i < explanation->n_eligible; i++) {
                const ExplainedTag *tag = &explanation->tags[i];
                ExplainedHead *head = map_get(heads, tag->is.channel);

                if (tag->skipped)
                        continue;
                if (head) {
                        head->next = head->next ? head->next : tag;
                        head->n_versions++;
                        continue;
                }
                items[n] =
                        (ExplainedHead){ .channel = tag->is.channel, .head = tag, .n_versions = 1 };
                if (map_put(heads, tag->is.channel, &items[n++], NULL) < 0)
                        return error_oom(err);
        }
        return 0;
}

/* Sets the head of each channel to its first eligible tag, which is the newest. */
static int collect_heads(Arena *arena, Explanation *ret, Error *err)
{
        _cleanup_(map_done) Map heads = { 0 };
        int r;

        /* there are at most as many channels as tags */
        ret->heads = arena_alloc_array(arena, ret->n_eligible + 1, sizeof(*ret->heads));
        if (!ret->heads)
                return error_oom(err);
        r = count_heads(ret, &heads, ret->heads, err);
        if (r < 0)
                return r;
        ret->n_heads = heads.n;
        for (size_t i = 0; i < ret->n_heads; i++) {
                ret->heads[i].reason = head_reason(&ret->heads[i], arena);
                if (!ret->heads[i].reason)
                        return error_oom(err);
        }
        if (ret->n_heads > 0)
                qsort(ret->heads, ret->n_heads, sizeof(*ret->heads), on_channel_name);
        return 0;
}

/* --- stored heads ----------------------------------------------------------------------------- */

static ExplainedTag *find_tag(const Explanation *explanation, const char *tag)
{
        for (size_t i = 0; i < explanation->n_tags; i++)
                if (streq(explanation->tags[i].tag, tag))
                        return &explanation->tags[i];
        return NULL;
}

/* Sets the reason why each newer eligible tag of the channel is not the head. Newer tags come
 * before the head in the list. */
static void note_newer(const Explanation *explanation, const char *channel,
                       const ExplainedTag *head)
{
        static const char later[] = "newer than the head; relmand decides on it at its next poll",
                          unread[] = "newer than the head, but its manifest could not be read, or "
                                     "was not yet";

        for (size_t i = 0; i < explanation->n_eligible; i++) {
                ExplainedTag *tag = &explanation->tags[i];

                if (tag == head)
                        break;
                if (tag->skipped || !streq(tag->is.channel, channel))
                        continue;
                tag->skipped = tag->fact && tag->fact->no_manifest ? unread : later;
        }
}

/* Makes an ExplainedTag for a head whose tag is not listed, or is no longer a version of the
 * channel by the rules. */
static const ExplainedTag *make_head(const Channel *channel, Arena *arena)
{
        ExplainedTag *tag = arena_alloc(arena, sizeof(*tag));

        if (tag)
                *tag = (ExplainedTag){ .tag = channel->tag,
                                       .is = { .version = { .text = channel->semver },
                                               .channel = channel->name } };
        return tag;
}

static void count_versions(const Explanation *explanation, ExplainedHead *head)
{
        for (size_t i = 0; i < explanation->n_eligible; i++) {
                const ExplainedTag *tag = &explanation->tags[i];

                if (tag->skipped || !streq(tag->is.channel, head->channel))
                        continue;
                head->n_versions++;
                if (!head->next && tag != head->head)
                        head->next = tag;
        }
}

static const char *known_reason(const ExplainedHead *head, const ExplainedTag *tag, Arena *arena)
{
        const ExplainFact *fact = tag ? tag->fact : NULL;

        if (fact && fact->stays)
                return fact->stays;
        if (fact && fact->waits)
                return arena_printf(arena, "but its tag leads to another image now, which %s",
                                    fact->waits);
        if (!head->head->is.eligible)
                return "which is no version by these rules";
        return head_reason(head, arena);
}

static int explain_head(const Channel *channel, Arena *arena, Explanation *explanation, Error *err)
{
        ExplainedTag *tag = find_tag(explanation, channel->tag);
        ExplainedHead *head = &explanation->heads[explanation->n_heads++];

        *head = (ExplainedHead){ .channel = channel->name, .head = tag };
        if (tag && tag->is.eligible && streq(tag->is.channel, channel->name)) {
                tag->skipped = NULL;
                note_newer(explanation, channel->name, tag);
        } else
                head->head = make_head(channel, arena);
        if (!head->head)
                return error_oom(err);
        count_versions(explanation, head);
        head->reason = known_reason(head, tag, arena);
        return head->reason ? 0 : error_oom(err);
}

static bool has_known_head(const ExplainKnown *known, const char *channel)
{
        for (size_t i = 0; i < known->heads.n; i++)
                if (streq(known->heads.items[i].name, channel))
                        return true;
        return false;
}

static int explain_heads(const ExplainKnown *known, Arena *arena, Explanation *ret, Error *err)
{
        int r = 0;

        ret->heads = arena_alloc_array(arena, known->heads.n + 1, sizeof(*ret->heads));
        if (!ret->heads)
                return error_oom(err);
        for (size_t i = 0; i < known->heads.n && r >= 0; i++)
                r = explain_head(&known->heads.items[i], arena, ret, err);
        for (size_t i = 0; i < ret->n_eligible && r >= 0; i++)
                if (!ret->tags[i].skipped && !has_known_head(known, ret->tags[i].is.channel))
                        note_newer(ret, ret->tags[i].is.channel, NULL);
        return r;
}

/* The request: a channel, and a version or a range. */
typedef struct Wish {
        const char *channel; /* NULL: any */
        const char *text;    /* text of the version or range; NULL: any */
        VersionWish version; /* valid if text is not NULL */
        bool include_prerelease;
} Wish;

static int read_wish(const ComponentSpec *spec, const ExplainOptions *options, Arena *arena,
                     Wish *ret, Error *err)
{
        *ret = (Wish){
                .channel = options->channel,
                .text = options->range,
                .include_prerelease = options->include_prerelease,
        };
        if (options->range)
                return version_wish_parse(&spec->versioning_strategy, options->range, arena,
                                          &ret->version, err);
        ret->channel = options->channel ? options->channel : spec->default_channel;
        return 0;
}

static bool is_in_channel(const Wish *wish, const ExplainedTag *tag)
{
        return !wish->channel || streq(tag->is.channel, wish->channel);
}

static bool is_in_range(const Wish *wish, const ExplainedTag *tag)
{
        return !wish->text ||
               version_wish_matches(&wish->version, &tag->is.version, wish->include_prerelease);
}

static const ExplainedTag *select_tag(const Wish *wish, const Explanation *explanation,
                                      bool ask_range)
{
        for (size_t i = 0; i < explanation->n_eligible; i++) {
                const ExplainedTag *tag = &explanation->tags[i];

                if (tag->skipped && !(tag->only_waits && wish->text))
                        continue;
                if (is_in_channel(wish, tag) && (!ask_range || is_in_range(wish, tag)))
                        return tag;
        }
        return NULL;
}

/* Appends to the reason of each tag outside the range that its version is not in the range. */
static int note_outside(const Wish *wish, const Explanation *explanation, Arena *arena)
{
        char quoted[QUOTED_SIZE];

        if (!wish->text)
                return 0;
        escape_text(wish->text, strlen(wish->text), quoted, sizeof(quoted));
        for (size_t i = 0; i < explanation->n_eligible; i++) {
                ExplainedTag *tag = &explanation->tags[i];
                Wish with_prereleases = *wish;

                with_prereleases.include_prerelease = true;
                if (is_in_range(wish, tag))
                        continue;
                tag->is.reason = arena_printf(arena, "%s; %s '%s'", tag->is.reason,
                                              is_in_range(&with_prereleases, tag)
                                                      ? "a prerelease, which is not asked for by"
                                                      : "not in the range",
                                              quoted);
                if (!tag->is.reason)
                        return -ENOMEM;
        }
        return 0;
}

static const char *explain_range(const Wish *wish, const Explanation *explanation, Arena *arena)
{
        const ExplainedTag *newest = select_tag(wish, explanation, false);
        Wish with_prereleases = *wish;
        const ExplainedTag *prerelease;
        char quoted[QUOTED_SIZE];

        escape_text(wish->text, strlen(wish->text), quoted, sizeof(quoted));
        with_prereleases.include_prerelease = true;
        prerelease = select_tag(&with_prereleases, explanation, true);
        if (prerelease)
                return arena_printf(
                        arena,
                        "only prereleases satisfy '%s', and it does not ask for them; '%s' would be the newest",
                        quoted, prerelease->tag);
        return arena_printf(arena, "no version%s%s%s satisfies '%s'; the newest is '%s'",
                            wish->channel ? " in channel '" : "",
                            wish->channel ? wish->channel : "", wish->channel ? "'" : "", quoted,
                            newest->is.version.text);
}

static const ExplainedTag *newest_left_out(const Wish *wish, const Explanation *explanation)
{
        for (size_t i = 0; i < explanation->n_eligible; i++)
                if (is_in_channel(wish, &explanation->tags[i]) && explanation->tags[i].skipped)
                        return &explanation->tags[i];
        return NULL;
}

static const char *explain_nothing(const Wish *wish, const Explanation *explanation, Arena *arena)
{
        const ExplainedTag *left_out;
        char quoted[QUOTED_SIZE];

        if (explanation->n_tags == 0)
                return "there are no tags";
        if (explanation->n_eligible == 0 && explanation->n_tags == 1)
                return "the only tag is not eligible";
        if (explanation->n_eligible == 0)
                return arena_printf(arena, "none of the %zu tags is eligible", explanation->n_tags);
        left_out = newest_left_out(wish, explanation);
        if (!select_tag(wish, explanation, false) && left_out)
                return arena_printf(arena, "'%s' is the newest in channel '%s', and is skipped: %s",
                                    left_out->tag, left_out->is.channel, left_out->skipped);
        if (!select_tag(wish, explanation, false))
                return arena_printf(
                        arena, "no eligible tag is in channel '%s'",
                        escape_text(wish->channel, strlen(wish->channel), quoted, sizeof(quoted)));
        return explain_range(wish, explanation, arena);
}

/* Checks that the component has the channel. The channel of an eligible tag is valid too, even if
 * it has no head. */
static int check_channel(const ComponentSpec *spec, const Explanation *explanation,
                         const char *channel, Arena *arena, Error *err)
{
        Channels given = { .items = arena_alloc_array(arena, explanation->n_heads + 1,
                                                      sizeof(Channel)) };

        if (!given.items)
                return error_oom(err);
        for (size_t i = 0; i < explanation->n_eligible; i++)
                if (streq(explanation->tags[i].is.channel, channel))
                        return 0;
        for (size_t i = 0; i < explanation->n_heads; i++)
                given.items[given.n++] = (Channel){ .name = explanation->heads[i].channel };
        return channel_name_check(spec, &given, channel, err);
}

static const ExplainedTag *select_head(const Wish *wish, const Explanation *explanation)
{
        for (size_t i = 0; i < explanation->n_heads; i++)
                if (streq(explanation->heads[i].channel, wish->channel))
                        return explanation->heads[i].head;
        return NULL;
}

int explain_tags(const ComponentSpec *spec, const Strings *tags, const ExplainOptions *options,
                 Arena *arena, Explanation *ret, Error *err)
{
        Explanation explanation = { .component = spec->object.meta.name };
        const ExplainKnown *known = options->known;
        Wish wish;
        int r;

        r = read_wish(spec, options, arena, &wish, err);
        if (r < 0)
                return r;
        r = classify_all(spec, tags, known, arena, &explanation, err);
        if (r < 0)
                return r;
        if (explanation.gave_up) {
                explanation.selected_reason = explanation.gave_up;
                *ret = explanation;
                return 0;
        }
        r = known ? explain_heads(known, arena, &explanation, err)
                  : collect_heads(arena, &explanation, err);
        if (r >= 0 && options->channel)
                r = check_channel(spec, &explanation, options->channel, arena, err);
        if (r < 0)
                return r;
        if (note_outside(&wish, &explanation, arena) < 0)
                return error_oom(err);
        explanation.selected = known && !wish.text ? select_head(&wish, &explanation)
                                                   : select_tag(&wish, &explanation, true);
        if (!explanation.selected) {
                explanation.selected_reason = explain_nothing(&wish, &explanation, arena);
                if (!explanation.selected_reason)
                        return error_oom(err);
        }
        *ret = explanation;
        return 0;
}
