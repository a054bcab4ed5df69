#include "verify/verification.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits-trust.h"
#include "base/limits.h"
#include "model/image/image.h"
#include "registry/document.h"
#include "verify/check-layer.h"
#include "verify/unmet.h"

#define VERIFICATION_ARENA_MAX ((size_t)16 * MANIFEST_MAX)
#define RULE_NAME_SIZE         40
#define DETAIL_MAX             4096 /* bytes; what does not fit is not reported */

typedef enum Search {
        SEARCH_REFERRERS,
        SEARCH_FALLBACK,
        SEARCH_SIG,
        SEARCH_ATT,
        SEARCH_END,
} Search;

struct Verification {
        Registry *registry;
        const VerifyPolicy *policy;
        VerificationReceiver receiver;
        const char *repository, *digest;
        Arena arena;
        Arena work; /* memory for one signature */
        Buffer detail;
        RegistryCall *call;

        Search order[SEARCH_END], search;
        size_t n_searches; /* searches that were begun or skipped */
        const char *where; /* where it searches, for the report */
        const char *page;  /* the next page of the list; NULL: none */
        unsigned n_pages;
        Referrers referrers;
        size_t next_referrer;
        const char *manifest; /* digest of the manifest with the layers; NULL: that of a tag */
        SignatureLayers layers;
        size_t next_layer;
        Bytes image;      /* the manifest of the image, if a signature needs it */
        Bytes layer_data; /* the layer that waits for the image */

        bool met[VERIFY_RULES_MAX], tried[VERIFY_RULES_MAX];
        size_t n_met, n_signatures, n_manifests;
        bool is_unreachable;
        usec_t until;    /* wall: when the result ends; USEC_INFINITY: never */
        usec_t began_at; /* wall */
};

static void go_on(Verification *v);

static Verification *verification_free(Verification *v)
{
        if (!v)
                return NULL;
        registry_call_cancel(v->call);
        buffer_done(&v->detail);
        arena_done(&v->arena);
        arena_done(&v->work);
        free(v);
        return NULL;
}

Verification *verification_cancel(Verification *verification)
{
        return verification_free(verification);
}

/* --- the report ------------------------------------------------------------------------------- */

_printf_(2, 3) static void note(Verification *v, const char *format, ...)
{
        const char *text;
        va_list ap;
        char *all;

        va_start(ap, format);
        if (vasprintf(&all, format, ap) < 0)
                all = NULL;
        va_end(ap);
        text = all ? all : "out of memory";
        if (v->detail.size + strlen(text) + 2 * DIGEST_SIZE_MAX < DETAIL_MAX)
                (void)buffer_printf(&v->detail, "%s%s: %s", v->detail.size > 0 ? "; " : "",
                                    v->where, text);
        free(all);
}

static void complete(Verification *v, const Signature *signature, const Error *error)
{
        VerificationReceiver receiver = v->receiver;

        receiver.done(signature, error, receiver.userdata);
        verification_free(v);
}

static void fail(Verification *v, Error *error)
{
        complete(v, NULL, error);
        error_done(error);
}

/* Ends with a valid result. beginning: of the detail, in the arena; NULL: memory ran out. */
static void end_valid(Verification *v, Signature *signature, const char *beginning)
{
        Error error = { 0 };

        signature->detail =
                beginning ? arena_printf(&v->arena, "%s (%s)", beginning, v->detail.data) : NULL;
        if (signature->detail)
                complete(v, signature, NULL);
        else {
                (void)error_oom(&error);
                fail(v, &error);
        }
}

/* Ends although a rule with mode warn is not met. */
static void tolerate(Verification *v, Signature *signature, size_t rule)
{
        signature->is_tolerated = true;
        end_valid(v, signature,
                  arena_printf(&v->arena, SIGNATURE_TOLERATED ": verify[%zu] has mode warn, and %s",
                               rule,
                               v->is_unreachable ? "the signatures cannot be read"
                               : v->tried[rule]  ? "no signature is valid"
                                                 : "there is no signature"));
}

