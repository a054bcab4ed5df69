#pragma once

/* What the files of registry share.
 *
 * A RegistryCall is one question (tags, a digest, a manifest) and may take several requests. Each
 * request goes through request_start(): it adds authorization, and after a 401 learns how to log in
 * and tries once more. */

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/map.h"
#include "registry/credentials.h"
#include "registry/helper.h"
#include "registry/registry.h"
#include "registry/token.h"
#include "registry/wire/challenge.h"

typedef enum AuthScheme {
        AUTH_UNKNOWN, /* nothing is sent until the registry asks */
        AUTH_BASIC,
        AUTH_BEARER,
} AuthScheme;

struct Registry {
        HttpClient *http;
        HttpPool *pool;
        char *name;
        char *host; /* for dockerConfig and helpers */
        char *url;  /* without a slash at the end */
        char *credentials_folder;
        Arena arena; /* copies of the spec's auth */
        RegistryAuth auth;
        Helper *helper; /* being asked, or (helper_ended) to be freed */
        bool helper_ended;
        bool is_layout;     /* a directory, not a server */
        bool has_token;     /* dockerConfig holds a bearer token */
        bool is_scoped;     /* dockerConfig differs by repository: it is read for each request */
        bool is_anonymous;  /* dockerConfig or the helper had no credentials, when last asked */
        Credentials helped; /* its last answer */
        usec_t helped_at;   /* monotonic; 0: not asked yet */
        RegistryCall *login_first, *login_last; /* wait for it */
        unsigned login_round;                   /* of calls that begin to wait now */
        AuthScheme scheme;
        char *basic;                       /* "Basic ..." */
        char *realm;                       /* of the Bearer challenge */
        char *service;                     /* likewise; NULL if none */
        Map tokens;                        /* scope -> Token */
        Token *token_first, *token_last;   /* the same, by last use */
        size_t tokens_size;                /* bytes */
        const struct Connector *connector; /* of its own API; NULL: OCI's */
        Map fall_backs;                    /* fall-back.c: repository -> FallBack */
        usec_t get_until;                  /* monotonic; until then GET instead of HEAD: head.c */
        Map vain_gets;                     /* repository -> VainGets */
        Registry **mirrors;                /* asked in this order for content by digest */
        size_t n_mirrors;
        RegistryCall *calls; /* all that are under way */
        bool is_closing;     /* registry_free() has begun: no new calls */
};

/* Who asks. */
typedef enum RequestAuth {
        REQUEST_AS_REGISTRY, /* as the registry has asked us to log in */
        REQUEST_ANONYMOUS,
        REQUEST_BASIC, /* user and password right away, if there are any */
} RequestAuth;

typedef enum Question {   /* about a manifest */
        QUESTION_RESOLVE, /* by tag; the others by digest */
        QUESTION_CHECK,
        QUESTION_FETCH,
        QUESTION_INSPECT,
} Question;

typedef void (*AnswerDone)(RegistryCall *call, const HttpResponse *response, const Error *error);

/* What a question is about; the files of each keep their state here. */
struct RegistryCall {
        Registry *registry;
        RegistryCall *next, *previous; /* in registry->calls */
        RegistryCall *waiting_next;    /* for a token or a login */
        unsigned waiting_round;        /* likewise: calls of earlier rounds are released */
        Token *waiting_for;
        bool waits_for_login;
        char *repository;
        char *scope;
        void *userdata;

        /* the request under way */
        HttpCall *http;
        HttpMethod method;
        char *url;
        const char *const *headers;
        size_t body_max;
        AnswerDone answer;
        RequestAuth auth;
        bool is_pull;
        bool has_token, is_anonymous; /* as of the registry, for this repository */
        bool tried_login;             /* this request was sent again after a 401 */
        char *sent_token;             /* the token it was sent with */
        BudgetShare share;            /* of the memory for answers */
        usec_t waits_since, waited;   /* for room there; in all */

