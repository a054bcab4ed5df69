/* Collects the reasons why a draft cannot become a release: components that were not found or not
 * admitted. */

#include "compose/release-task.h"
#include "release/admission.h"
#include "release/tag-guard.h"

/* Returns why the version of the picked tag is denied; NULL if it is not. */
static const char *denied_version(ReleaseTask *task, const Part *part, VersionPolicy *policy)
{
        Classification is = { 0 };
        int r;

        if (!part->picked.tag)
                return NULL;
        version_policy_begin(policy);
        r = version_policy_classify(policy, part->picked.tag, &task->arena, &is, NULL);
        /* resets the budget that this call has used, because a run of this policy may be in
         * progress */
        version_policy_begin(policy);
        return r >= 0 && is.denied ? is.reason : NULL;
}

/* Applies the rules `deny`, except to a component of a published lockfile. Returns the reason why
 * the rules cannot be applied, or NULL. */
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

/* Reads the facts about a version tag that the release names. The rule for heads also applies to
 * such a tag. Returns 0 if the part names no version tag. */
static int gather_tag(ReleaseTask *task, const Part *part, TagGuard *guard, AdmissionTag *ret,
                      Error *err)
{
        const ComponentSpec *spec = part->want->component;
        VersionPolicy *policy;
        Component component;
        Classification is = { 0 };
        int r;

        if (!part_names_tag(part) || !part_component(part, &component))
                return 0;
        r = component_policy(&component, &policy, err);
        if (r < 0)
                return r;
        version_policy_begin(policy);
        r = version_policy_classify(policy, part->picked.tag, &task->arena, &is, NULL);
        /* resets the budget that this call has used, because a run of this policy may be in
         * progress */
        version_policy_begin(policy);
        if (r < 0 || !is.eligible)
                return 0;
        guard->is_mutable =
                component_tags_are_mutable(spec, model_component_registry(task->model, spec));
        if (tag_guard_init(guard, spec, &part->guarded, &task->arena) < 0)
                return error_oom(err);
        return tag_guard_facts(guard, part->picked.tag,
                               tag_guard_head(&part->channels, is.channel, part->picked.tag), ret);
}

static const char *refusal(ReleaseTask *task, const Part *part)
{
        AdmissionFacts facts = { .verify = part_verify_rules(part),
                                 .manifest = part->has_manifest ? &part->manifest : NULL,
                                 .served = part->is_served ? SERVED_YES : SERVED_UNKNOWN,
                                 .gone_platform = part->gone_platform };
        const char *problem = gather_deny(task, part, &facts);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(tag_guard_done) TagGuard guard = { 0 };
        AdmissionTag tag;
        Admission admission;
        int r;

        if (problem)
                return problem;
        r = gather_tag(task, part, &guard, &tag, &error);
        if (r < 0)
                return arena_strdup(&task->arena, error_message(&error));
        facts.tag = r > 0 ? &tag : NULL;
        admission =
                admission_decide(ADMIT_RELEASE, part->want->component, part->picked.digest, &facts);
        return admission_describe(&admission,
                                  &(AdmissionAbout){ part->want->component->object.meta.name,
                                                     part->picked.tag, part->picked.digest },
                                  &task->arena);
}

const char *release_task_problems(ReleaseTask *task)
{
        _cleanup_(error_done) Error error = { 0 };
        const char *all = NULL;

        task->problems.n = 0;
        if (release_task_read_guarded(task, &error) < 0)
                return arena_strdup(&task->arena, error_message(&error));
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
