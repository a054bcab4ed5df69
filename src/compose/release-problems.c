/* What speaks against freezing a draft: what its wants did not find, what components deny, and the
 * platforms that images lack. */

#include "compose/release-task.h"
#include "model/image.h"

/* The platforms a component must have, against those of the image. */
static const char *missing_platform(ReleaseTask *task, const Part *part)
{
        const Strings *wanted = &part->want->component->platforms;

        for (size_t i = 0; i < wanted->n; i++) {
                bool found = false;

                for (size_t j = 0; j < part->manifest.platforms.n; j++)
                        found = found ||
                                platform_matches(wanted->items[i],
                                                 part->manifest.platforms.items[j].platform);
                if (!found)
                        return arena_printf(&task->arena,
                                            "component '%s': %s%s%s lacks platform %s",
                                            part->want->component->object.meta.name,
                                            part->picked.tag ? part->picked.tag : "",
                                            part->picked.tag ? " at " : "", part->picked.digest,
                                            wanted->items[i]);
        }
        return NULL;
}

/* Whether the component's deny speaks against what was picked; people may have named it outright.
 */
static const char *denial(ReleaseTask *task, const Part *part)
{
        ComponentState *component = part_component(part);
        _cleanup_(error_done) Error error = { 0 };
        Classification is = { 0 };
        const char *reason = NULL;

        if (!part->picked.digest || component->spec->deny.n == 0 || task->is_published)
                return NULL;
        if (!component->policy &&
            version_policy_new(component->spec, &component->policy, &error) < 0)
                return arena_strdup(&task->arena, error_message(&error));
        version_policy_begin(component->policy);
        reason = version_policy_denies(component->policy, part->picked.digest);
        if (!reason && part->picked.tag &&
            version_policy_classify(component->policy, part->picked.tag, &task->arena, &is, NULL) >=
                    0 &&
            is.denied)
                reason = is.reason;
        version_policy_begin(component->policy); /* it may be in the middle of a run */
        return reason ? arena_printf(
                                &task->arena, "component '%s': %s is %s", component->subject.name,
                                part->picked.tag ? part->picked.tag : part->picked.digest, reason)
                      : NULL;
}

const char *release_task_problems(ReleaseTask *task)
{
        const char *all = NULL;

        task->problems.n = 0;
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                const char *problem = part->problem ? part->problem : part->picked.reason;

                if (!problem)
                        problem = denial(task, part);
                if (!problem && part->has_manifest)
                        problem = missing_platform(task, part);
                if (!problem)
                        continue;
                task->problems.items[task->problems.n++] =
                        (ReleaseProblem){ problem, part->want->place };
                all = all ? arena_printf(&task->arena, "%s; %s", all, problem) : problem;
        }
        return all;
}
