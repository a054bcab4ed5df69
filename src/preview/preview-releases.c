/* Predicts the state of releases. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "preview/preview-internal.h"
#include "release/admission.h"
#include "store/facts.h"
#include "store/releases.h"
#include "verify/policy.h"

#define PARTS_AT_ONCE 100 /* number of components whose facts are read together */

/* A release for which digests are being picked, in batches of PARTS_AT_ONCE parts. The facts belong
 * to the current batch, which begins with part to->n_parts. */
struct PreviewFilling {
        /* memory for one release, because a tree may have thousands; the result is in another
         * arena */
        Arena arena;
        PreviewRelease *to;
        Release base;
        Wants wants;
        Picked *picks;
        bool has_facts;
        size_t at; /* the next part to be picked */
        FactKey keys[PARTS_AT_ONCE];
        TagRecords *tags;
        /* versions of the picked digests, for components whose rules do not change */
        VersionMaps *versions;
        Manifests *manifests;
};

void preview_releases_done(Previewer *previewer)
{
        if (previewer->filling)
                arena_done(&previewer->filling->arena);
        free(previewer->filling);
        previewer->filling = NULL;
}

/* --- facts ------------------------------------------------------------------------------------ */

static PreviewComponent *component_of(const Previewer *previewer, const Want *want)
{
        return map_get(&previewer->components, want->component->object.id.text);
}

/* Returns the end of the current batch of parts. */
static size_t filling_end(const struct PreviewFilling *filling)
{
        return MIN(filling->wants.n, filling->to->n_parts + PARTS_AT_ONCE);
}

typedef const char *(*FactName)(const Previewer *previewer, const Want *want, size_t i);

/* Sets the key of each part of the batch. Clears the key of a part for which name() returns
 * NULL. */
static FactKeys keys_of(Previewer *previewer, FactName name)
{
        struct PreviewFilling *filling = previewer->filling;
        size_t begin = filling->to->n_parts, n = filling_end(filling) - begin;

        for (size_t i = 0; i < n; i++) {
                const Want *want = &filling->wants.items[begin + i];
                const char *text = name(previewer, want, i);

                filling->keys[i] =
                        text ? (FactKey){ want->component->object.id.text, text } : (FactKey){ 0 };
        }
        return (FactKeys){ filling->keys, n };
}

static const char *channels_wanted(const Previewer *previewer, const Want *want, size_t i)
{
        const PreviewComponent *component = component_of(previewer, want);

        (void)i;
        return want->type == WANT_HEAD && !component->is_new && !component->has_channels ? ""
                                                                                         : NULL;
}

static const char *tag_wanted(const Previewer *previewer, const Want *want, size_t i)
{
        (void)i;
        return want->type == WANT_TAG && !component_of(previewer, want)->is_new ? want->value
                                                                                : NULL;
}

/* Returns the digest of a part if it is known before the part is picked; otherwise NULL. */
static const char *digest_wanted(const Previewer *previewer, const Want *want, size_t i)
{
        const TagRecords *tag = &previewer->filling->tags[i];

        return want->type == WANT_DIGEST              ? want->value
               : want->type == WANT_TAG && tag->n > 0 ? tag->items[0].digest
                                                      : NULL;
}

static const char *version_wanted(const Previewer *previewer, const Want *want, size_t i)
{
        return component_of(previewer, want)->replanned ? NULL : digest_wanted(previewer, want, i);
}

static const char *manifest_wanted(const Previewer *previewer, const Want *want, size_t i)
{
        const PreviewRelease *to = previewer->filling->to;

        (void)want;
        return to->parts[to->n_parts + i].picked.digest;
}

/* Reads the facts that are needed to pick the current batch. */
static int read_facts(Previewer *previewer, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        Store *store = previewer->control->store;
        Channels *channels;
        FactKeys keys;
        int r;

        keys = keys_of(previewer, channels_wanted);
        r = store_facts_channels(store, &keys, previewer->arena, &channels, err);
        for (size_t i = 0; r >= 0 && i < keys.n; i++)
                if (keys.items[i].component_id) {
                        PreviewComponent *component = component_of(
                                previewer, &filling->wants.items[filling->to->n_parts + i]);

                        component->channels = channels[i];
                        component->has_channels = true;
                }
        if (r < 0)
                return r;
        keys = keys_of(previewer, tag_wanted);
        r = store_facts_tags(store, &keys, &filling->arena, &filling->tags, err);
        if (r < 0)
                return r;
        keys = keys_of(previewer, version_wanted);
        return store_facts_versions(store, &keys, &filling->arena, &filling->versions, err);
}

/* --- one component ---------------------------------------------------------------------------- */

/* Returns the version of a digest by the new rules. */
static VersionMaps find_version(const PreviewComponent *component, const char *digest)
{
        for (size_t i = 0; i < component->versions.n; i++)
                if (streq(component->versions.items[i].digest, digest))
                        return (VersionMaps){ &component->versions.items[i], 1 };
        return (VersionMaps){ 0 };
}

