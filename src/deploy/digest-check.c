/* Checks, before a promotion, that registries still serve every digest of a release, and the images
 * of the platforms that its components list. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "control/images.h"
#include "deploy/environments.h"
#include "release/admission.h"

#define CHECK_ARENA_MAX ((size_t)64 * 1024 * 1024)

typedef struct CheckPart {
        DigestCheck *check;
        const ReleaseComponent *component;
        RegistryCall *call;
        /* the component's document and the key of its registry when the request was sent; "" and
         * NULL: no spec declared the component */
        char spec_digest[DIGEST_SIZE_MAX];
        const char *registry;
} CheckPart;

struct DigestCheck {
        EnvironmentState *environment;
        char spec_digest[DIGEST_SIZE_MAX]; /* digest of the environment's document at the start of
                                              the check */
        Arena arena;
        Release release;
        CheckPart *parts;
        unsigned n_calls;
        /* the first of the errors with the greatest check_weight() */
        Error error;
        const char *component, *problem; /* component and problem of that error */
        DigestsChecked done;
        void *userdata;
};

DigestCheck *digest_check_free(DigestCheck *check)
{
        if (!check)
                return NULL;
        for (size_t i = 0; check->parts && i < check->release.components.n; i++)
                registry_call_cancel(check->parts[i].call);
        error_done(&check->error);
        arena_done(&check->arena);
        free(check);
        return NULL;
}

const char *digest_check_release(const DigestCheck *check)
{
        return check->release.id.text;
}

bool digest_check_is_over(const DigestCheck *check)
{
        return check->n_calls == 0;
}

const Error *digest_check_error(const DigestCheck *check)
{
        return check->error.kind == ERROR_NONE ? NULL : &check->error;
}

const char *digest_check_component(const DigestCheck *check)
{
        return check->component;
}

const char *digest_check_problem(const DigestCheck *check)
{
        return check->problem ? check->problem : error_message(&check->error);
}

/* Returns false if no spec declares the component any more, or if its settings are not valid. */
static bool check_part_component(const CheckPart *part, Component *ret)
{
        const Control *control = part->check->environment->deployer->control;

        return control->calls->component(control->userdata, part->component->component_id, ret);
}

static bool check_part_is_current(const CheckPart *part)
{
        Component component;
        bool is_served = check_part_component(part, &component);

        if (!is_served || !part->registry)
                return !is_served && !part->registry;
        return streq(component.spec->object.digest, part->spec_digest) &&
               streq(component.registry_key, part->registry);
}

bool digest_check_is_current(const DigestCheck *check)
{
        if (!streq(check->environment->spec->object.digest, check->spec_digest))
                return false;
        for (size_t i = 0; i < check->release.components.n; i++)
                if (!check_part_is_current(&check->parts[i]))
                        return false;
        return true;
}

/* True if the error says nothing about the digest: no registry answered, or none can be asked. A
 * registry that denies access did answer: many answer 401 or 403 for a deleted repository. */
static bool check_is_no_answer(const Error *error)
{
        return error->kind == ERROR_UNREACHABLE || error->kind == ERROR_CONFLICT;
}

bool digest_check_is_unanswered(const DigestCheck *check)
{
        return check_is_no_answer(&check->error);
}

/* Returns the weight of an error. The check keeps the error that says most about a digest. */
static int check_weight(const Error *error)
{
        if (error->kind == ERROR_NONE)
                return 0;
        return check_is_no_answer(error) ? 1 : error->kind == ERROR_NOT_FOUND ? 3 : 2;
}

/* Keeps the error if it has more weight than the one that is kept. platform: the platform whose
 * manifest is missing; NULL: the digest itself. */
static void check_note(DigestCheck *check, const ReleaseComponent *component,
                       const PlatformDigest *platform, const Error *error)
{
        bool gone = error->kind == ERROR_NOT_FOUND;

        if (check_weight(error) <= check_weight(&check->error))
                return;
        error_done(&check->error);
        error_set(&check->error, error->kind, error->code,
                  "release '%s' is not promoted: component '%s': %s%s", check->release.name,
                  component->component_name,
                  gone && !platform ? "its digest is no longer served: " : "",
                  error_message(error));
        check->component = component->component_name;
        check->problem = gone && !platform ? "the registry no longer serves its digest"
                                           : arena_strdup(&check->arena, error_message(error));
}

