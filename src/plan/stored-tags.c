#include "plan/stored-tags.h"

#include <errno.h>

#include "base/limits.h"
#include "plan/tag-load.h"
#include "store/version-pages.h"

typedef enum StoredTagsStage {
        STORED_LOAD,
        STORED_INDEX,
        STORED_CLASSIFY,
        STORED_END,
} StoredTagsStage;

int stored_tags_begin(StoredTags *stored, Error *err)
{
        const char *id = stored->spec->object.id.text;
        int r;

        stored->input = (TagSetInput){ .max = PREVIEW_TAGS_MAX,
                                       .assigned = &stored->assigned,
                                       .now = time_wall() };
        r = store_channels(stored->store, id, stored->arena, &stored->channels, err);
        if (r >= 0)
                r = version_policy_new(stored->spec, &stored->policy, err);
        if (r >= 0)
                r = store_assignments(stored->store, id, stored->arena, &stored->assigned, err);
        return r < 0 ? r : tag_set_begin(&stored->tags, &stored->input, stored->policy, err);
}

static int run_stage(StoredTags *stored, usec_t until, Error *err)
{
        const TagSource source = { stored->store, stored->spec->object.id.text };

        switch ((StoredTagsStage)stored->stage) {
        case STORED_LOAD:
                return tag_set_load(&stored->tags, &stored->input, source, until, stored->arena,
                                    err);
        case STORED_INDEX: return tag_set_add_listed(&stored->tags, &stored->input, until, err);
        case STORED_CLASSIFY:
                return tag_set_classify(&stored->tags, &stored->input, stored->policy, until,
                                        stored->arena, err);
        case STORED_END: break;
        }
        return 0;
}

int stored_tags_step(StoredTags *stored, usec_t until, Error *err)
{
        while (stored->stage < STORED_END) {
                int r = run_stage(stored, until, err);

                if (r != 0)
                        return r;
                stored->stage++;
                if (time_monotonic() >= until && stored->stage < STORED_END)
                        return 1;
        }
        return 0;
}

static JudgeInput judge_input(const StoredTags *stored)
{
        return (JudgeInput){ .spec = stored->spec,
                             .policy = stored->policy,
                             .verify = component_verify(stored->spec, stored->registry),
                             .manifests = &stored->manifests,
                             .guard = &stored->guard,
                             .channels = &stored->channels,
                             .now = stored->input.now };
}

static int read_guard(StoredTags *stored, Error *err)
{
        const char *id = stored->spec->object.id.text;
        TagGuardRows rows;
        int r;

        stored->guard.is_mutable = component_tags_are_mutable(stored->spec, stored->registry);
        r = store_tag_moves(stored->store, id, stored->arena, &rows.moves, err);
        if (r >= 0)
                r = store_released_tags(stored->store, id, stored->arena, &rows.released, err);
        if (r < 0)
                return r;
        return tag_guard_init(&stored->guard, stored->spec, &rows, stored->arena) < 0
                       ? error_oom(err)
                       : 0;
}

int stored_tags_judge(StoredTags *stored, Error *err)
{
        const JudgeInput input = judge_input(stored);
        Manifests known = { 0 };
        Judging judging = { 0 };
        int r;

        r = store_manifests(stored->store, stored->spec->object.id.text, stored->arena, &known,
                            err);
        if (r >= 0)
                r = read_guard(stored, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < known.n; i++) {
                Signature *signature = &known.items[i].signature;

                if (stored->signature_policy &&
                    !str_equal(signature->policy, stored->signature_policy))
                        *signature = (Signature){ 0 };
                if (map_put(&stored->manifests, known.items[i].digest, &known.items[i], NULL) < 0)
                        return error_oom(err);
        }
        r = judge_tags(&stored->tags, &input, &judging, USEC_INFINITY, stored->arena);
        judging_done(&judging);
        return r < 0 ? error_oom(err) : 0;
}

int stored_tags_admission(const StoredTags *stored, const TagState *state, Admission *ret)
{
        const JudgeInput input = judge_input(stored);

        return judge_one(&stored->tags, state, &input, ret);
}

void stored_tags_done(StoredTags *stored)
{
        tag_set_done(&stored->tags);
        version_policy_free(stored->policy);
        map_done(&stored->manifests);
        tag_guard_done(&stored->guard);
        *stored = (StoredTags){ 0 };
}

size_t stored_tags_memory(const StoredTags *stored)
{
        return sizeof(*stored) + tag_set_memory(&stored->tags) + map_memory(&stored->manifests) +
               map_memory(&stored->guard.tags);
}
