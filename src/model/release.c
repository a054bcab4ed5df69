#include "model/release.h"

#include "base/macros.h"

const ReleaseComponent *release_component_find(const ReleaseComponents *components, const char *id)
{
        for (size_t i = 0; i < components->n; i++)
                if (streq(components->items[i].component_id, id))
                        return &components->items[i];
        return NULL;
}
