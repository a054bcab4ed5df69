/* Reads the recorded tags and releases for a replay of the tree, and runs it. Only the present
 * facts about manifests and signatures are stored, so they count for the past as well. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "preview/preview-internal.h"
#include "release/tag-guard.h"
#include "store/replay-pages.h"
#include "store/version-pages.h"
#include "verify/policy.h"

#define TAGS_PAGE      500 /* number of tags that are read at once */
#define HISTORY_PAGE   500 /* number of earlier digests that are read at once */
#define RELEASES_PAGE  20  /* number of releases that are read at once: they are larger */
#define FORMER_PAGE    100 /* number of releases of which one component is read at once */
#define MANIFESTS_PAGE 200 /* number of manifests that are read at once */

typedef enum ReplayRead {
        READ_TAGS,
        READ_ASSIGNED,
        READ_HISTORY,
        READ_MOVES,
        READ_FORMER,
        READ_MANIFESTS,
        READ_FINISH,
        READ_END,
} ReplayRead;

/* A component that is being read. */
typedef struct Reading {
        ReplayComponent *component;
        ReplayRead stage;
        Arena arena, page_arena; /* page_arena: memory of a page of tags, and of their versions */
        VersionPolicy *policy;
        TagRecords page;
        size_t at;               /* position in the page */
        char after[TAG_MAX + 1]; /* the last tag of the page */
        Assignments assigned;
        HistoryCursor history;
        FormerCursor former;
        ManifestCursor manifest;
        Map by_assigned; /* digest -> const Assignment * */
        Map manifests;   /* digest -> const Manifest * */
} Reading;

struct PreviewReplay {
        Replay replay;
        Arena arena;
        Map components;        /* id -> ReplayComponent * */
        Reading *reading;      /* NULL: none is in progress */
        StreamCursor releases; /* stream_id NULL: the next stream has not begun */
};

static void reading_done(struct PreviewReplay *of)
{
        Reading *reading = of->reading;

        if (!reading)
                return;
        version_policy_free(reading->policy);
        map_done(&reading->by_assigned);
        map_done(&reading->manifests);
        arena_done(&reading->arena);
        arena_done(&reading->page_arena);
        free(reading);
        of->reading = NULL;
}

void preview_replay_done(Previewer *previewer)
{
        struct PreviewReplay *of = previewer->replay;

        if (!of)
                return;
        reading_done(of);
        replay_done(&of->replay);
        map_done(&of->components);
        arena_done(&of->arena);
        free(of);
        previewer->replay = NULL;
}

size_t preview_replay_memory(const Previewer *previewer)
{
        const struct PreviewReplay *of = previewer->replay;

        if (!of)
                return 0;
        return sizeof(*of) + replay_memory(&of->replay) + map_memory(&of->components) +
               (of->reading ? sizeof(*of->reading) + map_memory(&of->reading->manifests) : 0);
}

/* --- streams ---------------------------------------------------------------------------------- */

static ReplayComponent *component_of(Previewer *previewer, const ComponentSpec *spec)
{
        struct PreviewReplay *of = previewer->replay;
        ReplayComponent *component = map_get(&of->components, spec->object.id.text);

        if (component)
                return component;
        component = replay_add_component(
                &of->replay, spec,
                component_tags_are_mutable(spec, model_component_registry(previewer->model, spec)));
        return component && map_put(&of->components, spec->object.id.text, component, NULL) >= 0
                       ? component
                       : NULL;
}

/* Adds a stream. has_parts: the stream still exists by the documents, with its components. */
static int add_stream(Previewer *previewer, const StreamSpec *spec, bool has_parts, Error *err)
{
        const Model *model = previewer->model;
        const WantsInput input = { model->components.items, model->components.n, NULL };
        struct PreviewReplay *of = previewer->replay;
        ReplayStream *stream = replay_add_stream(&of->replay, spec);
        ReleaseSpec release;
        Wants wants;
        int r;

        if (!stream || stream_follow(spec, &of->arena, &release) < 0)
                return error_oom(err);
        if (!has_parts)
                return 0;
        r = release_wants(&release, &input, &of->arena, &wants, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < wants.n; i++) {
                ReplayComponent *component = component_of(previewer, wants.items[i].component);

                if (!component ||
                    replay_add_part(&of->replay, stream, component, wants.items[i].value) < 0)
                        return error_oom(err);
        }
        return 0;
}

