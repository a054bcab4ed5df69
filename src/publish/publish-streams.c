/* Links to the newest ready release of each stream. */

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "publish/publish.h"
#include "store/releases.h"

#define LINK_ARENA_MAX   ((size_t)64 * 1024 * 1024)
#define LINK_FOLDER_MODE 0755
#define LINK_NAME        "latest"

/* A format that is not written has no link either. */
static int link_format(const char *folder, const char *release, LockFormat format, bool wanted,
                       Error *err)
{
        const char *suffix = lock_format_suffix(format);
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

/* release is NULL where there is none to be promoted. */
static int link_all(const Publisher *publisher, const StreamSpec *stream, const char *release,
                    Error *err)
{
        _cleanup_(freep) char *folder =
                lock_stem(publisher->control->options.locks_path, stream->object.meta.tenant,
                          LOCK_ROOM_STREAMS, stream->object.meta.name);
        LockFormats formats = publisher->control->options.lock_formats | 1U << LOCK_YAML;
        int r;

        r = !folder   ? error_oom(err)
            : release ? file_make_folder(folder, LINK_FOLDER_MODE, err)
                      : 0;
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_ && r >= 0; format++)
                r = link_format(folder, release, format, release && formats & 1U << format, err);
        return r;
}

static const StreamSpec *find_stream(const Publisher *publisher, const char *id)
{
        const Object *object = map_get(&publisher->control->model->by_id, id);

        return object && object->kind == KIND_STREAM ? (const StreamSpec *)object : NULL;
}

void publish_stream(Publisher *publisher, const char *stream_id)
{
        const StreamSpec *stream = find_stream(publisher, stream_id);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        Release newest;
        int r;

        if (!stream)
                return;
        arena_init(&arena, LINK_ARENA_MAX);
        r = store_stream_candidate(publisher->control->store, stream_id, &arena, &newest, &error);
        if (r >= 0)
                r = link_all(publisher, stream, r > 0 ? newest.name : NULL, &error);
        if (r >= 0)
                return;
        log_error("stream '%s': link to its newest release not made: %s", stream->object.meta.name,
                  error_message(&error));
        publisher_mend_later(publisher);
}

void publish_streams(Publisher *publisher)
{
        const StreamSpecs *streams = &publisher->control->model->streams;

        for (size_t i = 0; i < streams->n; i++)
                publish_stream(publisher, streams->items[i]->object.id.text);
}

/* --- streams that are gone -------------------------------------------------------------------- */

static bool is_stream(const Publisher *publisher, const char *tenant, const char *name)
{
        Uuid id = object_id(KIND_STREAM, tenant, name);

        return find_stream(publisher, id.text) != NULL;
}

void publish_sweep_streams(const Publisher *publisher, const char *tenant)
{
        _cleanup_(freep) char *room =
                lock_stem(publisher->control->options.locks_path, tenant, LOCK_ROOM_STREAMS, "");
        DIR *dir = room ? opendir(room) : NULL;

        if (!dir)
                return;
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                _cleanup_(error_done) Error error = { 0 };
                _cleanup_(freep) char *folder = NULL;

                if (entry->d_name[0] == '.' || is_stream(publisher, tenant, entry->d_name))
                        continue;
                folder = text_printf("%s%s", room, entry->d_name);
                if (!folder) {
                        continue;
                }
                for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++)
                        if (link_format(folder, "", format, false, &error) < 0) {
                                log_warning("%s", error_message(&error));
                                break;
                        }
                error_done(&error);
                (void)file_sweep(folder, &error); /* what stays keeps the folder, no more */
                (void)rmdir(folder);              /* it stays if there is more in it */
        }
        (void)closedir(dir); /* read only */
}
