/* Predicts which releases environments would get. */

#include "base/limits.h"
#include "control/gate-facts.h"
#include "control/gate-windows.h"
#include "model/selection.h"
#include "preview/preview-internal.h"
#include "release/promotion.h"
#include "store/id-list.h"
#include "store/releases.h"

#define ENVIRONMENTS_AT_ONCE 100 /* number of environments whose rows are read together */

/* --- streams ---------------------------------------------------------------------------------- */

/* The head moves that the tree causes in the channel that a stream follows. */
typedef struct StreamMoves {
        bool has_new;            /* a head is new or moves: the stream would make a release */
        const PreviewHead *lost; /* the first lost head: the stream can make no release */
} StreamMoves;

static void add_move(const StreamSpec *stream, const PreviewHead *head, StreamMoves *moves)
{
        if (!streq(head->channel, stream->channel ? stream->channel : head->default_channel))
                return;
        moves->has_new = moves->has_new || head->to;
        if (!head->to && !moves->lost)
                moves->lost = head;
}

static void add_moves_of(const Previewer *previewer, const StreamSpec *stream, const char *name,
                         StreamMoves *moves)
{
        Uuid id = object_id(KIND_COMPONENT, stream->object.meta.tenant, name);
        const PreviewComponent *component = map_get(&previewer->components, id.text);
        const Object *object;

        if (!component) {
                object = model_find(
                        previewer->model, KIND_COMPONENT, stream->object.meta.tenant,
                        name); /* the id of an object of the API differs from object_id() */
                component = object ? map_get(&previewer->components, object->id.text) : NULL;
        }
        for (size_t i = 0; component && i < component->n_heads; i++)
                add_move(stream, &previewer->preview->heads[component->first_head + i], moves);
}

static StreamMoves moves_of(const Previewer *previewer, const StreamSpec *stream)
{
        const Preview *preview = previewer->preview;
        StreamMoves moves = { 0 };

        for (size_t i = 0; i < stream->components.n; i++)
                add_moves_of(previewer, stream, stream->components.items[i], &moves);
        for (size_t i = 0; stream->components.n == 0 && i < preview->n_heads; i++)
                if (streq(preview->heads[i].tenant, stream->object.meta.tenant))
                        add_move(stream, &preview->heads[i], &moves);
        return moves;
}

static int preview_stream(Previewer *previewer, const StreamSpec *stream, Error *err)
{
        const StreamMoves moves = moves_of(previewer, stream);
        const Object *object = &stream->object;

        if (moves.lost)
                return preview_warn(
                        previewer, object,
                        arena_printf(previewer->arena,
                                     "stream '%s' would make no release until component '%s' has a "
                                     "version in channel '%s'",
                                     object->meta.name, moves.lost->component, moves.lost->channel),
                        err);
        if (moves.has_new && map_put(&previewer->streams, object->id.text, previewer, NULL) < 0)
                return error_oom(err);
        return 0;
}