/* Returns the result if enforced rules are not met. */
static SignatureResult failed_result(const Verification *v)
{
        for (size_t i = 0; i < v->policy->n; i++)
                if (v->policy->items[i].mode == VERIFY_ENFORCE && !v->met[i] && v->tried[i])
                        return SIGNATURE_INVALID;
        return SIGNATURE_MISSING;
}

static void end(Verification *v)
{
        const bool passes = unmet_find(v->policy, v->met, VERIFY_ENFORCE) == v->policy->n;
        const size_t warned = unmet_find(v->policy, v->met, VERIFY_WARN);
        Signature signature = { .policy = v->policy->digest,
                                .result = passes ? SIGNATURE_VALID : failed_result(v),
                                .detail = v->detail.data,
                                .at = v->began_at };
        char until[TIME_TEXT_SIZE];
        Error error = { 0 };

        if (!passes && v->is_unreachable) {
                (void)error_set(&error, ERROR_UNREACHABLE, SIGNATURE_UNREACHABLE,
                                "the signatures of %s cannot be read: %s", v->digest,
                                v->detail.data);
                fail(v, &error);
        } else if (passes && warned < v->policy->n)
                tolerate(v, &signature, warned);
        else if (passes && v->until < USEC_INFINITY) {
                signature.until = v->until;
                end_valid(v, &signature,
                          arena_printf(&v->arena, "valid until %s", time_format(v->until, until)));
        } else
                complete(v, &signature, NULL);
}

/* Handles the failure of a request. Returns false if the verification has ended. */
static bool take_failure(Verification *v, const char *what, const Error *error)
{
        switch (error->kind) {
        case ERROR_CANCELED:
        case ERROR_INTERNAL: complete(v, NULL, error); return false;
        case ERROR_NOT_FOUND: note(v, "%s", what); return true;
        case ERROR_UNREACHABLE:
        case ERROR_DENIED: v->is_unreachable = true; break;
        default: break;
        }
        note(v, "%s", error_message(error));
        return true;
}

/* --- signatures ------------------------------------------------------------------------------- */

/* Returns which of several rules a note is about; "" if there is one. */
static const char *rule_name(const Verification *v, size_t i, char ret[RULE_NAME_SIZE])
{
        ret[0] = '\0';
        if (v->policy->n > 1)
                (void)snprintf(ret, RULE_NAME_SIZE, " for verify[%zu]", i);
        return ret;
}

/* Checks the signature against the rules that are not met yet. */
static int check_rules(Verification *v, const LayerQuestion *question, const ReadLayer *read,
                       Error *err)
{
        const SignatureLayer *layer = question->layer;
        char name[RULE_NAME_SIZE];
        int r = 0;

        for (size_t i = 0; i < v->policy->n && r >= 0; i++) {
                Error error = { 0 };
                LayerSigner signer;

                if (v->met[i] || !layer_concerns(read, &v->policy->items[i]))
                        continue;
                r = layer_verify(question, read, &v->policy->items[i], &v->work, &signer, &error);
                if (r >= 0) {
                        v->met[i] = true;
                        v->n_met++;
                        if (signer.until > 0)
                                v->until = MIN(v->until, signer.until);
                        note(v, "%s %s%s is signed by %s", layer_name(layer), layer->digest,
                             rule_name(v, i, name), signer.text);
                } else if (error.kind == ERROR_INTERNAL) {
                        error_move(err, &error);
                        return r;
                } else {
                        note(v, "%s %s%s: %s", layer_name(layer), layer->digest,
                             rule_name(v, i, name), error_message(&error));
                        r = 0;
                }
                error_done(&error);
        }
        return r;
}

static int start_request(Verification *v, DocumentKind kind, const char *reference,
                         DocumentDone done, Error *err);

static void on_image(const Document *document, const Error *error, void *userdata);

