#include "compose/streams.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "model/name-template.h"
#include "model/schema/decode.h"
#include "release/compose.h"
#include "release/status.h"
#include "store/facts.h"
#include "store/releases.h"

#define STREAM_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY            (30 * USEC_PER_SEC)
/* After this many settle times a stream makes a release, even if its set of digests still
 * changes. */
#define SETTLE_TIMES_MAX 10
#define NAME_TRIES_MAX   1000 /* a stream tries the names NAME, NAME-2, NAME-3 and so on */

/* The release that a stream would make now. */
typedef struct Offer {
        ReleaseSpec spec; /* the spec of that release */
        Wants wants;
        Picked *picks;
        char key[DIGEST_SIZE_MAX]; /* digest of the set of picked digests */
        Release newest;            /* the newest release of the stream */
        bool has_newest;
} Offer;

/* --- sets of digests ---------------------------------------------------------------------------
 */

static int digest_set(const char *const *ids, const char *const *digests, size_t n,
                      char ret[DIGEST_SIZE_MAX])
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, STREAM_ARENA_MAX);
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(&text, "%s %s\n", ids[i], digests[i]);
        if (text.failed)
                return text.failed; /* truncated texts of two sets may be equal */
        digest_sha256(text.data, text.size, ret);
        return 0;
}

static int digest_offer(Offer *offer, Arena *arena)
{
        size_t n = offer->wants.n;
        const char **texts = arena_alloc_array(arena, 2 * n + 1, sizeof(char *));

        if (!texts)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                texts[i] = offer->wants.items[i].component->object.id.text;
                texts[n + i] = offer->picks[i].digest;
        }
        return digest_set(texts, texts + n, n, offer->key);
}

static int digest_release(const Release *release, Arena *arena, char ret[DIGEST_SIZE_MAX])
{
        size_t n = release->components.n;
        const char **texts = arena_alloc_array(arena, 2 * n + 1, sizeof(char *));

        if (!texts)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                texts[i] = release->components.items[i].component_id;
                texts[n + i] = release->components.items[i].digest;
        }
        return digest_set(texts, texts + n, n, ret);
}

static bool has_old_versions(const Control *control, const Want *want)
{
        Component component;

        return control->calls->component(control->userdata, want->component->object.id.text,
                                         &component) &&
               component.versions_are_old;
}

static int read_heads(const StreamState *stream, const Wants *wants, Arena *arena, Channels **ret,
                      Error *err)
{
        FactKeys keys = { .items = arena_alloc_array(arena, wants->n + 1, sizeof(*keys.items)),
                          .n = wants->n };

        if (!keys.items)
                return error_oom(err);
        for (size_t i = 0; i < wants->n; i++)
                keys.items[i] = (FactKey){ wants->items[i].component->object.id.text, NULL };
        return store_facts_channels(stream->composer->control->store, &keys, arena, ret, err);
}

/* Returns 1 if there is a digest for each requested component; otherwise 0, and sets *ret_reason.
 */
static int pick_all(StreamState *stream, Offer *offer, Arena *arena, const char **ret_reason,
                    Error *err)
{
        Channels *channels;
        int r;

        offer->picks = arena_alloc_array(arena, offer->wants.n + 1, sizeof(*offer->picks));
        if (!offer->picks)
                return error_oom(err);
        r = read_heads(stream, &offer->wants, arena, &channels, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < offer->wants.n; i++) {
                const Want *want = &offer->wants.items[i];
                const WantKnown known = { .channels = &channels[i] };

                if (has_old_versions(stream->composer->control, want)) {
                        stream->waits_for_poll = true;
                        *ret_reason = arena_printf(arena, VERSIONS_ARE_OLD,
                                                   want->component->object.meta.name);
                        return *ret_reason ? 0 : error_oom(err);
                }
                if (release_pick(want, &known, arena, &offer->picks[i]) < 0)
                        return error_oom(err);
                if (offer->picks[i].reason) {
                        *ret_reason = offer->picks[i].reason;
                        return 0;
                }
        }
        if (offer->wants.n == 0)
                *ret_reason = "there is no component to make a release of";
        else if (stream->spec->same_version)
                *ret_reason = release_check_same_version(&offer->wants, offer->picks, arena);
        if (arena->failed)
                return error_oom(err); /* *ret_reason may be NULL for lack of memory */
        return *ret_reason ? 0 : 1;
}

