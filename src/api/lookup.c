#include "api/lookup.h"

#include <errno.h>

static int not_found(const Request *request, ObjectKind kind, const char *name, Error *err)
{
        static const char *const words[OBJECT_KIND_MAX_][2] = {
                [KIND_REGISTRY] = { "registry", "registries" },
                [KIND_COMPONENT] = { "component", "components" },
                [KIND_RELEASE] = { "release", "releases" },
                [KIND_STREAM] = { "stream", "streams" },
                [KIND_ENVIRONMENT] = { "environment", "environments" },
        };

        return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                         "there is no %s '%s' in tenant '%s'; relmanctl get %s lists them",
                         words[kind][0], name, request_tenant(request), words[kind][1]);
}

const Object *find_object(Request *request, ObjectKind kind, const char *name, Error *err)
{
        const Object *object =
                catalog_object(request->api->reconciler, kind, request_tenant(request), name);

        if (!object)
                (void)not_found(request, kind, name, err);
        return object;
}

const ComponentSpec *find_component(Request *request, Error *err)
{
        return (const ComponentSpec *)find_object(request, KIND_COMPONENT,
                                                  request_parameter(request, "id"), err);
}

int find_release(Request *request, const char *name, Release *ret, Error *err)
{
        int r = catalog_release(request->api->reconciler, request_tenant(request), name,
                                &request->arena, ret, err);

        return r != 0 ? MIN(r, 0) : not_found(request, KIND_RELEASE, name, err);
}
