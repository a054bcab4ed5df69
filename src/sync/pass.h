#pragma once

/* The state of one pass. sync-run.h describes its stages. */

#include "base/log.h"
#include "model/image-change.h"
#include "plan/evaluate.h"
#include "plan/plan-versions.h"
#include "plan/tag-order.h"
#include "plan/tag-set.h"
#include "plan/tag-survey.h"
#include "store/version-pages.h"
#include "sync/state.h"
#include "sync/sync-run.h"
#include "verify/verification.h"

#define SYNC_SLICE (10 * USEC_PER_MSEC) /* maximum time in one turn of the loop */
#define SYNC_PAGE  500                  /* number of stored rows that are read at once */
/* maximum number of requests at the same time; the registry may have a lower limit */
#define SYNC_WINDOW 64
#define SYNC_CHUNK  500 /* number of rows in one transaction, which takes some milliseconds */
/* SYNC_CHUNK with --once: no client waits, and large transactions write fewer database pages twice
 */
#define SYNC_CHUNK_ONCE 2000

/* A request to the registry in progress. */
typedef struct SyncCall {
        Sync *sync;
        const char *tag;
        bool with_manifest;      /* the manifest is requested, too */
        TagState *state;         /* sync-inspect.c: tag whose manifest is requested */
        struct DriftItem *drift; /* sync-drift.c: live digest that is checked */
        RegistryCall *call;
        Verification *verification; /* the place is free if this and call are NULL */
} SyncCall;

typedef enum DriftAsks {
        DRIFT_ASKS_NOTHING,
        DRIFT_ASKS_CHECK,     /* checks whether the registry still serves the released digest */
        DRIFT_ASKS_REFERRERS, /* finds the manifests that refer to the released image */
        DRIFT_ASKS_CONFIGS,   /* reads configurations that are unknown */
        DRIFT_ASKS_MANIFEST,  /* fetches the manifest of the tag's current digest */
} DriftAsks;

/* A digest that live releases hold, and the current digest of its tag. */
typedef struct DriftItem {
        const TagDigest *live;
        const char *now; /* current digest of the tag; NULL: unknown */
        DriftAsks asks;
        bool checked, fetched; /* the request was sent */
        bool finds_referrers;  /* the request must still be sent */
        bool gone, drifts;
        ImageChange change;     /* between the live digest and `now`, if it drifts */
        PlatformDigests images; /* images of platforms that are due for a check */
        bool reads; /* the check reads the manifests, because the facts of the index are incomplete
                     */
        PlatformDigests unread;   /* images whose configurations must still be requested */
        const Manifest *manifest; /* manifest of the live digest, if images are due */
        /* platform whose manifest the registry does not have; NULL: none */
        const char *gone_platform;
        const char *not_believed; /* why the manifest of the digest in `now` is not believed; NULL:
                                     it is believed */
        const char *mirror; /* mirror that serves the digest although the registry does not; NULL:
                               none */
        struct DriftItem *next_answered;
} DriftItem;

typedef struct SyncNote SyncNote;

/* Two images that are compared. */
typedef struct ImagePair {
        const char *from, *to; /* digests */
        ImageChange change;
} ImagePair;

/* A tag whose move is reported with the next rows. */
typedef struct MovedTag {
        const char *tag, *from, *to;
        usec_t since, until; /* when it had the digest `from` */
        struct MovedTag *next;
} MovedTag;

/* An answer about a tag. */
typedef struct SyncAnswer {
        /* next item of sync->late, the answers that arrived before the tags were built */
        struct SyncAnswer *next;
        const char *tag;
        const char *digest;  /* NULL if there is a problem */
        const char *problem; /* a problem of the tag; NULL if there is a digest */
} SyncAnswer;

struct Sync {
        ComponentState *component;
        Arena arena;
        RegistryCall *list_call;
        const SyncStep *steps; /* indexed by stage */
        SyncStage stage;
        size_t at; /* position within the stage; 0 when the stage begins */
        SyncEnding ending;
        sd_event_source *next_slice;
        bool has_slice; /* the stage continues in the next turn of the loop */
        SyncAnswer *late;
        ListedTags listed; /* the texts of the list */
        char list_digest[DIGEST_SIZE_MAX];
        char list_etag[ETAG_SIZE_MAX];
        bool list_stale; /* the list comes from an outdated cache, so no tag counts as missing */
        char rules_digest[DIGEST_SIZE_MAX];
        bool force_refresh;   /* the digest of every eligible tag is requested */
        bool listed_anew;     /* the list differs from the list of the last pass */
        const char *rejected; /* a listed name that is not a valid tag; NULL: none */
        size_t n_rejected;
        const char *list_warning; /* as in TagList */

