#include "plan/evaluate.h"

#include <errno.h>

#include "version/version.h"

static bool orders_by_created(const ComponentSpec *spec)
{
        return spec->versioning_strategy.order_by == ORDER_BY_CREATED;
}

/* --- manifest --------------------------------------------------------------------------------- */

static void rule_out(TagState *state)
{
        state->eligible = false;
        state->ruled_out = true;
}

static bool is_unsigned(const Admission *admission)
{
        return admission->verdict == ADMISSION_SIGNATURE_MISSING ||
               admission->verdict == ADMISSION_SIGNATURE_INVALID;
}

static int note_unfit(TagSet *set, TagState *state, const Admission *admission,
                      const JudgeInput *input, Arena *arena)
{
        rule_out(state);
        set->n_unfit++;
        set->n_unsigned += is_unsigned(admission);
        if (set->unfit && tag_state_compare(state, set->unfit) <= 0)
                return 0;
        set->unfit = state;
        set->unfit_reason = admission_reason(input->spec, admission->verdict);
        set->unfit_why = admission_unfit(admission, arena);
        return set->unfit_why ? 0 : -ENOMEM;
}

/* Orders the version by the build time of its image, if the component requests that and the time is
 * known. Refused versions are ordered too, because the newest one is reported. */
static int judge_order(TagState *state, const JudgeInput *input, Arena *arena)
{
        const Manifest *manifest = map_get(input->manifests, state->digest);
        Version version = { .text = state->version, .specificity = state->specificity };
        int r;

        if (!orders_by_created(input->spec) || state->ordered || !manifest || manifest->created < 0)
                return 0;
        state->ordered = true;
        r = version_key_by_time(tag_state_key(state), (uint64_t)manifest->created, arena,
                                &version.sort_key);
        return r < 0 ? r : tag_state_set_version(state, &version, arena);
}

/* --- age -------------------------------------------------------------------------------------- */

static bool is_stored_head(const TagState *state, const Channels *channels)
{
        for (size_t i = 0; i < channels->n; i++)
                if (streq(channels->items[i].name, state->channel) &&
                    streq(channels->items[i].digest, state->digest))
                        return true;
        return false;
}

/* Returns the time at which the tag got its digest. This is the registry's time, unless relman saw
 * the digest earlier. */
static usec_t had_since(const TagState *state)
{
        return state->pushed_at > 0 ? MIN(state->pushed_at, state->changed_at) : state->changed_at;
}

/* Records for each digest the tag that has had it longest. The age of the digest is the age of this
 * tag. */
static int note_age(Map *oldest, TagState *state)
{
        TagState *old;

        if (!state->digest)
                return 0;
        old = map_get(oldest, state->digest);
        if (old && had_since(old) <= had_since(state))
                return 0;
        return map_put(oldest, state->digest, state, NULL) < 0 ? -ENOMEM : 0;
}

/* --- all -------------------------------------------------------------------------------------- */

/* Lets the version of a moved tag keep its digest if the rule for moved tags does not admit the new
 * digest. The kept digest is that of the head, an allowed digest, or that of a release. */
static int keep_released(TagState *state, const JudgeInput *input, Arena *arena)
{
        AdmissionTag tag;
        const AdmissionFacts facts = { .tag = &tag };
        Admission admission;

        if (!state->eligible || !state->digest || state->assigned || tag_state_moved_to(state) ||
            !map_has(&input->guard->tags, state->tag) ||
            !tag_guard_facts(input->guard, state->tag,
                             tag_guard_head(input->channels, state->channel, state->tag), &tag))
                return 0;
        admission = admission_decide(ADMIT_TAG, input->spec, state->digest, &facts);
        return admission.verdict == ADMISSION_TAG_MOVED
                       ? tag_state_keep(state, admission.detail, arena)
                       : 0;
}

/* oldest: filled by note_age(). */
static Admission judge_admission(const TagState *state, const JudgeInput *input, const Map *oldest)
{
        AdmissionAge age = { .now = input->now };
        AdmissionFacts facts = { .policy = input->policy,
                                 .verify = input->verify,
                                 .manifest = map_get(input->manifests, state->digest) };

        if (input->spec->minimum_age > 0 && !state->assigned) {
                age.since = had_since(map_get(oldest, state->digest));
                age.is_head = is_stored_head(state, input->channels);
                facts.age = &age;
        }
        return admission_decide(ADMIT_HEAD, input->spec, state->digest, &facts);
}

static int judge_tag(TagSet *set, TagState *state, const JudgeInput *input, const Map *oldest,
                     Arena *arena)
{
        const Admission admission = judge_admission(state, input, oldest);

        state->held_until = admission.until;
        switch (admission.verdict) {
        case ADMISSION_OTHER_ARTIFACT:
        case ADMISSION_SIGNATURE_MISSING:
        case ADMISSION_SIGNATURE_INVALID:
        case ADMISSION_LACKS_PLATFORM: return note_unfit(set, state, &admission, input, arena);
        case ADMISSION_DENIED:
        case ADMISSION_GONE:
        case ADMISSION_PLATFORM_GONE:
        case ADMISSION_TAG_MOVED: /* only ADMIT_TAG has this reason */
        case ADMISSION_MOVED: rule_out(state); return 0;
        case ADMISSION_ADMITTED:
        case ADMISSION_TOO_YOUNG:
        case ADMISSION_NEEDS_CHECK:
        case ADMISSION_NEEDS_MANIFEST:
        case ADMISSION_NEEDS_SIGNATURE:
        case ADMISSION_VERDICT_MAX_: break;
        }
        return 0;
}

