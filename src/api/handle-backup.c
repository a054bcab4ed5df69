/* GET /api/v1/backup: a consistent copy of the database, one slice in each turn of the loop. */

#include <stdlib.h>

#include "api/handlers.h"
#include "store/backup.h"

typedef struct Backup {
        Request *request;
        StoreBackup *copy;
        sd_event_source *slice;
} Backup;

static Backup *backup_free(Backup *backup)
{
        if (!backup)
                return NULL;
        sd_event_source_disable_unref(backup->slice);
        store_backup_free(backup->copy);
        free(backup);
        return NULL;
}
DEFINE_FREEP(Backup, backup_free)

static void backup_cancel(void *backup)
{
        backup_free(backup);
}

static void backup_answer(Request *request, Backup *backup)
{
        int fd = store_backup_open(backup->copy, NULL);

        if (fd < 0) {
                request_problem(request, 500, "the copy cannot be read");
                return;
        }
        request->answer.fd = fd;
        request->answer.type = store_backup_type(backup->copy);
        request_header_out(request, "Cache-Control", "no-store");
}

/* Called by a timer that is set to time 0. A defer source would keep other sources from running. */
static int on_slice(sd_event_source *source, usec_t usec, void *userdata)
{
        Backup *backup = userdata;
        Request *request = backup->request;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        r = store_backup_step(backup->copy, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        if (r < 0)
                request_fail(request, &error);
        else
                backup_answer(request, backup);
        backup_free(backup);
        request_resume(request);
        return 0;
}

int handle_backup(Request *request, Error *err)
{
        _cleanup_(backup_freep) Backup *backup = calloc(1, sizeof(*backup));
        int r;

        if (!backup)
                return error_oom(err);
        r = command_note(request->api->reconciler, request_tenant(request), &request->actor, err);
        request->is_recorded = r >= 0;
        if (r >= 0)
                r = store_backup_new(reconciler_store(request->api->reconciler), &backup->copy,
                                     err);
        if (r < 0)
                return r;
        r = sd_event_add_time(request->api->event, &backup->slice, CLOCK_MONOTONIC, 0, 1, on_slice,
                              backup);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        backup->request = request;
        request_suspend(request, backup_cancel, TAKE(backup));
        return 0;
}
