/* Reports the condition of a stream. Does not store a condition again that is stored already. */

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "compose/streams.h"

static void put_ready(const StreamState *stream, const char *reason, bool is_ready,
                      const char *message, Changes *changes)
{
        report_condition(changes, subject_of(&stream->spec->object),
                         (Told){ CONDITION_READY, is_ready ? CONDITION_TRUE : CONDITION_FALSE,
                                 reason, time_wall() },
                         "%s", message);
}

/* Records that the message was stored. */
static void note_reported(StreamState *stream, const char *message)
{
        free(stream->reason);
        stream->reason = strdup(message); /* NULL: the next report is stored */
}

void stream_report(StreamState *stream, const char *reason, bool is_ready, const char *message)
{
        const Control *control = stream->composer->control;
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error error = { 0 };

        if (str_equal(stream->reason, message))
                return;
        changes_init(&changes);
        put_ready(stream, reason, is_ready, message, &changes);
        if (control_apply(control, &changes, &error) < 0) {
                log_error("stream '%s': %s", stream->spec->object.meta.name, error_message(&error));
                return;
        }
        if (!is_ready)
                log_info("stream '%s': %s", stream->spec->object.meta.name, message);
        note_reported(stream, message);
}

/* --- the newest release ----------------------------------------------------------------------- */

#define CURRENT     "Current"
#define CURRENT_MAX (NAME_MAX_ + 20)

static const char *current_message(const Release *newest, char text[CURRENT_MAX])
{
        (void)snprintf(text, CURRENT_MAX, "release '%s'", newest->name);
        return text;
}

void stream_report_current(StreamState *stream, const Release *newest)
{
        char text[CURRENT_MAX];

        stream_report(stream, CURRENT, true, current_message(newest, text));
}

void stream_put_current(const StreamState *stream, const Release *made, Changes *changes)
{
        char text[CURRENT_MAX];

        put_ready(stream, CURRENT, true, current_message(made, text), changes);
}

void stream_note_current(StreamState *stream, const Release *made)
{
        char text[CURRENT_MAX];

        note_reported(stream, current_message(made, text));
}
