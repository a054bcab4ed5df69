#pragma once

/* Lockfiles on disk. All of it can be made again from the database at any time. */

#include "deploy/environments.h"
#include "lock/format.h"

/* Bits: 1 << LockFormat. */
typedef unsigned LockFormats;
LockFormats publish_formats(const Strings *names);

/* publish-files.c: the native file and those of other formats beside it, at stem. Formats that are
 * not asked for any more are removed. 1 if the native file's bytes changed. What one format cannot
 * hold keeps the others from nothing; the first such error is told at the end. */
typedef struct PublishPlan {
        const char *stem;
        LockFormats formats;
        const char *environment; /* NULL: a release's own */
} PublishPlan;
int publish_files(const Release *release, const PublishPlan *plan, Arena *arena, Lock *ret,
                  Error *err);
/* publish-environment.c: the formats of an environment in the lock folder. */
LockFormats publish_environment_formats(const EnvironmentState *environment);

/* publish-check.c: ERROR_CONFLICT names the format that cannot hold the release, and the text. */
int publish_check_release(const Reconciler *reconciler, const Release *release, Error *err);
int publish_check_environment(const EnvironmentState *environment, const Release *release,
                              Error *err);

int publish_remove_files(const char *stem, Error *err); /* 1 if there was one */
/* Everything of ours whose stem is not in wanted. */
void publish_sweep_folder(const char *folder, const Map *wanted);

/* One format at base: a file, or a folder whose left-over files go (those with mark in them, if it
 * is not NULL). 1 if something changed. */
typedef struct PublishPlace {
        LockFormat format;
        const char *base;
        const FileAccess *access;
        const char *mark;
} PublishPlace;
int publish_format(const Lock *lock, const PublishPlace *place, Arena *arena, Error *err);
int publish_remove_format(const PublishPlace *place, Error *err); /* 1 if there was one of ours */

/* publish-streams.c: LOCKS/<tenant>/streams/<name>/latest.lock.yaml and the like are links to the
 * files of the stream's newest ready release. */
void publish_stream(Reconciler *reconciler, const char *stream_id);
void publish_streams(Reconciler *reconciler);
void publish_sweep_streams(Reconciler *reconciler, const char *tenant);

/* output.c: where the configuration wants an environment's lock, and what it wants run. */
int outputs_publish(EnvironmentState *environment, const Lock *lock, Arena *arena, Error *err);
int outputs_remove(const EnvironmentState *environment, Arena *arena,
                   Error *err);                                   /* 1 if there was one */
LockFormats outputs_formats(const EnvironmentState *environment); /* in the lock folder */
LockFormats outputs_elsewhere_formats(const EnvironmentState *environment);
bool outputs_are_idle(const EnvironmentState *environment);
void outputs_done(EnvironmentState *environment); /* ends what runs */
