#pragma once

/* Prints lists of objects as tables. */

#include "ctl/options.h"
#include "ctl/print/table.h"

#define LIST_CONDITIONS "@conditions" /* the column reports problems */
#define LIST_MEMBERS    "@members"    /* the column shows the members of a group */
#define LIST_SELECTOR   "@selector"   /* the column shows the labels that a calendar selects by */
#define LIST_COMMIT     "@commit"     /* the column shows the beginning of a commit's id */
#define LIST_PULL       "@pull"       /* the column shows number and state of a pull request */
#define LIST_CHANNELS   "@channels"   /* the column shows the heads of the channels */

typedef struct ListKind {
        const char *one, *many;
        const char *path;  /* path of the list; path/NAME is a single object */
        const char *below; /* for a list of one object, such as the versions of a component: the
                              rest of the path after the object's name; NULL: for other lists */
        const char *columns[TABLE_COLUMNS_MAX];
        const char *members[TABLE_COLUMNS_MAX];
        /* the list of all has pages; with `below` it is at /MANY */
        bool has_pages;
} ListKind;

const ListKind *list_kind(const char *word); /* NULL if there is no such kind */
int list_get(CtlOptions *options, const ListKind *kind, const char *name, Error *err);
/* Same as table_of(), but a list of all tenants gets a first column TENANT. */
int list_table(Table *table, CtlOptions *options, const char *const *columns);
const char *list_conditions(const Node *object, Arena *arena);
