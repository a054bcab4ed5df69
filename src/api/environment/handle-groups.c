/* /api/v1/groups: groups of persons, which environments name. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "api/page.h"
#include "model/people.h"

static void write_environments(Json *json, const Model *model, const GroupSpec *group)
{
        json_begin(json, "environments", '[');
        for (size_t i = 0; i < model->environments.n; i++) {
                const EnvironmentSpec *environment = model->environments.items[i];

                if (people_name_group(environment, group))
                        json_text(json, NULL, environment->object.meta.name);
        }
        json_end(json, ']');
}

static int write_group(Request *request, Json *json, const GroupSpec *group, bool with_environments,
                       Error *err)
{
        int r;

        json_begin(json, NULL, '{');
        r = entity_object(request, json, &group->object, err);
        json_texts(json, "members", &group->members);
        if (with_environments)
                write_environments(json, reconciler_model(request->api->reconciler), group);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_GROUP, group->object.id.text, err);
        json_end(json, '}');
        return r;
}

static int write_listed_group(Request *request, Json *json, const Object *object, Error *err)
{
        return write_group(request, json, (const GroupSpec *)object, false, err);
}

int handle_groups(Request *request, Error *err)
{
        return list_objects(request, KIND_GROUP, write_listed_group, err);
}

int handle_group(Request *request, Error *err)
{
        const Object *object =
                find_object(request, KIND_GROUP, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };

        return object ? write_group(request, &json, (const GroupSpec *)object, true, err) : -ENOENT;
}
