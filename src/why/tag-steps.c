/* Adds the steps of one tag, from the registry to the head of a channel. */

#include "model/image/image.h"
#include "store/pages.h"
#include "why/steps.h"

static const char *component_name(const WhyWork *work)
{
        return work->component->object.meta.name;
}

static const char *next_sync(WhyWork *work)
{
        return arena_printf(work->arena, "relmanctl sync %s", component_name(work));
}

/* Formats "ACTION, or change FIELD at FILE:LINE". */
static const char *next_change(WhyWork *work, const char *action, const char *field, Place place)
{
        return arena_printf(work->arena, "%s, or change %s at %s", action, field,
                            why_place(work, &work->component->object, place));
}

/* --- the poll --------------------------------------------------------------------------------- */

/* Adds the step of a failed poll, with the message of the component's condition Ready. */
static int poll_failed(WhyWork *work, Error *err)
{
        const char *ids = arena_printf(work->arena, "[\"%s\"]", work->component->object.id.text);
        WhyStep step = { .type = WHY_POLL,
                         .state = WHY_BLOCKED,
                         .reason = "PollFailed",
                         .message = "the last poll failed",
                         .next = next_sync(work) };
        ObjectConditions conditions;
        int r;

        if (!ids)
                return error_oom(err);
        r = store_page_conditions(work->control->store, KIND_COMPONENT, ids, work->arena,
                                  &conditions, err);
        for (size_t i = 0; r >= 0 && i < conditions.n; i++) {
                const Condition *condition = &conditions.items[i].condition;

                if (condition->type != CONDITION_READY || condition->status == CONDITION_TRUE)
                        continue;
                step.reason = condition->reason;
                step.message = condition->message;
        }
        why_add(work, step);
        return MIN(r, 0);
}

static int poll_step(WhyWork *work, Error *err)
{
        const char *name = component_name(work);
        Component component = { 0 };
        char at[TIME_TEXT_SIZE];
        WhyStep step = { .type = WHY_POLL, .state = WHY_WAITS };

        if (!work->control->calls->component(work->control->userdata,
                                             work->component->object.id.text, &component))
                component.spec = work->component;
        if (component.n_failures > 0)
                return poll_failed(work, err);
        if (work->component->suspend) {
                step.state = WHY_BLOCKED;
                step.reason = "Suspended";
                step.message = arena_printf(work->arena,
                                            "component '%s' is suspended: it is not "
                                            "polled",
                                            name);
                step.next = arena_printf(work->arena, "remove 'suspend: true' at %s",
                                         why_place(work, &work->component->object, (Place){ 0 }));
        } else if (component.succeeded_at == 0) {
                step.reason = "NotPolled";
                step.message = arena_printf(work->arena, "component '%s' was not polled yet", name);
                step.next = next_sync(work);
        } else if (component.versions_are_old) {
                step.reason = "VersionsAreOld";
                step.message = arena_printf(work->arena, VERSIONS_ARE_OLD, name);
                step.next = next_sync(work);
        } else {
                step.state = WHY_OK;
                step.message = arena_printf(work->arena, "polled at %s: %zu %s",
                                            time_format(component.succeeded_at, at),
                                            work->stored.tags.n_listed,
                                            work->stored.tags.n_listed == 1 ? "tag" : "tags");
        }
        why_add(work, step);
        return 0;
}

/* --- the tag ---------------------------------------------------------------------------------- */

/* True if the tag has a version, even if the version or its digest is refused. */
static bool has_version(const TagState *state)
{
        return state->eligible || state->denied || state->ruled_out;
}

/* True if the tag's own version does not count, because a version is assigned to its digest. */
static bool is_replaced(const TagSet *tags, const TagState *state)
{
        return !state->assigned && state->digest && map_has(&tags->by_assigned, state->digest);
}

static bool is_head(const WhyWork *work, const TagState *state)
{
        const Channels *heads = &work->stored.channels;

        for (size_t i = 0; i < heads->n; i++)
                if (streq(heads->items[i].tag, state->tag) &&
                    str_equal(heads->items[i].digest, state->digest))
                        return true;
        return false;
}

/* In an order by build time, returns false for a refused version whose build time is not known. */
static bool is_ordered(const WhyWork *work, const TagState *state)
{
        return work->component->versioning_strategy.order_by != ORDER_BY_CREATED ||
               state->ordered || state->eligible;
}

