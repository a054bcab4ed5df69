/* The version map: versions of tags, manual assignments, and immediate polls. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/sliced.h"
#include "api/lookup.h"
#include "base/parse.h"
#include "model/channel-name.h"
#include "model/image/image.h"
#include "store/version-pages.h"

#define VERSIONS_MAX     100000
#define VERSIONS_PAGE    100   /* versions that are read in one query */
#define VERSIONS_COUNTED 10000 /* versions that are counted in one query */

static int no_version_map(const char *id, Error *err)
{
        return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no version map '%s'", id);
}

static Store *store_of(Request *request)
{
        return reconciler_store(request->api->reconciler);
}

static void write_version(Json *json, const char *component_id, const VersionMap *version)
{
        json_begin(json, NULL, '{');
        json_text(json, "id", version->id.text);
        json_text(json, "componentId", component_id);
        json_text(json, "tag", version->tag);
        json_text(json, "digest", version->digest);
        json_text(json, "semver", version->semver);
        json_text(json, "channel", version->channel);
        json_bool(json, "prerelease", version->prerelease);
        json_text(json, "buildMetadata", version->build_metadata);
        json_time(json, "resolvedAt", version->resolved_at);
        json_text(json, "source", version_source_to_string(version->source));
        json_bool(json, "vanished", version->vanished);
        json_end(json, '}');
}

/* --- lists ------------------------------------------------------------------------------------ */

/* A list of a component's versions, read in pages because there may be a million. */
typedef struct VersionList {
        Request *request;
        const char *component_id;
        size_t n_left; /* entries that may still be written */
        NewestCursor cursor;
        VersionCursor counted;
        int64_t n;      /* versions counted so far */
        bool is_result; /* the list answers a sync, and begins with the number of versions */
        bool has_begun;
} VersionList;

/* Copies component_id. */
static int version_list_new(Request *request, const char *component_id, VersionList **ret,
                            Error *err)
{
        const char *limit = request_query(request, "limit");
        uint64_t number = VERSIONS_MAX;
        VersionList *list;

        if (limit && (parse_uint64(limit, &number) < 0 || number == 0 || number > VERSIONS_MAX))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter limit: a number from 1 to %d", VERSIONS_MAX);
        list = arena_alloc(&request->arena, sizeof(*list));
        if (!list)
                return error_oom(err);
        *list = (VersionList){ .request = request,
                               .component_id = arena_strdup(&request->arena, component_id),
                               .n_left = (size_t)number,
                               .cursor = { .channel = request_query(request, "channel") },
                               .counted = { .limit = VERSIONS_COUNTED } };
        if (!list->component_id)
                return error_oom(err);
        *ret = list;
        return 0;
}

static int version_list_begin(VersionList *list, Slice *slice, Error *err)
{
        int r = list->is_result ? 1 : 0;

        while (r > 0 && !slice_is_full(slice)) {
                int64_t n = 0;

                r = store_versions_count(store_of(list->request), list->component_id,
                                         &list->counted, &n, err);
                list->n += n;
        }
        if (r != 0)
                return r;
        if (list->is_result) {
                json_begin(&slice->json, NULL, '{');
                json_int(&slice->json, "synced", list->n);
        }
        json_begin(&slice->json, list->is_result ? "versions" : NULL, '[');
        list->has_begun = true;
        return 0;
}

/* Writes the next versions. Returns 1 if there may be more. */
static int version_list_page(VersionList *list, Slice *slice, Error *err)
{
        VersionMaps versions;
        int r;

        list->cursor.arena = slice->kept;
        list->cursor.limit = MIN(list->n_left, (size_t)VERSIONS_PAGE);
        r = store_versions_newest(store_of(list->request), list->component_id, &list->cursor,
                                  &list->request->arena, &versions, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < versions.n; i++)
                write_version(&slice->json, list->component_id, &versions.items[i]);
        list->n_left -= versions.n;
        return versions.n == list->cursor.limit && list->n_left > 0;
}