static int begin(Previewer *previewer, Error *err)
{
        struct PreviewReplay *of = calloc(1, sizeof(*of));

        if (!of)
                return error_oom(err);
        previewer->replay = of;
        arena_init(&of->arena, API_REQUEST_MAX);
        of->arena.quota = previewer->input.arena->quota;
        replay_init(&of->replay, &of->arena, previewer->input.replay_since, time_wall());
        previewer->preview->replay = &of->replay;
        return 0;
}

/* True if a stream of the daemon is not in the tree. Sets *ret_stays if it stays nevertheless. */
static bool is_only_stored(const Previewer *previewer, const StreamSpec *spec, bool *ret_stays)
{
        const Object *object = &spec->object;

        *ret_stays = object->managed_by == MANAGED_BY_API;
        return (!previewer->input.tenant || streq(previewer->input.tenant, object->meta.tenant)) &&
               !model_find(previewer->model, KIND_STREAM, object->meta.tenant, object->meta.name);
}

int preview_replay_streams(Previewer *previewer, usec_t until, Error *err)
{
        const StreamSpecs *tree = &previewer->model->streams,
                          *stored = &previewer->current->streams;
        int r = 0;

        if (!previewer->replay)
                r = begin(previewer, err);
        while (previewer->at < tree->n + stored->n && r >= 0) {
                size_t at = previewer->at++;
                bool stays = true;

                if (at < tree->n)
                        r = add_stream(previewer, tree->items[at], true, err);
                else if (is_only_stored(previewer, stored->items[at - tree->n], &stays))
                        r = add_stream(previewer, stored->items[at - tree->n], stays, err);
                if (r >= 0 && time_monotonic() >= until)
                        return 1;
        }
        return r;
}

/* --- tags ------------------------------------------------------------------------------------- */

static const char *id_of(const Reading *reading)
{
        return reading->component->spec->object.id.text;
}

static int begin_component(Previewer *previewer, ReplayComponent *component, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = calloc(1, sizeof(*reading));

        if (!reading)
                return error_oom(err);
        of->reading = reading;
        *reading = (Reading){
                .component = component,
                .history = { .limit = HISTORY_PAGE },
                .former = { .before = of->replay.since, .limit = FORMER_PAGE },
                .manifest = { .after = "", .limit = MANIFESTS_PAGE },
        };
        arena_init(&reading->arena, API_REQUEST_MAX);
        reading->arena.quota = previewer->arena->quota;
        arena_init(&reading->page_arena, SYNC_PAGE_MAX);
        return version_policy_new(component->spec, &reading->policy, err);
}

/* Reads a page of tags. Returns 0 if there are no further tags. */
static int read_page(Previewer *previewer, Error *err)
{
        Reading *reading = previewer->replay->reading;
        const TagFilter filter = { .after = reading->after, .limit = TAGS_PAGE };
        int r;

        arena_clear(&reading->page_arena);
        reading->at = 0;
        r = store_tags_after(previewer->control->store, id_of(reading), &filter,
                             &reading->page_arena, &reading->page, err);
        if (r < 0 || reading->page.n == 0)
                return r;
        (void)snprintf(reading->after, sizeof(reading->after), "%s",
                       reading->page.items[reading->page.n - 1].tag);
        return 1;
}

/* Applies the rules to a tag. */
static int add_tag(Previewer *previewer, const TagRecord *record, Error *err)
{
        Reading *reading = previewer->replay->reading;
        const char *problem = NULL;
        Classification is;

        if (version_policy_classify(reading->policy, record->tag, &reading->page_arena, &is,
                                    &problem) < 0)
                return error_oom(err);
        if (version_policy_gave_up(reading->policy))
                problem = version_policy_gave_up(reading->policy);
        if (problem)
                return error_set(err, ERROR_INVALID, -EINVAL, "component '%s': %s",
                                 reading->component->spec->object.meta.name, problem);
        return replay_add_tag(&previewer->replay->replay, reading->component, record, &is) < 0
                       ? error_oom(err)
                       : 0;
}