/* Finds the newest version of the channel, even if it is refused. Skips a
 * deleted tag, unless it is a head. */
static const TagState *newest_version(const WhyWork *work, const char *channel)
{
        const TagSet *tags = &work->stored.tags;
        const TagState *newest = NULL;

        for (size_t i = 0; i < tags->n; i++) {
                const TagState *state = &tags->items[i];

                if (!has_version(state) || !streq(state->channel, channel) ||
                    !is_ordered(work, state) ||
                    (tag_state_is_gone(state) && !is_head(work, state)) || is_replaced(tags, state))
                        continue;
                if (!newest || tag_state_compare(state, newest) > 0)
                        newest = state;
        }
        return newest;
}

/* Finds the tag that was seen last. */
static const TagState *newest_tag(const TagSet *tags)
{
        const TagState *newest = NULL;

        for (size_t i = 0; i < tags->n; i++) {
                const TagState *state = &tags->items[i];

                if (!tag_state_is_gone(state) &&
                    (!newest || state->first_seen_at > newest->first_seen_at))
                        newest = state;
        }
        return newest;
}

static const TagState *named_tag(const TagSet *tags, const char *name)
{
        for (size_t i = 0; i < tags->n; i++)
                if (tags->items[i].assigned && streq(tags->items[i].tag, name))
                        return &tags->items[i];
        return tag_set_find(tags, name);
}

static void no_tag(WhyWork *work)
{
        WhyStep step = { .type = WHY_TAG, .state = WHY_BLOCKED };

        if (why_has_obstacle(work)) {
                step.state = WHY_OPEN;
                step.message = "no tag is known";
        } else if (work->wanted_tag) {
                step.reason = "TagUnknown";
                step.message =
                        arena_printf(work->arena, "no poll has seen tag '%s'", work->wanted_tag);
                step.next = next_sync(work);
        } else {
                step.reason = "NoTags";
                step.message = arena_printf(work->arena, "the registry lists no tag of '%s'",
                                            work->component->image_repository);
                step.next = next_change(work, "push an image", "imageRepository", (Place){ 0 });
        }
        why_add(work, step);
}

static void tag_step(WhyWork *work, const TagState *state)
{
        WhyStep step = { .type = WHY_TAG, .state = WHY_BLOCKED };
        char at[TIME_TEXT_SIZE];

        if (tag_state_is_gone(state) && is_head(work, state)) {
                step.state = WHY_OK;
                step.message = arena_printf(work->arena,
                                            "the registry no longer lists tag '%s'; it stays the "
                                            "head (allowDowngrade: true would let it go back)",
                                            state->tag);
        } else if (tag_state_is_gone(state)) {
                step.reason = "TagGone";
                step.message = arena_printf(work->arena, "the registry no longer lists tag '%s'",
                                            state->tag);
                step.next = "push that tag again";
        } else if (work->is_version && !state->denied && !state->digest) {
                step.reason = "DigestUnknown";
                step.message = arena_printf(
                        work->arena, "the digest of tag '%s' is not known: %s", state->tag,
                        state->extra && state->extra->problem ? state->extra->problem
                                                              : "it was not requested yet");
                step.next = next_sync(work);
        } else {
                step.state = WHY_OK;
                step.message = arena_printf(work->arena, "tag '%s'%s%s, seen since %s", state->tag,
                                            state->digest ? " is " : "",
                                            state->digest ? state->digest : "",
                                            time_format(state->first_seen_at, at));
        }
        why_add(work, step);
}

/* --- rules ------------------------------------------------------------------------------------ */

static int rule_step(WhyWork *work, const TagState *state, const char *channel, Error *err)
{
        const char *name = component_name(work);
        WhyStep step = { .type = WHY_RULE, .state = WHY_OK };
        Classification is = { 0 };

        if (!state->assigned &&
            version_policy_classify(work->stored.policy, state->tag, work->arena, &is, NULL) < 0)
                return error_oom(err);
        if (work->is_version)
                step.message = arena_printf(work->arena, "it is version %s of channel '%s': %s",
                                            state->version, state->channel,
                                            state->assigned ? "assigned by a person"
                                            : is.denied     ? "denied"
                                                            : is.reason);
        else {
                step.state = WHY_BLOCKED;
                step.reason = work->wanted_tag ? "NotAVersion" : "NothingMatches";
                step.message =
                        work->wanted_tag
                                ? arena_printf(work->arena, "tag '%s' is no version: %s",
                                               state->tag, is.reason)
                                : arena_printf(work->arena,
                                               "no tag is a version of channel '%s'; tag '%s', the "
                                               "newest: %s",
                                               channel, state->tag, is.reason);
                step.next = arena_printf(work->arena, "relmanctl explain %s %s", name, state->tag);
        }
        why_add(work, step);
        work->denied = is.denied ? is.reason : NULL;
        return 0;
}