static int version_list_slice(Slice *slice, void *state, Error *err)
{
        VersionList *list = state;
        int r = list->has_begun ? 0 : version_list_begin(list, slice, err);

        if (r != 0)
                return r;
        do
                r = version_list_page(list, slice, err);
        while (r > 0 && !slice_is_full(slice));
        if (r != 0)
                return r;
        json_end(&slice->json, ']');
        if (list->is_result)
                json_end(&slice->json, '}');
        return 0;
}

static const Slicer version_slicer = { version_list_slice, NULL };

static int answer_versions(Request *request, const char *component_id, Error *err)
{
        VersionList *list;
        int r = version_list_new(request, component_id, &list, err);

        return r < 0 ? r : answer_in_slices(request, &version_slicer, list, err);
}

/* Refuses an unknown channel, because a misspelt one would look like an empty one. */
static int list_versions(Request *request, const ComponentSpec *component, Error *err)
{
        const char *channel = request_query(request, "channel");
        Channels heads;
        int r = 0;

        if (channel)
                r = store_channels(store_of(request), component->object.id.text, &request->arena,
                                   &heads, err);
        if (channel && r >= 0 && channel_name_check(component, &heads, channel, err) < 0)
                r = error_prefix(err, -EINVAL, "parameter channel");
        return r < 0 ? r : answer_versions(request, component->object.id.text, err);
}

int handle_versions(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);

        return component ? list_versions(request, component, err) : -ENOENT;
}

int handle_assignments(Request *request, Error *err)
{
        const ComponentSpec *component = find_component(request, err);
        Json json = { .out = &request->answer.body };
        Assignments assigned;
        int r;

        if (!component)
                return -ENOENT;
        r = store_assignments(store_of(request), component->object.id.text, &request->arena,
                              &assigned, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < assigned.n; i++) {
                const Assignment *item = &assigned.items[i];

                json_begin(&json, NULL, '{');
                json_text(&json, "digest", item->digest);
                json_text(&json, "tag", item->tag);
                json_text(&json, "semver", item->semver);
                json_text(&json, "channel", item->channel);
                json_text(&json, "by", item->by);
                json_time(&json, "at", item->at);
                json_end(&json, '}');
        }
        json_end(&json, ']');
        return 0;
}

int handle_version_maps(Request *request, Error *err)
{
        const char *wanted = request_query(request, "componentId");
        const Object *component;

        if (!wanted)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter componentId: of which component?");
        component = find_object(request, KIND_COMPONENT, wanted, err);
        return component ? list_versions(request, (const ComponentSpec *)component, err) : -ENOENT;
}

/* --- sync ------------------------------------------------------------------------------------- */

static void on_synced(const Error *error, void *userdata)
{
        VersionList *list = userdata;
        Request *request = list->request;
        _cleanup_(error_done) Error own = { 0 };

        if (!error && answer_in_slices(request, &version_slicer, list, &own) >= 0)
                return;
        request_fail(request, error ? error : &own);
        request_resume(request);
}

static void version_sync_cancel(void *waiter)
{
        (void)sync_waiter_cancel(waiter); /* returns NULL */
}

/* Suspends the request until the sync is complete. */
int handle_sync_versions(Request *request, Error *err)
{
        static const char *const names[] = { "forceRefresh", NULL };
        const ComponentSpec *component = find_component(request, err);
        const Node *body;
        VersionList *list;
        SyncWaiter *waiter;
        bool force = false;
        int r;

        if (!component)
                return -ENOENT;
        r = version_list_new(request, component->object.id.text, &list, err);
        if (r >= 0)
                r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_bool(request, body, "forceRefresh", &force, err);
        if (r < 0)
                return r;
        list->is_result = true;
        r = poller_sync(
                reconciler_poller(request->api->reconciler), component->object.id.text,
                &(SyncCommand){ .force_refresh = force, .done = on_synced, .userdata = list },
                &waiter, err);
        if (r >= 0)
                request_suspend(request, version_sync_cancel, waiter);
        return r;
}

