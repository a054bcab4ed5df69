#include "reconcile/load-record.h"

#include "record/record.h"

static const StoredObject *find_stored(const StoredObjects *stored, const char *id)
{
        for (size_t i = 0; i < stored->n; i++)
                if (streq(stored->items[i].id, id))
                        return &stored->items[i];
        return NULL;
}

int load_record_removals(const Control *control, const StoredObjects *stored, Changes *changes,
                         Error *err)
{
        const size_t n = changes->n;
        int r = 0;

        for (size_t i = 0; control->options.signing && i < n && r >= 0; i++) {
                const Change *change = &changes->items[i];
                const StoredObject *object;
                PromotionStatement statement = { .environment_id = change->object_id };

                if (change->type != CHANGE_DELETE_OBJECT || change->kind != KIND_ENVIRONMENT)
                        continue;
                object = find_stored(stored, change->object_id);
                if (!object)
                        continue;
                statement.tenant = object->tenant;
                statement.environment = object->name;
                statement.spec_digest = object->spec_digest;
                r = record_removal(control, &statement, changes, err);
        }
        return r;
}

bool load_removes_environment(const Changes *changes)
{
        for (size_t i = 0; i < changes->n; i++)
                if (changes->items[i].type == CHANGE_DELETE_OBJECT &&
                    changes->items[i].kind == KIND_ENVIRONMENT)
                        return true;
        return false;
}
