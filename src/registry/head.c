/* HEAD of manifests, and GET if HEAD is refused.
 *
 *   HEAD --refused--> GET --it works--> GET at once, for GET_FOR, at this registry
 *                      |
 *                      +--refused too--> counted; after VAIN_GETS_MAX in a row no GET follows a
 *                                        refused HEAD, for GET_FOR, for this repository
 *
 * GET transfers the manifest, and some registries count it as a pull. So relman tries HEAD first,
 * and again after an hour. */

#include <stdlib.h>

#include "base/limits.h"
#include "registry/internal.h"

#define GET_FOR USEC_PER_HOUR

typedef struct VainGets {
        unsigned n; /* refused GETs in a row */
        usec_t until;
        char repository[];
} VainGets;

bool head_works(const Registry *registry, usec_t now)
{
        return now >= registry->get_until;
}

bool head_is_refused(const Registry *registry, const char *repository, unsigned status, usec_t now)
{
        const VainGets *vain;

        switch (status) {
        case 200:
        /* these do not depend on the method, or are temporary: GET would not help */
        case 401:
        case 408:
        case 429:
        case 502:
        case 503:
        case 504: return false;
        case 404: return true; /* Nexus answers 404 although GET works */
        default:
                vain = map_get(&registry->vain_gets, repository);
                return !vain || vain->until <= now;
        }
}

static VainGets *vain_gets_get(Registry *registry, const char *repository)
{
        VainGets *vain = map_get(&registry->vain_gets, repository);
        size_t size = strlen(repository) + 1;

        if (vain)
                return vain;
        vain = calloc(1, sizeof(*vain) + size);
        if (!vain)
                return NULL;
        memcpy(vain->repository, repository, size);
        if (map_put(&registry->vain_gets, vain->repository, vain, NULL) < 0) {
                free(vain);
                return NULL;
        }
        return vain;
}

void head_note_get(Registry *registry, const char *repository, unsigned status, usec_t now)
{
        VainGets *vain;

        if (status == 200) {
                registry->get_until = now + GET_FOR;
                free(map_remove(&registry->vain_gets, repository));
                return;
        }
        if (status == 404 || status == 429 || status >= 502)
                return; /* the tag or digest does not exist, or the registry is not available now */
        vain = vain_gets_get(registry, repository);
        if (vain && ++vain->n >= VAIN_GETS_MAX) /* without memory the refusal is not counted */
                vain->until = now + GET_FOR;
}

void head_notes_free(Registry *registry)
{
        map_foreach (&registry->vain_gets, entry)
                free(entry->value);
        map_done(&registry->vain_gets);
}
