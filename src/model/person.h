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

/* Returns the person of a local user; NULL: none is given. Pure. */
const char *local_people_find(const LocalPeople *people, uid_t uid);

/* The prefix of the name of a Group in a list of persons. */
#define PERSON_GROUP "group:"

/* True for the entry of a Group, whatever its name. */
bool person_is_group(const char *text);

/* True for one printable word of at most PERSON_SIZE_MAX bytes that does not name a Group. */
bool person_is_valid(const char *text);
