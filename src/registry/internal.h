#pragma once

/* Shared declarations of the files of registry.
 *
 * A RegistryCall is one question (tags, a digest, a manifest) and may take several requests. Each
 * request goes through request_start(), which adds authorization. After a 401 it learns how to log
 * in and retries once. */

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/map.h"
#include "registry/credentials.h"
#include "registry/helper.h"
#include "registry/registry.h"
#include "registry/token.h"
#include "registry/wire/challenge.h"

typedef enum AuthScheme {
        AUTH_UNKNOWN, /* no challenge was seen: send no credentials */
        AUTH_BASIC,
        AUTH_BEARER,
} AuthScheme;

struct Registry {
        HttpClient *http;
        HttpPool *pool;
        char *name;
        char *host; /* for dockerConfig and helpers */
        char *url;  /* without a trailing slash */
        char *credentials_folder;
        Arena arena; /* copies of the spec's auth */
        RegistryAuth auth;
        Helper *helper; /* running, or (helper_ended) waiting to be freed */
        bool helper_ended;
        bool is_layout;    /* a directory, not a server */
        bool has_token;    /* dockerConfig holds a bearer token */
        bool is_scoped;    /* dockerConfig has other credentials for other repositories: read it for
                              each request */
        bool is_anonymous; /* the last lookup in dockerConfig or by the helper gave no
                            * credentials */
        Credentials helped;                     /* the last answer of the helper */
        usec_t helped_at;                       /* monotonic; 0: never run */
        RegistryCall *login_first, *login_last; /* calls that wait for it */
        unsigned login_round; /* current round: calls that begin to wait now are released after the
                                 next fetch */
        AuthScheme scheme;
        char *basic;   /* "Basic ..." */
        char *realm;   /* realm of the Bearer challenge */
        char *service; /* service of the Bearer challenge; NULL if none */
        Map tokens;    /* scope -> Token *: token.h */
        Token *token_first, *token_last;
        size_t tokens_size;                /* memory of all tokens */
        const struct Connector *connector; /* connector for the vendor's API; NULL: use OCI's API */
        Map fall_backs;                    /* fall-back.c: repository -> FallBack */
        usec_t get_until;                  /* monotonic: until then GET replaces HEAD (head.c) */
        Map vain_gets;                     /* repository -> VainGets */
        Registry **mirrors;                /* in the order in which they are used */
        size_t n_mirrors;
        RegistryCall *calls; /* all calls in progress */
        bool is_closing;     /* registry_free() has begun: no new calls */
};

/* Which credentials a request uses. */
typedef enum RequestAuth {
        REQUEST_AS_REGISTRY, /* the ones that the registry's challenge requested */
        REQUEST_ANONYMOUS,
        REQUEST_BASIC, /* user and password without waiting for a challenge, if there are any */
} RequestAuth;

typedef enum Question {   /* a question about a manifest */
        QUESTION_RESOLVE, /* the digest of a tag; the others are by digest */
        QUESTION_CHECK,
        QUESTION_FETCH,
        QUESTION_INSPECT,
} Question;

typedef void (*AnswerDone)(RegistryCall *call, const HttpResponse *response, const Error *error);

/* The state of a question; each file keeps its part here. */
struct RegistryCall {
        Registry *registry;
        RegistryCall *next, *previous; /* in registry->calls */
        RegistryCall *waiting_next;    /* for a token or a login */
        unsigned waiting_round;        /* calls of earlier rounds are released */
        Token *waiting_for;
        bool waits_for_login;
        LoginReady ready; /* called when the wait ends */
        char *repository;
        char *scope;
        void *userdata;

        /* the current request */
        HttpCall *http;
        HttpMethod method;
        char *url;
        const char *const *headers;
        size_t body_max;
        AnswerDone answer;
        RequestAuth auth;
        bool is_pull;
        bool may_wait;                /* registry_resolve_later() */
        bool has_token, is_anonymous; /* copied from the registry, for this repository */
        bool tried_login;             /* this request was sent again after a 401 */
        char *sent_token;             /* the token that was sent */
        BudgetShare share;            /* its share of the memory for answers */
        usec_t waits_since, waited;   /* since when it waits for memory; total waiting time */

