/* Predicts the state of releases. */

#include <errno.h>
#include <stdlib.h>

#include "preview/preview-internal.h"
#include "release/admission.h"
#include "store/releases.h"

/* A release whose components are being picked. */
struct PreviewFilling {
        PreviewRelease *to;
        Release base;
        Wants wants;
        Picked *picks;
};

void preview_releases_done(Previewer *previewer)
{
        free(previewer->filling); /* its data is in the arena */
        previewer->filling = NULL;
}

/* --- one component ---------------------------------------------------------------------------- */

/* Finds the version of a digest. */
static int find_version(Previewer *previewer, const PreviewComponent *component, const char *digest,
                        VersionMaps *ret, Error *err)
{
        const VersionFilter filter = { .digest = digest };

        if (!component->replanned)
                return store_versions(previewer->control->store, component->spec->object.id.text,
                                      &filter, previewer->arena, ret, err);
        for (size_t i = 0; i < component->versions.n; i++)
                if (streq(component->versions.items[i].digest, digest)) {
                        *ret = (VersionMaps){ &component->versions.items[i], 1 };
                        break;
                }
        return 0;
}

/* Reads the facts about a component with unchanged rules, as far as the want needs them. Returns 1
 * if there is more to read. */
static int read_known(Previewer *previewer, PreviewComponent *component, const Want *want,
                      usec_t until, Error *err)
{
        const char *id = component->spec->object.id.text;

        if (want->type == WANT_HEAD && !component->has_channels) {
                component->has_channels = true;
                return store_channels(previewer->control->store, id, previewer->arena,
                                      &component->channels, err);
        }
        if (want->type == WANT_VERSION && !component->replanned && !component->versions.items)
                return preview_read_versions(previewer, id, until, &component->versions, err);
        return 0;
}

static int pick_new(Previewer *previewer, PreviewPart *part, Error *err)
{
        part->picked.reason =
                arena_printf(previewer->arena, "component '%s' is new and has not been polled yet",
                             part->component);
        return part->picked.reason ? 0 : error_oom(err);
}

static int pick(Previewer *previewer, const Want *want, PreviewPart *part, usec_t until, Error *err)
{
        PreviewComponent *component =
                map_get(&previewer->components, want->component->object.id.text);
        VersionMaps one = { 0 };
        WantKnown known = { .channels = &component->channels,
                            .versions = want->type == WANT_VERSION ? &component->versions : &one };
        const char *digest = want->type == WANT_DIGEST ? want->value : NULL;
        TagRecord tag = { 0 };
        int r;

        *part = (PreviewPart){ .component = want->component->object.meta.name };
        if (component->is_new && want->type != WANT_DIGEST)
                return pick_new(previewer, part, err);
        r = read_known(previewer, component, want, until, err);
        if (r != 0)
                return r;
        if (want->type == WANT_TAG) {
                r = store_tag(previewer->control->store, component->spec->object.id.text,
                              want->value, previewer->arena, &tag, err);
                known.tag = r > 0 ? &tag : NULL;
                digest = r > 0 ? tag.digest : NULL;
        }
        if (r >= 0 && digest)
                r = find_version(previewer, component, digest, &one, err);
        if (r >= 0 && release_pick(want, &known, previewer->arena, &part->picked) < 0)
                r = error_oom(err);
        return MIN(r, 0);
}

/* Polls no registry: the known facts about the digest decide. */
static int gather_facts(Previewer *previewer, const Want *want, const Picked *picked,
                        AdmissionFacts *facts, Error *err)
{
        Manifest *manifest = arena_alloc(previewer->arena, sizeof(*manifest));
        int r;

        if (!manifest)
                return error_oom(err);
        r = store_manifest(previewer->control->store, want->component->object.id.text,
                           picked->digest, previewer->arena, manifest, err);
        facts->manifest = r > 0 ? manifest : NULL;
        facts->served = SERVED_YES;
        return MIN(r, 0);
}