static int make_offer(StreamState *stream, Arena *arena, Offer *offer, const char **ret_reason,
                      Error *err)
{
        const Model *model = stream->composer->control->model;
        const WantsInput input = { model->components.items, model->components.n, NULL };
        int r;

        *offer = (Offer){ 0 };
        if (stream_follow(stream->spec, arena, &offer->spec) < 0)
                return error_oom(err);
        r = release_wants(&offer->spec, &input, arena, &offer->wants, err);
        if (r >= 0)
                r = pick_all(stream, offer, arena, ret_reason, err);
        if (r <= 0)
                return r;
        if (digest_offer(offer, arena) < 0)
                return error_oom(err);
        r = store_stream_newest(stream->composer->control->store, stream->id.text, arena,
                                &offer->newest, err);
        offer->has_newest = r > 0;
        return r < 0 ? r : 1;
}

/* --- making a release ------------------------------------------------------------------------- */

static int expand_name(const StreamState *stream, const Offer *offer, int64_t sequence,
                       Arena *arena, const char **ret, Error *err)
{
        NameVersion *versions = arena_alloc_array(arena, offer->wants.n + 1, sizeof(*versions));
        const NameValues values = {
                .stream = stream->spec->object.meta.name,
                .sequence = sequence,
                .now = time_wall(),
                .versions = versions,
                .n_versions = offer->wants.n,
        };

        if (!versions)
                return error_oom(err);
        for (size_t i = 0; i < offer->wants.n; i++)
                versions[i] = (NameVersion){ offer->wants.items[i].component->object.meta.name,
                                             offer->picks[i].semver };
        return name_template_expand(stream->spec->name_template, &values, arena, ret, err);
}

/* Returns 1 if no release has that name. */
static int is_free(const StreamState *stream, const char *name, Arena *arena, Error *err)
{
        const Control *control = stream->composer->control;
        Uuid id = object_id(KIND_RELEASE, stream->spec->object.meta.tenant, name);
        Release other;
        int r;

        if (map_has(&control->model->by_id, id.text) || map_has(&stream->composer->drafts, id.text))
                return 0;
        r = store_release(control->store, id.text, arena, &other, err);
        return r < 0 ? r : r == 0;
}

static int choose_name(const StreamState *stream, const Offer *offer, int64_t sequence,
                       Arena *arena, const char **ret, Error *err)
{
        const char *base = NULL;
        int r;

        r = expand_name(stream, offer, sequence, arena, &base, err);
        *ret = r < 0 ? NULL : base;
        for (unsigned n = 2; r >= 0 && n <= NAME_TRIES_MAX; n++) {
                r = is_free(stream, *ret, arena, err);
                if (r != 0)
                        return r;
                *ret = arena_printf(arena, "%s-%u", base, n);
                if (!*ret)
                        return error_oom(err);
        }
        return r < 0 ? r
                     : error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "the names '%s' to '%s' are all taken; make nameTemplate "
                                 "distinguish releases",
                                 base, *ret);
}

/* --- the result of the draft ------------------------------------------------------------------ */

static void stream_add(StreamState *stream, usec_t at, const char *cause)
{
        queue_add(stream->composer->control->queue, KEY_STREAM, stream->id.text, at, cause);
}

static void note_made(StreamState *stream, bool has_made)
{
        stream->composer->n_made += has_made && !stream->has_made;
        stream->has_made = has_made;
}

static void on_draft_commit(DraftState *draft, Changes *changes, const Release *release)
{
        stream_put_current(draft->userdata, release, changes);
}

static void on_draft_done(DraftState *draft, const Release *release)
{
        StreamState *stream = draft->userdata;

        stream->draft = NULL;
        stream_note_current(stream, release);
        note_made(stream, true);
        stream_add(stream, 0, "its draft is a release");
        stream_retire_old(stream);
}

static void on_draft_failed(DraftState *draft, const DraftFailure *failure)
{
        StreamState *stream = draft->userdata;

        stream->draft = NULL;
        stream->retry_at = time_monotonic() + RETRY;
        stream_report(stream, "Unresolved", false, failure->message);
        stream_add(stream, stream->again ? 0 : stream->retry_at, "its draft failed");
        stream->again = false;
        control_kick(stream->composer->control); /* a run with --once may wait for this */
}

static const DraftOwner draft_owner = { .commit = on_draft_commit,
                                        .done = on_draft_done,
                                        .failed = on_draft_failed };

/* --- the draft -------------------------------------------------------------------------------- */

static int fill_spec(const StreamState *stream, const Offer *offer, const char *name, Arena *arena,
                     ReleaseSpec *spec)
{
        spec->object.meta = stream->spec->object.meta;
        spec->object.meta.name = arena_strdup(arena, name);
        spec->object.meta.display_name = NULL;
        spec->object.meta.tenant = arena_strdup(arena, spec->object.meta.tenant);
        spec->object.meta.labels = (Pairs){ 0 };
        spec->object.meta.annotations = (Pairs){ 0 };
        spec->mode = RELEASE_PINNED;
        spec->components.n = offer->wants.n;
        spec->components.items =
                arena_alloc_array(arena, offer->wants.n + 1, sizeof(*spec->components.items));
        if (!spec->object.meta.name || !spec->object.meta.tenant || !spec->components.items)
                return -ENOMEM;
        for (size_t i = 0; i < offer->wants.n; i++) {
                ReleaseItem *item = &spec->components.items[i];

                *item = (ReleaseItem){
                        .name = arena_strdup(arena,
                                             offer->wants.items[i].component->object.meta.name),
                        .digest = arena_strdup(arena, offer->picks[i].digest),
                };
                if (!item->name || !item->digest)
                        return -ENOMEM;
        }
        return document_seal(&spec->object, KIND_RELEASE);
}

