#pragma once

/* The desired state as loaded from specs: immutable once loaded, shared by reference. */

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/component.h"
#include "model/environment.h"
#include "model/group.h"
#include "model/registry.h"
#include "model/release.h"

/* A document, file or folder that could not be read. The model keeps the objects that it declared
 * before. */
typedef struct Broken {
        const char *file; /* ends with '/' for a folder, which stands for everything below it */
        ObjectKind kind;  /* OBJECT_KIND_MAX_: not known; then this entry stands for all objects of
                             the file */
        const char *tenant;  /* NULL: not known */
        const char *name;    /* NULL: not known */
        const char *message; /* the first diagnostic, complete */
        bool is_unread;      /* a read error: the file may contain documents that were moved from
                                elsewhere */
} Broken;

typedef struct Brokens {
        Broken *items;
        size_t n;
        const char *root; /* path of the tree, a prefix of all files; NULL: not known */
} Brokens;

typedef struct Model {
        unsigned n_refs;
        void *owner; /* owns the memory of the texts */
        void (*owner_free)(void *owner);
        RegistrySpecs registries; /* these arrays are each sorted by tenant, then by name */
        ComponentSpecs components;
        ReleaseSpecs releases;
        StreamSpecs streams;
        EnvironmentSpecs environments;
        CalendarSpecs calendars;
        GroupSpecs groups;
        Brokens brokens;
        Map by_id;      /* object id -> Object * */
        Map aliases;    /* object_id() of an object with a different id -> Object * */
        Map by_host;    /* "TENANT HOST" -> the first RegistrySpec * with that host */
        Map selections; /* environment id -> Selection *; see model/selection.h */
        Arena arena;    /* holds the keys of aliases and hosts, and the selections */
        size_t n_files;
        struct Model *older; /* an older model that is still in use; NULL: none */
} Model;

Model *model_ref(Model *model);
Model *model_unref(Model *model);
DEFINE_FREEP(Model, model_unref)
/* Keeps the older model alive as long as this one. Takes over the caller's reference to the older
 * model. */
void model_keep(Model *model, Model *older);

/* Makes an empty model with room for n_objects of each kind. Returns 0 or -ENOMEM. */
int model_new(size_t n_objects, Model **ret);

/* Copies the arrays of `from`, with room for n_more objects. Skips the objects whose id is in
 * `without`. Then the caller sets the owner, which must keep `from` alive, appends objects with
 * model_add(), and calls model_sort(). Returns 0 or -ENOMEM. */
int model_copy(const Model *from, const Map *without, size_t n_more, Model **ret);
int model_add(Model *model, const Object *object);
/* Adds a document whose id model->by_id has already. */
void model_append(Model *model, const Object *object);
/* Sorts the objects. Indexes the hosts of registries, for model_component_registry(), and computes
 * the selections by labels. Returns 0 or -ENOMEM. */
int model_sort(Model *model);

size_t model_n_objects(const Model *model);
/* Returns the object at a position below model_n_objects(). Objects follow those that they refer
 * to: registries, components, releases, streams, groups, environments, calendars. */
const Object *model_object(const Model *model, size_t i);
/* Returns the bytes that the model takes, without the objects. */
size_t model_memory(const Model *model);
/* Returns the name that is nearest to a misspelt one, among objects of this kind and tenant. NULL
 * if none is near. */
const char *model_nearest(const Model *model, ObjectKind kind, const char *tenant,
                          const char *name);
const Object *model_find(const Model *model, ObjectKind kind, const char *tenant, const char *name);

/* True if a document that was read declares the object, or a document with an error may declare it.
 * name NULL: true if a document with an error may declare any object of the kind in that tenant. */
bool model_may_declare(const Model *model, ObjectKind kind, const char *tenant, const char *name);

/* Returns the Registry that a component names, otherwise the Registry of the component's tenant
 * with the host of imageRepository. NULL: none is declared. */
const RegistrySpec *model_component_registry(const Model *model, const ComponentSpec *component);

/* Returns the rules about signatures of the component, or the default of its Registry. */
const VerifyRules *model_component_verify(const Model *model, const ComponentSpec *component);
