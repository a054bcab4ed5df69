/* Pauses of the hosts that redirects lead to. Such a host does not pause the pool. */

#include <stdlib.h>

#include "http/internal.h"

/* Returns the entry of a host; NULL: it has none. */
static const HostPause *find(const HttpPool *pool, const char *host)
{
        for (size_t i = 0; i < HOST_PAUSES_MAX; i++)
                if (pool->host_pauses[i].host && strcasecmp(pool->host_pauses[i].host, host) == 0)
                        return &pool->host_pauses[i];
        return NULL;
}

usec_t host_paused_until(const HttpPool *pool, const char *host)
{
        const HostPause *pause = find(pool, host);

        return pause ? pause->until : 0;
}

void host_pause(HttpPool *pool, const char *host, usec_t until)
{
        HostPause *entry = pool->host_pauses;
        const HostPause *known = find(pool, host);
        char *copy;

        if (known) {
                entry = &pool->host_pauses[known - pool->host_pauses];
                entry->until = MAX(entry->until, until);
                return;
        }
        for (size_t i = 1; i < HOST_PAUSES_MAX; i++)
                if (pool->host_pauses[i].until < entry->until)
                        entry = &pool->host_pauses[i];
        copy = strdup(host);
        if (!copy)
                return; /* memory ran out: the next answer of the host pauses it */
        free(entry->host);
        *entry = (HostPause){ .host = copy, .until = until };
}

void host_pauses_done(HttpPool *pool)
{
        for (size_t i = 0; i < HOST_PAUSES_MAX; i++)
                free(pool->host_pauses[i].host);
}