        /* called when the call is complete */
        TagsDone tags_done;
        ManifestDone manifest_done;
        Question question;
        char *reference;  /* tag or digest */
        bool is_resolved; /* reference was a tag, and now is its digest: the answer without more */
        size_t next_mirror;
        RegistryCall *inner; /* the call to a mirror, or for the next platform of an image */
        Error error;         /* why a mirror is used: the registry's error */
        int (*ask_mirror)(RegistryCall *call, Registry *mirror, ManifestReceiver receiver,
                          Error *err);         /* sends the question to a mirror */
        struct TagPages *pages;                /* tags.c */
        struct ManifestFetch *fetch;           /* manifest.c */
        struct ImagesCheck *images;            /* images.c */
        void (*free_part)(RegistryCall *call); /* frees whichever of pages, fetch and images is set;
                                                  NULL: none */
        int layout;                            /* layout.c: a LayoutQuestion */
        char *known_digest;                    /* layout.c */
        sd_event_source *later;                /* layout.c */
};

/* call.c */
int call_set_canceled(const Registry *registry, Error *err);
int call_new(Registry *registry, const char *repository, void *userdata, RegistryCall **ret,
             Error *err);
RegistryCall *call_free(RegistryCall *call);
DEFINE_FREEP(RegistryCall, call_free)
/* Calls manifest_done, and frees the call. */
void call_complete(RegistryCall *call, const Manifest *manifest, const Error *error);

/* request.c: sends the request. answer is called once, with any response except a 401 that another
 * login could solve. Takes ownership of url, also on failure. */
typedef struct RequestPlan {
        HttpMethod method;
        char *url;
        const char *const *headers;
        size_t body_max;
        RequestAuth auth;
        bool is_pull; /* a GET of a manifest, which some registries count */
        AnswerDone answer;
} RequestPlan;
int request_start(RegistryCall *call, const RequestPlan *plan, Error *err);
/* Sends the same request again once there is memory for the answer. */
void request_send_with_room(RegistryCall *call);

/* login.c: reads the credentials from the configured sources. */
int login_read(Registry *registry, const char *repository, Credentials *ret, Error *err);
/* Returns 1 if the call waits for a credential helper: ready is called after that. Returns 0
 * otherwise. */
int login_wait(RegistryCall *call, LoginReady ready, Error *err);
void login_leave(RegistryCall *call);

/* answer.c: sets an Error for an unexpected answer: its kind by the status, its text with the
 * registry's message. */
int answer_error(const RegistryCall *call, const HttpResponse *response, Error *err);

/* mirror.c: starts a request to a mirror and returns true. If it returns false, report error to the
 * caller, or call->error if that is set. */
bool mirror_ask(RegistryCall *call, const Error *error);

/* fall-back.c: true if OCI's list is to be read without trying the vendor's. The next two record
 * that OCI's list was read after a refusal, and that the vendor's was read. now: monotonic. */
bool fall_back_is_on(const Registry *registry, const char *repository, usec_t now);
void fall_back_refused(Registry *registry, const char *repository, usec_t now);
void fall_back_worked(Registry *registry, const char *repository);
/* True if the vendor's list is known to be complete. The next one records the result of a check. */
bool fall_back_lists_all(const Registry *registry, const char *repository, usec_t now);
void fall_back_checked(Registry *registry, const char *repository, bool lists_all, usec_t now);
void fall_backs_free(Registry *registry);

/* head.c: true if HEAD is used for manifests; true if GET may work after this status of HEAD. The
 * last one records the result of that GET. now: monotonic. */
bool head_works(const Registry *registry, usec_t now);
bool head_is_refused(const Registry *registry, const char *repository, unsigned status, usec_t now);
void head_note_get(Registry *registry, const char *repository, unsigned status, usec_t now);
void head_notes_free(Registry *registry);
