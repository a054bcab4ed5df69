/* Before a release gets to an environment: is every one of its digests still served? */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "reconcile/environments.h"
#include "store/releases.h"

#define CHECK_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define RETRY_GONE      (5 * USEC_PER_MIN)
#define RETRY_FAILED    (30 * USEC_PER_SEC)

typedef struct CheckPart {
        EnvironmentCheck *check;
        const ReleaseComponent *component;
        RegistryCall *call;
} CheckPart;

struct EnvironmentCheck {
        EnvironmentState *environment;
        Arena arena;
        Release release;
        const char *by;
        CheckPart *parts;
        unsigned n_calls;
        const char *problem; /* the first */
        bool gone;
};

EnvironmentCheck *environment_check_free(EnvironmentCheck *check)
{
        if (!check)
                return NULL;
        for (size_t i = 0; check->parts && i < check->release.components.n; i++)
                registry_call_cancel(check->parts[i].call);
        arena_done(&check->arena);
        free(check);
        return NULL;
}

static void note(EnvironmentCheck *check, const ReleaseComponent *component, const Error *error)
{
        bool gone = error->kind == ERROR_NOT_FOUND;

        if (check->problem && (check->gone || !gone))
                return;
        check->gone = gone;
        check->problem =
                arena_printf(&check->arena, "release '%s' is not promoted: component '%s': %s%s",
                             check->release.name, component->component_name,
                             gone ? "its digest is no longer served: " : "", error_message(error));
        if (!check->problem)
                check->problem = "out of memory"; /* a problem it is */
}

static void finish(EnvironmentCheck *check)
{
        EnvironmentState *environment = check->environment;
        _cleanup_(error_done) Error error = { 0 };
        int r = 0;

        environment->check = NULL;
        if (check->problem) {
                environment->retry_at =
                        time_monotonic() + (check->gone ? RETRY_GONE : RETRY_FAILED);
                environment_tell(
                        environment,
                        &(EnvironmentNews){ .reason = check->gone ? "DigestGone" : "Unreachable",
                                            .failed = true,
                                            .message = check->problem });
        } else {
                r = deployment_promote(environment, &check->release, check->by, &error);
                if (r < 0) {
                        environment->retry_at = time_monotonic() + RETRY_FAILED;
                        environment_tell(environment,
                                         &(EnvironmentNews){ .reason = "Failed",
                                                             .failed = true,
                                                             .message = error_message(&error) });
                }
        }
        reconciler_kick(environment->reconciler);
        environment_check_free(check);
}

static void on_digest(const Manifest *manifest, const Error *error, void *userdata)
{
        CheckPart *part = userdata;
        EnvironmentCheck *check = part->check;

        part->call = NULL;
        check->n_calls--;
        if (error)
                note(check, part->component, error);
        else if (manifest->only_mirror)
                log_warning("environment '%s': release '%s': the registry no longer has %s of "
                            "component '%s'; only its mirror %s serves it",
                            check->environment->spec->object.meta.name, check->release.name,
                            part->component->digest, part->component->component_name,
                            manifest->only_mirror);
        if (check->n_calls == 0)
                finish(check);
}

static void ask(CheckPart *part)
{
        Reconciler *reconciler = part->check->environment->reconciler;
        const ComponentState *component =
                map_get(&reconciler->components, part->component->component_id);
        _cleanup_(error_done) Error error = { 0 };
        int r;

        if (!component)
                r = error_set(&error, ERROR_INVALID, -ENOENT,
                              "no spec declares it any more, so nobody can ask for its digest");
        else
                r = registry_check(component->registry->client, component->repository,
                                   part->component->digest, (ManifestReceiver){ on_digest, part },
                                   &part->call, &error);
        if (r < 0)
                note(part->check, part->component, &error);
        else
                part->check->n_calls++;
}

int environment_check_start(EnvironmentState *environment, const Release *release, const char *by,
                            Error *err)
{
        EnvironmentCheck *check = calloc(1, sizeof(*check));
        int r;

        if (!check)
                return error_oom(err);
        check->environment = environment;
        arena_init(&check->arena, CHECK_ARENA_MAX);
        environment->check = check;
        /* the caller's is gone when the answers come */
        r = store_release(environment->reconciler->store, release->id.text, &check->arena,
                          &check->release, err);
        check->by = arena_strdup(&check->arena, by);
        check->parts =
                arena_alloc_array(&check->arena, release->components.n + 1, sizeof(*check->parts));
        if (r <= 0 || !check->by || !check->parts) {
                environment->check = environment_check_free(check);
                return r < 0 ? r : error_oom(err);
        }
        for (size_t i = 0; i < check->release.components.n; i++) {
                check->parts[i] = (CheckPart){ .check = check,
                                               .component = &check->release.components.items[i] };
                ask(&check->parts[i]);
        }
        if (check->n_calls == 0)
                finish(check);
        return 0;
}
