#pragma once

/* The desired state as loaded from specs: immutable once loaded, shared by reference. */

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/component.h"
#include "model/environment.h"
#include "model/registry.h"
#include "model/release.h"

/* A document, file or folder that could not be read: what it declared before stays as it was. */
typedef struct Broken {
        const char *file;    /* a folder: with '/' at its end, for all below it */
        ObjectKind kind;     /* OBJECT_KIND_MAX_: not even that could be read: all of the file */
        const char *tenant;  /* NULL likewise */
        const char *name;    /* NULL likewise */
        const char *message; /* the first diagnostic, whole */
        bool is_unread;      /* the system refused it: it may hold what stood elsewhere before */
} Broken;

typedef struct Brokens {
        Broken *items;
        size_t n;
        const char *root; /* the path of the tree, which files begin with; NULL: none is known */
} Brokens;

typedef struct Model {
        unsigned n_refs;
        void *owner; /* what the texts live in */
        void (*owner_free)(void *owner);
        RegistrySpecs registries; /* each sorted by tenant, then name */
        ComponentSpecs components;
        ReleaseSpecs releases;
        StreamSpecs streams;
        EnvironmentSpecs environments;
        Brokens brokens;
        Map by_id;   /* object id -> Object * */
        Map aliases; /* object_id() of those that have another id -> Object * */
        Map by_host; /* "TENANT HOST" -> the first RegistrySpec * of that host */
        Arena arena; /* keys of the last two */
        size_t n_files;
        struct Model *older; /* that something may still point to; NULL: none */
} Model;

Model *model_ref(Model *model);
Model *model_unref(Model *model);
DEFINE_FREEP(Model, model_unref)
/* The older one lives as long as the model, which takes the caller's reference to it. */
void model_keep(Model *model, Model *older);

/* An empty model with room for n_objects of each kind. -ENOMEM. */
int model_new(size_t n_objects, Model **ret);

/* A model with the arrays of from but for what without holds (by id), and room for n_more objects;
 * its owner is the caller's to set, and must keep from alive. model_add() appends, model_sort()
 * puts the arrays in order again. -ENOMEM. */
int model_copy(const Model *from, const Map *without, size_t n_more, Model **ret);
int model_add(Model *model, const Object *object);
/* Also indexes the hosts of registries, for model_component_registry(). -ENOMEM. */
int model_sort(Model *model);

size_t model_n_objects(const Model *model);
/* The object at a position below model_n_objects(). Objects come after those that they refer to:
 * registries, components, releases, streams, environments. */
const Object *model_object(const Model *model, size_t i);
/* Bytes that the model takes, without the objects. */
size_t model_memory(const Model *model);
const Object *model_find(const Model *model, ObjectKind kind, const char *tenant, const char *name);

/* The Registry a component uses: the one it names, or the one of its tenant whose host is the host
 * of its imageRepository. NULL: none is declared. */
const RegistrySpec *model_component_registry(const Model *model, const ComponentSpec *component);