/* --- manual assignment ------------------------------------------------------------------------ */

int show_version_map(Request *request, const char *id, Error *err)
{
        Json json = { .out = &request->answer.body };
        const char *component_id;
        VersionMap version;
        int r;

        r = store_version(store_of(request), id, &request->arena, &version, &component_id, err);
        if (r == 0 || (r > 0 && !catalog_object(request->api->reconciler, KIND_COMPONENT,
                                                request_tenant(request), component_id)))
                return no_version_map(id, err);
        if (r < 0)
                return r;
        write_version(&json, component_id, &version);
        return 0;
}

static void on_assigned(const char *version_id, const Error *error, void *userdata)
{
        Request *request = userdata;

        if (error)
                request_fail(request, error);
        else
                (void)request_show_stored(request, version_id);
        request_resume(request);
}

static int bad_field(Request *request, const char *pointer, const char *message, Error *err)
{
        request->pointer = pointer;
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s", message);
}

/* Refuses an unknown channel, since a misspelt one would become a new one. */
static int check_new_channel(Request *request, const Object *component, const char *channel,
                             Error *err)
{
        Channels heads;
        int r;

        if (!channel)
                return 0;
        if (!name_is_valid(channel))
                return bad_field(request, "/channel", "channel is no name of a channel", err);
        r = store_channels(store_of(request), component->id.text, &request->arena, &heads, err);
        if (r < 0)
                return r;
        request->pointer = "/channel";
        r = channel_name_check_new((const ComponentSpec *)component, &heads, channel, err);
        if (r >= 0)
                request->pointer = NULL;
        return r < 0 && err->kind == ERROR_INVALID ? -EINVAL : r;
}

static void version_assign_cancel(void *assigning)
{
        (void)assigning_cancel(assigning); /* returns NULL */
}

/* Answers after relmand has resolved the tag. */
int handle_create_version_map(Request *request, Error *err)
{
        static const char *const names[] = { "componentId", "tag", "semver", "channel", NULL };
        AssignCommand command = { .actor = &request->actor,
                                  .done = on_assigned,
                                  .userdata = request };
        const Object *component;
        Assigning *assigning;
        const char *wanted;
        const Node *body;
        int r;

        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = body_text(request, body, "componentId", true, &wanted, err);
        if (r >= 0)
                r = body_text(request, body, "tag", true, &command.tag, err);
        if (r >= 0)
                r = body_text(request, body, "semver", true, &command.semver, err);
        if (r >= 0)
                r = body_text(request, body, "channel", false, &command.channel, err);
        if (r < 0)
                return r;
        if (!tag_is_valid(command.tag, strlen(command.tag)))
                return bad_field(request, "/tag", "tag is no tag", err);
        component = find_object(request, KIND_COMPONENT, wanted, err);
        if (!component)
                return -ENOENT;
        r = check_new_channel(request, component, command.channel, err);
        if (r < 0)
                return r;
        r = poller_assign(reconciler_poller(request->api->reconciler), component->id.text, &command,
                          &assigning, err);
        if (r >= 0)
                request_suspend(request, version_assign_cancel, assigning);
        else if (err->kind == ERROR_INVALID)
                request->pointer = "/semver";
        return r;
}

int handle_delete_version_map(Request *request, Error *err)
{
        const char *component_id;
        VersionMap version;
        int r;

        r = store_version(store_of(request), request_parameter(request, "id"), &request->arena,
                          &version, &component_id, err);
        if (r < 0)
                return r;
        if (r == 0 || !catalog_object(request->api->reconciler, KIND_COMPONENT,
                                      request_tenant(request), component_id))
                return no_version_map(request_parameter(request, "id"), err);
        r = poller_unassign(reconciler_poller(request->api->reconciler), component_id,
                            version.digest, &request->actor, err);
        if (r >= 0)
                (void)request_answer_stored(request, "{\"deleted\":true}\n");
        return r;
}