/* True if a rule that is not met requests what the layer has. */
static bool is_wanted(const Verification *v, const ReadLayer *read)
{
        for (size_t i = 0; i < v->policy->n; i++)
                if (!v->met[i] && layer_concerns(read, &v->policy->items[i]))
                        return true;
        return false;
}

/* Records that a signature is checked. If it cannot be read (NULL), any rule of its kind may have
 * requested it. */
static void count_signature(Verification *v, const SignatureLayer *layer, const ReadLayer *read)
{
        v->n_signatures++;
        for (size_t i = 0; i < v->policy->n; i++) {
                const VerifyDemand *demand = &v->policy->items[i];

                if (read ? layer_concerns(read, demand) : layer_may_concern(layer, demand))
                        v->tried[i] = true;
        }
}

/* Checks a layer that was read. Returns 1 if the manifest of the image is requested first. */
static int check_read(Verification *v, const LayerQuestion *question, const ReadLayer *read,
                      Error *err)
{
        const SignatureLayer *layer = question->layer;
        int r;

        if (!is_wanted(v, read)) {
                if (read->statement.predicate_type)
                        note(v, "%s %s is an attestation (%s) that no rule requests",
                             layer_name(layer), layer->digest, read->statement.predicate_type);
                else
                        note(v, "%s %s is a signature, not an attestation", layer_name(layer),
                             layer->digest);
                return 0;
        }
        if (read->needs_image && v->image.size == 0) {
                v->layer_data = question->data;
                r = start_request(v, DOCUMENT_MANIFEST, v->digest, on_image, err);
                return r < 0 ? r : 1;
        }
        count_signature(v, layer, read);
        return check_rules(v, question, read, err);
}

/* Checks the bytes of the last layer. Returns as check_read(). */
static int check_layer(Verification *v, Bytes data, Error *err)
{
        const SignatureLayer *layer = &v->layers.items[v->next_layer - 1];
        const LayerQuestion question = { .layer = layer,
                                         .data = data,
                                         .digest = v->digest,
                                         .image = v->image,
                                         .now = v->began_at };
        _cleanup_(read_layer_done) ReadLayer read = { 0 };
        Error error = { 0 };

        if (layer_read(&question, &v->work, &read, &error) >= 0)
                return check_read(v, &question, &read, err);
        if (error.kind == ERROR_INTERNAL) {
                int r = error.code;

                error_move(err, &error);
                return r;
        }
        count_signature(v, layer, NULL);
        note(v, "%s %s: %s", layer_name(layer), layer->digest, error_message(&error));
        error_done(&error);
        return 0;
}

static Bytes keep(const Document *document, Arena *arena)
{
        char *copy = arena_alloc_bytes(arena, document->size + 1);

        if (!copy)
                return (Bytes){ 0 };
        memcpy(copy, document->data, document->size);
        copy[document->size] = '\0';
        return (Bytes){ (const unsigned char *)copy, document->size };
}

static void after_layer(Verification *v, int r, Error *error)
{
        if (r < 0)
                fail(v, error);
        else if (r == 0)
                go_on(v);
}

static void on_layer(const Document *document, const Error *error, void *userdata)
{
        Verification *v = userdata;
        Error own = { 0 };
        Bytes data;

        v->call = NULL;
        if (error) {
                if (error->kind == ERROR_HOSTILE)
                        count_signature(v, &v->layers.items[v->next_layer - 1], NULL);
                if (take_failure(v, "a signature is listed, but does not exist", error))
                        go_on(v);
                return;
        }
        arena_clear(&v->work);
        data = keep(document, &v->work);
        after_layer(v, data.data ? check_layer(v, data, &own) : error_oom(&own), &own);
}

static void on_image(const Document *document, const Error *error, void *userdata)
{
        Verification *v = userdata;
        Error own = { 0 };

        v->call = NULL;
        if (error) {
                if (take_failure(v, "the image does not exist", error))
                        go_on(v);
                return;
        }
        v->image = keep(document, &v->arena);
        after_layer(v, v->image.data ? check_layer(v, v->layer_data, &own) : error_oom(&own), &own);
}

