#pragma once

/* Declarations for the files that request content by digest: manifest.c, referrers.c and
 * document.c. */

#include "registry/internal.h"

/* manifest.c: the headers of requests for manifests, for other content and for lists of
 * referrers */
extern const char *const manifest_headers[], *const blob_headers[], *const index_headers[];

/* answer-error.c: answer_check_bytes() returns an error unless the status is 200 and the bytes have
 * the requested digest. answer_refuse_bytes() sets the error about such bytes. */
int answer_check_bytes(const RegistryCall *call, const HttpResponse *response, const char *digest,
                       Error *err);
int answer_refuse_bytes(const RegistryCall *call, Error *err);

/* call.c: same as call_complete(), with document_done. */
void call_complete_document(RegistryCall *call, const Document *document, const Error *error);