static int begin_draft(StreamState *stream, const Offer *offer, Arena *arena, Error *err)
{
        int64_t sequence = offer->has_newest ? offer->newest.sequence + 1 : 1;
        ReleaseSpec *spec;
        DraftState *draft;
        const char *name;
        int r;

        r = choose_name(stream, offer, sequence, arena, &name, err);
        if (r < 0)
                return r;
        if (draft_state_new(stream->composer, &draft_owner, stream, &draft) < 0)
                return error_oom(err);
        stream->draft = draft;
        draft->sequence = sequence;
        draft->managed_by = MANAGED_BY_STREAM;
        draft->stream_id = stream->id.text;
        draft->created_by = PRINCIPAL_SELF;
        spec = arena_alloc(&draft->arena, sizeof(*spec));
        if (!spec || fill_spec(stream, offer, name, &draft->arena, spec) < 0) {
                draft_state_done(draft);
                stream->draft = NULL;
                return error_oom(err);
        }
        draft->spec = spec;
        r = draft_state_begin(draft);
        if (r < 0) {
                draft_state_done(draft);
                stream->draft = NULL;
                return error_oom(err);
        }
        return 0;
}

/* --- evaluating ------------------------------------------------------------------------------- */

static void settled(StreamState *stream)
{
        stream->pending[0] = '\0';
        stream->settle_at = USEC_INFINITY;
}

/* True if the set has not changed for the settle time, or has changed for SETTLE_TIMES_MAX of
 * them. */
static bool has_settled(StreamState *stream, const Offer *offer, usec_t now)
{
        usec_t settle = stream->composer->control->options.once ? 0 : stream->spec->settle;

        if (!streq(stream->pending, offer->key)) {
                if (!stream->pending[0])
                        stream->pending_since = now;
                memcpy(stream->pending, offer->key, sizeof(stream->pending));
                stream->changed_at = now;
        }
        /* computed on each call, because the settle time in the document may have changed */
        stream->settle_at =
                MIN(stream->changed_at + settle, stream->pending_since + SETTLE_TIMES_MAX * settle);
        return now >= stream->settle_at;
}

static int evaluate(StreamState *stream, usec_t now, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        char newest[DIGEST_SIZE_MAX] = "";
        const char *reason = NULL;
        Offer offer;
        int r;

        arena_init(&arena, STREAM_ARENA_MAX);
        r = make_offer(stream, &arena, &offer, &reason, err);
        if (r < 0)
                return r;
        if (r == 0) {
                settled(stream);
                stream_report(stream, "Incomplete", false, reason);
                r = store_stream_newest(stream->composer->control->store, stream->id.text, &arena,
                                        &offer.newest, err);
                note_made(stream, r > 0);
                return MIN(r, 0);
        }
        note_made(stream, offer.has_newest);
        if (offer.has_newest && digest_release(&offer.newest, &arena, newest) < 0)
                return error_oom(err);
        if (streq(newest, offer.key)) {
                settled(stream);
                stream_report_current(stream, &offer.newest);
                return 0;
        }
        if (!has_settled(stream, &offer, now))
                return 0;
        settled(stream);
        return begin_draft(stream, &offer, &arena, err);
}

/* A poll that ended before the stream was adopted also counts, because its result is current. */
const char *stream_awaits(StreamState *stream)
{
        const Control *control = stream->composer->control;
        const ComponentSpecs *specs = &control->model->components;
        Component component;

        for (; stream->n_polled < specs->n; stream->n_polled++) {
                const Object *object = &specs->items[stream->n_polled]->object;

                if (streq(object->meta.tenant, stream->spec->object.meta.tenant) &&
                    control->calls->component(control->userdata, object->id.text, &component) &&
                    component.attempted_at == 0)
                        return object->id.text;
        }
        return NULL;
}

static int stream_reconcile(StreamState *stream, usec_t now, Error *err)
{
        const char *awaited = stream_awaits(stream);

        stream->waits_for_poll = awaited != NULL;
        if (awaited)
                return control_depend(stream->composer->control, KEY_STREAM, stream->id.text,
                                      awaited) < 0
                               ? error_oom(err)
                               : 0;
        stream->retry_at = USEC_INFINITY;
        return evaluate(stream, now, err);
}

