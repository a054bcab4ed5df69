/* Reads the data of events for delivery. */

#include <errno.h>

#include "event/internal.h"
#include "model/json.h"
#include "store/pages.h"

/* maximum size of the list of release ids of a batch, at most two ids for each event */
#define IDS_MAX ((size_t)64 * 1024)

const char *parsed_event_text(const ParsedEvent *parsed, const char *key)
{
        const Node *value = node_get(parsed->data, key);

        return value && value->type == NODE_SCALAR ? value->text : "";
}

const ReleaseComponent *parsed_event_component(const Release *release, const char *id)
{
        return release ? release_component_find(&release->components, id) : NULL;
}

/* --- releases --------------------------------------------------------------------------------- */

static bool is_of_release(const Event *event)
{
        return event->type == EVENT_RELEASE_PROMOTED || event->type == EVENT_RELEASE_DEPLOYED ||
               event->type == EVENT_RELEASE_ROLLED_BACK || event->type == EVENT_RELEASE_READY;
}

static void ids_add(Buffer *ids, const char *id)
{
        if (id && uuid_is_valid(id))
                (void)buffer_printf(ids, "%s\"%s\"", ids->size > 1 ? "," : "", id);
}

/* Returns the id of the previous release in the data of an event; NULL if there is none. */
static const char *from_release(const Event *event, Arena *arena)
{
        _cleanup_(error_done) Error error = { 0 };
        const Node *id;
        Node *data;

        if (event->type == EVENT_RELEASE_READY ||
            json_to_node(event->data, strlen(event->data), arena, &data, &error) < 0)
                return NULL;
        id = node_get(data, "fromReleaseId");
        return id && id->type == NODE_SCALAR ? id->text : NULL;
}

void event_releases_read(Store *store, const Event *events, size_t n, Arena *arena,
                         EventReleases *ret)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(buffer_done) Buffer ids;

        *ret = (EventReleases){ .is_read = true };
        buffer_init(&ids, IDS_MAX);
        (void)buffer_putc(&ids, '[');
        for (size_t i = 0; i < n; i++) {
                if (!is_of_release(&events[i]))
                        continue;
                ids_add(&ids, events[i].object_id);
                ids_add(&ids, from_release(&events[i], arena));
        }
        if (ids.size == 1)
                return;
        (void)buffer_putc(&ids, ']');
        ret->is_read = !ids.failed &&
                       store_page_releases(store, ids.data, arena, &ret->releases, &error) >= 0;
}

/* Sets *ret to a release; NULL if it was deleted or id is "". A release does not change, so a
 * repeated request has the same data. */
static int read_release(Store *store, const char *id, const EventReleases *known, Arena *arena,
                        const Release **ret, Error *err)
{
        Release *release;
        int r;

        *ret = NULL;
        for (size_t i = 0; known->is_read && i < known->releases.n; i++)
                if (streq(known->releases.items[i].id.text, id))
                        *ret = &known->releases.items[i];
        if (known->is_read || !id[0])
                return 0;
        release = arena_alloc(arena, sizeof(*release));
        if (!release)
                return error_oom(err);
        r = store_release(store, id, arena, release, err);
        if (r > 0)
                *ret = release;
        return MIN(r, 0);
}

int parsed_event_read(Store *store, const Event *event, const EventReleases *known, Arena *arena,
                      ParsedEvent *ret, Error *err)
{
        Node *data;
        int r;

        *ret = (ParsedEvent){ .event = event };
        r = json_to_node(event->data, strlen(event->data), arena, &data, err);
        if (r < 0)
                return error_prefix(err, r, "event %lld", (long long)event->sequence);
        ret->data = data;
        if (!is_of_release(event))
                return 0;
        r = read_release(store, event->object_id, known, arena, &ret->to, err);
        if (r >= 0 && event->type != EVENT_RELEASE_READY)
                r = read_release(store, parsed_event_text(ret, "fromReleaseId"), known, arena,
                                 &ret->from, err);
        return r;
}
