#include "control/control.h"

#include <errno.h>

#include "base/log.h"
#include "store/releases.h"

void control_kick(const Control *control)
{
        control->calls->kick(control->userdata);
}

void control_adopt_later(const Control *control, const char *what, const char *why)
{
        log_error("%s: %s; the specs are read again soon", what, why);
        control->calls->load_later(control->userdata);
}

int control_find_release(const Control *control, const char *id, Arena *arena, Release *ret,
                         Error *err)
{
        int r = store_release(control->store, id, arena, ret, err);

        return r != 0 ? MIN(r, 0)
                      : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'", id);
}

int component_policy(const Component *component, VersionPolicy **ret, Error *err)
{
        int r = *component->policy ? 0
                                   : version_policy_new(component->spec, component->policy, err);

        *ret = *component->policy;
        return r;
}
