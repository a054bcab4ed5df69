#include "model/environment.h"

#include "base/macros.h"

int64_t approvals_needed(const ApprovalRules *rules)
{
        return MAX(rules->count, (int64_t)rules->required.n);
}
