/* Archives the older releases of a stream, and keeps the newest ones. */

#include "base/log.h"
#include "compose/streams.h"
#include "store/releases.h"

#define RETIRE_ARENA_MAX ((size_t)64 * 1024 * 1024)

void stream_retire_old(StreamState *stream)
{
        const Control *control = stream->composer->control;
        const char *tenant = stream->spec->object.meta.tenant;
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        NamedReleases old;

        if (stream->spec->keep == 0)
                return;
        arena_init(&arena, RETIRE_ARENA_MAX);
        changes_init(&changes);
        if (store_stream_old(control->store, stream->id.text, stream->spec->keep, &arena, &old,
                             &error) < 0) {
                log_error("stream '%s': %s", stream->spec->object.meta.name, error_message(&error));
                return;
        }
        for (size_t i = 0; i < old.n; i++) {
                const Subject subject = { KIND_RELEASE, old.items[i].id, tenant,
                                          old.items[i].name };

                changes_set_status(&changes, old.items[i].id, RELEASE_ARCHIVED, time_wall());
                report_event(&changes, EVENT_RELEASE_ARCHIVED, subject, time_wall(), NULL);
        }
        if (old.n == 0)
                return;
        if (control_apply(control, &changes, &error) < 0)
                log_error("stream '%s': %s", stream->spec->object.meta.name, error_message(&error));
}
