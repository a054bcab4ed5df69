#include "model/environment.h"

#include "base/macros.h"

size_t approvals_persons(const Approvals *approvals)
{
        size_t n = 0;

        for (size_t i = 0; i < approvals->n; i++)
                n += approvals_of(approvals, approvals->items[i].person) == &approvals->items[i];
        return n;
}

const Approval *approvals_of(const Approvals *approvals, const char *person)
{
        for (size_t i = 0; i < approvals->n; i++)
                if (streq(approvals->items[i].person, person))
                        return &approvals->items[i];
        return NULL;
}
