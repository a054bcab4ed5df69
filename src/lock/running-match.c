#include <errno.h>
#include <fnmatch.h>

#include "base/map.h"
#include "lock/running.h"
#include "model/image/image.h"
#include "model/platform.h"

/* A digest of the release. Entries with the same digest form a linked list. */
typedef struct Known {
        size_t component;             /* index in the components of the release */
        const char *platform;         /* NULL: the digest that the release names */
        const PlatformDigests *among; /* the list that has the platform */
        const struct Known *next;
} Known;

typedef struct Comparison {
        const RunningWanted *wanted;
        Arena *arena;
        Map digests;               /* digest → Known */
        const char **repositories; /* host/path of each component; NULL: the name is invalid */
        bool *is_named;     /* for each component: true if it belongs to the current container */
        bool lacks_configs; /* an image of the release has no config digests */
} Comparison;

/* --- the digests of the release --------------------------------------------------------------- */

static int know(Comparison *comparison, const char *digest, const Known *known)
{
        Known *copy = arena_memdup(comparison->arena, known, sizeof(*known));
        void *old = NULL;

        if (!copy || map_put(&comparison->digests, digest, copy, &old) < 0)
                return -ENOMEM;
        copy->next = old;
        return 0;
}

static int know_platforms(Comparison *comparison, size_t index, const PlatformDigests *platforms)
{
        int r = 0;

        for (size_t i = 0; i < platforms->n && r >= 0; i++)
                r = know(comparison, platforms->items[i].digest,
                         &(Known){ index, platforms->items[i].platform, platforms, NULL });
        return r;
}

/* True if the configuration of a platform is not known: its manifest was not read. */
static bool lacks_configs(const ReleaseComponent *component)
{
        return component->configs.n == 0 || component->configs.n < component->platforms.n;
}

static int know_component(Comparison *comparison, size_t index)
{
        const ReleaseComponent *component = &comparison->wanted->components->items[index];
        _cleanup_(error_done) Error none = { 0 };
        ImageReference reference;
        int r;

        if (component->artifact != ARTIFACT_IMAGE) /* no container runs an artifact */
                return 0;
        comparison->lacks_configs |= lacks_configs(component);
        r = know(comparison, component->digest, &(Known){ index, NULL, NULL, NULL });
        if (r >= 0)
                r = know_platforms(comparison, index, &component->platforms);
        if (r >= 0)
                r = know_platforms(comparison, index, &component->configs);
        if (r < 0)
                return r;
        r = image_parse(component->repository, comparison->arena, &reference, &none);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        comparison->repositories[index] =
                arena_printf(comparison->arena, "%s/%s", reference.host, reference.repository);
        return comparison->repositories[index] ? 0 : -ENOMEM;
}

/* --- one container ---------------------------------------------------------------------------- */

/* Marks the components that have this digest. If the digest is that of a platform, sets
 * *ret_platform, and sets *ret_fits to whether the platform is preferred for the host. Every
 * platform fits if the platform of the host is not known. */
static bool find_digest(Comparison *comparison, const char *digest, const char **ret_platform,
                        bool *ret_fits)
{
        const char *wanted = comparison->wanted->platform;
        const Known *first = map_get(&comparison->digests, digest);

        for (const Known *known = first; known; known = known->next) {
                comparison->is_named[known->component] = true;
                if (!known->platform)
                        continue;
                if (!*ret_platform)
                        *ret_fits = !wanted;
                *ret_platform = known->platform;
                if (wanted && platform_is_preferred(wanted, known->platform, known->among))
                        *ret_fits = true;
        }
        return first;
}

/* Marks the components that have a repository of the container. Returns false if there are none. */
static bool find_repository(Comparison *comparison, const RunningContainer *container)
{
        bool is_found = false;

        for (size_t i = 0; i < comparison->wanted->components->n; i++)
                if (comparison->repositories[i] &&
                    strings_has(&container->repositories, comparison->repositories[i]))
                        is_found = comparison->is_named[i] = true;
        return is_found;
}

static bool is_allowed(const Comparison *comparison, const RunningContainer *container)
{
        const Strings *also = &comparison->wanted->also;

        for (size_t i = 0; i < also->n; i++)
                for (size_t j = 0; j < container->repositories.n; j++)
                        if (fnmatch(also->items[i], container->repositories.items[j], 0) == 0)
                                return true;
        return false;
}

/* True if the container has no digest to compare: no digest at all, or only an image id that may be
 * the config digest of a component without known configs. */
