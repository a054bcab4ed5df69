#pragma once

/* Queries about the signed statements of environments. */

#include "model/statement-row.h"
#include "store/releases.h"

/* The end of the chain of an environment. */
typedef struct StatementHead {
        int64_t number;     /* 0: there is no statement */
        const char *digest; /* NULL: there is no statement */
        int64_t n_unsigned; /* rows of history since then, which have no statement */
} StatementHead;

int store_statement_head(Store *store, const char *environment_id, Arena *arena, StatementHead *ret,
                         Error *err);
/* Reads statements by number, the first one first. */
int store_statements(Store *store, const char *environment_id, const Page *page, Arena *arena,
                     StatementRows *ret, Error *err);
