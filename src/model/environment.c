#include "model/environment.h"

#include "base/macros.h"
#include "model/person.h"

int64_t approvals_needed(const ApprovalRules *rules)
{
        int64_t n_persons = 0;

        for (size_t i = 0; i < rules->required.n; i++)
                n_persons += !person_is_group(rules->required.items[i]);
        return MAX(rules->count, MAX(n_persons, (int64_t)(rules->required.n > 0)));
}
