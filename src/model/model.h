#pragma once

/* The desired state as loaded from specs: immutable once loaded, shared by reference. */

#include "base/map.h"
#include "model/component.h"
#include "model/registry.h"
#include "model/release.h"

/* A document, or a whole file, that could not be read: what it declared before stays as it was. */
typedef struct Broken {
        const char *file;
        ObjectKind kind;    /* OBJECT_KIND_MAX_: not even that could be read: all of the file */
        const char *tenant; /* NULL likewise */
        const char *name;   /* NULL likewise */
        const char *message; /* the first diagnostic, whole */
} Broken;

typedef struct Brokens {
        Broken *items;
        size_t n;
} Brokens;

typedef struct Model {
        unsigned n_refs;
        struct SpecUnits *units; /* what the texts live in; spec's own */
        void (*units_unref)(struct SpecUnits *units);
        RegistrySpecs registries; /* each sorted by tenant, then name */
        ComponentSpecs components;
        ReleaseSpecs releases;
        Brokens brokens;
        Map by_id; /* object id -> Object * */
        size_t n_files;
} Model;

Model *model_ref(Model *model);
Model *model_unref(Model *model);
DEFINE_FREEP(Model, model_unref)

const Object *model_find(const Model *model, ObjectKind kind, const char *tenant, const char *name);

/* The Registry a component uses: the one it names, or the one of its tenant whose host is the host of
 * its imageRepository. NULL: none is declared. */
const RegistrySpec *model_component_registry(const Model *model, const ComponentSpec *component);
