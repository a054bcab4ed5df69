#pragma once

/* Declarations that only the files of this folder share. */

#include "control/formats.h"
#include "lock/format.h"
#include "publish/publisher.h"

#define PUBLISH_ARENA_MAX ((size_t)128 * 1024 * 1024)

/* published.c: counts a failure, and returns the result for the handler of the queue: QUEUE_FAILED,
 * or with --once QUEUE_DONE, because a run with --once tries nothing again. */
usec_t publish_failed(Publisher *publisher);

/* The files with a common stem (lock_stem()): one of each format, and the signed statement. */
typedef unsigned StemFile; /* a LockFormat, or STEM_STATEMENT */
#define STEM_STATEMENT ((StemFile)LOCK_FORMAT_MAX_)
#define STEM_FILE_MAX_ (STEM_STATEMENT + 1)
const char *stem_file_suffix(StemFile file);

/* publish-files.c: writes the native file at stem, and the files of the requested formats beside
 * it. Writes the signed statement if signing is set, otherwise removes it. Removes the files of
 * other formats. Returns 1 if the bytes of the native file changed. A failure in another format
 * does not stop the others. The first error is returned at the end. */
typedef struct PublishPlan {
        const char *stem;
        LockFormats formats;
        const Signing *signing; /* NULL: no statement */
} PublishPlan;
int publish_files(const Lock *lock, const PublishPlan *plan, Arena *arena, Error *err);
/* Remove all files of a stem, or one of them. Return 1 if a file was removed. */
int publish_remove_files(const char *stem, Error *err);
int publish_remove_at(const char *stem, StemFile file, Error *err);
/* Removes temporary files that a killed process left in the folder of a format. */
void publish_sweep_at(const char *stem, StemFile file);

/* publish-statement.c: writes the signed statement about the native lockfile at stem. A statement
 * with the same content that one of the keys has signed stays unchanged. */
int publish_statement(const Signing *signing, const Lock *lock, const LockFile *native,
                      const char *stem, Error *err);

/* The file or folder of one format. */
typedef struct PublishPlace {
        LockFormat format;
        const char *base; /* path of the file or folder */
        const FileAccess *access;
        const Meta *owner; /* the environment whose files may be removed; NULL: any */
} PublishPlace;
/* Writes one format. Removes left-over drop-ins from a quadlet folder; if the place has an owner,
 * only those of the owner. Returns 1 if something changed. */
int publish_format(const Lock *lock, const PublishPlace *place, Arena *arena, Error *err);
/* Removes one format if relmand wrote it. Returns 1 if a file was removed. */
int publish_remove_format(const PublishPlace *place, Error *err);

/* publish-streams.c: removes the links of a stream that was deleted. */
int publish_remove_links(const char *folder, Error *err);

/* published.c */
/* Reads the lock of a deployment. */
int environment_lock(const EnvironmentLock *environment, const Deployment *deployment, Arena *arena,
                     Lock *ret, Error *err);
/* Reads the release that the environment ran before this one, in the arena; NULL: none. */
int published_before(const EnvironmentLock *environment, const char *release_id, Arena *arena,
                     const Release **ret, Error *err);
/* Adds to the lock what only formats of admission need: the release before, and allowAlso. */
int environment_admission(const EnvironmentLock *environment, Arena *arena, Lock *lock, Error *err);
/* Returns 1 if nothing is deployed because the newest promotion was canceled, and sets *ret to that
 * promotion. The environment must have no deployment. */
int environment_was_canceled(const EnvironmentLock *environment, Arena *arena, Deployment *ret,
                             Error *err);
/* True if the last attempt to write the file was for this deployment. */
bool published_is_of(const Published *published, const Deployment *deployment);
/* Records the result of an attempt to write a file. If the result is new and a promotion waits for
 * it, makes the environment due. */
void environment_note(EnvironmentLock *environment, Published *published,
                      const Deployment *deployment, int r, const Error *error);

/* output.c: files and programs of the configuration's outputs. */
int outputs_init(EnvironmentLock *environment);       /* -ENOMEM */
void outputs_add(const EnvironmentLock *environment); /* makes the keys of all outputs due */
bool outputs_are_idle(const EnvironmentLock *environment);
void outputs_done(EnvironmentLock *environment); /* terminates running programs */
FilesState outputs_state(const EnvironmentLock *environment, const Deployment *deployment,
                         const char **ret_problem);
/* Returns tenant and name of the output's environment, in the arena; or -ENOMEM. */
int output_owner(const OutputSpec *output, Arena *arena, Meta *ret);
/* Removes the file of an output whose environment was deleted, if the file belongs to that
 * environment. Returns 1 if a file was removed. */
int output_sweep(const OutputSpec *output, const Meta *owner, Error *err);
/* sweep.c */
Sweep *sweep_free(Sweep *sweep);