int preview_streams(Previewer *previewer, usec_t until, Error *err)
{
        const StreamSpecs *specs = &previewer->model->streams;

        while (previewer->at < specs->n) {
                int r = preview_stream(previewer, specs->items[previewer->at++], err);

                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* --- stored deployments and holds ------------------------------------------------------------- */

/* Returns the environment that an environment follows; NULL: none. */
static const EnvironmentSpec *followed_of(const Previewer *previewer,
                                          const EnvironmentSpec *environment)
{
        if (!environment->follows)
                return NULL;
        return (const EnvironmentSpec *)model_find(previewer->model, KIND_ENVIRONMENT,
                                                   environment->object.meta.tenant,
                                                   environment->follows);
}

/* Adds the environment, the environment that it follows, and so on. */
static void add_chain(const Previewer *previewer, const EnvironmentSpec *environment, IdList *list)
{
        for (size_t n = 0; environment && n <= PROMOTIONS_MAX; n++) {
                id_list_add(list, environment->object.id.text);
                environment = followed_of(previewer, environment);
        }
}

/* Reads the deployments and holds of the next environments. Also reads the deployments of all
 * environments that they follow. */
static int read_page(Previewer *previewer, Error *err)
{
        const EnvironmentSpecs *specs = &previewer->model->environments;
        Store *store = previewer->control->store;
        _cleanup_(id_list_done) IdList list, deployed;
        const char *ids, *of_deployed;
        int r;

        previewer->page_end = MIN(specs->n, previewer->at + ENVIRONMENTS_AT_ONCE);
        id_list_init(&list);
        id_list_init(&deployed);
        for (size_t i = previewer->at; i < previewer->page_end; i++) {
                id_list_add(&list, specs->items[i]->object.id.text);
                add_chain(previewer, specs->items[i], &deployed);
        }
        ids = id_list_end(&list, previewer->arena);
        of_deployed = id_list_end(&deployed, previewer->arena);
        if (!ids || !of_deployed)
                return error_oom(err);
        r = store_page_deployments(store, of_deployed, previewer->arena, &previewer->deployments,
                                   err);
        return r < 0 ? r : store_page_holds(store, ids, previewer->arena, &previewer->holds, err);
}

static const Deployment *find_deployment(const Previewer *previewer, const char *environment_id)
{
        for (size_t i = 0; i < previewer->deployments.n; i++)
                if (streq(previewer->deployments.items[i].environment_id, environment_id))
                        return &previewer->deployments.items[i];
        return NULL;
}

static bool is_on_hold(const Previewer *previewer, const char *environment_id)
{
        for (size_t i = 0; i < previewer->holds.n; i++)
                if (streq(previewer->holds.items[i].environment_id, environment_id))
                        return !previewer->holds.items[i].is_retry;
        return false;
}

/* Returns 1 if the environment keeps its release, because this release is later in the stream than
 * the new one. */
static int has_later(const Previewer *previewer, const PromotionInput *input,
                     const PreviewEnvironment *to, Error *err)
{
        Release now;
        int r;

        if (input->environment->release || to->stream || !input->deployment)
                return 0;
        r = store_release(previewer->control->store, input->deployment->release_id,
                          previewer->arena, &now, err);
        return r <= 0 ? r : promotion_goes_back(&now, input->release);
}

/* --- environments ----------------------------------------------------------------------------- */

/* Returns 1 if the tree changes the environment or the objects that its labels select. Returns 0 if
 * not: then the tree does not affect the next promotion. */
static int is_affected(const Previewer *previewer, const EnvironmentSpec *environment, Error *err)
{
        const EnvironmentSpec *before =
                map_get(&previewer->current->by_id, environment->object.id.text);
        uint64_t old, new;

        if (!before || preview_is_changed(previewer, &environment->object))
                return 1;
        if (model_hash_selection(previewer->current, before, &old) < 0 ||
            model_hash_selection(previewer->model, environment, &new) < 0)
                return error_oom(err);
        return old != new;
}

/* Returns the release that the environment names, if the tree would create or change it; otherwise
 * NULL. */
static const PreviewRelease *find_new_release(const Previewer *previewer,
                                              const EnvironmentSpec *environment)
{
        const Preview *preview = previewer->preview;

        for (size_t i = 0; environment->release && i < preview->n_releases; i++)
                if (streq(preview->releases[i].name, environment->release) &&
                    streq(preview->releases[i].tenant, environment->object.meta.tenant))
                        return &preview->releases[i];
        return NULL;
}

/* Returns 1 if the document of the environment names a release, and the tree changes neither the
 * release nor the environment. */
static int waits_as_before(const Previewer *previewer, const EnvironmentSpec *environment,
                           Error *err)
{
        int r;

        if (!environment->release || find_new_release(previewer, environment))
                return 0;
        r = is_affected(previewer, environment, err);
        return r < 0 ? r : r == 0;
}

static int add_wait(PreviewEnvironment *to, const char *noun, Arena *arena)
{
        if (noun && str_equal(to->waits_for, noun))
                return 0;
        to->waits_for = to->waits_for && noun
                                ? arena_printf(arena, "%s and %s", to->waits_for, noun)
                                : noun;
        return to->waits_for ? 0 : -ENOMEM;
}

/* Reads the release that the environment would get. Returns 1 if there is one, 0 if not. The id of
 * a release that is not stored yet is "". */
static int find_next(const Previewer *previewer, const EnvironmentSpec *environment,
                     PreviewEnvironment *to, Release *ret, Error *err)
{
        Store *store = previewer->control->store;
        const Object *stream = NULL;
        Uuid id;
        int r;

        *ret = (Release){ .name = environment->release, .status = RELEASE_READY };
        if (environment->release) {
                const PreviewRelease *new = find_new_release(previewer, environment);

                if (new) {
                        ret->status = new->problem ? RELEASE_DRAFT : RELEASE_READY;
                        return 1;
                }
                id = object_id(KIND_RELEASE, to->tenant, environment->release);
                return store_release(store, id.text, previewer->arena, ret, err);
        }
        if (environment->stream)
                stream = model_find(previewer->model, KIND_STREAM, to->tenant, environment->stream);
        if (!stream)
                return 0;
        if (map_has(&previewer->streams, stream->id.text)) {
                to->stream = ret->name = environment->stream;
                return 1;
        }
        r = is_affected(previewer, environment, err);
        if (r <= 0)
                return r;
        r = store_stream_candidate(store, stream->id.text, previewer->arena, ret, err);
        if (r != 0)
                return r;
        to->stream = ret->name = environment->stream;
        return 1;
}

/* --- environments that follow others ---------------------------------------------------------- */

/* Reads the release that the last environment of a chain, which follows no other, would get.
 * Returns 1 if it has a different release now. */
static int find_first(const Previewer *previewer, const EnvironmentSpec *environment,
                      PreviewEnvironment *to, Release *ret, Error *err)
{
        const PromotionInput input = { .environment = environment,
                                       .release = ret,
                                       .deployment = find_deployment(previewer,
                                                                     environment->object.id.text) };
        int r = waits_as_before(previewer, environment, err);

        if (r != 0)
                return MIN(r, 0);
        r = find_next(previewer, environment, to, ret, err);
        if (r <= 0 || to->stream || !input.deployment)
                return r;
        if (streq(input.deployment->release_name, ret->name))
                return 0;
        r = has_later(previewer, &input, to, err);
        return r < 0 ? r : r == 0;
}

/* If the tree changes the follower, reads the release that the followed environment runs. Returns 1
 * if the follower has a different release. */
static int find_followed(const Previewer *previewer, const EnvironmentSpec *environment,
                         const EnvironmentSpec *followed, Release *ret, Error *err)
{
        const Deployment *own = find_deployment(previewer, environment->object.id.text);
        const Deployment *of = find_deployment(previewer, followed->object.id.text);
        const char *release_id = of ? deployment_runs(of) : NULL;
        int r = is_affected(previewer, environment, err);

        if (r <= 0 || !release_id || (own && streq(own->release_id, release_id)))
                return MIN(r, 0);
        return store_release(previewer->control->store, release_id, previewer->arena, ret, err);
}

/* Reads the release that an environment would get from the environments that it follows, one after
 * the other. Returns 1 if there is one. */
static int find_through(const Previewer *previewer, const EnvironmentSpec *environment,
                        PreviewEnvironment *to, Release *ret, Error *err)
{
        const EnvironmentSpec *chain[PROMOTIONS_MAX + 1];
        bool is_there = true; /* the followed environment already runs the release */
        size_t n = 0;
        int r = 0;

        for (; environment && n < ARRAY_SIZE(chain); n++) {
                chain[n] = environment;
                environment = followed_of(previewer, environment);
        }
        /* a changed follower first gets the release that the followed environment runs now */
        if (n > 1)
                r = find_followed(previewer, chain[0], chain[1], ret, err);
        if (r != 0)
                return r;
        r = find_first(previewer, chain[n - 1], to, ret, err);
        for (size_t i = n - 1; r >= 0 && i-- > 0;) {
                is_there = r == 0;
                if (is_there)
                        r = find_followed(previewer, chain[i], chain[i + 1], ret, err);
        }
        if (r > 0 && !is_there &&
            add_wait(to,
                     arena_printf(previewer->arena, "its deployment in environment '%s'",
                                  chain[1]->object.meta.name),
                     previewer->arena) < 0)
                return error_oom(err);
        return r;
}

/* --- gates ------------------------------------------------------------------------------------ */

/* Reads the facts that the gates need. Skips facts about the release if it is not stored. */
static int read_facts(const Previewer *previewer, const EnvironmentSpec *environment,
                      PromotionInput *input, Error *err)
{
        Store *store = previewer->control->store;
        const char *id = environment->object.id.text, *release = input->release->id.text;
        Failure failure = { 0 };
        int r;

        input->model = previewer->model;
        input->source_names = model_sources(previewer->model, environment);
        input->now = time_wall();
        r = gate_windows_read(previewer->control, previewer->model, previewer->arena, input, err);
        if (r < 0 || !release[0])
                return r;
        r = gate_facts_read(&gate_facts_of_store, store, previewer->arena, input, err);
        if (r >= 0)
                r = store_failure(store, id, release, previewer->arena, &failure, err);
        input->failure = failure.reason;
        input->was_canceled = failure.canceled;
        return MIN(r, 0);
}

/* Returns a noun for what a closed gate waits for. NULL: memory ran out. */
static const char *noun_of(PromotionGate gate, const PromotionInput *input,
                           const Promotion *promotion, Arena *arena)
{
        const ApprovalInput question = promotion_approvals(input);
        ApprovalState state;

        if (gate != GATE_APPROVALS)
                return promotion->waits_for;
        if (approvals_evaluate(&question, arena, &state) < 0)
                return NULL;
        return state.rejection ? promotion->waits_for
                               : approvals_noun(&question, &state, state.persons.n == 0, arena);
}

/* Evaluates all gates, not only the first closed one, until a gate refuses the release. */
static int ask_gates(const Previewer *previewer, PromotionInput *input, PreviewEnvironment *to,
                     Error *err)
{
        Arena *arena = previewer->arena;
        Promotion promotion;
        int r = read_facts(previewer, input->environment, input, err);

        for (PromotionGate gate = 0; r >= 0 && !to->problem && gate < PROMOTION_GATE_MAX_; gate++) {
                if (promotion_gate(gate, input, arena, &promotion) < 0)
                        return error_oom(err);
                if (promotion.decision == PROMOTION_REFUSED)
                        to->problem = promotion.message;
                else if (promotion.decision == PROMOTION_WAIT &&
                         add_wait(to, noun_of(gate, input, &promotion, arena), arena) < 0)
                        return error_oom(err);
        }
        return r;
}

/* --- one environment -------------------------------------------------------------------------- */

/* Adds the hold of the environment to to->waits_for. A hold does not apply if the document names
 * the release. */
static int ask_hold(const Previewer *previewer, const EnvironmentSpec *environment,
                    PreviewEnvironment *to, Error *err)
{
        if (environment->release || !is_on_hold(previewer, environment->object.id.text))
                return 0;
        return add_wait(to,
                        arena_printf(previewer->arena, "the end of its hold (relmanctl resume %s)",
                                     to->name),
                        previewer->arena) < 0
                       ? error_oom(err)
                       : 0;
}

static int preview_environment(Previewer *previewer, const EnvironmentSpec *environment, Error *err)
{
        const Object *object = &environment->object;
        PreviewEnvironment to = { .tenant = object->meta.tenant,
                                  .name = object->meta.name,
                                  .to = environment->release };
        Release release;
        PromotionInput input = { .environment = environment,
                                 .release = &release,
                                 .deployment = find_deployment(previewer, object->id.text) };
        int r;

        to.from = input.deployment ? input.deployment->release_name : NULL;
        if (environment->release && str_equal(to.from, environment->release))
                return 0;
        r = waits_as_before(previewer, environment, err);
        if (r != 0)
                return MIN(r, 0);
        r = environment->follows ? find_through(previewer, environment, &to, &release, err)
                                 : find_next(previewer, environment, &to, &release, err);
        if (r < 0 || (r == 0 && !environment->release))
                return r;
        if (!to.stream)
                to.to = release.name;
        if (!to.stream && str_equal(to.from, to.to))
                return 0;
        if (r == 0)
                to.waits_for = "a release of that name";
        else if (!environment->follows && (r = has_later(previewer, &input, &to, err)) != 0)
                return MIN(r, 0);
        else
                r = ask_gates(previewer, &input, &to, err);
        if (r >= 0)
                r = ask_hold(previewer, environment, &to, err);
        if (r >= 0)
                previewer->preview->environments[previewer->preview->n_environments++] = to;
        return r;
}

/* Warns of calendars that are never open together, if the tree changes the environment or these
 * calendars. */
static int warn_of_windows(Previewer *previewer, const EnvironmentSpec *environment, Error *err)
{
        const char *warning;
        int r = is_affected(previewer, environment, err);

        if (r <= 0)
                return r;
        if (check_together(previewer->model, environment, time_wall(), &previewer->references.work,
                           previewer->arena, &warning) < 0)
                return error_oom(err);
        return warning ? preview_warn(previewer, &environment->object, warning, err) : 0;
}

int preview_environments(Previewer *previewer, usec_t until, Error *err)
{
        const EnvironmentSpecs *specs = &previewer->model->environments;
        Preview *preview = previewer->preview;
        int r;

        if (!preview->environments)
                preview->environments = arena_alloc_array(previewer->arena, specs->n + 1,
                                                          sizeof(PreviewEnvironment));
        if (!preview->environments)
                return error_oom(err);
        while (previewer->at < specs->n) {
                r = previewer->at == previewer->page_end ? read_page(previewer, err) : 0;
                if (r < 0)
                        return r;
                r = warn_of_windows(previewer, specs->items[previewer->at], err);
                if (r >= 0)
                        r = preview_environment(previewer, specs->items[previewer->at++], err);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
