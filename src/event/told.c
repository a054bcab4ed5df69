/* What an event says, ready to be told. */

#include <errno.h>

#include "event/internal.h"
#include "model/json.h"
#include "store/releases.h"

const char *told_text(const Told *told, const char *key)
{
        const Node *value = node_get(told->data, key);

        return value && value->type == NODE_SCALAR ? value->text : "";
}

/* Releases never change, so that this is the same at every try; one that was deleted is left out.
 */
static int read_release(Store *store, const char *id, Arena *arena, const Release **ret, Error *err)
{
        Release *release = arena_alloc(arena, sizeof(*release));
        int r;

        *ret = NULL;
        if (!release)
                return error_oom(err);
        r = id[0] ? store_release(store, id, arena, release, err) : 0;
        if (r > 0)
                *ret = release;
        return MIN(r, 0);
}

int told_read(Store *store, const Event *event, Arena *arena, Told *ret, Error *err)
{
        Node *data;
        int r;

        *ret = (Told){ .event = event };
        r = json_to_node(event->data, strlen(event->data), arena, &data, err);
        if (r < 0)
                return error_prefix(err, r, "event %lld", (long long)event->sequence);
        ret->data = data;
        if (event->type == EVENT_RELEASE_PROMOTED || event->type == EVENT_RELEASE_DEPLOYED) {
                r = read_release(store, event->object_id, arena, &ret->to, err);
                if (r >= 0)
                        r = read_release(store, told_text(ret, "fromReleaseId"), arena, &ret->from,
                                         err);
        } else if (event->type == EVENT_RELEASE_READY)
                r = read_release(store, event->object_id, arena, &ret->to, err);
        return r;
}