/* --- manifests and lists ---------------------------------------------------------------------- */

/* Removes layers that cannot meet a rule, and reports those that are no valid signatures. */
static void sort_out_layers(Verification *v)
{
        const size_t n = v->layers.n;

        v->layers.n = 0;
        for (size_t i = 0; i < n; i++) {
                const SignatureLayer *layer = &v->layers.items[i];

                if (!unmet_may_take(v->policy, v->met, layer)) {
                        if (!unmet_may_take(v->policy, NULL, layer))
                                note(v, "%s %s: no entry of verify requests this kind",
                                     layer_name(layer), layer->digest);
                } else if (layer->fault) {
                        count_signature(v, layer, NULL);
                        note(v, "%s %s: %s", layer_name(layer), layer->digest, layer->fault);
                } else
                        v->layers.items[v->layers.n++] = *layer;
        }
}

static void on_manifest(const Document *document, const Error *error, void *userdata)
{
        Verification *v = userdata;
        Error own = { 0 };

        v->call = NULL;
        v->layers = (SignatureLayers){ 0 };
        v->next_layer = 0;
        if (error) {
                if (take_failure(v,
                                 v->manifest ? "a manifest is listed, but does not exist"
                                             : "does not exist",
                                 error))
                        go_on(v);
                return;
        }
        if (signature_layers_read(document->data, document->size, &v->arena, &v->layers, &own) <
            0) {
                if (own.kind == ERROR_INTERNAL) {
                        fail(v, &own);
                        return;
                }
                note(v, "%s", error_message(&own));
                error_done(&own);
        } else if (v->layers.n == 0)
                note(v, "%s has no signature", v->manifest ? v->manifest : "its manifest");
        sort_out_layers(v);
        go_on(v);
}

/* Reads a list of referrers. A registry may answer another document, such as a page for people. */
static int take_list(Verification *v, const Document *document, Error *err)
{
        Error error = { 0 };
        int r = referrers_read(document->data, document->size, unmet_makers(v->policy, v->met),
                               &v->arena, &v->referrers, &error);

        v->next_referrer = 0;
        v->n_pages++;
        v->page = r >= 0 && document->next ? arena_strdup(&v->arena, document->next) : NULL;
        if (r >= 0) {
                if (v->referrers.n == 0 && !v->page)
                        note(v, "%zu manifests, none of a signature", v->referrers.n_others);
                return document->next && !v->page ? error_oom(err) : 0;
        }
        if (error.kind == ERROR_INTERNAL) {
                error_move(err, &error);
                return r;
        }
        note(v, "%s", error_message(&error));
        error_done(&error);
        return 0;
}

static void on_list(const Document *document, const Error *error, void *userdata)
{
        Verification *v = userdata;
        Error own = { 0 };

        v->call = NULL;
        if (error) {
                v->page = NULL;
                if (take_failure(v,
                                 v->search == SEARCH_REFERRERS ? "the registry has none"
                                                               : "does not exist",
                                 error))
                        go_on(v);
                return;
        }
        if (take_list(v, document, &own) < 0)
                fail(v, &own);
        else
                go_on(v);
}

/* --- requests --------------------------------------------------------------------------------- */

static int start_request(Verification *v, DocumentKind kind, const char *reference,
                         DocumentDone done, Error *err)
{
        const DocumentQuestion question = {
                .kind = kind, .repository = v->repository, .reference = reference, .page = v->page
        };

        return registry_read_document(v->registry, &question, (DocumentReceiver){ done, v },
                                      &v->call, err);
}

/* Returns the ending of the tag of a search. */
static const char *tag_ending(Search search)
{
        return search == SEARCH_SIG ? ".sig" : search == SEARCH_ATT ? ".att" : "";
}

/* True if a rule that is not met requests what the search may find. */
static bool is_search_wanted(const Verification *v, Search search)
{
        if (search < SEARCH_SIG)
                return true;
        for (size_t i = 0; i < v->policy->n; i++)
                if (!v->met[i] &&
                    streq(demand_tag_ending(&v->policy->items[i]), tag_ending(search)))
                        return true;
        return false;
}