static int pick_new(Previewer *previewer, PreviewPart *part, Error *err)
{
        part->picked.reason =
                arena_printf(&previewer->filling->arena,
                             "component '%s' is new and has not been polled yet", part->component);
        return part->picked.reason ? 0 : error_oom(err);
}

/* Picks the digest of a part. Returns 1 if there is more to read. */
static int pick(Previewer *previewer, const Want *want, size_t i, usec_t until, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        PreviewPart *part = &filling->to->parts[filling->to->n_parts + i];
        PreviewComponent *component = component_of(previewer, want);
        const TagRecords *tag = &filling->tags[i];
        const char *digest = digest_wanted(previewer, want, i);
        VersionMaps one = filling->versions[i];
        WantKnown known = { .channels = &component->channels,
                            .versions = want->type == WANT_VERSION ? &component->versions : &one,
                            .tag = tag->n > 0 ? tag->items : NULL };
        int r;

        *part = (PreviewPart){ .component = want->component->object.meta.name,
                               .component_id = want->component->object.id.text };
        if (component->is_new && want->type != WANT_DIGEST)
                return pick_new(previewer, part, err);
        if (want->type == WANT_VERSION && !component->replanned && !component->versions.items) {
                r = preview_read_versions(previewer, component->spec->object.id.text, until,
                                          &component->versions, err);
                if (r != 0)
                        return r;
        }
        if (component->replanned && digest)
                one = find_version(component, digest);
        return release_pick(want, &known, &filling->arena, &part->picked) < 0 ? error_oom(err) : 0;
}

static int gather_deny(const Previewer *previewer, const Picked *picked, VersionPolicy *policy,
                       AdmissionFacts *facts)
{
        Classification is = { 0 };
        int r = 0;

        facts->policy = policy;
        if (picked->tag)
                r = version_policy_classify(policy, picked->tag, &previewer->filling->arena, &is,
                                            NULL);
        facts->denied_version = r >= 0 && is.denied ? is.reason : NULL;
        return r == -ENOMEM ? r : 0;
}

/* Checks whether the picked digest may enter the release. Sets picked->reason if not. Uses known
 * facts only, and polls no registry. */
static int admit(Previewer *previewer, const Want *want, size_t i, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        PreviewPart *part = &filling->to->parts[filling->to->n_parts + i];
        const ComponentSpec *spec = want->component;
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        AdmissionFacts facts = { .served = SERVED_YES };
        const VerifyRules *rules = model_component_verify(previewer->model, spec);
        char signature_policy[DIGEST_SIZE_MAX];
        Admission admission;
        int r = 0;

        if (!part->picked.digest)
                return 0;
        if (filling->manifests[i].n > 0) {
                Manifest *manifest = filling->manifests[i].items;

                verify_policy_digest(spec, rules, signature_policy);
                if (!str_equal(manifest->signature.policy, signature_policy))
                        manifest->signature = (Signature){ 0 };
                facts.manifest = manifest;
                facts.verify = rules;
        }
        if (spec->deny.n > 0)
                r = version_policy_new(spec, &policy, err);
        if (r < 0)
                return r;
        if (policy && gather_deny(previewer, &part->picked, policy, &facts) < 0)
                return error_oom(err);
        admission = admission_decide(ADMIT_RELEASE, spec, part->picked.digest, &facts);
        part->picked.reason = admission_describe(
                &admission,
                &(AdmissionAbout){ part->component, part->picked.tag, part->picked.digest },
                &filling->arena);
        return filling->arena.failed ? error_oom(err) : 0;
}

/* --- one release ------------------------------------------------------------------------------ */

/* Finds the components of a partial release's environment. There are none if that environment has
 * no release. */
static int find_base(Previewer *previewer, const ReleaseSpec *spec, WantsInput *input, Error *err)
{
        Store *store = previewer->control->store;
        Release *base = &previewer->filling->base;
        Arena *arena = &previewer->filling->arena;
        Deployment deployment;
        Uuid id;
        int r;

        if (spec->mode != RELEASE_PARTIAL)
                return 0;
        id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->pin_from.environment);
        r = store_deployment(store, id.text, arena, &deployment, err);
        if (r > 0 && deployment.deployed_release_id)
                r = store_release(store, deployment.deployed_release_id, arena, base, err);
        else
                r = MIN(r, 0);
        if (r > 0)
                input->base = &base->components;
        return MIN(r, 0);
}