/* The parameters of the functions that visit tags. */
typedef struct JudgeWalk {
        TagSet *set;
        const JudgeInput *input;
        Judging *judging;
        Arena *arena;
} JudgeWalk;

static int visit_keep(TagState *state, void *userdata)
{
        const JudgeWalk *walk = userdata;

        return keep_released(state, walk->input, walk->arena);
}

static int visit_age(TagState *state, void *userdata)
{
        const JudgeWalk *walk = userdata;

        return note_age(&walk->judging->oldest, state);
}

static int visit_judge(TagState *state, void *userdata)
{
        const JudgeWalk *walk = userdata;
        int r;

        if (!(state->eligible || state->denied) || !state->digest)
                return 0;
        r = judge_order(state, walk->input, walk->arena);
        if (r < 0 || !state->eligible)
                return r;
        if (state->assigned || !map_has(&walk->set->by_assigned, state->digest))
                return judge_tag(walk->set, state, walk->input, &walk->judging->oldest,
                                 walk->arena);
        rule_out(state);
        return 0;
}

static int judge_pass(JudgeWalk *walk, usec_t until)
{
        const JudgeInput *input = walk->input;
        Judging *judging = walk->judging;
        TagSet *set = walk->set;

        switch (judging->pass) {
        case JUDGE_KEEP:
                if (input->guard->tags.n == 0)
                        return 0;
                return tag_walk(set, &judging->next, visit_keep, walk, until);
        case JUDGE_AGES:
                if (input->spec->minimum_age == 0)
                        return 0;
                if (judging->next == 0 && map_reserve(&judging->oldest, set->n) < 0)
                        return -ENOMEM;
                return tag_walk(set, &judging->next, visit_age, walk, until);
        case JUDGE_TAGS: return tag_walk(set, &judging->next, visit_judge, walk, until);
        case JUDGE_END: break;
        }
        return 0;
}

int judge_tags(TagSet *set, const JudgeInput *input, Judging *judging, usec_t until, Arena *arena)
{
        JudgeWalk walk = { set, input, judging, arena };

        while (judging->pass < JUDGE_END) {
                int r = judge_pass(&walk, until);

                if (r != 0)
                        return r;
                judging->pass++;
                judging->next = 0;
        }
        judging_done(judging);
        return 0;
}

void judging_done(Judging *judging)
{
        map_done(&judging->oldest);
        map_done(&judging->wanted);
        tag_newest_done(&judging->newest);
        *judging = (Judging){ 0 };
}

int judge_one(const TagSet *set, const TagState *state, const JudgeInput *input, Admission *ret)
{
        _cleanup_(map_done) Map oldest = { 0 };

        for (size_t i = 0; i < set->n && input->spec->minimum_age > 0; i++)
                if (note_age(&oldest, &set->items[i]) < 0)
                        return -ENOMEM;
        *ret = judge_admission(state, input, &oldest);
        return 0;
}

static bool needs(const TagState *state, const JudgeInput *input, AdmissionVerdict verdict)
{
        const AdmissionFacts facts = { .verify = input->verify,
                                       .manifest = map_get(input->manifests, state->digest) };

        return !state->unread &&
               admission_decide(ADMIT_HEAD, input->spec, state->digest, &facts).verdict == verdict;
}

bool judge_needs_signature(const TagState *state, const JudgeInput *input)
{
        return needs(state, input, ADMISSION_NEEDS_SIGNATURE);
}

void judge_unread(TagState *state, const JudgeInput *input)
{
        state->unread = true;
        state->eligible = is_stored_head(state, input->channels);
}

/* Adds the digest of a tag if its manifest is needed. Used if the order of versions depends on
 * manifests. Signatures are needed of candidates for heads only. */
static int visit_wanted(TagState *state, void *userdata)
{
        const JudgeWalk *walk = userdata;

        if (!state->eligible || !state->digest || tag_state_is_gone(state) ||
            !needs(state, walk->input, ADMISSION_NEEDS_MANIFEST))
                return 0;
        return map_put(&walk->judging->wanted, state->digest, state, NULL) < 0 ? -ENOMEM : 0;
}

static int visit_newest(TagState *state, void *userdata)
{
        const JudgeWalk *walk = userdata;

        return tag_newest_visit(&walk->judging->newest, state);
}

static int visit_all(TagState *state, void *userdata)
{
        int r = visit_wanted(state, userdata);

        return r < 0 ? r : visit_newest(state, userdata);
}

static int collect_wants(const Map *wanted, const JudgeInput *input, Arena *arena, JudgeWants *ret)
{
        *ret = (JudgeWants){ .items =
                                     arena_alloc_array(arena, wanted->n + 1, sizeof(*ret->items)) };
        if (!ret->items)
                return -ENOMEM;
        map_foreach (wanted, entry)
                if (needs(entry->value, input, ADMISSION_NEEDS_MANIFEST) ||
                    judge_needs_signature(entry->value, input))
                        ret->items[ret->n++] = entry->value;
        return 0;
}

int judge_wants(const TagSet *set, const JudgeInput *input, Judging *judging, usec_t until,
                Arena *arena, JudgeWants *ret)
{
        JudgeWalk walk = { .input = input, .judging = judging };
        bool all = orders_by_created(input->spec);
        int r;

        judging->newest.may_head = tag_state_is_candidate;
        r = tag_walk(set, &judging->next, all ? visit_all : visit_newest, &walk, until);
        if (r == 0)
                r = collect_wants(judging->wanted.n > 0 ? &judging->wanted
                                                        : &judging->newest.channels,
                                  input, arena, ret);
        if (r == 0)
                judging_done(judging);
        return r;
}