static bool is_undecided(const Comparison *comparison, const RunningContainer *container)
{
        const ReleaseComponents *components = comparison->wanted->components;

        if (container->digests.n > 0)
                return false;
        if (!container->id)
                return true;
        for (size_t i = 0; i < components->n; i++)
                if (comparison->is_named[i] && lacks_configs(&components->items[i]))
                        return true;
        return container->repositories.n == 0 && comparison->lacks_configs;
}

static RunningResult result_of(Comparison *comparison, const RunningContainer *container,
                               RunningMatch *match)
{
        bool is_found = false, fits = true, is_of_component;

        if (container->id)
                is_found = find_digest(comparison, container->id, &match->platform, &fits);
        for (size_t i = 0; i < container->digests.n; i++)
                is_found |= find_digest(comparison, container->digests.items[i], &match->platform,
                                        &fits);
        is_of_component = is_found || find_repository(comparison, container);
        if (container->state == RUNNING_PENDING)
                return RUNNING_NOT_STARTED;
        if (container->state == RUNNING_ENDED)
                return RUNNING_STOPPED;
        if (is_found)
                return fits ? RUNNING_RIGHT : RUNNING_OTHER_PLATFORM;
        if (!is_of_component && is_allowed(comparison, container))
                return RUNNING_ALLOWED;
        if (is_undecided(comparison, container))
                return RUNNING_UNDECIDED;
        return is_of_component ? RUNNING_UNKNOWN_DIGEST : RUNNING_UNKNOWN_IMAGE;
}

/* Sets match->components to the names of the marked components. Sets is_run for them if the
 * container runs their digest. */
static int name_components(Comparison *comparison, RunningMatch *match, bool *is_run)
{
        const ReleaseComponents *components = comparison->wanted->components;
        bool runs = match->result == RUNNING_RIGHT || match->result == RUNNING_OTHER_PLATFORM;

        for (size_t i = 0; i < components->n; i++) {
                const char *name = components->items[i].component_name;

                if (!comparison->is_named[i])
                        continue;
                comparison->is_named[i] = false;
                is_run[i] |= runs;
                match->components = match->components ? arena_printf(comparison->arena, "%s, %s",
                                                                     match->components, name)
                                                      : name;
                if (!match->components)
                        return -ENOMEM;
        }
        return 0;
}

static int compare(Comparison *comparison, const RunningContainers *containers,
                   RunningReport *report)
{
        size_t n = comparison->wanted->components->n;
        int r = 0;

        comparison->repositories =
                arena_alloc_array(comparison->arena, n, sizeof(*comparison->repositories));
        comparison->is_named =
                arena_alloc_array(comparison->arena, n, sizeof(*comparison->is_named));
        report->is_run = arena_alloc_array(comparison->arena, n, sizeof(*report->is_run));
        report->matches =
                arena_alloc_array(comparison->arena, containers->n, sizeof(*report->matches));
        if (!comparison->repositories || !comparison->is_named || !report->is_run ||
            !report->matches)
                return -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = know_component(comparison, i);
        for (size_t i = 0; i < containers->n && r >= 0; i++) {
                RunningMatch *match = &report->matches[i];

                match->result = result_of(comparison, &containers->items[i], match);
                r = name_components(comparison, match, report->is_run);
        }
        return r;
}

int running_compare(const RunningWanted *wanted, const RunningContainers *containers, Arena *arena,
                    RunningReport *ret, Error *err)
{
        Comparison comparison = { .wanted = wanted, .arena = arena };
        RunningReport report = { 0 };
        int r = compare(&comparison, containers, &report);

        map_done(&comparison.digests);
        if (r < 0)
                return error_oom(err);
        *ret = report;
        return 0;
}

const char *running_result_to_string(RunningResult result)
{
        static const char *const words[RUNNING_RESULT_MAX_] = {
                [RUNNING_RIGHT] = "right",
                [RUNNING_ALLOWED] = "allowed",
                [RUNNING_NOT_STARTED] = "pending",
                [RUNNING_STOPPED] = "not running",
                [RUNNING_OTHER_PLATFORM] = "other platform",
                [RUNNING_UNKNOWN_DIGEST] = "unknown digest",
                [RUNNING_UNKNOWN_IMAGE] = "unknown image",
                [RUNNING_UNDECIDED] = "undecided",
        };

        return words[result];
}

bool running_is_wrong(RunningResult result)
{
        return result >= RUNNING_OTHER_PLATFORM;
}

bool running_is_needed(const ReleaseComponent *component)
{
        return component->artifact == ARTIFACT_IMAGE && component->role != ROLE_INIT &&
               component->role != ROLE_MIGRATION;
}
