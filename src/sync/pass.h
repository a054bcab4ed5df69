#pragma once

/* The state of one pass. sync-run.h describes its stages. */

#include "base/log.h"
#include "plan/evaluate.h"
#include "plan/plan-versions.h"
#include "plan/tag-order.h"
#include "plan/tag-set.h"
#include "plan/tag-survey.h"
#include "store/version-pages.h"
#include "sync/state.h"
#include "sync/sync-run.h"

#define SYNC_SLICE  (10 * USEC_PER_MSEC) /* of one turn of the loop */
#define SYNC_PAGE   500                  /* stored rows that are read at once */
#define SYNC_WINDOW 64  /* requests at the same time; the registry may have another limit */
#define SYNC_CHUNK  500 /* rows in one transaction: some milliseconds */
#define SYNC_CHUNK_ONCE                                                                            \
        2000 /* the same with --once: no client waits, and fewer pages are written twice */

/* A request for a digest in progress. */
typedef struct SyncCall {
        Sync *sync;
        const char *tag;
        bool with_manifest;      /* the manifest is requested, too */
        TagState *state;         /* INSPECT: the tag of the manifest */
        struct DriftItem *drift; /* DRIFT: the live digest */
        RegistryCall *call;      /* NULL: free */
} SyncCall;

typedef enum DriftAsks {
        DRIFT_ASKS_NOTHING,
        DRIFT_ASKS_CHECK,    /* does the registry still serve the released digest? */
        DRIFT_ASKS_MANIFEST, /* which images has the current digest of its tag? */
} DriftAsks;

/* A digest that live releases hold, and the current digest of its tag. */
typedef struct DriftItem {
        const TagDigest *live;
        const char *now; /* NULL: not known, or no tag */
        DriftAsks asks;
        bool checked, fetched; /* was requested */
        bool gone, drifts;
        PlatformDigests images;    /* images of platforms that are due for a check */
        const Manifest *manifest;  /* of the live digest, if images are due */
        const char *gone_platform; /* the registry does not have its manifest; NULL */
        const char *not_believed;  /* why the manifest of now is not believed; NULL */
        const char *mirror;        /* the only one that still serves it; NULL */
        struct DriftItem *next_answered;
} DriftItem;

typedef struct SyncNote SyncNote;

/* An answer about a tag. */
typedef struct SyncAnswer {
        struct SyncAnswer *next; /* in sync->late: those that came before the tags were built */
        const char *tag;
        const char *digest;  /* NULL if there is a problem */
        const char *problem; /* about the tag; NULL if there is a digest */
} SyncAnswer;

struct Sync {
        ComponentState *component;
        Arena arena;
        RegistryCall *list_call;
        const SyncStep *steps; /* by stage */
        SyncStage stage;
        size_t at; /* position of the stage, 0 when it begins */
        SyncEnding ending;
        sd_event_source *next_slice;
        bool has_slice; /* the stage goes on in the next turn of the loop */
        SyncAnswer *late;
        ListedTags listed; /* the texts of the list */
        char list_digest[DIGEST_SIZE_MAX];
        char list_etag[ETAG_SIZE_MAX];
        bool list_stale; /* from a stale cache of a proxy: no tag counts as missing */
        char rules_digest[DIGEST_SIZE_MAX];
        bool force_refresh;   /* every eligible tag is requested */
        bool listed_anew;     /* the list was not the known one */
        const char *rejected; /* a listed name that is not a valid tag; NULL */
        size_t n_rejected;
        const char *list_warning; /* as in TagList */

        Channels channels;    /* as stored */
        TagDigests live;      /* of live releases */
        const char **watched; /* tags to request although the list is unchanged */
        size_t n_watched, next_watched;
        size_t n_urgent; /* the first of them: heads, and tags of live releases */

        /* sync-order.c: */
        bool is_phased; /* there are rounds */
        TagHeads heads; /* finds what decides the heads: */
        TagStates first;
        size_t next_first;
        unsigned n_tries; /* rounds for the heads, after the first */
        TagOrder rest;    /* all others */
        size_t round_left, round_size;
        size_t n_pending;       /* digests not requested yet */
        usec_t flushed_at;      /* monotonic */
        usec_t listed_first_at; /* wall: of the first list of the component */

        /* sync-history.c: */
        bool is_resolving;    /* the condition Resolving is stored, or goes with the changes */
        bool resumes_history; /* a pass before this one left tags of the first list */
        bool has_history;     /* this one has some in the background */

        bool have_tags;
        TagSet tags;
        TagSetInput input; /* of tags, with listed and assigned */
        Assignments assigned;
        TagLimit limit;
        const char *gave_up; /* the rules are too slow, and are not applied; NULL */
        size_t next_tag;
        SyncCall calls[SYNC_WINDOW];
        unsigned n_calls;
        Changes changes; /* rows of tags that wait to be written */
        size_t n_resolved, n_moved, n_problems;
        const char *first_problem; /* of those; NULL if there is none */
        /* applies once the changes are committed: */
        SyncNote *notes_first, *notes_last; /* messages */
        size_t n_moves_told, n_new_versions;
        bool flips_told;
        usec_t hold_ends_at;
        size_t n_unread;           /* tags whose manifest cannot be read, or is not believed */
        const char *unread;        /* message about the first of them; NULL */
        const char *unread_reason; /* of the condition */

        Map manifests;      /* INSPECT: digest -> const Manifest * */
        bool has_manifests; /* with the stored ones */
        Judging judging;
        usec_t judged_at; /* wall */
        JudgeWants wanted;
        size_t n_artifacts;  /* manifests of this pass that are not images */
        TagGuard guard;      /* of tags that moved */
        TagMoves moves;      /* as stored */
        DriftItem *drift;    /* one for each of live */
        size_t next_drift;   /* not visited yet */
        DriftItem *answered; /* to be visited again */
        TagSurvey survey;

        VersionPlan versions;
        Map used;             /* digests of releases: their versions are kept */
        bool owes_versions;   /* the first round wrote only versions that heads need */
        bool versions_chosen; /* the versions that are still owed were chosen */
        size_t next_chosen;
        bool versions_named;   /* those beyond the maximum come next, then */
        bool versions_dropped; /* stored rows, after this one: */
        VersionCursor versions_after;
        size_t next_put, next_delete;
};
