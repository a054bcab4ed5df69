#include "model/mirror-check.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"

/* A repository that has a name at a mirror, and the first component with this repository. */
typedef struct MirrorName {
        const char *repository;
        const ComponentSpec *component;
} MirrorName;

/* Refuses a name that another repository of the same registry has at the mirror. Repositories of
 * two registries may have the same name at a mirror, because the digest identifies the content. */
static int check_unique(MirrorNames *names, const char *key, const MirrorName *name,
                        const RegistryMirror *mirror, DiagList *diags)
{
        const MirrorName *other = map_get(&names->names, key);
        MirrorName *own;

        if (!other) {
                own = arena_memdup(names->arena, name, sizeof(*name));
                return own ? map_put(&names->names, key, own, NULL) : -ENOMEM;
        }
        if (streq(other->repository, name->repository))
                return 0;
        diag_error(diags, name->component->object.place,
                   "component '%s': mirror %s would have one repository for %s and for %s of "
                   "component '%s'; write ${repository} in repository of the mirror",
                   name->component->object.meta.name, mirror->url, name->repository,
                   other->repository, other->component->object.meta.name);
        return -EINVAL;
}

static int check_mirror(MirrorNames *names, const RegistrySpec *registry,
                        const RegistryMirror *mirror, const MirrorName *name, DiagList *diags)
{
        _cleanup_(freep) char *at_mirror = mirror_name(mirror->repository, name->repository);
        const char *key;

        if (!at_mirror)
                return -ENOMEM;
        if (strlen(at_mirror) > REPOSITORY_MAX) {
                diag_error(diags, name->component->object.place,
                           "component '%s': its repository would have a name of more than %d bytes "
                           "at mirror %s",
                           name->component->object.meta.name, REPOSITORY_MAX, mirror->url);
                return -EINVAL;
        }
        key = arena_printf(names->arena, "%s %s %s", registry->object.id.text, mirror->url,
                           at_mirror);
        return key ? check_unique(names, key, name, mirror, diags) : -ENOMEM;
}

void mirror_names_init(MirrorNames *names, const Model *model, Arena *arena)
{
        *names = (MirrorNames){ .model = model, .arena = arena };
        for (size_t i = 0; i < model->registries.n; i++)
                for (size_t j = 0; j < model->registries.items[i]->mirrors.n; j++)
                        if (model->registries.items[i]->mirrors.items[j].repository)
                                names->is_needed = true;
}

int mirror_names_check(MirrorNames *names, const ComponentSpec *component, DiagList *diags)
{
        const RegistrySpec *registry =
                names->is_needed ? model_component_registry(names->model, component) : NULL;
        size_t n = registry ? registry->mirrors.n : 0;
        ImageReference image = { 0 };
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const RegistryMirror *mirror = &registry->mirrors.items[i];

                if (!mirror->repository)
                        continue;
                if (!image.repository &&
                    image_parse(component->image_repository, names->arena, &image, NULL) < 0)
                        return 0; /* the check of formats refuses this repository */
                r = check_mirror(names, registry, mirror,
                                 &(MirrorName){ image.repository, component }, diags);
        }
        if (r == -ENOMEM)
                diags->failed = -ENOMEM;
        return MIN(r, 0);
}
