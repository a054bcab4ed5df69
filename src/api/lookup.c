#include "api/lookup.h"

#include <errno.h>

#include "api/http/access.h"
#include "base/limits.h"
#include "base/suggest.h"

/* Singular and plural of each kind, as relmanctl spells them. */
static const char *const lookup_words[OBJECT_KIND_MAX_][2] = {
        [KIND_REGISTRY] = { "registry", "registries" },
        [KIND_COMPONENT] = { "component", "components" },
        [KIND_RELEASE] = { "release", "releases" },
        [KIND_STREAM] = { "stream", "streams" },
        [KIND_ENVIRONMENT] = { "environment", "environments" },
        [KIND_CALENDAR] = { "calendar", "calendars" },
        [KIND_GROUP] = { "group", "groups" },
};

/* Reads the newest releases from the store and returns the most similar name. */
static const char *lookup_nearest_release(Request *request, const char *name)
{
        const ReleaseFilter filter = { .tenant = request_tenant(request) };
        const Page page = { .limit = SUGGEST_RELEASES_MAX };
        _cleanup_(error_done) Error unread = { 0 }; /* a failure means no suggestion */
        const char **names;
        Releases releases;

        if (store_search(reconciler_store(request->api->reconciler), &filter, &page,
                         &request->arena, &releases, &unread) < 0)
                return NULL;
        names = arena_alloc_array(&request->arena, releases.n + 1, sizeof(*names));
        if (!names)
                return NULL;
        for (size_t i = 0; i < releases.n; i++)
                names[i] = releases.items[i].name;
        return suggest_nearest(name, names, releases.n);
}

const char *lookup_advice(Request *request, ObjectKind kind, const char *name)
{
        const char *many = lookup_words[kind][1], *text;
        const char *nearest = kind == KIND_RELEASE
                                      ? lookup_nearest_release(request, name)
                                      : model_nearest(reconciler_model(request->api->reconciler),
                                                      kind, request_tenant(request), name);

        text = nearest ? arena_printf(&request->arena,
                                      "did you mean '%s'? relmanctl get %s lists them", nearest,
                                      many)
                       : arena_printf(&request->arena, "relmanctl get %s lists them", many);
        return text ? text : "see relmanctl get";
}

ObjectKind kind_of_path(const Path *path)
{
        const char *plural = path->n_segments > 2 ? path->segments[2] : "";
        ObjectKind kind = 0;

        while (kind < OBJECT_KIND_MAX_ && !streq(lookup_words[kind][1], plural))
                kind++;
        return kind;
}

static void lookup_concern(Request *request, ObjectKind kind, const char *id, const char *name)
{
        request->concern = (Concern){ .kind = kind,
                                      .id = arena_strdup(&request->arena, id),
                                      .name = arena_strdup(&request->arena, name) };
}

static int not_found(Request *request, ObjectKind kind, const char *name, Error *err)
{
        return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no %s '%s' in tenant '%s'; %s",
                         lookup_words[kind][0], name, request_tenant(request),
                         lookup_advice(request, kind, name));
}

const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err)
{
        const Object *object =
                catalog_object(request->api->reconciler, kind, request_tenant(request), name);

        if (object)
                lookup_concern(request, kind, object->id.text, object->meta.name);
        else
                (void)not_found(request, kind, name, err);
        return object;
}

const ComponentSpec *find_component(Request *request, Error *err)
{
        return (const ComponentSpec *)find_object(request, KIND_COMPONENT,
                                                  request_parameter(request, "id"), err);
}

int find_release_into(Request *request, const char *name, Arena *arena, Release *ret, Error *err)
{
        int r = catalog_release(request->api->reconciler, request_tenant(request), name, arena, ret,
                                err);

        if (r > 0) {
                request->actor.release = arena_strdup(&request->arena, ret->name);
                if (!request->concern.name)
                        lookup_concern(request, KIND_RELEASE, ret->id.text, ret->name);
        }
        return r != 0 ? MIN(r, 0) : not_found(request, KIND_RELEASE, name, err);
}

int find_promoter(Request *request, const EnvironmentSpec *environment, Error *err)
{
        return environment->promoters.n > 0 ? request_person(request, err) : 0;
}

int find_release(Request *request, const char *name, Release *ret, Error *err)
{
        return find_release_into(request, name, &request->arena, ret, err);
}

int find_body_release(Request *request, const Node *body, bool required, const char **ret,
                      Error *err)
{
        Release release;
        const char *text;
        int r;

        *ret = NULL;
        r = body_text(request, body, "releaseId", required, &text, err);
        if (r < 0 || !text)
                return r;
        r = find_release(request, text, &release, err);
        if (r < 0)
                return r;
        *ret = arena_strdup(&request->arena, release.id.text);
        return *ret ? 0 : error_oom(err);
}
