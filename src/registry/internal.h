#pragma once

/* Declarations that the files of this folder share.
 *
 * A RegistryCall is one question (tags, a digest, a manifest) and may take several requests. Each
 * request goes through request_start(), which adds authorization. After a 401 it reads from the
 * answer how to log in, and retries once. */

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/map.h"
#include "registry/credentials.h"
#include "registry/document.h"
#include "registry/helper.h"
#include "registry/registry.h"
#include "registry/token.h"
#include "registry/wire/challenge.h"

typedef enum AuthScheme {
        AUTH_UNKNOWN, /* the registry has sent no challenge, so requests have no credentials */
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
        Arena arena; /* owns the texts of auth */
        RegistryAuth auth;
        Helper *helper; /* running, or ended (helper_ended) and not freed yet */
        bool helper_ended;
        bool is_layout; /* a directory, not a server */
        usec_t lacked_referrers_at;
        bool has_token; /* dockerConfig holds a bearer token */
        /* dockerConfig has other credentials for other repositories, so it is read for each request
         */
        bool is_scoped;
        /* the last lookup in dockerConfig or by the helper found no credentials */
        bool is_anonymous;
        Credentials helped; /* the last answer of the helper */
        /* time of the last lookup, monotonic; 0: none that can be used again */
        usec_t helped_at;
        RegistryCall *login_first, *login_last; /* calls that wait for the helper */
        /* number of the next answer of the helper: it releases the calls that begin to wait now */
        unsigned login_round;
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
        char *mirror_name;   /* of a mirror: see model/mirror-name.h; NULL: the same names */
        RegistryCall *calls; /* all calls in progress */
        bool is_closing;     /* registry_free() has begun: no new calls */
};

/* The credentials that a request uses. */
typedef enum RequestAuth {
        REQUEST_AS_REGISTRY, /* with the credentials that the registry's challenge requires */
        REQUEST_ANONYMOUS,
        REQUEST_BASIC, /* user and password, if there are any, before a challenge */
} RequestAuth;

/* what a request about a manifest asks; all but the first name it by digest */
typedef enum Question {
        QUESTION_RESOLVE, /* the digest of a tag */
        QUESTION_CHECK,
        QUESTION_FETCH,
        QUESTION_INSPECT,
        QUESTION_READ, /* the manifest alone */
} Question;

typedef void (*AnswerDone)(RegistryCall *call, const HttpResponse *response, const Error *error);

/* The state of a call. Each file of this folder has its own members in it. */
struct RegistryCall {
        Registry *registry;
        RegistryCall *next, *previous; /* in registry->calls */
        RegistryCall *waiting_next;    /* next of the calls that wait for the same token or login */
        unsigned waiting_round;        /* round in which it began to wait */
        Token *waiting_for;
        bool waits_for_login;
        LoginReady ready; /* called when the wait ends */
        char *repository;
        char *scope; /* of its token; NULL: none was requested yet */
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
        BudgetShare share;            /* share of the memory for answers */
        usec_t waits_since, waited;   /* when it began to wait for memory; total time of waiting */

        /* called when the call is complete */
        TagsDone tags_done;
        ManifestDone manifest_done;
        DocumentDone document_done;
        Question question;
        char *reference; /* tag or digest */
        /* reference was a tag and is now its digest: a later failure still answers with it */
        bool is_resolved;
        size_t next_mirror;
        RegistryCall *inner; /* the call to a mirror, or for the next part of an image */
        Error error;         /* the error of the registry, because of which a mirror is used */
        int (*ask_mirror)(RegistryCall *call, Registry *mirror, ManifestReceiver receiver,
                          Error *err);  /* sends the question to a mirror */
        struct TagPages *pages;         /* state of tags.c */
        struct ManifestFetch *fetch;    /* state of manifest.c */
        struct ImagesCheck *images;     /* state of images.c */
        struct ReferrerList *referrers; /* state of referrers.c */
        char *first_url;                /* state of document.c */
        /* frees pages, fetch, images or referrers, whichever is set; NULL: none is */
        void (*free_part)(RegistryCall *call);
        int layout;             /* layout.c: a LayoutQuestion */
        char *known_digest;     /* state of layout.c */
        sd_event_source *later; /* the timer of layout.c */
};

/* call.c */
int call_set_canceled(const Registry *registry, Error *err);
int call_new(Registry *registry, const char *repository, void *userdata, RegistryCall **ret,
             Error *err);
RegistryCall *call_free(RegistryCall *call);
DEFINE_FREEP(RegistryCall, call_free)
/* Calls manifest_done, then frees the call. */
void call_complete(RegistryCall *call, const Manifest *manifest, const Error *error);

/* request.c: request_start() sends a request. answer is called once, with a response of any status
 * or an error. After a 401 the request may be sent again with another login before. Takes ownership
 * of url, also on failure. */
typedef struct RequestPlan {
        HttpMethod method;
        char *url;
        const char *const *headers;
        size_t body_max;
        RequestAuth auth;
        bool is_pull; /* a GET of a manifest, which some registries count as a pull */
        AnswerDone answer;
} RequestPlan;
int request_start(RegistryCall *call, const RequestPlan *plan, Error *err);
/* Sends the same request again when there is memory for the answer. */
void request_send_with_room(RegistryCall *call);

/* login.c: login_read() reads the credentials from a file, or copies those of the last helper. */
int login_read(Registry *registry, const char *repository, Credentials *ret, Error *err);
/* Makes sure that credentials were looked up. Returns 0 if they were. Returns 1 if the call waits
 * for a credential helper, and calls ready when the helper has answered. */
int login_wait(RegistryCall *call, LoginReady ready, Error *err);
void login_leave(RegistryCall *call);

/* answer-error.c: sets an Error for an unexpected answer, and returns its code. The status decides
 * its kind. The message quotes that of the registry. */
int answer_error(const RegistryCall *call, const HttpResponse *response, Error *err);

/* mirror.c: mirror_ask() sends the question to the next mirror and returns true. If it returns
 * false, complete the call with call->error if it is set, else with error. */
bool mirror_ask(RegistryCall *call, const Error *error);

/* fall-back.c: fall_back_is_on() returns true if OCI's list must be read without a request to the
 * vendor's API. fall_back_refused() records that the vendor's API refused, and that OCI's list was
 * read. fall_back_worked() records that the vendor's list was read. now is monotonic. */
bool fall_back_is_on(const Registry *registry, const char *repository, usec_t now);
void fall_back_refused(Registry *registry, const char *repository, usec_t now);
void fall_back_worked(Registry *registry, const char *repository);
/* fall_back_lists_all() returns true if the vendor's list is known to be complete.
 * fall_back_checked() records whether it is. */
bool fall_back_lists_all(const Registry *registry, const char *repository, usec_t now);
void fall_back_checked(Registry *registry, const char *repository, bool lists_all, usec_t now);
void fall_backs_free(Registry *registry);

/* head.c: head_works() returns true if HEAD is used for manifests. head_is_refused() returns true
 * if GET may work after HEAD got this status. head_note_get() records the status of that GET. now
 * is monotonic. */
bool head_works(const Registry *registry, usec_t now);
bool head_is_refused(const Registry *registry, const char *repository, unsigned status, usec_t now);
void head_note_get(Registry *registry, const char *repository, unsigned status, usec_t now);
void head_notes_free(Registry *registry);