static int gather_deny(Previewer *previewer, const Picked *picked, VersionPolicy *policy,
                       AdmissionFacts *facts)
{
        Classification is = { 0 };
        int r = 0;

        facts->policy = policy;
        if (picked->tag)
                r = version_policy_classify(policy, picked->tag, previewer->arena, &is, NULL);
        facts->denied_version = r >= 0 && is.denied ? is.reason : NULL;
        return r == -ENOMEM ? r : 0;
}

/* Checks whether the picked digest may enter the release; sets picked->reason if not. */
static int admit(Previewer *previewer, const Want *want, PreviewPart *part, Error *err)
{
        const ComponentSpec *spec = want->component;
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        AdmissionFacts facts = { 0 };
        Admission admission;
        int r;

        if (!part->picked.digest)
                return 0;
        r = gather_facts(previewer, want, &part->picked, &facts, err);
        if (r >= 0 && spec->deny.n > 0)
                r = version_policy_new(spec, &policy, err);
        if (r < 0)
                return r;
        if (policy && gather_deny(previewer, &part->picked, policy, &facts) < 0)
                return error_oom(err);
        admission = admission_decide(ADMIT_RELEASE, spec, part->picked.digest, &facts);
        part->picked.reason = admission_describe(
                &admission,
                &(AdmissionAbout){ part->component, part->picked.tag, part->picked.digest },
                previewer->arena);
        return previewer->arena->failed ? error_oom(err) : 0;
}

/* --- one release ------------------------------------------------------------------------------ */

/* Finds the components of a partial release's environment; none if it has no release. */
static int find_base(Previewer *previewer, const ReleaseSpec *spec, WantsInput *input, Error *err)
{
        Store *store = previewer->control->store;
        Release *base = &previewer->filling->base;
        Deployment deployment;
        Uuid id;
        int r;

        if (spec->mode != RELEASE_PARTIAL)
                return 0;
        id = object_id(KIND_ENVIRONMENT, spec->object.meta.tenant, spec->pin_from.environment);
        r = store_deployment(store, id.text, previewer->arena, &deployment, err);
        if (r > 0 && deployment.deployed_release_id)
                r = store_release(store, deployment.deployed_release_id, previewer->arena, base,
                                  err);
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
        filling->to = to;
        *to = (PreviewRelease){ .tenant = object->meta.tenant, .name = object->meta.name };
        r = find_base(previewer, spec, &input, err);
        if (r < 0)
                return r;
        if (release_wants(spec, &input, previewer->arena, &filling->wants, &error) < 0) {
                filling->wants.n = 0;
                to->problem = arena_strdup(previewer->arena, error_message(&error));
                return to->problem ? 0 : error_oom(err);
        }
        to->parts = arena_alloc_array(previewer->arena, filling->wants.n + 1, sizeof(*to->parts));
        filling->picks = arena_alloc_array(previewer->arena, filling->wants.n + 1, sizeof(Picked));
        return to->parts && filling->picks ? 0 : error_oom(err);
}

/* Handles some of its components. Returns 1 if there are more. */
static int fill(Previewer *previewer, const ReleaseSpec *spec, usec_t until, Error *err)
{
        struct PreviewFilling *filling = previewer->filling;
        PreviewRelease *to = filling->to;
        int r;

        while (to->n_parts < filling->wants.n) {
                size_t i = to->n_parts;

                r = pick(previewer, &filling->wants.items[i], &to->parts[i], until, err);
                if (r == 0)
                        r = admit(previewer, &filling->wants.items[i], &to->parts[i], err);
                if (r != 0)
                        return r;
                to->n_parts++;
                filling->picks[i] = to->parts[i].picked;
                if (filling->picks[i].reason && !to->problem)
                        to->problem = filling->picks[i].reason;
                if (time_monotonic() >= until)
                        return 1;
        }
        if (!to->problem && spec->same_version)
                to->problem = release_check_same_version(&filling->wants, filling->picks,
                                                         previewer->arena);
        return 0;
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
