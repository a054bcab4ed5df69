#pragma once

/* Writes conditions, events and audit entries as changes. */

#include "model/changes/changes-checks.h"
#include "model/changes/changes-images.h"
#include "model/changes/changes.h"

/* The object of a report. */
typedef struct Subject {
        ObjectKind kind;
        const char *id;
        const char *tenant;
        const char *name;
} Subject;

Subject subject_of(const Object *object);

/* Adds an event. data: key, value, key, value, ..., NULL; a NULL value omits its key. All values
 * are written as JSON text. */
void report_event(Changes *changes, EventType type, Subject subject, usec_t now,
                  const char *const *data);

/* A condition without its message. */
typedef struct Told {
        ConditionType type;
        ConditionStatus status;
        const char *reason;
        usec_t at;
} Told;

void report_condition(Changes *changes, Subject subject, Told told, const char *format, ...)
        _printf_(4, 5);

/* Records an accepted request in the audit. result_id: the object in the answer if it is not the
 * subject; otherwise NULL. */
void report_audit(Changes *changes, const Actor *actor, Subject subject, const char *result_id);
/* As report_audit(), with the reason that the person gave; NULL: none. */
void report_audit_reason(Changes *changes, const Actor *actor, Subject subject,
                         const char *result_id, const char *reason);

/* Reasons that relmand evaluates in stored conditions. It only writes and shows all other reasons.
 */
typedef enum KnownReason {
        REASON_ONLY_ON_MIRROR, /* of a component's Warning */
        REASON_HISTORY,        /* of a component's Resolving */
        KNOWN_REASON_MAX_,     /* any other */
} KnownReason;

const char *known_reason_to_string(KnownReason reason);
KnownReason condition_known_reason(const Condition *condition);

/* Returns the reason of a condition for a failure of that kind. */
const char *report_reason(ErrorKind kind);
