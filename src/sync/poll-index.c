/* Handles push webhooks: makes polls of the components of a repository due. Hooks poll a component
 * at most once a second, and less often while its polls fail. */

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "sync/state.h"

static const char *key_of(const char *registry_id, const char *repository, char *text, size_t size)
{
        int n = snprintf(text, size, "%s %s", registry_id, repository);

        return n > 0 && (size_t)n < size ? text : NULL;
}

#define KEY_MAX (36 + REPOSITORY_MAX + 2)

int poll_index_make(Poller *poller)
{
        if (poller->has_index)
                return 0;
        map_done(&poller->by_repository);
        poller->by_repository = (Map){ 0 };
        arena_clear(&poller->index_arena);
        map_foreach (&poller->components, entry) {
                ComponentState *component = entry->value;
                char text[KEY_MAX];
                const char *key;

                component->next_same = NULL;
                if (!component->registry->declared ||
                    !key_of(component->registry->id.text, component->repository, text,
                            sizeof(text)))
                        continue;
                key = arena_strdup(&poller->index_arena, text);
                if (!key)
                        return -ENOMEM;
                component->next_same = map_get(&poller->by_repository, key);
                if (map_put(&poller->by_repository, key, component, NULL) < 0)
                        return -ENOMEM;
        }
        poller->has_index = true;
        return 0;
}

size_t poller_report_push(Poller *poller, const RegistrySpec *registry, const char *repository)
{
        char text[KEY_MAX];
        const char *key = key_of(registry->object.id.text, repository, text, sizeof(text));
        size_t n = 0;

        for (ComponentState *component = key ? map_get(&poller->by_repository, key) : NULL;
             component; component = component->next_same) {
                component_state_poll_soon(component);
                n++;
        }
        log_debug("registry '%s': push to '%s': polling %zu component%s",
                  registry->object.meta.name, repository, n, text_plural(n));
        return n;
}
