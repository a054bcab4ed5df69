#include "model/environment.h"

#include "base/macros.h"

const char *environment_follows(const EnvironmentSpec *spec)
{
        return spec->stream ? spec->stream : spec->follows;
}

const char *environment_follows_noun(const EnvironmentSpec *spec)
{
        return object_kind_to_noun(spec->stream ? KIND_STREAM : KIND_ENVIRONMENT);
}

const char *deployment_runs(const Deployment *deployment)
{
        bool failed = deployment->status == DEPLOYMENT_FAILED &&
                      str_equal(deployment->release_id, deployment->deployed_release_id);

        return failed ? NULL : deployment->deployed_release_id;
}

int64_t approvals_needed(const ApprovalRules *rules)
{
        return MAX(rules->count, (int64_t)rules->required.n);
}