/* Adds the step about the channel if a stream selects one for the component. */
static void channel_step(WhyWork *work, const TagState *state, const char *channel)
{
        const char *stream = work->environment.spec->stream;
        WhyStep step = { .type = WHY_CHANNEL, .state = WHY_OK };

        if (!why_want(work, work->component->object.id.text))
                return;
        step.message = arena_printf(work->arena, "stream '%s' takes channel '%s'", stream, channel);
        if (work->is_version && !streq(state->channel, channel)) {
                step.state = WHY_BLOCKED;
                step.reason = "OtherChannel";
                step.message = arena_printf(work->arena,
                                            "tag '%s' is in channel '%s'; stream '%s' takes "
                                            "channel '%s'",
                                            state->tag, state->channel, stream, channel);
                step.next = arena_printf(work->arena, "change channel at %s",
                                         why_place(work, &work->stream.spec->object, (Place){ 0 }));
        }
        why_add(work, step);
}

/* --- admission -------------------------------------------------------------------------------- */

static const char *join(WhyWork *work, const Strings *texts)
{
        const char *joined = "";

        for (size_t i = 0; joined && i < texts->n; i++)
                joined = arena_printf(work->arena, "%s%s%s", joined, i > 0 ? ", " : "",
                                      texts->items[i]);
        return joined;
}

static Place deny_place(const ComponentSpec *spec)
{
        return spec->deny.n > 0 ? spec->deny.items[0].place : (Place){ 0 };
}

/* Adds the step of a check that the tag has passed, or that is open if is_known is false. Adds
 * nothing if the component does not configure the check. tolerated: what is wrong with the
 * signatures; NULL: nothing. */
static void admission_passed(WhyWork *work, WhyStepType type, bool is_known, const char *tolerated)
{
        const ComponentSpec *spec = work->component;
        WhyStep step = { .type = type, .state = is_known ? WHY_OK : WHY_OPEN };
        char age[DURATION_TEXT_SIZE];

        if ((type == WHY_DENY && spec->deny.n == 0) ||
            (type == WHY_PLATFORM && spec->platforms.n == 0) ||
            (type == WHY_AGE && spec->minimum_age == 0) ||
            (type == WHY_SIGNATURE && component_verify(spec, work->stored.registry)->n == 0))
                return;
        if (is_known && type == WHY_DENY)
                step.message = "neither its version nor its digest is denied";
        else if (is_known && type == WHY_IMAGE)
                step.message =
                        arena_printf(work->arena, "it is %s", admission_artifact_wanted(spec));
        else if (is_known && type == WHY_PLATFORM)
                step.message = join(work, &spec->platforms);
        else if (is_known && type == WHY_SIGNATURE)
                step.message = tolerated ? tolerated : "its signatures are valid";
        else if (is_known)
                step.message = arena_printf(work->arena, "it is old enough (minimumAge %s)",
                                            duration_format(spec->minimum_age, age));
        why_add(work, step);
}

static WhyStep wait_for_sync(WhyWork *work, WhyStepType type, const char *reason,
                             const char *message)
{
        return (WhyStep){ .type = type,
                          .state = WHY_WAITS,
                          .reason = reason,
                          .message = message,
                          .next = next_sync(work) };
}

static WhyStep signature_obstacle(WhyWork *work, const Admission *admission)
{
        const ComponentSpec *spec = work->component;

        return (WhyStep){ .type = WHY_SIGNATURE,
                          .state = WHY_BLOCKED,
                          .reason = admission_reason(spec, admission->verdict),
                          .message = admission_unfit(admission, work->arena),
                          .next = next_change(
                                  work, "sign the image", "verify",
                                  component_verify(spec, work->stored.registry)->items[0].place) };
}