        /* the question */
        TagsDone tags_done;
        ManifestDone manifest_done;
        Question question;
        char *reference; /* tag or digest */
        size_t next_mirror;
        RegistryCall *inner;         /* to a mirror, or of one image */
        Error error;                 /* why mirrors are asked */
        struct TagPages *pages;      /* tags.c */
        struct ManifestFetch *fetch; /* manifest.c */
        struct ImagesCheck *images;  /* images.c */
        int layout;                  /* layout.c: a LayoutQuestion */
        char *known_digest;          /* layout.c */
        sd_event_source *later;      /* layout.c */
};

/* registry.c */
int call_new(Registry *registry, const char *repository, void *userdata, RegistryCall **ret,
             Error *err);
RegistryCall *call_free(RegistryCall *call);
DEFINE_FREEP(RegistryCall, call_free)

/* request.c: sends; answer is told once, with a response of any status but a 401 that login could
 * mend. url is taken over, also on failure. */
typedef struct RequestPlan {
        HttpMethod method;
        char *url;
        const char *const *headers;
        size_t body_max;
        RequestAuth auth;
        bool is_pull; /* a GET of a manifest: some registries count those */
        AnswerDone answer;
} RequestPlan;
int request_start(RegistryCall *call, const RequestPlan *plan, Error *err);
int request_send(RegistryCall *call, Error *err); /* again, as planned */
void request_send_with_room(RegistryCall *call);  /* the same, once there is memory for it */
int request_send_with_token(RegistryCall *call, const char *authorization, Error *err);
void request_failed(RegistryCall *call, const Error *error);

/* login.c: what is known to log in with. */
int login_read(Registry *registry, const char *repository, Credentials *ret, Error *err);
/* 1: the call waits for a credential helper and is sent when that has answered; 0: nothing to wait
 * for. */
int login_wait(RegistryCall *call, Error *err);
void login_leave(RegistryCall *call);

/* answer.c: an Error for an answer that is not what was asked for: its kind by the status, its text
 * with what the registry said. */
int answer_error(const RegistryCall *call, const HttpResponse *response, Error *err);

/* mirror.c: true if a mirror is asked now; else the call is to be told that error, or call->error
 * if that is set. */
bool mirror_ask(RegistryCall *call, const Error *error);
int mirrors_new(Registry *registry, const RegistrySpec *spec, const char *credentials, Error *err);
void mirrors_free(Registry *registry);

/* fall-back.c: whether OCI's list is to be read without asking for the vendor's; notes that the
 * vendor's was refused and OCI's was read; that the vendor's was read. now: monotonic. */
bool fall_back_is_on(const Registry *registry, const char *repository, usec_t now);
void fall_back_refused(Registry *registry, const char *repository, usec_t now);
void fall_back_worked(Registry *registry, const char *repository);
/* Whether the vendor's list is known to hold all tags; notes what a check of it gave. */
bool fall_back_lists_all(const Registry *registry, const char *repository, usec_t now);
void fall_back_checked(Registry *registry, const char *repository, bool lists_all, usec_t now);
void fall_backs_free(Registry *registry);

/* head.c: whether manifests are asked for by HEAD; whether GET may be allowed where HEAD had this
 * status; notes what the GET that followed had. now: monotonic. */
bool head_works(const Registry *registry, usec_t now);
bool head_is_refused(const Registry *registry, const char *repository, unsigned status, usec_t now);
void head_note_get(Registry *registry, const char *repository, unsigned status, usec_t now);
void head_notes_free(Registry *registry);

/* manifest.c: the end of a call. */
void call_tell(RegistryCall *call, const Manifest *manifest, const Error *error);

/* tags.c, manifest.c, images.c */
struct TagPages *tag_pages_free(struct TagPages *pages);
struct ManifestFetch *manifest_fetch_free(struct ManifestFetch *fetch);
struct ImagesCheck *images_check_free(struct ImagesCheck *check);
