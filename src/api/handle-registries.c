/* /api/v1/registries and streams. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "api/page-rows.h"
#include "api/page.h"

static int write_registry(Request *request, Json *json, const RegistrySpec *registry, Error *err)
{
        char text[DURATION_TEXT_SIZE];
        int r;

        json_begin(json, NULL, '{');
        r = entity_object(request, json, &registry->object, err);
        json_text(json, "type", registry_type_to_string(registry->type));
        json_text(json, "url", registry->url);
        json_begin(json, "limits", '{');
        json_int(json, "concurrency", registry->limits.concurrency);
        json_int(json, "requestsPerSecond", registry->limits.requests_per_second);
        json_text(json, "timeout", duration_format(registry->limits.timeout, text));
        json_end(json, '}');
        json_begin(json, "mirrors", '[');
        for (size_t i = 0; i < registry->mirrors.n; i++)
                json_text(json, NULL, registry->mirrors.items[i].url);
        json_end(json, ']');
        if (r >= 0)
                r = entity_conditions(request, json, KIND_REGISTRY, registry->object.id.text, err);
        json_end(json, '}');
        return r;
}

static int write_listed_registry(Request *request, Json *json, const Object *object, Error *err)
{
        return write_registry(request, json, (const RegistrySpec *)object, err);
}

int handle_registries(Request *request, Error *err)
{
        return list_objects(request, KIND_REGISTRY, write_listed_registry, err);
}

int handle_registry(Request *request, Error *err)
{
        const Object *object =
                find_object(request, KIND_REGISTRY, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };

        return object ? write_registry(request, &json, (const RegistrySpec *)object, err) : -ENOENT;
}

static int write_stream(Request *request, Json *json, const StreamSpec *stream, Error *err)
{
        char text[DURATION_TEXT_SIZE];
        const char *newest;
        int r;

        r = known_newest(request, stream->object.id.text, &newest, err);
        if (r < 0)
                return r;
        json_begin(json, NULL, '{');
        r = entity_object(request, json, &stream->object, err);
        json_text(json, "newestRelease", newest);
        json_text(json, "channel", stream->channel);
        json_texts(json, "components", &stream->components);
        json_text(json, "nameTemplate", stream->name_template);
        json_text(json, "settle", duration_format(stream->settle, text));
        json_int(json, "keep", stream->keep);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_STREAM, stream->object.id.text, err);
        json_end(json, '}');
        return r;
}

static int write_listed_stream(Request *request, Json *json, const Object *object, Error *err)
{
        return write_stream(request, json, (const StreamSpec *)object, err);
}

int handle_streams(Request *request, Error *err)
{
        return list_objects(request, KIND_STREAM, write_listed_stream, err);
}

int handle_stream(Request *request, Error *err)
{
        const Object *object =
                find_object(request, KIND_STREAM, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };

        return object ? write_stream(request, &json, (const StreamSpec *)object, err) : -ENOENT;
}
