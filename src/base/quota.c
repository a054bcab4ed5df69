#include "base/quota.h"

#include <assert.h>

/* What the parent holds of it. */
static size_t of_parent(const Quota *quota, size_t used)
{
        return used > quota->assured ? used - quota->assured : 0;
}

bool quota_take(Quota *quota, size_t size)
{
        if (!quota)
                return true;
        if (size > quota->max || quota->used > quota->max - size ||
            !quota_take(quota->parent,
                        of_parent(quota, quota->used + size) - of_parent(quota, quota->used))) {
                quota->is_short = true;
                return false;
        }
        quota->used += size;
        return true;
}

void quota_give(Quota *quota, size_t size)
{
        if (!quota)
                return;
        assert(quota->used >= size); /* else it would wrap, and never have room again */
        quota_give(quota->parent,
                   of_parent(quota, quota->used) - of_parent(quota, quota->used - size));
        quota->used -= size;
}

bool quota_move(Quota *quota, Quota *parent)
{
        size_t held = of_parent(quota, quota->used);

        if (!quota_take(parent, held)) {
                quota->is_short = true;
                return false;
        }
        quota_give(quota->parent, held);
        quota->parent = parent;
        return true;
}
