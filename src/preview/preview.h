#pragma once

/* Predicts the changes that a tree of specs would cause, for pull requests. Uses only stored data,
 * polls no registry and changes nothing. */

#include "base/diag.h"
#include "control/control.h"
#include "model/document-node.h"
#include "model/schema/document-diff.h"
#include "plan/replay.h"
#include "release/compose.h"

typedef enum PreviewAction {
        PREVIEW_CREATED,
        PREVIEW_UPDATED,
        PREVIEW_DELETED,
        PREVIEW_ARCHIVED,
        PREVIEW_RESTORED,
        PREVIEW_REFUSED,
        PREVIEW_ACTION_MAX_,
} PreviewAction;
const char *preview_action_to_string(PreviewAction action);

typedef struct PreviewObject {
        ObjectKind kind;
        PreviewAction action;
        const char *tenant, *name;
        /* why relmand would refuse the change or hold it back; NULL: it would do neither */
        const char *message;
        DocumentChanges changes; /* changes of an updated object */
        /* only for a changed Group: the environments that name it; otherwise NULL */
        const Strings *environments;
} PreviewObject;

typedef struct PreviewHead {
        const char *tenant, *component, *channel;
        const char *default_channel; /* default channel of the component */
        const char *from, *to;       /* tags; NULL: none */
        const char *from_digest, *to_digest;
        const char *component_id; /* NULL in the answer */
        ComponentSource from_source, to_source;
} PreviewHead;

typedef struct PreviewPart {
        const char *component;
        const char *component_id; /* NULL in the answer */
        Picked picked;
        ComponentSource source;
} PreviewPart;

typedef struct PreviewRelease {
        const char *tenant, *name;
        PreviewPart *parts;
        size_t n_parts;
        const char *problem; /* why it would stay a draft; NULL: it would be ready */
} PreviewRelease;

typedef struct PreviewEnvironment {
        const char *tenant, *name;
        const char *from, *to; /* releases; NULL: none */
        const char *stream;    /* the stream whose next release it would get; NULL: none */
        const char *waits_for; /* the closed gates and the hold, as text; NULL: none */
        const char *problem;   /* why it would not get the release at all; NULL: none */
} PreviewEnvironment;

/* A change that relmand would make, but that the author may not intend. */
typedef struct PreviewWarning {
        ObjectKind kind;
        const char *tenant, *name;
        const char *message;
} PreviewWarning;

typedef struct Preview {
        PreviewObject *objects;
        size_t n_objects;
        PreviewHead *heads;
        size_t n_heads;
        PreviewRelease *releases;
        size_t n_releases;
        PreviewEnvironment *environments;
        size_t n_environments;
        PreviewWarning *warnings;
        size_t n_warnings;
        size_t n_held;    /* number of removals that the prune guard would hold back */
        size_t n_skipped; /* number of documents of other tenants */
        /* PreviewInput.replay_since is set: the result, instead of the lists above; NULL: it is not
         * set */
        const Replay *replay;
} Preview;

typedef struct PreviewInput {
        /* Returns the next document of the tree: a mapping with an additional member "place":
         * {"file", "line"}. The document must stay valid until the preview ends. Returns 1, 0 after
         * the last document, or an error, which ends the preview. */
        int (*next_document)(void *userdata, const Node **ret, Error *err);
        /* Called before each step. If it returns false, the preview ends. */
        bool (*is_wanted)(void *userdata);
        /* Writes the finished preview. Works until the monotonic time `until`, and returns 1 if
         * there is more to do, 0 at the end. */
        int (*write)(const Preview *preview, usec_t until, void *userdata, Error *err);
        /* Called at the end. error is NULL if the preview was written. No function of the input is
         * called afterwards. */
        void (*done)(const Error *error, void *userdata);
        void *userdata;
        const char *tenant; /* only objects of this tenant; NULL: all */
        /* wall: find the releases that streams would have made since this time; 0: predict changes
         */
        usec_t replay_since;
        Arena *arena;    /* holds the preview; other memory is charged to its quota */
        DiagList *diags; /* faults of documents */
} PreviewInput;

/* Begins a preview, which runs in steps of some milliseconds. The input must stay valid until
 * `done` is called or the preview is canceled. `done` is never called before preview_start() has
 * returned. */
typedef struct Previewer Previewer;
int preview_start(const Control *control, const PreviewInput *input, Previewer **ret, Error *err);
Previewer *preview_cancel(Previewer *previewer); /* NULL-safe; returns NULL */
DEFINE_FREEP(Previewer, preview_cancel)
