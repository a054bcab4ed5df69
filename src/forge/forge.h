#pragma once

/* Keeps a pull request of a forge as it is to be, by the REST API of the forge:
 *
 *   LIST --none is open--> BRANCH --> CREATE --> LABEL --> [MERGE] -->
 *     |                      '--the branch is missing, merged or refused-->
 *     '--one is open--> READ --> UPDATE, if title or text differ --> [MERGE] -->
 *                         '--it changes nothing--> CLOSE -->
 *
 * The newest pull request from the branch to the base is the one. A merged one is done: relmand
 * deletes its branch, so that the next one begins at the base. A pull request that a person closed
 * stays closed until the branch has another commit. */

#include "base/arena.h"
#include "http/http.h"
#include "model/pull-request.h"

typedef enum ForgeState {
        FORGE_NONE, /* there is nothing to merge */
        FORGE_OPEN,
        FORGE_MERGED,
        FORGE_CLOSED, /* a person closed it */
        FORGE_STATE_MAX_,
} ForgeState;
extern const char *const forge_state_names[]; /* for people and the API */

/* The result. Borrowed. error NULL: success. */
typedef struct ForgeEnd {
        ForgeState state;
        const char *number, *url; /* of the pull request; NULL: there is none */
        const char *commit;       /* head of its branch; NULL: not known */
        bool is_empty; /* it was closed because it changed no file; state is FORGE_NONE */
        const Error *error;
} ForgeEnd;

/* The desired pull request. All texts are borrowed during the run. */
typedef struct ForgePlan {
        HttpPool *pool;
        const PullRequestSpec *spec;
        const char *url;        /* of the API */
        const char *repository; /* OWNER/NAME */
        const char *branch;
        const char *token;
        const char *title, *body;
        bool close; /* it is obsolete */
        void (*done)(const ForgeEnd *end, void *userdata);
        void *userdata;
} ForgePlan;

typedef struct ForgeRun ForgeRun;

/* Starts a run. The run takes the arena, which has the texts of the plan, and leaves {0}. Calls
 * done once, then frees the run. On failure the caller keeps the arena. */
int forge_start(const ForgePlan *plan, Arena *arena, ForgeRun **ret, Error *err);
/* Ends a run without a call of done. Safe on NULL; returns NULL. */
ForgeRun *forge_cancel(ForgeRun *run);

/* Returns the URL of the API of a repository's host, or the path of the repository, in the arena;
 * NULL: not in the URL, or memory ran out. */
const char *forge_api_url(ForgeType type, const char *git_url, Arena *arena);
const char *forge_repository(const char *git_url, Arena *arena);
