#include "spec/config/config-people.h"

#include <errno.h>
#include <string.h>

#include "base/account.h"
#include "base/limits.h"
#include "base/parse.h"

#define UID "uid:"

/* Converts a user name to its number at startup, so that the running daemon queries no directory
 * service. */
static int people_find_user(const char *text, uid_t *ret)
{
        uint64_t number;

        if (strncmp(text, UID, strlen(UID)) != 0)
                return account_find_user(text, ret);
        if (parse_uint64(text + strlen(UID), &number) < 0 || number >= UINT32_MAX)
                return -EINVAL;
        *ret = (uid_t)number;
        return 0;
}

static int people_check(const Pair *pair, const NodeEntry *entry, const LocalPeople *others,
                        LocalPerson *ret, DiagList *diags)
{
        int r = people_find_user(pair->key, &ret->uid);

        ret->person = pair->value;
        if (r == -EINVAL)
                diag_error(diags, entry->key_place,
                           "field \"people\": \"%s\" is not a user number such as uid:1000",
                           pair->key);
        else if (r == -ENOENT)
                diag_error(diags, entry->key_place,
                           "field \"people\": \"%s\" is not a user of this machine; uid:NUMBER is "
                           "one that need not exist",
                           pair->key);
        else if (r < 0)
                diag_error(diags, entry->key_place, "field \"people\": cannot look up \"%s\": %s",
                           pair->key, strerror(-r));
        else if (!person_is_valid(pair->value))
                diag_error(diags, entry->value->place,
                           "field \"people\": \"%s\" is not a valid person: one word of at most "
                           "%d bytes, which does not begin with " PERSON_GROUP,
                           pair->value, PERSON_SIZE_MAX);
        else if (local_people_find(others, ret->uid))
                diag_error(diags, entry->key_place,
                           "field \"people\": user \"%s\" (uid %u) is person '%s' already; an "
                           "approval must count for one person",
                           pair->key, (unsigned)ret->uid, local_people_find(others, ret->uid));
        else
                return 0;
        return -EINVAL;
}

int config_check_people(const Pairs *pairs, const Node *node, Arena *arena, LocalPeople *ret,
                        DiagList *diags)
{
        int worst = 0;

        *ret = (LocalPeople){ 0 };
        if (!node || pairs->n == 0)
                return 0;
        ret->items = arena_alloc_array(arena, pairs->n, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < pairs->n; i++) {
                const NodeEntry *entry = node->entries;

                while (!streq(entry->key, pairs->items[i].key)) /* pairs are sorted */
                        entry++;
                if (people_check(&pairs->items[i], entry, ret, &ret->items[ret->n], diags) < 0)
                        worst = -EINVAL;
                else
                        ret->n++;
        }
        return worst;
}
