/* Keeps the log messages and counts of a pass until its changes are committed. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sync/sync.h"

struct SyncNote {
        SyncNote *next;
        LogLevel level;
        char *text;
};

/* If memory runs out, the message is lost. Events and conditions are never lost. */
void sync_note(Sync *sync, LogLevel level, const char *format, ...)
{
        SyncNote *note = calloc(1, sizeof(*note));
        va_list ap;
        int r;

        if (!note)
                return;
        note->level = level;
        va_start(ap, format);
        r = vasprintf(&note->text, format, ap);
        va_end(ap);
        if (r < 0) {
                free(note);
                return;
        }
        if (sync->notes_last)
                sync->notes_last->next = note;
        else
                sync->notes_first = note;
        sync->notes_last = note;
}

void sync_notes_drop(Sync *sync)
{
        while (sync->notes_first) {
                SyncNote *note = sync->notes_first;

                sync->notes_first = note->next;
                free(note->text);
                free(note);
        }
        sync->notes_last = NULL;
        sync->n_moves_told = sync->n_new_versions = 0;
}

void sync_committed(Sync *sync)
{
        ComponentState *component = sync->component;
        Poller *poller = component->poller;

        for (const SyncNote *note = sync->notes_first; note; note = note->next)
                log_about(note->level, NULL, "%s", note->text);
        poller->n_moved_tags += sync->n_moves_told;
        poller->n_new_versions += sync->n_new_versions;
        component->flips_told = sync->flips_told;
        component->hold_ends_at = sync->hold_ends_at;
        sync_notes_drop(sync);
}
