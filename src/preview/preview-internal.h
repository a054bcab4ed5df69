#pragma once

/* Shared declarations of the preview. A preview is made in stages, and each stage in steps of some
 * milliseconds. A tree may have thousands of documents, and a component a hundred thousand tags. */

#include "base/map.h"
#include "plan/plan-specs.h"
#include "plan/plan-versions.h"
#include "preview/preview.h"
#include "spec/check.h"
#include "store/pages.h"

/* A component of the tree. If its rules change, it has the heads and versions by the new rules. */
typedef struct PreviewComponent {
        const ComponentSpec *spec;
        bool is_new, is_changed;
        bool replanned; /* versions and channels follow the new rules */
        bool has_channels;
        Channels channels;
        VersionMaps versions;       /* newest first */
        size_t first_head, n_heads; /* range in preview->heads */
} PreviewComponent;

/* Works until the monotonic time `until`. Returns 1 if there is more to do, 0 at the end. */
typedef int (*PreviewStep)(Previewer *previewer, usec_t until, Error *err);

struct Previewer {
        PreviewInput input;
        const Control *control;
        Arena work;     /* documents and texts of the preview, until preview_detach() */
        Arena *arena;   /* points to work */
        Model *current; /* the active model at the start */
        Preview *preview;
        sd_event_source *next;
        unsigned stage;
        size_t at;      /* position within the stage */
        size_t list;    /* list of the preview that preview_detach() copies */
        size_t charged; /* bytes outside of the arena that are charged to the quota */

        Object **objects; /* the objects of the documents; NULL after the model was made */
        size_t n_objects, objects_capacity;
        Model *model; /* the model of these documents */
        References references;
        Arena stored_arena; /* the stored objects and their plan */
        StoredObjects stored;
        size_t stored_capacity;
        ObjectWalk stored_walk;
        Map stored_by_id; /* id -> const StoredObject * */
        SpecPlan plan;
        /* The stored documents for the changes of the plan up to documents_end:
         * id -> const ObjectDocument * */
        Map documents;
        Arena documents_arena;
        size_t documents_end;
        bool is_planned;         /* the plan has no further changes */
        size_t results_capacity; /* room in preview->objects */
        Map changed;             /* id -> position in preview->objects, plus 1 */
        Map components;          /* id -> PreviewComponent * */
        PreviewComponent *all;   /* one for each component of model */
        size_t n_refusals;       /* number of processed refusals of the plan */
        size_t heads_capacity;
        /* the heads of the current component; NULL: none is in progress */
        struct PreviewHeads *heads;
        struct PreviewFilling *filling; /* the current release; NULL: none is in progress */
        /* the versions of the component being read; NULL: none is in progress */
        struct PreviewVersions *versions;
        size_t part;     /* position in the current release, for preview_release_sources() */
        size_t page_end; /* the first environment whose deployment and hold are not read yet */
        Deployments deployments;
        Holds holds;
        struct PreviewReplay *replay; /* NULL: nothing is replayed */
        Map streams; /* id of a stream -> the stream if it would make a release, otherwise NULL */
};

/* preview-tree.c: reads the tree, and finds the changes that loading it would make. */
int preview_read_documents(Previewer *previewer, usec_t until, Error *err);
int preview_make_model(Previewer *previewer, usec_t until, Error *err);
int preview_check_references(Previewer *previewer, usec_t until, Error *err);
int preview_read_stored(Previewer *previewer, usec_t until, Error *err);
int preview_index_stored(Previewer *previewer, usec_t until, Error *err);
int preview_plan(Previewer *previewer, usec_t until, Error *err);
int preview_index_components(Previewer *previewer, usec_t until, Error *err);
/* Frees the stored objects and their plan, which later stages do not need. */
void preview_stored_done(Previewer *previewer);

/* preview-heads.c: predicts the heads of components whose rules change. */
int preview_heads(Previewer *previewer, usec_t until, Error *err);
void preview_heads_done(Previewer *previewer);
size_t preview_heads_memory(const Previewer *previewer);

/* preview-versions.c: reads the stored versions of a component, newest first. */
int preview_read_versions(Previewer *previewer, const char *component_id, usec_t until,
                          VersionMaps *ret, Error *err);
void preview_versions_done(Previewer *previewer);
size_t preview_versions_memory(const Previewer *previewer);

/* preview-warnings.c: reports channels that would lose their last version. */
int preview_warn_channels(Previewer *previewer, usec_t until, Error *err);
/* Adds a warning about an object. Called at most once for each head, release, stream and
 * environment. message may be the result of arena_printf(): NULL is an error. */
int preview_warn(Previewer *previewer, const Object *object, const char *message, Error *err);

/* preview-releases.c */
int preview_releases(Previewer *previewer, usec_t until, Error *err);
void preview_releases_done(Previewer *previewer);

/* preview-environments.c */
int preview_streams(Previewer *previewer, usec_t until, Error *err);
int preview_environments(Previewer *previewer, usec_t until, Error *err);

/* preview-sources.c: finds the sources of images. */
int preview_head_sources(Previewer *previewer, usec_t until, Error *err);
int preview_release_sources(Previewer *previewer, usec_t until, Error *err);

/* preview-replay.c: finds the releases that streams would have made in the past. The result is in
 * preview->replay. */
int preview_replay_streams(Previewer *previewer, usec_t until, Error *err);
int preview_replay_tags(Previewer *previewer, usec_t until, Error *err);
int preview_replay_releases(Previewer *previewer, usec_t until, Error *err);
int preview_replay_run(Previewer *previewer, usec_t until, Error *err);
int preview_replay_compare(Previewer *previewer, usec_t until, Error *err);
void preview_replay_done(Previewer *previewer);
size_t preview_replay_memory(const Previewer *previewer);

/* Returns the entry of an object that the tree creates or updates; otherwise NULL. The entry is
 * valid until another one is added. */
PreviewObject *preview_object(const Previewer *previewer, const Object *object);
/* True if the tree creates or updates the object. */
bool preview_is_changed(const Previewer *previewer, const Object *object);

/* preview-answer.c: copies the preview to the arena of the input, and frees all other memory. */
int preview_detach(Previewer *previewer, usec_t until, Error *err);