        Channels channels;    /* the stored channels */
        TagDigests live;      /* digests of live releases */
        Map live_manifests;   /* digest -> its stored Manifest *; NULL: none is stored */
        const char **watched; /* tags to request even if the list is unchanged */
        size_t n_watched, next_watched;
        /* number of watched tags of heads, which come first, and with those of live releases */
        size_t n_watched_heads, n_urgent;
        bool asks_live;       /* the next heads wait for the tags of live releases */
        bool heads_committed; /* the heads are committed, and are not planned again */
        bool live_changed;    /* a tag of a live release changed after that */

        /* sync-order.c: */
        bool is_phased; /* the pass requests digests in rounds */
        TagHeads heads; /* decides which tags are requested for the heads */
        TagStates first;
        size_t next_first;
        unsigned n_tries; /* number of rounds for the heads after the first one */
        TagOrder rest;    /* all other tags */
        size_t round_left, round_size;
        size_t n_pending;       /* number of digests that are not requested yet */
        usec_t flushed_at;      /* monotonic */
        usec_t listed_first_at; /* wall clock: time of the first list of the component */

        /* sync-history.c: */
        bool is_resolving;    /* the condition Resolving is stored, or is among the changes */
        bool resumes_history; /* an earlier pass left tags of the first list unresolved */
        bool has_history;     /* this pass requests some of those tags in the background */

        bool have_tags;
        TagSet tags;
        TagSetInput input; /* input of `tags`: listed and assigned tags */
        Assignments assigned;
        TagLimit limit;
        const char *gave_up; /* why the rules are too slow to be applied; NULL: they are applied */
        size_t next_tag;
        SyncCall calls[SYNC_WINDOW];
        unsigned n_calls;
        Changes changes; /* rows of tags that wait to be written */
        size_t n_resolved, n_moved, n_problems;
        const char *first_problem; /* first of the n_problems problems; NULL: none */
        /* processed after the changes are committed: */
        SyncNote *notes_first, *notes_last; /* messages */
        size_t n_moves_told, n_new_versions;
        MovedTag *moved_first, *moved_last;
        bool flips_told;
        usec_t hold_ends_at;
        bool has_configs;    /* this pass has read configurations of images in indexes */
        usec_t rechecked_at; /* the last recheck before this pass */
        size_t n_unread;     /* number of tags whose manifest cannot be read, or is not believed */
        const char *unread;  /* message about the first of those tags; NULL: none */
        const char *unread_reason; /* reason of the condition about those tags */

        Model *model; /* owns rules */
        const VerifyRules *rules;
        VerifyPolicy verify;
        const TagState *tolerated; /* a head whose signatures a rule with mode warn does not accept;
                                    * NULL: none */
        bool has_ending;           /* the result of a head ends at some time */
        Error verify_error; /* why `verify` is not complete: a file with a key cannot be read */
        Map manifests;      /* sync-inspect.c: digest -> const Manifest * */
        bool has_manifests; /* manifests contains the stored manifests */
        Judging judging;
        usec_t judged_at; /* wall */
        JudgeWants wanted;
        size_t n_artifacts;  /* number of manifests of this pass whose kind the component does not
                                take */
        TagGuard guard;      /* stored facts about tags that moved */
        TagMoves moves;      /* the stored moves of tags */
        DriftItem *drift;    /* one item for each digest of a live release */
        size_t next_drift;   /* first item that was not visited yet */
        DriftItem *answered; /* items that must be visited again */
        TagSurvey survey;

        VersionPlan versions;
        Map used;             /* digests of releases: their versions are kept */
        bool owes_versions;   /* the first round wrote only versions that heads need */
        bool versions_chosen; /* the first of several rounds: it writes only versions of heads and
                                 moved tags */
        size_t next_chosen;
        /* the digests have versions; versions beyond the maximum are dropped next */
        bool versions_named;
        /* versions were dropped; the stored rows after versions_after are compared next */
        bool versions_dropped;
        VersionCursor versions_after;
        size_t next_put, next_delete;
};
