#include "model/person.h"

#include <string.h>

#include "base/limits.h"
#include "base/macros.h"
#include "base/text.h"

const char *local_people_find(const LocalPeople *people, uid_t uid)
{
        for (size_t i = 0; i < people->n; i++)
                if (people->items[i].uid == uid)
                        return people->items[i].person;
        return NULL;
}

bool person_is_group(const char *text)
{
        return strncmp(text, PERSON_GROUP, strlen(PERSON_GROUP)) == 0;
}

bool person_is_valid(const char *text)
{
        size_t size = strlen(text);

        return size > 0 && size <= PERSON_SIZE_MAX && text[strcspn(text, " \t,")] == '\0' &&
               !person_is_group(text) && text_is_printable(text, size, TEXT_ONE_LINE, NULL);
}