static int read_tags(Previewer *previewer, usec_t until, Error *err)
{
        Reading *reading = previewer->replay->reading;
        int r;

        do {
                if (reading->at == reading->page.n) {
                        r = read_page(previewer, err);
                        if (r <= 0)
                                return r;
                }
                r = add_tag(previewer, &reading->page.items[reading->at++], err);
                if (r < 0)
                        return r;
        } while (time_monotonic() < until);
        return 1;
}

/* Reads the versions that persons assigned. Skips those that can no longer be read, as polls do. */
static int read_assigned(Previewer *previewer, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = of->reading;
        int r = store_assignments(previewer->control->store, id_of(reading), &reading->arena,
                                  &reading->assigned, err);

        for (size_t i = 0; r >= 0 && i < reading->assigned.n; i++) {
                Assignment *assignment = &reading->assigned.items[i];
                const char *reason;
                Classification is;

                r = version_policy_assign(reading->policy, assignment->semver, assignment->channel,
                                          &reading->arena, &is, &reason);
                if (r == -EINVAL) {
                        r = 0;
                        continue;
                }
                if (r >= 0)
                        r = replay_add_assigned(&of->replay, reading->component, assignment, &is);
                if (r >= 0)
                        r = map_put(&reading->by_assigned, assignment->digest, assignment, NULL);
                if (r < 0)
                        return error_oom(err);
        }
        return MIN(r, 0);
}

static int read_history(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = of->reading;
        TagRecords page;

        do {
                _cleanup_(arena_done) Arena arena;
                int r;

                arena_init(&arena, SYNC_PAGE_MAX);
                r = store_tag_history_after(previewer->control->store, id_of(reading),
                                            &reading->history, &arena, &page, err);
                for (size_t i = 0; r >= 0 && i < page.n; i++)
                        if (replay_add_history(&of->replay, reading->component, &page.items[i]) < 0)
                                return error_oom(err);
                if (r < 0)
                        return r;
        } while (page.n == HISTORY_PAGE && time_monotonic() < until);
        return page.n == HISTORY_PAGE;
}

/* Reads the moves that persons allowed. */
static int read_moves(Previewer *previewer, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = of->reading;
        TagMoves moves;
        int r = store_tag_moves(previewer->control->store, id_of(reading), &reading->arena, &moves,
                                err);

        for (size_t i = 0; r >= 0 && i < moves.n; i++)
                if (replay_add_move(&of->replay, reading->component, &moves.items[i]) < 0)
                        return error_oom(err);
        return MIN(r, 0);
}

/* Reads the digests of earlier releases. */
static int read_former(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = of->reading;
        int r;

        do {
                _cleanup_(arena_done) Arena arena;
                ReleasedTags page;

                arena_init(&arena, SYNC_PAGE_MAX);
                r = store_former_tags(previewer->control->store, id_of(reading), &reading->former,
                                      &arena, &page, err);
                for (size_t i = 0; r >= 0 && i < page.n; i++)
                        if (replay_add_released(&of->replay, reading->component, &page.items[i]) <
                            0)
                                return error_oom(err);
        } while (r > 0 && time_monotonic() < until);
        return r;
}

static const VerifyRules *rules_of(const Previewer *previewer)
{
        return model_component_verify(previewer->model,
                                      previewer->replay->reading->component->spec);
}

static int add_manifests(Previewer *previewer, const Manifests *page, const char *policy,
                         Error *err)
{
        Reading *reading = previewer->replay->reading;

        for (size_t i = 0; i < page->n; i++) {
                Manifest *manifest = &page->items[i];

                if (!str_equal(manifest->signature.policy, policy))
                        manifest->signature = (Signature){ 0 };
                if (map_put(&reading->manifests, manifest->digest, manifest, NULL) < 0)
                        return error_oom(err);
        }
        return 0;
}

