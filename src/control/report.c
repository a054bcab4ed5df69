#include "control/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "model/schema/encode.h"

Subject subject_of(const Object *object)
{
        return (Subject){
                .kind = object->kind,
                .id = object->id.text,
                .tenant = object->meta.tenant,
                .name = object->meta.name,
        };
}

void report_event(Changes *changes, EventType type, Subject subject, usec_t now,
                  const char *const *data)
{
        _cleanup_(buffer_done) Buffer json;
        bool first = true;

        buffer_init(&json, EVENT_DATA_MAX);
        (void)buffer_putc(&json, '{'); /* failures are checked once, at the end */
        for (; data && data[0]; data += 2) {
                if (!data[1])
                        continue;
                if (!first)
                        (void)buffer_putc(&json, ',');
                first = false;
                (void)encode_string(data[0], &json);
                (void)buffer_putc(&json, ':');
                (void)encode_string(data[1], &json);
        }
        (void)buffer_putc(&json, '}');
        if (json.failed) {
                changes->failed = json.failed;
                return;
        }
        changes_add_event(changes, &(Event){
                                           .id = uuid_new(now),
                                           .type = type,
                                           .tenant = subject.tenant,
                                           .kind = subject.kind,
                                           .object_id = subject.id,
                                           .object_name = subject.name,
                                           .data = json.data,
                                           .at = now,
                                   });
}

void report_condition(Changes *changes, Subject subject, Told told, const char *format, ...)
{
        char message[CONDITION_MESSAGE_MAX];
        va_list ap;

        va_start(ap, format);
        /* a message that is too long is cut off */
        (void)vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);
        changes_set_condition(changes, subject.kind, subject.id,
                              &(Condition){
                                      .type = told.type,
                                      .status = told.status,
                                      .reason = told.reason,
                                      .message = message,
                                      .since = told.at,
                              });
}

void report_audit(Changes *changes, const Actor *actor, Subject subject, const char *result_id)
{
        report_audit_reason(changes, actor, subject, result_id, NULL);
}

void report_audit_reason(Changes *changes, const Actor *actor, Subject subject,
                         const char *result_id, const char *reason)
{
        Actor who = *actor;

        if (!who.release && subject.kind == KIND_RELEASE)
                who.release = subject.name;
        changes_put_tenant(changes, subject.tenant, time_wall());
        changes_add_audit(changes, &(AuditEntry){ .at = time_wall(),
                                                  .tenant = subject.tenant,
                                                  .actor = who,
                                                  .kind = subject.kind,
                                                  .object_id = subject.id,
                                                  .object_name = subject.name,
                                                  .result_id = result_id,
                                                  .detail = reason });
}

static const char *const known_reasons[KNOWN_REASON_MAX_] = {
        [REASON_ONLY_ON_MIRROR] = "OnlyOnMirror",
        [REASON_HISTORY] = "History",
};

const char *known_reason_to_string(KnownReason reason)
{
        return known_reasons[reason];
}

KnownReason condition_known_reason(const Condition *condition)
{
        KnownReason reason = 0;

        while (reason < KNOWN_REASON_MAX_ && !streq(known_reasons[reason], condition->reason))
                reason++;
        return reason;
}

const char *report_reason(ErrorKind kind)
{
        switch (kind) {
        case ERROR_INVALID: return "Invalid";
        case ERROR_NOT_FOUND: return "NotFound";
        case ERROR_CONFLICT: return "Conflict";
        case ERROR_UNREACHABLE: return "Unreachable";
        case ERROR_DENIED: return "Denied";
        case ERROR_HOSTILE: return "NotBelieved";
        case ERROR_NONE:
        case ERROR_CANCELED: /* a canceled sync reports nothing: sync_end() restarts it */
        case ERROR_INTERNAL:
        case ERROR_KIND_MAX_: break;
        }
        return "Internal";
}
