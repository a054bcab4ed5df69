#include "model/object.h"

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"

static const struct {
        const char *kind;
        const char *noun;
} kinds[OBJECT_KIND_MAX_] = {
        [KIND_REGISTRY] = { "Registry", "registry" },
        [KIND_COMPONENT] = { "Component", "component" },
        [KIND_RELEASE] = { "Release", "release" },
        [KIND_STREAM] = { "ReleaseStream", "stream" },
        [KIND_ENVIRONMENT] = { "Environment", "environment" },
        [KIND_CALENDAR] = { "Calendar", "calendar" },
        [KIND_GROUP] = { "Group", "group" },
};

const char *object_kind_to_string(ObjectKind kind)
{
        return kinds[kind].kind;
}

const char *object_kind_to_noun(ObjectKind kind)
{
        return kinds[kind].noun;
}

int object_kind_from_string(const char *text, ObjectKind *ret)
{
        for (ObjectKind kind = 0; kind < OBJECT_KIND_MAX_; kind++) {
                if (!streq(text, kinds[kind].kind))
                        continue;
                *ret = kind;
                return 0;
        }
        return -EINVAL;
}

bool strings_has(const Strings *strings, const char *text)
{
        for (size_t i = 0; i < strings->n; i++)
                if (streq(strings->items[i], text))
                        return true;
        return false;
}

Uuid object_id(ObjectKind kind, const char *tenant, const char *name)
{
        return uuid_of((const char *const[]){ tenant, object_kind_to_string(kind), name, NULL });
}

Uuid tenant_id(const char *tenant)
{
        return uuid_of((const char *const[]){ tenant, NULL });
}

const char *object_display_name(const Object *object)
{
        return object->meta.display_name ? object->meta.display_name : object->meta.name;
}

Uuid user_id(const char *tenant, const char *principal)
{
        Uuid id = tenant_id(tenant);

        return uuid_of((const char *const[]){ id.text, "User", principal, NULL });
}

int object_compare(const Object *a, const Object *b)
{
        int c = a->meta.tenant == b->meta.tenant ? 0 : strcmp(a->meta.tenant, b->meta.tenant);

        return c != 0 ? c : strcmp(a->meta.name, b->meta.name);
}

bool name_is_valid(const char *name)
{
        size_t size = 0;

        while (text_is_lower_or_digit(name[size]) || name[size] == '.' || name[size] == '_' ||
               name[size] == '-')
                size++;
        return size > 0 && size <= NAME_MAX_ && !name[size] && text_is_lower_or_digit(name[0]) &&
               text_is_lower_or_digit(name[size - 1]);
}
