#pragma once

/* Events: rows written in the transaction of the change that they describe. */

#include "base/time.h"
#include "model/object.h"

typedef enum EventType {
        EVENT_COMPONENT_CREATED,
        EVENT_COMPONENT_UPDATED,
        EVENT_COMPONENT_DELETED,
        EVENT_VERSION_RESOLVED,
        EVENT_VERSION_UPDATED,
        EVENT_VERSIONS_RESOLVED,
        EVENT_RELEASE_CREATED,
        EVENT_RELEASE_READY,
        EVENT_RELEASE_PROMOTED,
        EVENT_RELEASE_DEPLOYED,
        EVENT_RELEASE_FAILED,
        EVENT_RELEASE_DEPRECATED,
        EVENT_RELEASE_ARCHIVED,
        EVENT_RELEASE_REJECTED,
        EVENT_RELEASE_ROLLED_BACK,
        EVENT_TAG_MOVED,
        EVENT_TAG_BLOCKED,
        EVENT_TAG_ALLOWED,
        EVENT_DRIFT_DETECTED,
        EVENT_ENVIRONMENT_HELD,
        EVENT_ENVIRONMENT_RESUMED,
        EVENT_APPROVAL_GIVEN,
        EVENT_APPROVAL_WITHDRAWN,
        EVENT_CHECK_PASSED,
        EVENT_CHECK_FAILED,
        EVENT_GATE_CLOSED,
        EVENT_GATE_OPENED,
        EVENT_OUTPUT_WRITTEN,
        EVENT_OUTPUT_FAILED,
        EVENT_REGISTRY_UNREACHABLE,
        EVENT_REGISTRY_RECOVERED,
        EVENT_TYPE_MAX_,
} EventType;

typedef struct Event {
        int64_t sequence; /* 0 until the store sets it */
        Uuid id;
        EventType type;
        const char *tenant;
        ObjectKind kind; /* kind of the object */
        const char *object_id;
        const char *object_name;
        const char *data; /* a JSON object */
        usec_t at;
} Event;

typedef struct Events {
        Event *items;
        size_t n;
} Events;

const char *event_type_to_string(EventType type); /* "tag.moved" */
int event_type_from_string(const char *text, EventType *ret);