static int read_manifests(Previewer *previewer, usec_t until, Error *err)
{
        Reading *reading = previewer->replay->reading;
        char policy[DIGEST_SIZE_MAX];
        Manifests page;

        verify_policy_digest(reading->component->spec, rules_of(previewer), policy);
        do {
                int r = store_manifests_after(previewer->control->store, id_of(reading),
                                              &reading->manifest, &reading->arena, &page, err);

                if (r >= 0)
                        r = add_manifests(previewer, &page, policy, err);
                if (r < 0)
                        return r;
        } while (page.n == MANIFESTS_PAGE && time_monotonic() < until);
        return page.n == MANIFESTS_PAGE;
}

static int run_reading(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Reading *reading = of->reading;
        const ReplayFacts facts = { reading->policy, rules_of(previewer), &reading->manifests,
                                    &reading->by_assigned };
        int r;

        switch (reading->stage) {
        case READ_TAGS: return read_tags(previewer, until, err);
        case READ_ASSIGNED: return read_assigned(previewer, err);
        case READ_HISTORY: return read_history(previewer, until, err);
        case READ_MOVES: return read_moves(previewer, err);
        case READ_FORMER: return read_former(previewer, until, err);
        case READ_MANIFESTS: return read_manifests(previewer, until, err);
        case READ_FINISH:
                r = replay_component_end(&of->replay, reading->component, &facts, until);
                return r < 0 ? error_oom(err) : r;
        case READ_END: break;
        }
        return 0;
}

int preview_replay_tags(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;

        while (previewer->at < of->replay.n_components) {
                int r = 0;

                if (!of->reading)
                        r = begin_component(previewer, of->replay.components[previewer->at], err);
                while (r == 0 && of->reading->stage < READ_END) {
                        r = run_reading(previewer, until, err);
                        of->reading->stage += r == 0;
                        if (r == 0 && time_monotonic() >= until && of->reading->stage < READ_END)
                                r = 1;
                }
                if (r != 0)
                        return r;
                reading_done(of);
                previewer->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* --- releases --------------------------------------------------------------------------------- */

/* Returns the number of days since the start of the replay, rounded up. */
static unsigned days_of(const Replay *replay)
{
        return (unsigned)((replay->until - replay->since + USEC_PER_DAY - 1) / USEC_PER_DAY);
}

static int failed(const Replay *replay, const ReplayStream *stream, int r, Error *err)
{
        if (r != -E2BIG)
                return error_oom(err);
        return error_set(err, ERROR_INVALID, -E2BIG,
                         "stream '%s' has more than %d releases in %u days; replay less: "
                         "relmanctl plan DIR --replay %ud",
                         stream->name, REPLAY_RELEASES_MAX, days_of(replay),
                         MAX(days_of(replay) / 2, 1U));
}

static int read_releases(Previewer *previewer, ReplayStream *stream, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;
        Releases page;

        if (!of->releases.stream_id)
                of->releases = (StreamCursor){ .stream_id = stream->id,
                                               .since = of->replay.since,
                                               .limit = RELEASES_PAGE };
        do {
                _cleanup_(arena_done) Arena arena;
                int r;

                arena_init(&arena, SYNC_PAGE_MAX);
                r = store_stream_after(previewer->control->store, &of->releases, &arena, &page,
                                       err);
                if (r < 0)
                        return r;
                for (size_t i = 0; i < page.n; i++) {
                        r = replay_add_release(&of->replay, stream, &page.items[i]);
                        if (r < 0)
                                return failed(&of->replay, stream, r, err);
                }
        } while (page.n == RELEASES_PAGE && time_monotonic() < until);
        return page.n == RELEASES_PAGE;
}

int preview_replay_releases(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewReplay *of = previewer->replay;

        while (previewer->at < of->replay.n_streams) {
                int r = read_releases(previewer, &of->replay.streams[previewer->at], until, err);

                if (r != 0)
                        return r;
                of->releases = (StreamCursor){ 0 };
                previewer->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

int preview_replay_run(Previewer *previewer, usec_t until, Error *err)
{
        Replay *replay = &previewer->replay->replay;
        const ReplayStream *full = NULL;
        int r = replay_step(replay, until, &full);

        return r < 0 ? failed(replay, full, r, err) : r;
}

int preview_replay_compare(Previewer *previewer, usec_t until, Error *err)
{
        int r = replay_compare(&previewer->replay->replay, until);

        return r < 0 ? error_oom(err) : r;
}