static WhyStep admission_obstacle(WhyWork *work, const Admission *admission)
{
        const ComponentSpec *spec = work->component;
        char until[TIME_TEXT_SIZE], age[DURATION_TEXT_SIZE];
        const char *detail = admission->detail;

        switch (admission->verdict) {
        case ADMISSION_DENIED:
                return (WhyStep){ .type = WHY_DENY,
                                  .state = WHY_BLOCKED,
                                  .reason = "Denied",
                                  .message = detail,
                                  .next = next_change(work, "push a newer version", "deny",
                                                      deny_place(spec)) };
        case ADMISSION_OTHER_ARTIFACT:
                return (WhyStep){ .type = WHY_IMAGE,
                                  .state = WHY_BLOCKED,
                                  .reason = admission_reason(spec, admission->verdict),
                                  .message = admission_unfit(admission, work->arena),
                                  .next = next_change(
                                          work,
                                          arena_printf(work->arena, "push %s", admission->wanted),
                                          "ignoreTags", (Place){ 0 }) };
        case ADMISSION_NEEDS_MANIFEST:
                return wait_for_sync(work, WHY_IMAGE, "ManifestUnknown",
                                     "its manifest was not read yet");
        case ADMISSION_NEEDS_SIGNATURE:
                return wait_for_sync(work, WHY_SIGNATURE, "SignatureUnknown",
                                     "its signatures were not verified yet");
        case ADMISSION_LACKS_PLATFORM:
                return (WhyStep){ .type = WHY_PLATFORM,
                                  .state = WHY_BLOCKED,
                                  .reason = admission_reason(spec, admission->verdict),
                                  .message = admission_unfit(admission, work->arena),
                                  .next = next_change(
                                          work,
                                          arena_printf(work->arena, "push an image for %s", detail),
                                          "platforms", (Place){ 0 }) };
        case ADMISSION_SIGNATURE_MISSING:
        case ADMISSION_SIGNATURE_INVALID: return signature_obstacle(work, admission);
        case ADMISSION_TOO_YOUNG:
                return (WhyStep){ .type = WHY_AGE,
                                  .state = WHY_WAITS,
                                  .reason = "TooYoung",
                                  .message = arena_printf(
                                          work->arena, "it waits until %s, for minimumAge %s",
                                          time_format(admission->until, until),
                                          duration_format(spec->minimum_age, age)) };
        case ADMISSION_ADMITTED:
        case ADMISSION_GONE:
        case ADMISSION_PLATFORM_GONE:
        case ADMISSION_MOVED:
        case ADMISSION_TAG_MOVED: /* moved_step() reports it */
        case ADMISSION_NEEDS_CHECK:
        case ADMISSION_VERDICT_MAX_: break;
        }
        return (WhyStep){ .type = WHY_STEP_TYPE_MAX_ };
}

static int admission_steps(WhyWork *work, const TagState *state, Error *err)
{
        static const WhyStepType types[] = { WHY_DENY, WHY_IMAGE, WHY_PLATFORM, WHY_AGE,
                                             WHY_SIGNATURE };
        const char *tolerated = NULL;
        const Manifest *manifest;
        Admission admission;
        WhyStep obstacle;
        bool is_read;

        if (stored_tags_admission(&work->stored, state, &admission) < 0)
                return error_oom(err);
        manifest = map_get(&work->stored.manifests, state->digest);
        is_read = manifest != NULL;
        if (manifest && signature_is_tolerated(&manifest->signature))
                tolerated = manifest->signature.detail;
        obstacle = admission_obstacle(work, &admission);
        for (size_t i = 0; i < ARRAY_SIZE(types); i++)
                if (types[i] == obstacle.type)
                        why_add(work, obstacle);
                else
                        admission_passed(
                                work, types[i],
                                types[i] < obstacle.type &&
                                        (is_read || types[i] == WHY_DENY || types[i] == WHY_AGE),
                                tolerated);
        return 0;
}

/* Adds a step if the tag moved. Its version keeps the old digest until a person allows the move. */
static void moved_step(WhyWork *work, const TagState *state)
{
        const char *moved_to = tag_state_moved_to(state);

        if (!moved_to)
                return;
        why_add(work, (WhyStep){ .type = WHY_MOVED,
                                 .state = WHY_BLOCKED,
                                 .reason = "TagMoved",
                                 .message = arena_printf(
                                         work->arena,
                                         "tag '%s' moved to %s; releases hold %s, which "
                                         "stays version %s",
                                         state->tag, moved_to, state->digest, state->version),
                                 .next = arena_printf(work->arena, "relmanctl allow-move %s %s",
                                                      component_name(work), state->tag) });
}

