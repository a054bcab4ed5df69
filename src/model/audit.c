#include "model/audit.h"

#include <errno.h>

int actor_copy(const Actor *actor, Arena *arena, Actor *ret)
{
        const char *const from[] = { actor->tenant,          actor->principal,     actor->person,
                                     actor->origin,          actor->action,        actor->release,
                                     actor->idempotency_key, actor->request_digest };
        const char *to[ARRAY_SIZE(from)] = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
                to[i] = from[i] ? arena_strdup(arena, from[i]) : NULL;
                if (from[i] && !to[i])
                        return -ENOMEM;
        }
        *ret = (Actor){ to[0], to[1], to[2], to[3], to[4], to[5], to[6], to[7] };
        return 0;
}
