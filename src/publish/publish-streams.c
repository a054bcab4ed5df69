/* Makes links to the lockfiles of the newest ready release of each stream. */

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "publish/publish.h"
#include "store/releases.h"

#define LINK_ARENA_MAX   ((size_t)64 * 1024 * 1024)
#define LINK_FOLDER_MODE 0755
#define LINK_NAME        "latest"

/* Makes the link to one file of the release. wanted false: removes the link. */
static int link_file(const char *folder, const char *release, StemFile file, bool wanted,
                     Error *err)
{
        const char *suffix = stem_file_suffix(file);
        _cleanup_(freep) char *path = NULL, *target = NULL;
        char old[2];

        path = text_printf("%s/" LINK_NAME "%s", folder, suffix);
        if (!path)
                return error_oom(err);
        if (!wanted)
                return readlink(path, old, sizeof(old)) < 0 ? 0 : file_remove(path, err);
        target = text_printf("../../" LOCK_ROOM_RELEASES "/%s%s", release, suffix);
        if (!target)
                return error_oom(err);
        return file_link(path, target, err);
}

/* Makes or removes the links to all files. release NULL: no release of the stream can be
 * promoted. */
static int link_all(const Publisher *publisher, const StreamSpec *stream, const char *release,
                    Error *err)
{
        _cleanup_(freep) char *folder =
                lock_stem(publisher->control->options.locks_path, stream->object.meta.tenant,
                          LOCK_ROOM_STREAMS, stream->object.meta.name);
        const ReconcileOptions *options = &publisher->control->options;
        const unsigned files = formats_of_releases(options) | 1U << LOCK_YAML |
                               (options->signing ? 1U << STEM_STATEMENT : 0);
        int r;

        r = !folder   ? error_oom(err)
            : release ? file_make_folder(folder, LINK_FOLDER_MODE, err)
                      : 0;
        for (StemFile file = 0; file < STEM_FILE_MAX_ && r >= 0; file++)
                r = link_file(folder, release, file, release && files & 1U << file, err);
        return r;
}

static const StreamSpec *find_stream(const Publisher *publisher, const char *id)
{
        const Object *object = map_get(&publisher->control->model->by_id, id);

        return object && object->kind == KIND_STREAM ? (const StreamSpec *)object : NULL;
}

usec_t publisher_reconcile_stream(Publisher *publisher, const char *id)
{
        const StreamSpec *stream = find_stream(publisher, id);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        Release newest;
        int r;

        if (!stream)
                return QUEUE_DONE; /* the sweep removes its links */
        arena_init(&arena, LINK_ARENA_MAX);
        r = store_stream_candidate(publisher->control->store, id, &arena, &newest, &error);
        if (r >= 0)
                r = link_all(publisher, stream, r > 0 ? newest.name : NULL, &error);
        if (r >= 0)
                return QUEUE_DONE;
        log_error("stream '%s': link to its newest release not made: %s", stream->object.meta.name,
                  error_message(&error));
        return publish_failed(publisher);
}

int publish_remove_links(const char *folder, Error *err)
{
        for (StemFile file = 0; file < STEM_FILE_MAX_; file++) {
                int r = link_file(folder, "", file, false, err);

                if (r < 0)
                        return r;
        }
        (void)file_sweep(folder, NULL); /* if this fails, rmdir() fails too, and the folder stays */
        (void)rmdir(folder);            /* fails if the folder has other files */
        return 0;
}