static int begin_search(Verification *v, Error *err)
{
        char beginning[REFERRERS_TAG_MAX];
        const char *tag;

        v->manifest = NULL;
        if (v->search == SEARCH_REFERRERS) {
                v->where = "referrers API";
                return start_request(v, DOCUMENT_REFERRERS, v->digest, on_list, err);
        }
        tag_of_referrers(v->digest, beginning);
        tag = arena_printf(&v->arena, "%s%s", beginning, tag_ending(v->search));
        v->where = tag ? arena_printf(&v->arena, "tag '%s'", tag) : NULL;
        if (!v->where)
                return error_oom(err);
        return start_request(v, DOCUMENT_MANIFEST, tag,
                             v->search == SEARCH_FALLBACK ? on_list : on_manifest, err);
}

/* Begins the next search that may meet a rule. Returns 0 if there is none. */
static int next_search(Verification *v, Error *err)
{
        int r;

        do {
                if (v->n_searches == SEARCH_END)
                        return 0;
                v->search = v->order[v->n_searches++];
        } while (!is_search_wanted(v, v->search));
        r = begin_search(v, err);
        return r < 0 ? r : 1;
}

/* Sets the order of the searches. A registry that had no API for referrers a short time ago is
 * asked for it last, because another search will probably find the signatures. */
static void set_order(Verification *v, usec_t recheck_interval)
{
        const usec_t at = registry_lacked_referrers_at(v->registry);
        const size_t shift = at > 0 && at + recheck_interval > time_monotonic();

        for (size_t i = 0; i < SEARCH_END; i++)
                v->order[i] = (Search)((i + shift) % SEARCH_END);
}

/* Starts the next request, or ends. */
static void go_on(Verification *v)
{
        bool may_read = v->n_met < v->policy->n && v->n_manifests < IMAGE_SIGNATURES_MAX &&
                        v->n_signatures < IMAGE_SIGNATURES_MAX;
        Error error = { 0 };
        int r = 0;

        if (may_read && v->next_layer < v->layers.n)
                r = start_request(v, DOCUMENT_BLOB, v->layers.items[v->next_layer++].digest,
                                  on_layer, &error);
        else if (may_read && v->next_referrer < v->referrers.n) {
                v->manifest = v->referrers.digests[v->next_referrer++];
                v->n_manifests++;
                r = start_request(v, DOCUMENT_MANIFEST, v->manifest, on_manifest, &error);
        } else if (may_read && v->page && v->n_pages < REFERRER_PAGES_MAX)
                r = start_request(v, DOCUMENT_REFERRERS, v->digest, on_list, &error);
        else {
                r = may_read ? next_search(v, &error) : 0;
                if (!may_read && v->n_met < v->policy->n)
                        note(v, "more than %d manifests or signatures; others were not read",
                             IMAGE_SIGNATURES_MAX);
                if (r == 0)
                        end(v);
        }
        if (r < 0)
                fail(v, &error);
}

int verification_start(const VerificationQuestion *question, VerificationReceiver receiver,
                       Verification **ret, Error *err)
{
        Verification *v = calloc(1, sizeof(*v));
        int r;

        if (!v)
                return error_oom(err);
        *v = (Verification){ .registry = question->registry,
                             .policy = question->policy,
                             .receiver = receiver,
                             .until = USEC_INFINITY,
                             .began_at = time_wall() };
        arena_init(&v->arena, VERIFICATION_ARENA_MAX);
        arena_init(&v->work, VERIFICATION_ARENA_MAX);
        buffer_init(&v->detail, DETAIL_MAX);
        v->repository = arena_strdup(&v->arena, question->repository);
        v->digest = arena_strdup(&v->arena, question->digest);
        set_order(v, question->recheck_interval);
        r = v->arena.failed ? error_oom(err) : next_search(v, err);
        if (r < 0)
                verification_free(v);
        else
                *ret = v;
        return r;
}
