#pragma once

/* The persons behind local users: api.people of the configuration. Plain data. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

typedef struct LocalPerson {
        uid_t uid;
        const char *person;
} LocalPerson;

typedef struct LocalPeople {
        LocalPerson *items;
        size_t n;
} LocalPeople;

/* Returns the person of a local user; NULL: the configuration names none. Pure. */
const char *local_people_find(const LocalPeople *people, uid_t uid);

/* Begins an entry that names a Group, in a list of persons. */
#define PERSON_GROUP "group:"

/* True if the text begins with PERSON_GROUP. Does not check the name of the Group. */
bool person_is_group(const char *text);

/* True for one printable word of at most PERSON_SIZE_MAX bytes that does not name a Group. */
bool person_is_valid(const char *text);