usec_t composer_reconcile_stream(Composer *composer, const char *id, usec_t now)
{
        StreamState *stream = map_get(&composer->streams, id);
        _cleanup_(error_done) Error error = { 0 };

        if (!stream)
                return QUEUE_DONE;
        if (stream->draft) {
                stream->again = true;
                return QUEUE_DONE;
        }
        if (stream_reconcile(stream, now, &error) < 0) {
                stream->retry_at = now + RETRY;
                stream_report(stream, "Failed", false, error_message(&error));
        }
        return stream->waits_for_poll ? stream->retry_at : MIN(stream->settle_at, stream->retry_at);
}

bool stream_waits_for_poll(const StreamState *stream)
{
        return stream->waits_for_poll || stream->retry_at < USEC_INFINITY;
}

bool composer_awaits_release(const Composer *composer, const char *tenant)
{
        const StreamSpecs *specs = &composer->control->model->streams;

        for (size_t i = 0; i < specs->n; i++) {
                const Object *object = &specs->items[i]->object;
                const StreamState *stream = map_get(&composer->streams, object->id.text);

                if (streq(object->meta.tenant, tenant) && (!stream || !stream->has_made))
                        return true;
        }
        return false;
}

/* --- lifetime --------------------------------------------------------------------------------- */

static StreamState *stream_free(StreamState *stream)
{
        if (!stream)
                return NULL;
        if (stream->draft)
                draft_state_done(stream->draft);
        free(stream->reason);
        free(stream);
        return NULL;
}

static void drop_gone(Composer *composer, const Model *model)
{
        map_foreach (&composer->streams, entry) {
                StreamState *gone = entry->value;

                if (model && map_has(&model->by_id, entry->key))
                        continue;
                note_made(gone, true); /* the sweep no longer waits for it */
                (void)map_remove(&composer->streams, gone->id.text);
                queue_remove(composer->control->queue, KEY_STREAM, gone->id.text);
                dependents_remove(composer->control->dependents, KEY_STREAM, gone->id.text);
                stream_free(gone);
        }
}

/* Makes the stream due whenever its components or its releases change. */
static int stream_depend(const StreamState *stream)
{
        const Control *control = stream->composer->control;
        _cleanup_(arena_done) Arena arena;
        ReleaseSpec spec;

        arena_init(&arena, STREAM_ARENA_MAX);
        dependents_remove(control->dependents, KEY_STREAM, stream->id.text);
        if (stream_follow(stream->spec, &arena, &spec) < 0 ||
            control_depend(control, KEY_STREAM, stream->id.text, stream->id.text) < 0)
                return -ENOMEM;
        return depend_on_components(control, KEY_STREAM, &spec, stream->id.text);
}

/* Drops the draft of the stream, which may have an older set of digests. */
static void drop_draft(StreamState *stream)
{
        if (stream->draft)
                draft_state_done(stream->draft);
        stream->draft = NULL;
}

/* True if the stream is due, for example after a change of its components. */
static bool is_due(const StreamState *stream)
{
        return queue_at(stream->composer->control->queue, KEY_STREAM, stream->id.text) <=
               time_monotonic();
}

static int adopt(Composer *composer, const StreamSpec *spec)
{
        StreamState *stream = map_get(&composer->streams, spec->object.id.text);
        bool is_same;

        if (!stream) {
                stream = calloc(1, sizeof(*stream));
                if (!stream)
                        return -ENOMEM;
                stream->composer = composer;
                stream->id = spec->object.id;
                stream->settle_at = stream->retry_at = USEC_INFINITY;
                if (map_put(&composer->streams, stream->id.text, stream, NULL) < 0) {
                        stream_free(stream);
                        return -ENOMEM;
                }
        }
        is_same = stream->is_adopted && streq(stream->spec->object.digest, spec->object.digest);
        stream->spec = spec;
        stream->n_polled = 0; /* the components may have other positions */
        if (!is_same || is_due(stream))
                drop_draft(stream);
        if (is_same)
                return 0;
        stream->is_adopted = false;
        if (stream_depend(stream) < 0)
                return -ENOMEM;
        stream->is_adopted = true;
        stream_add(stream, 0, "its document changed");
        control_changed(composer->control, stream->id.text, "the stream's document changed");
        return 0;
}

int composer_adopt_streams(Composer *composer, const Model *model, Error *err)
{
        drop_gone(composer, model);
        for (size_t i = 0; i < model->streams.n; i++)
                if (adopt(composer, model->streams.items[i]) < 0)
                        return error_oom(err);
        return 0;
}

void streams_drop(Composer *composer)
{
        drop_gone(composer, NULL);
        map_done(&composer->streams);
}