/* Handles an answer. Keeps its error if the answer refuses the promotion. */
static void check_take(CheckPart *part, const Manifest *manifest, const Error *error)
{
        DigestCheck *check = part->check;
        const PlatformDigest *gone = manifest ? manifest->gone_platform : NULL;
        const AdmissionFacts facts = { .served = manifest                         ? SERVED_YES
                                                 : error->kind == ERROR_NOT_FOUND ? SERVED_NO
                                                                                  : SERVED_UNKNOWN,
                                       .gone_platform = gone ? gone->platform : NULL };
        const Admission admission =
                admission_decide(ADMIT_PROMOTION, NULL, part->component->digest, &facts);
        _cleanup_(error_done) Error own = { 0 };

        if (gone && admission.verdict == ADMISSION_PLATFORM_GONE) {
                (void)error_set(&own, ERROR_NOT_FOUND, -ENOENT,
                                "the registry no longer serves its image for %s (%s)",
                                gone->platform, gone->digest);
                check_note(check, part->component, gone, &own);
        } else if (!manifest || admission.verdict != ADMISSION_ADMITTED)
                check_note(check, part->component, NULL, error);
        else if (manifest->only_mirror)
                log_warning("environment '%s': release '%s': the registry no longer has %s of "
                            "component '%s'; only its mirror %s serves it",
                            check->environment->spec->object.meta.name, check->release.name,
                            part->component->digest, part->component->component_name,
                            manifest->only_mirror);
}

static void check_ask(CheckPart *part);

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        CheckPart *part = userdata;
        DigestCheck *check = part->check;

        part->call = NULL;
        check->n_calls--;
        if (error && error->kind == ERROR_CANCELED)
                /* the registry got other settings: the new client sends the request again */
                check_ask(part);
        else
                check_take(part, manifest, error);
        if (check->n_calls == 0)
                check->done(check, check->userdata);
}

/* Records which settings the request uses. component NULL: the request cannot be sent. */
static void check_note_asked(CheckPart *part, const Component *component)
{
        part->registry =
                component ? arena_strdup(&part->check->arena, component->registry_key) : NULL;
        (void)snprintf(part->spec_digest, sizeof(part->spec_digest), "%s",
                       part->registry ? component->spec->object.digest : "");
}

static int check_start(CheckPart *part, const Component *component, Error *err)
{
        const ReleaseComponent *released = part->component;
        ImagesQuestion question = { .repository = component->repository,
                                    .digest = released->digest };

        if (admission_images(component->spec, released->digest, &released->platforms,
                             &part->check->arena, &question.platforms) < 0)
                return error_oom(err);
        return registry_check_images(component->client, &question,
                                     (ManifestReceiver){ on_digest, part }, &part->call, err);
}

static void check_ask(CheckPart *part)
{
        _cleanup_(error_done) Error error = { 0 };
        Component component;
        bool is_served = check_part_component(part, &component);
        int r;

        check_note_asked(part, is_served ? &component : NULL);
        if (!is_served)
                r = error_set(&error, ERROR_CONFLICT, -ENOENT,
                              "no spec declares it any more, so nobody can ask for its digest");
        else if (!part->registry)
                r = error_oom(&error);
        else
                r = check_start(part, &component, &error);
        if (r < 0)
                check_note(part->check, part->component, NULL, &error);
        else
                part->check->n_calls++;
}

int digest_check_new(EnvironmentState *environment, const char *release_id, DigestsChecked done,
                     void *userdata, DigestCheck **ret, Error *err)
{
        DigestCheck *check = calloc(1, sizeof(*check));
        int r;

        if (!check)
                return error_oom(err);
        check->environment = environment;
        (void)snprintf(check->spec_digest, sizeof(check->spec_digest), "%s",
                       environment->spec->object.digest);
        check->done = done;
        check->userdata = userdata;
        arena_init(&check->arena, CHECK_ARENA_MAX);
        /* read again, because the caller frees its release before the answers arrive */
        r = images_read_release(environment->deployer->control->store, release_id, &check->arena,
                                &check->release, err);
        if (r > 0)
                check->parts = arena_alloc_array(&check->arena, check->release.components.n + 1,
                                                 sizeof(*check->parts));
        if (!check->parts) {
                digest_check_free(check);
                return r < 0    ? r
                       : r == 0 ? error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                            "there is no release '%s'", release_id)
                                : error_oom(err);
        }
        for (size_t i = 0; i < check->release.components.n; i++) {
                check->parts[i] = (CheckPart){ .check = check,
                                               .component = &check->release.components.items[i] };
                check_ask(&check->parts[i]);
        }
        *ret = check;
        return 0;
}