/* --- the head --------------------------------------------------------------------------------- */

static const Channel *find_head(const WhyWork *work, const char *channel)
{
        const Channels *heads = &work->stored.channels;

        for (size_t i = 0; i < heads->n; i++)
                if (streq(heads->items[i].name, channel))
                        return &heads->items[i];
        return NULL;
}

static bool head_is_newer(const Channel *head, const TagState *state)
{
        int order = sort_key_compare(head->sort_key, tag_state_key(state));

        return order > 0 || (order == 0 && head->specificity > state->specificity);
}

static void head_step(WhyWork *work, const TagState *state, const char *channel)
{
        const Channel *head = find_head(work, channel);
        WhyStep step = { .type = WHY_HEAD, .state = WHY_OPEN };

        step.message =
                head ? arena_printf(work->arena, "channel '%s' is at tag '%s'", channel, head->tag)
                     : arena_printf(work->arena, "channel '%s' has no version", channel);
        if (head && state && str_equal(head->digest, state->digest))
                step.state = WHY_OK;
        else if (!why_has_obstacle(work) && head && state && work->is_version &&
                 head_is_newer(head, state)) {
                step.state = WHY_BLOCKED;
                step.reason = "NewerHead";
                step.message = arena_printf(work->arena,
                                            "channel '%s' is at tag '%s', a newer "
                                            "version",
                                            channel, head->tag);
                step.next = arena_printf(work->arena, "relmanctl create release NAME %s:%s",
                                         component_name(work), state->tag);
        } else if (!why_has_obstacle(work)) {
                step.state = WHY_WAITS;
                step.reason = "NotHead";
                step.message =
                        arena_printf(work->arena, "%s; the next poll evaluates tag '%s'",
                                     step.message ? step.message : "", state ? state->tag : "");
                step.next = next_sync(work);
        }
        why_add(work, step);
}

/* --- all steps of a tag ----------------------------------------------------------------------- */

static void too_slow(WhyWork *work)
{
        why_add(work, (WhyStep){ .type = WHY_RULE,
                                 .state = WHY_BLOCKED,
                                 .reason = "PatternTooCostly",
                                 .message = work->stored.tags.gave_up,
                                 .next = arena_printf(work->arena, "simplify the pattern at %s",
                                                      why_place(work, &work->component->object,
                                                                (Place){ 0 })) });
}

/* Selects the tag to show; work->state is NULL if there is none. */
static int choose_tag(WhyWork *work, const char *channel, Error *err)
{
        const TagSet *tags = &work->stored.tags;
        const TagState *state;
        int r;

        r = stored_tags_judge(&work->stored, err); /* sorting by build time needs manifests */
        if (r < 0)
                return r;
        state = work->wanted_tag ? named_tag(tags, work->wanted_tag)
                                 : newest_version(work, channel);
        if (!state && !work->wanted_tag)
                state = newest_tag(tags);
        work->state = state;
        work->is_version = state && has_version(state);
        return 0;
}

static int tag_steps(WhyWork *work, const char *channel, Error *err)
{
        const TagState *state = work->state;
        int r;

        work->answer->tag = state->tag;
        work->digest = state->digest;
        tag_step(work, state);
        r = rule_step(work, state, channel, err);
        if (r < 0)
                return r;
        channel_step(work, state, channel);
        moved_step(work, state);
        if (work->denied) {
                const Admission denied = { .verdict = ADMISSION_DENIED, .detail = work->denied };

                why_add(work, admission_obstacle(work, &denied));
                return 0;
        }
        return work->is_version && state->digest ? admission_steps(work, state, err) : 0;
}

int why_tag_steps(WhyWork *work, Error *err)
{
        const Want *want = why_want(work, work->component->object.id.text);
        const char *channel = want ? want->value : work->component->default_channel;
        int r;

        work->answer->channel = channel;
        r = poll_step(work, err);
        if (r < 0)
                return r;
        if (work->stored.tags.gave_up)
                too_slow(work);
        else {
                r = choose_tag(work, channel, err);
                if (r >= 0 && work->state)
                        r = tag_steps(work, channel, err);
                else if (r >= 0)
                        no_tag(work);
        }
        if (r >= 0)
                head_step(work, work->state, channel);
        return r;
}
