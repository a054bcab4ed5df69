#pragma once

/* Builds a JSON array of ids or of pairs of ids, which is a parameter of the queries in pages.h. */

#include "base/buffer.h"
#include "store/store.h"

typedef struct IdList {
        Buffer text; /* freed by id_list_done() */
} IdList;

void id_list_init(IdList *list);
void id_list_done(IdList *list);
void id_list_add(IdList *list, const char *id); /* NULL adds nothing */
void id_list_add_pair(IdList *list, const char *environment_id, const char *release_id);
/* Returns the array as text in the arena; NULL if memory ran out. Ids cannot be added after this
 * call. */
const char *id_list_end(IdList *list, Arena *arena);
