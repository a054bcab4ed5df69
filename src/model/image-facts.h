#pragma once

/* Facts from the manifest of an image, and from its configuration if that was read. relmand stores
 * them for digests in releases and for heads of channels, and bases no decision on them. JSON texts
 * of facts are at most IMAGE_FACTS_MAX bytes. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/object.h"
#include "model/release.h"

/* Limits on stored facts, against registries that fill the database. Longer texts are skipped. */
#define IMAGE_KEY_MAX   256         /* bytes of the key of an annotation or label */
#define IMAGE_TEXT_MAX  1024        /* bytes of the value of an annotation or label */
#define IMAGE_TEXTS_MAX (16 * 1024) /* bytes of all annotations as JSON */
#define IMAGE_KEEP_MAX  32          /* labels that keepLabels of a component names */
/* bytes of all labels as JSON; without keepLabels IMAGE_TEXTS_MAX */
#define IMAGE_LABELS_SIZE_MAX (60 * 1024)
#define IMAGE_TEXTS_READ_MAX  1000         /* annotations or labels that are read */
#define IMAGE_LAYERS_MAX      127          /* layers of an image; overlayfs mounts no more */
#define IMAGE_FACTS_MAX       (112 * 1024) /* bytes of all facts of a digest as JSON */

typedef struct ImageFacts {
        const char *digest;
        const char *media_type;    /* NULL: neither mediaType nor other members say it */
        const char *artifact_type; /* NULL: none */
        const char *config;        /* digest of the configuration; NULL: an index */
        Strings layers;            /* digests in order; empty for an index */
        Pairs annotations;         /* of the manifest; sorted, those of OCI first */
        bool has_others;           /* an index whose entries were read: `others` is known */
        Pairs others; /* manifests that the index lists besides those of its platforms: digest and
                       * platform, sorted; "": no platform, as for attestations and other indexes */
        /* the configuration was read: the next three members are known */
        bool has_config;
        Pairs labels;         /* sorted like annotations */
        const char *platform; /* normal form; NULL: the configuration names none */
        int64_t created;      /* seconds since 1970; 0: not given */
        bool is_cut;          /* a list or a value was longer than its limit and is incomplete */
} ImageFacts;

typedef struct ImageFactList {
        ImageFacts *items;
        size_t n;
} ImageFactList;

/* Returns the facts of a digest; NULL: none. */
const ImageFacts *image_facts_find(const ImageFactList *list, const char *digest);

/* True if all facts of a manifest are known that the manifest itself has. Older releases of relman
 * did not read `others`. */
bool image_facts_are_complete(const ImageFacts *facts);

/* Returns the value of the annotation with this key, otherwise of the label with this key. NULL:
 * neither exists. */
const char *image_facts_get(const ImageFacts *facts, const char *key);

/* Sorts annotations, those of OCI first. Removes the last ones until the rest has at most
 * IMAGE_TEXTS_MAX bytes as JSON. Returns true if any were removed. */
bool image_texts_limit(Pairs *texts);

/* Sorts the other manifests of an index, removes duplicates, and limits the rest like
 * image_texts_limit(). Returns what that returns. */
bool image_others_limit(Pairs *others);

/* Adds the other images of its platforms to the platforms of an index: an index may have several
 * images of a platform, such as for versions of Windows. Returns 0 or -ENOMEM. */
int image_others_add(const ImageFacts *facts, Arena *arena, PlatformDigests *platforms);

/* Sets *ret to the labels that are stored: those of OCI, or if there are none those of the older
 * Label Schema, and those that `keep` names. Sorts them, those of OCI first, and removes the last
 * ones until the rest has at most IMAGE_LABELS_SIZE_MAX bytes as JSON. Returns 1 if any were
 * removed, 0 if not, or -ENOMEM. */
int image_labels_select(const Pairs *labels, const Strings *keep, Arena *arena, Pairs *ret);

/* Appends the items of more, without a copy of their texts. Returns 0 or -ENOMEM. */
int image_facts_append(ImageFactList *list, const ImageFactList *more, Arena *arena);

/* Copies facts with all their texts into the arena. Returns 0 or -ENOMEM. */
int image_facts_copy(const ImageFactList *list, Arena *arena, ImageFactList *ret);

/* Does the same with only the labels that image_labels_select() selects. */
int image_facts_copy_kept(const ImageFactList *list, const Strings *keep, Arena *arena,
                          ImageFactList *ret);

/* True if `facts` has all labels of `more`. */
bool image_facts_have_labels(const ImageFacts *facts, const ImageFacts *more);
