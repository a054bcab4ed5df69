#include "model/environment.h"

#include "base/macros.h"
#include "model/person.h"

const char *environment_follows(const EnvironmentSpec *spec)
{
        return spec->stream ? spec->stream : spec->follows;
}

const char *environment_follows_noun(const EnvironmentSpec *spec)
{
        return object_kind_to_noun(spec->stream ? KIND_STREAM : KIND_ENVIRONMENT);
}

bool deployment_has(const Deployment *deployment, const char *release_id)
{
        return deployment->status != DEPLOYMENT_FAILED && streq(deployment->release_id, release_id);
}

const char *deployment_runs(const Deployment *deployment)
{
        bool failed = deployment->status == DEPLOYMENT_FAILED &&
                      str_equal(deployment->release_id, deployment->deployed_release_id);

        return failed ? NULL : deployment->deployed_release_id;
}

int64_t approvals_needed(const ApprovalRules *rules)
{
        int64_t n_persons = 0;

        for (size_t i = 0; i < rules->required.n; i++)
                n_persons += !person_is_group(rules->required.items[i]);
        /* one approval may satisfy all required groups, so that they need only one person together,
         * who may also be required by name */
        n_persons = MAX(n_persons, (int64_t)(rules->required.n > 0));
        return MAX(rules->count, n_persons);
}
