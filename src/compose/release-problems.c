/* Collects the reasons against freezing a draft: components that were not found or not admitted. */

#include "compose/release-task.h"
#include "release/admission.h"

/* Returns why the version of the picked tag is denied; NULL if it is not. */
static const char *denied_version(ReleaseTask *task, const Part *part, VersionPolicy *policy)
{
        Classification is = { 0 };
        int r;

        if (!part->picked.tag)
                return NULL;
        version_policy_begin(policy);
        r = version_policy_classify(policy, part->picked.tag, &task->arena, &is, NULL);
        version_policy_begin(policy); /* it may be within a run */
        return r >= 0 && is.denied ? is.reason : NULL;
}

/* Applies deny, except to a published lockfile. Returns why the rules cannot be applied; NULL if
 * they can. */
static const char *gather_deny(ReleaseTask *task, const Part *part, AdmissionFacts *facts)
{
        _cleanup_(error_done) Error error = { 0 };
        VersionPolicy *policy;
        Component component;

        if (task->is_published || !part_component(part, &component) || component.spec->deny.n == 0)
                return NULL;
        if (component_policy(&component, &policy, &error) < 0)
                return arena_strdup(&task->arena, error_message(&error));
        facts->policy = policy;
        facts->denied_version = denied_version(task, part, policy);
        return NULL;
}

static const char *refusal(ReleaseTask *task, const Part *part)
{
        AdmissionFacts facts = { .manifest = part->has_manifest ? &part->manifest : NULL,
                                 .served = part->is_served ? SERVED_YES : SERVED_UNKNOWN,
                                 .gone_platform = part->gone_platform };
        const char *problem = gather_deny(task, part, &facts);
        Admission admission;

        if (problem)
                return problem;
        admission =
                admission_decide(ADMIT_RELEASE, part->want->component, part->picked.digest, &facts);
        return admission_describe(&admission,
                                  &(AdmissionAbout){ part->want->component->object.meta.name,
                                                     part->picked.tag, part->picked.digest },
                                  &task->arena);
}

const char *release_task_problems(ReleaseTask *task)
{
        const char *all = NULL;

        task->problems.n = 0;
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                const char *problem = part->problem ? part->problem : part->picked.reason;

                if (!problem && part->picked.digest)
                        problem = refusal(task, part);
                if (!problem)
                        continue;
                task->problems.items[task->problems.n++] =
                        (ReleaseProblem){ problem, part->want->place };
                all = all ? arena_printf(&task->arena, "%s; %s", all, problem) : problem;
        }
        return all;
}
