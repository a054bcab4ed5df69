/* Makes the lock of the release that a check tests. */

#include <errno.h>

#include "checks/check-runs.h"

int check_lock(const CheckRun *run, Arena *arena, Lock *ret, Error *err)
{
        const Control *control = run->runner->control;
        const Object *environment = map_get(&control->model->by_id, run->environment_id.text);
        int r;

        if (!environment)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "its environment was removed");
        ret->environment = environment->meta.name;
        r = control_find_release(control, run->release_id.text, arena, &ret->release, err);
        return r < 0 ? r : lock_digest(ret, arena, err);
}
