#pragma once

/* Publishes what is committed: lockfiles, links, outputs and hooks. All of it can be made again
 * from the database at any time. A failure is tried again until it works. */

#include "base/map.h"
#include "control/control.h"

typedef struct OutputHook OutputHook;
typedef struct OutputRun OutputRun;

/* The lockfile of an environment. */
typedef struct EnvironmentLock {
        struct Publisher *publisher;
        Uuid id;                       /* the map's key; outlives models */
        const EnvironmentSpec *spec;   /* of the current model */
        OutputHook *hooks;             /* as many as there are outputs; NULL before the first */
        char formats[DIGEST_SIZE_MAX]; /* of the spec's document, whose formats are on disk */
} EnvironmentLock;

typedef struct Publisher {
        const Control *control;
        Map environments;       /* id -> EnvironmentLock */
        OutputRun *output_runs; /* output-run.c: all that go on */
        unsigned n_mend_failures;
        bool sweep_later; /* left-over lockfiles were not removed yet */
        size_t n_locks_written, n_locks_failed, n_hooks_failed; /* since the start */
} Publisher;

void publisher_init(Publisher *publisher, const Control *control);
void publisher_done(Publisher *publisher);

/* Fails if the lock folder cannot be used. */
int publisher_check_folder(const Publisher *publisher, Error *err);

/* After a model came into force: its environments. */
int publisher_adopt(Publisher *publisher, const Model *model, Error *err);

/* KEY_LOCKS: compares all that is on disk with the database. */
typedef struct PublisherMend {
        Map *wanted;    /* at first the stems of lockfiles that drafts may find again */
        Arena *arena;   /* of its keys */
        bool is_short;  /* some of those are lacking: nothing is removed, it is tried again */
        bool may_sweep; /* left-over files are removed */
} PublisherMend;
usec_t publisher_mend(Publisher *publisher, const PublisherMend *mend);
/* Left-over files are removed now, if they were not before. */
void publisher_sweep(Publisher *publisher);
bool publisher_is_idle(const Publisher *publisher); /* no hook runs */

void publisher_mend_soon(Publisher *publisher);
void publisher_mend_later(Publisher *publisher); /* after a failure */

/* The lockfile of a release, and its stream's links. */
void publish_release(Publisher *publisher, const Release *release);
void publish_remove(Publisher *publisher, const char *tenant, const char *name);
void publish_stream(Publisher *publisher, const char *stream_id);
/* The lockfile of an environment, as the database has it. If the first promotion of all was
 * canceled, the files go. Then control's lock_written(). */
int publish_environment(Publisher *publisher, const char *environment_id, Error *err);
