#pragma once

/* Conditions and events as changes: what people and receivers are told of an object. */

#include "model/changes/changes.h"

/* Who it is about. */
typedef struct Subject {
        ObjectKind kind;
        const char *id;
        const char *tenant;
        const char *name;
} Subject;

Subject subject_of(const Object *object);

/* data: key, value, key, value, ..., NULL; a NULL value leaves its key out. All are written as JSON
 * text. */
void report_event(Changes *changes, EventType type, Subject subject, usec_t now,
                  const char *const *data);

/* A condition but for its message. */
typedef struct Told {
        ConditionType type;
        ConditionStatus status;
        const char *reason;
        usec_t at;
} Told;

void report_condition(Changes *changes, Subject subject, Told told, const char *format, ...)
        _printf_(4, 5);

/* Who asked for it. result_id: of what the answer shows, if that is not the subject; else NULL. */
void report_audit(Changes *changes, const Actor *actor, Subject subject, const char *result_id);

/* The reasons that are read again from stored conditions. All others are written and shown only. */
typedef enum KnownReason {
        REASON_ONLY_ON_MIRROR, /* of a component's Warning */
        KNOWN_REASON_MAX_,     /* another one */
} KnownReason;

const char *known_reason_to_string(KnownReason reason);
KnownReason condition_known_reason(const Condition *condition);

/* The reason of a condition for a failure of that kind. */
const char *report_reason(ErrorKind kind);
