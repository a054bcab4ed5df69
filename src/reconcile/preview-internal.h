#pragma once

/* What the files of the preview share. */

#include "reconcile/internal.h"
#include "reconcile/plan-versions.h"
#include "reconcile/preview.h"

/* A component as the tree would have it: its heads and versions by the new rules, where those have
 * changed. */
typedef struct PreviewComponent {
        const ComponentSpec *spec;
        bool is_new, replanned;
        Channels channels;
        VersionMaps versions;
        bool known; /* both were read */
} PreviewComponent;

typedef struct Previewer {
        Reconciler *reconciler;
        Arena *arena;
        const char *tenant;
        Model *model; /* of the documents */
        StoredObjects stored;
        Map stored_by_id; /* id -> const StoredObject * */
        Map components;   /* id -> PreviewComponent */
        Preview *preview;
} Previewer;

/* preview.c: reads what is known of it, the first time. */
int preview_know(Previewer *previewer, PreviewComponent *component, Error *err);

/* preview-releases.c */
int preview_releases(Previewer *previewer, Error *err);
int preview_environments(Previewer *previewer, Error *err);
