/* Decides which events a receiver gets. */

#include <errno.h>
#include <stdlib.h>

#include "event/internal.h"
#include "model/json.h"

static bool is_type_wanted(const ReceiverSpec *spec, EventType type)
{
        for (size_t i = 0; i < spec->types.n; i++)
                if (event_type_matches(event_type_to_string(type), spec->types.items[i]))
                        return true;
        return spec->types.n == 0;
}

/* --- labels ----------------------------------------------------------------------------------- */

/* Returns 1 if the object of the event has all labels of the receiver, 0 if not, or a negative
 * errno. A deleted object has no labels. */
static int has_labels(Store *store, const ReceiverSpec *spec, const Event *event, Arena *arena,
                      Error *err)
{
        const Node *labels;
        const char *json;
        Node *document;
        int r;

        r = store_document(store, event->kind, event->object_id, arena, &json, err);
        if (r < 0 && err->kind == ERROR_NOT_FOUND) {
                error_done(err);
                return 0;
        }
        if (r >= 0)
                r = json_to_node(json, strlen(json), arena, &document, err);
        if (r < 0)
                return r;
        labels = node_get(node_get(document, "metadata"), "labels");
        for (size_t i = 0; i < spec->labels.n; i++) {
                const Node *value = node_get(labels, spec->labels.items[i].key);

                if (!value || value->type != NODE_SCALAR ||
                    !streq(value->text, spec->labels.items[i].value))
                        return 0;
        }
        return 1;
}

/* --- thresholds ------------------------------------------------------------------------------- */

/* Returns the nth number of a version, counted from 0. Sets *ret_size to its size, or to 0 if the
 * version has fewer numbers. */
static const char *number_of(const char *version, size_t n, size_t *ret_size)
{
        const char *p = version + strcspn(version, "0123456789");

        for (; n > 0 && *p; n--) {
                p += strspn(p, "0123456789");
                p += *p == '.';
        }
        *ret_size = strspn(p, "0123456789");
        return p;
}

static bool same_number(const char *a, const char *b, size_t n)
{
        size_t a_size, b_size;

        a = number_of(a, n, &a_size);
        b = number_of(b, n, &b_size);
        return a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* Returns how large the change between two versions is. If there was no old version (""),
 * the new version decides: 2.0.0 is major, 2.1.0 minor. */
static EventThreshold change_of(const char *from, const char *to)
{
        static const EventThreshold levels[] = { THRESHOLD_MAJOR, THRESHOLD_MINOR };
        size_t size;

        if (!to[0])
                return THRESHOLD_MAJOR; /* the version was deleted */
        if (streq(from, to))
                return THRESHOLD_DIGEST;
        for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
                if (from[0] && !same_number(from, to, i))
                        return levels[i];
                if (!from[0]) {
                        const char *next = number_of(to, i + 1, &size);

                        if (strspn(next, "0.") == strcspn(next, "-+"))
                                return levels[i];
                }
        }
        return THRESHOLD_PATCH;
}

static EventThreshold change_of_releases(const Release *from, const Release *to)
{
        EventThreshold largest = THRESHOLD_DIGEST;

        for (size_t i = 0; i < to->components.n; i++) {
                const ReleaseComponent *now = &to->components.items[i];
                const ReleaseComponent *before =
                        release_component_find(&from->components, now->component_id);
                EventThreshold change;

                if (before && streq(before->digest, now->digest))
                        continue;
                change = before ? change_of(before->semver ? before->semver : "",
                                            now->semver ? now->semver : "")
                                : THRESHOLD_MAJOR;
                largest = MAX(largest, change);
        }
        return largest;
}

static bool is_large_enough(const ReceiverSpec *spec, const ParsedEvent *parsed)
{
        EventThreshold change;

        if (spec->threshold == THRESHOLD_DIGEST)
                return true;
        switch (parsed->event->type) {
        case EVENT_VERSION_RESOLVED:
        case EVENT_VERSION_UPDATED:
                change = change_of(parsed_event_text(parsed, "fromSemver"),
                                   parsed_event_text(parsed, "semver"));
                break;
        case EVENT_TAG_MOVED: change = THRESHOLD_DIGEST; break;
        case EVENT_RELEASE_PROMOTED:
        case EVENT_RELEASE_DEPLOYED:
        case EVENT_RELEASE_ROLLED_BACK:
                change = parsed->to && parsed->from ? change_of_releases(parsed->from, parsed->to)
                                                    : THRESHOLD_MAJOR;
                break;
        default: return true; /* the event is not about a version */
        }
        return change >= spec->threshold;
}

/* True if the receiver gets events of the environment that the event is about. */
static bool is_environment_wanted(const ReceiverSpec *spec, const ParsedEvent *parsed)
{
        const char *name = parsed->event->kind == KIND_ENVIRONMENT
                                   ? parsed->event->object_name
                                   : parsed_event_text(parsed, "environment");

        for (size_t i = 0; i < spec->environments.n; i++)
                if (streq(spec->environments.items[i], name))
                        return true;
        return spec->environments.n == 0;
}

int event_is_wanted(Store *store, const ReceiverSpec *spec, const ParsedEvent *parsed, Arena *arena,
                    Error *err)
{
        const Event *event = parsed->event;

        if (!is_type_wanted(spec, event->type) ||
            (spec->tenant && !streq(spec->tenant, event->tenant)) ||
            (!spec->first_sync && parsed_event_text(parsed, "firstSync")[0]) ||
            !is_environment_wanted(spec, parsed) || !is_large_enough(spec, parsed))
                return 0;
        return spec->labels.n > 0 ? has_labels(store, spec, event, arena, err) : 1;
}
