#include "spec/config/config-refuse.h"

#include <errno.h>

int config_refuse(Place place, DiagList *diags, const char *field, const char *text,
                  const char *what)
{
        diag_error(diags, place, "field \"%s\": \"%s\" is %s", field, text, what);
        return -EINVAL;
}
