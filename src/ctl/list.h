#pragma once

/* Lists of objects as tables. */

#include "ctl/options.h"
#include "ctl/print/table.h"

#define LIST_CONDITIONS "@conditions" /* what is not as it should be */
#define LIST_CHANNELS   "@channels"   /* their heads */

typedef struct ListKind {
        const char *one, *many;
        const char *path;  /* of all; of one: path/NAME */
        const char *below; /* lists what belongs to NAME: path NAME below; NULL: no */
        const char *columns[TABLE_COLUMNS_MAX];
        const char *members[TABLE_COLUMNS_MAX];
        bool has_pages;
} ListKind;

const ListKind *list_kind(const char *word); /* NULL if it is none */
int list_get(CtlOptions *options, const ListKind *kind, const char *name, Error *err);
const char *list_conditions(const Node *object, Arena *arena);
