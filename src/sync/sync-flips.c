/* Protects against stale replicas of a registry. Behind a load balancer a stale replica and a
 * current one answer in turn: the tag would move to the new digest and back indefinitely.
 * So a move back to the previous digest is accepted only
 * - after FLIP_POLLS passes in a row have seen it, or
 * - if the last move was more than FLIP_INTERVALS poll intervals ago: the move is then a rollback.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "sync/sync.h"

#define FLIP_POLLS     3
#define FLIP_INTERVALS 3

typedef struct Flip {
        unsigned n; /* number of passes in a row that saw the previous digest */
        char tag[];
} Flip;

void sync_flips_clear(ComponentState *component)
{
        map_foreach (&component->flips, entry)
                free(entry->value);
        map_done(&component->flips);
}

static void forget(ComponentState *component, const char *tag)
{
        free(map_remove(&component->flips, tag));
}

static int count(ComponentState *component, const char *tag, unsigned *ret)
{
        Flip *flip = map_get(&component->flips, tag);

        if (!flip) {
                flip = calloc(1, sizeof(*flip) + strlen(tag) + 1);
                if (!flip)
                        return -ENOMEM;
                memcpy(flip->tag, tag, strlen(tag) + 1);
                if (map_put(&component->flips, flip->tag, flip, NULL) < 0) {
                        free(flip);
                        return -ENOMEM;
                }
        }
        *ret = ++flip->n;
        return 0;
}

static bool was_just_before(const TagPasts *history, const char *digest)
{
        return history->n > 0 && streq(history->items[0].digest, digest);
}

int sync_is_flip(Sync *sync, const TagRecord *known, const char *digest, Error *err)
{
        ComponentState *component = sync->component;
        usec_t now = time_wall();
        TagPasts history;
        unsigned n;
        int r;

        if (!known->digest || streq(known->digest, digest)) {
                forget(component, known->tag);
                return 0;
        }
        r = store_tag_history(component->poller->control->store, component->id.text, known->tag,
                              &sync->arena, &history, err);
        if (r < 0)
                return r;
        if (!was_just_before(&history, digest) ||
            now - MIN(now, known->changed_at) > FLIP_INTERVALS * component_interval(component))
                return 0;
        if (count(component, known->tag, &n) < 0)
                return error_oom(err);
        if (n >= FLIP_POLLS) {
                forget(component, known->tag);
                return 0;
        }
        log_info("component '%s': tag '%s' is back at its previous digest %s; not accepted yet",
                 component->subject.name, known->tag, digest);
        return 1;
}

void sync_tell_flips(Sync *sync)
{
        ComponentState *component = sync->component;
        MapEntry *first = NULL;

        map_foreach (&component->flips, entry)
                first = first && strcmp(first->key, entry->key) < 0 ? first : entry;
        sync->flips_told = first != NULL;
        if (first)
                report_condition(
                        &sync->changes, component->subject,
                        (Told){ CONDITION_WARNING, CONDITION_TRUE, "TagFlips", time_wall() },
                        "tag '%s' is back at the digest it had just before; believed when it stays "
                        "so (a stale replica of the registry answers like this)%s",
                        first->key, component->flips.n > 1 ? "; and others" : "");
}
