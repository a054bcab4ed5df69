#pragma once

/* What the files of the preview share. */

#include "base/map.h"
#include "plan/plan-versions.h"
#include "preview/preview.h"

/* A component as the tree would have it: its heads and versions by the new rules, where those have
 * changed. */
typedef struct PreviewComponent {
        const ComponentSpec *spec;
        bool is_new, is_changed, replanned;
        Channels channels;
        VersionMaps versions;
        bool known; /* both were read */
} PreviewComponent;

struct Previewer {
        PreviewInput input;
        const Control *control;
        Arena *arena;
        const char *tenant;
        Model *model; /* of the documents */
        StoredObjects stored;
        Map stored_by_id; /* id -> const StoredObject * */
        Map components;   /* id -> PreviewComponent */
        Preview *preview;
        Model *current;             /* that was in force when it began */
        PreviewComponent *all;      /* one for each of model's */
        size_t n_done;              /* of them */
        struct PreviewHeads *heads; /* of the one that is being worked on; NULL */
        sd_event_source *next;
};

/* preview-heads.c: its heads by the new rules. Works until the monotonic time until, and returns 1
 * if there is more to do. */
int preview_heads(Previewer *previewer, PreviewComponent *component, usec_t until, Error *err);
void preview_heads_done(Previewer *previewer);
/* Reads what is known of it, the first time. */
int preview_know(Previewer *previewer, PreviewComponent *component, Error *err);

/* preview-releases.c */
int preview_releases(Previewer *previewer, Error *err);
int preview_environments(Previewer *previewer, Error *err);
