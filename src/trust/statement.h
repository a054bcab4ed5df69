#pragma once

/* in-toto statements, version 1 (https://github.com/in-toto/attestation, spec/v1/statement.md). A
 * statement makes a claim (the predicate) about artifacts (the subjects). */

#include <cjson/cJSON.h>

#include "base/map.h"
#include "trust/dsse.h"

#define STATEMENT_PAYLOAD_TYPE "application/vnd.in-toto+json"
#define STATEMENT_TYPE         "https://in-toto.io/Statement/v1"
#define STATEMENT_TYPE_OLD     "https://in-toto.io/Statement/v0.1"

typedef struct Statement {
        const char *predicate_type;
        Map digests;      /* digests of all subjects, in algorithms of OCI */
        cJSON *predicate; /* an object; NULL: none */
        cJSON *json;      /* owns predicate */
} Statement;

/* Reads the payload of an envelope. Texts are in the arena. ERROR_INVALID: the payload has another
 * type, or is not a statement. ERROR_HOSTILE: a key is repeated. */
int statement_read(const DsseEnvelope *envelope, Arena *arena, Statement *ret, Error *err);
/* Same, but also accepts version 0.1, which has the same fields. Other programs still write it. */
int statement_read_any(const DsseEnvelope *envelope, Arena *arena, Statement *ret, Error *err);
void statement_done(Statement *statement); /* {0} is valid */
