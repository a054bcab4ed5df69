#pragma once

/* Reads manifests, blobs and lists of referrers as bytes, such as those of signatures. */

#include "registry/registry.h"

/* The documents that registry_read_document() reads. */
typedef enum DocumentKind {
        DOCUMENT_MANIFEST,  /* the reference is a tag or a digest */
        DOCUMENT_BLOB,      /* the reference is a digest */
        DOCUMENT_REFERRERS, /* the index of the manifests that refer to a digest, a page at a time
                             */
} DocumentKind;

typedef struct DocumentQuestion {
        DocumentKind kind;
        const char *repository, *reference;
        const char *page; /* Document.next of the page before; NULL: the first page */
} DocumentQuestion;

typedef struct Document {
        const char *data;
        size_t size;
        const char *next; /* DOCUMENT_REFERRERS: names the next page; NULL: there is none */
} Document;

typedef void (*DocumentDone)(const Document *document, const Error *error, void *userdata);

typedef struct DocumentReceiver {
        DocumentDone done;
        void *userdata;
} DocumentReceiver;

/* Reads the bytes of a manifest, a blob or a list of referrers, of at most MANIFEST_MAX bytes.
 * Bytes that a digest names are verified; others are not. Asks no mirror. ERROR_NOT_FOUND: it does
 * not exist, or the registry has no API for referrers. */
int registry_read_document(Registry *registry, const DocumentQuestion *question,
                           DocumentReceiver receiver, RegistryCall **ret, Error *err);

/* Returns the monotonic time at which the registry last answered that it has no API for referrers;
 * 0: never. */
usec_t registry_lacked_referrers_at(const Registry *registry);
