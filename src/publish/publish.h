#pragma once

/* Lockfiles on disk: what the files of this folder share. */

#include "control/formats.h"
#include "lock/format.h"
#include "publish/publisher.h"

/* publisher.c: counts it. */
void publish_mend_failed(Publisher *publisher);

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
void publish_streams(Publisher *publisher);
void publish_sweep_streams(const Publisher *publisher, const char *tenant);

/* publish-environment.c: all of them; paths that must stay go to wanted. */
int publish_environments(Publisher *publisher, Arena *arena, Map *wanted);

/* output.c: where the configuration wants an environment's lock, and what it wants run. */
int outputs_publish(EnvironmentLock *environment, const Lock *lock, Arena *arena, Error *err);
int outputs_remove(const EnvironmentLock *environment, Arena *arena,
                   Error *err); /* 1 if there was one */
bool outputs_are_idle(const EnvironmentLock *environment);
void outputs_done(EnvironmentLock *environment); /* ends what runs */