static int begin(Previewer *previewer, const ReleaseSpec *spec, Error *err)
{
        _cleanup_(error_done) Error error = { 0 };
        const Object *object = &spec->object;
        Preview *preview = previewer->preview;
        WantsInput input = { previewer->model->components.items, previewer->model->components.n,
                             NULL };
        struct PreviewFilling *filling = calloc(1, sizeof(*filling));
        PreviewRelease *to = &preview->releases[preview->n_releases++];
        int r;

        if (!filling)
                return error_oom(err);
        previewer->filling = filling;
        arena_init(&filling->arena, API_REQUEST_MAX);
        filling->arena.quota = previewer->arena->quota;
        filling->to = to;
        *to = (PreviewRelease){ .tenant = object->meta.tenant, .name = object->meta.name };
        r = find_base(previewer, spec, &input, err);
        if (r < 0)
                return r;
        if (release_wants(spec, &input, &filling->arena, &filling->wants, &error) < 0) {
                filling->wants.n = 0;
                to->problem = arena_strdup(previewer->arena, error_message(&error));
                return to->problem ? 0 : error_oom(err);
        }
        to->parts = arena_alloc_array(previewer->arena, filling->wants.n + 1, sizeof(*to->parts));
        filling->picks = arena_alloc_array(&filling->arena, filling->wants.n + 1, sizeof(Picked));
        return to->parts && filling->picks ? 0 : error_oom(err);
}

/* Picks the parts of the current batch. Returns 1 if there are more of them. */
static int pick_parts(Previewer *previewer, usec_t until, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        size_t end = filling_end(filling);

        for (; filling->at < end; filling->at++) {
                int r = pick(previewer, &filling->wants.items[filling->at],
                             filling->at - filling->to->n_parts, until, err);

                if (r != 0)
                        return r;
        }
        return 0;
}

/* Copies a text out of the arena of the release. If memory ran out, arena->failed is set. */
static const char *keep(Arena *arena, const char *text)
{
        return text ? arena_strdup(arena, text) : NULL;
}

/* Copies the members of a part that the answer shows. */
static int keep_part(Previewer *previewer, const Picked *from, Picked *to, Error *err)
{
        Arena *arena = previewer->arena;

        *to = (Picked){ .digest = keep(arena, from->digest),
                        .tag = keep(arena, from->tag),
                        .semver = keep(arena, from->semver),
                        .reason = keep(arena, from->reason) };
        return arena->failed ? error_oom(err) : 0;
}

static int admit_parts(Previewer *previewer, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        PreviewRelease *to = filling->to;
        FactKeys keys = keys_of(previewer, manifest_wanted);
        int r;

        r = store_facts_manifests(previewer->control->store, &keys, &filling->arena,
                                  &filling->manifests, err);
        for (size_t i = 0; r >= 0 && i < keys.n; i++) {
                size_t part = to->n_parts + i;

                r = admit(previewer, &filling->wants.items[part], i, err);
                filling->picks[part] = to->parts[part].picked;
                if (r >= 0)
                        r = keep_part(previewer, &filling->picks[part], &to->parts[part].picked,
                                      err);
                if (r >= 0 && !to->problem)
                        to->problem = to->parts[part].picked.reason;
        }
        if (r >= 0)
                to->n_parts += keys.n;
        return r;
}

/* Picks digests for some components of the release. Returns 1 if there are more. */
static int fill(Previewer *previewer, const ReleaseSpec *spec, usec_t until, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        PreviewRelease *to = filling->to;
        int r = 0;

        while (to->n_parts < filling->wants.n) {
                if (!filling->has_facts)
                        r = read_facts(previewer, err);
                filling->has_facts = r >= 0;
                if (r >= 0)
                        r = pick_parts(previewer, until, err);
                if (r == 0)
                        r = admit_parts(previewer, err);
                if (r != 0)
                        return r;
                filling->has_facts = false;
                if (time_monotonic() >= until)
                        return 1;
        }
        if (!to->problem && spec->same_version)
                to->problem = release_check_same_version(&filling->wants, filling->picks,
                                                         previewer->arena);
        if (!to->problem)
                return 0;
        return preview_warn(previewer, &spec->object,
                            arena_printf(previewer->arena, "release '%s' would stay a draft",
                                         spec->object.meta.name),
                            err);
}

int preview_releases(Previewer *previewer, usec_t until, Error *err)
{
        Preview *preview = previewer->preview;
        const ReleaseSpecs *specs = &previewer->model->releases;
        int r = 0;

        if (!preview->releases)
                preview->releases = arena_alloc_array(previewer->arena, specs->n + 1,
                                                      sizeof(*preview->releases));
        if (!preview->releases)
                return error_oom(err);
        while (previewer->at < specs->n) {
                const ReleaseSpec *spec = specs->items[previewer->at];
                bool is_changed = preview_is_changed(previewer, &spec->object);

                if (is_changed && !previewer->filling)
                        r = begin(previewer, spec, err);
                if (is_changed && r == 0)
                        r = fill(previewer, spec, until, err);
                if (r != 0)
                        return r;
                preview_releases_done(previewer);
                previewer->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
