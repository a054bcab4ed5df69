#include "base/quota.h"

#include <assert.h>

/* Returns how many of the used bytes count against the parent. */
static size_t of_parent(const Quota *quota, size_t used)
{
        return used > quota->assured ? used - quota->assured : 0;
}

size_t quota_limit(const Quota *quota)
{
        size_t limit = quota->max, assured = 0;

        for (; quota->parent; quota = quota->parent) {
                assured += quota->assured;
                if (quota->parent->max < limit && limit - quota->parent->max > assured)
                        limit = quota->parent->max + assured;
        }
        return limit;
}

bool quota_take(Quota *quota, size_t size)
{
        if (!quota)
                return true;
        if (size > quota->max || quota->used > quota->max - size ||
            !quota_take(quota->parent,
                        of_parent(quota, quota->used + size) - of_parent(quota, quota->used))) {
                size_t limit = quota_limit(quota);

                quota->is_short = true;
                quota->is_over = quota->is_over || size > limit || quota->used > limit - size;
                return false;
        }
        quota->used += size;
        return true;
}

void quota_give(Quota *quota, size_t size)
{
        if (!quota)
                return;
        /* otherwise used would wrap around, and the quota would refuse everything */
        assert(quota->used >= size);
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
