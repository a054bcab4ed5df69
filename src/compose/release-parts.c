/* The parts of a task, and the check whether they are current. */

#include <stdlib.h>

#include "compose/release-task.h"

ReleaseTask *release_task_free(ReleaseTask *task)
{
        if (!task)
                return NULL;
        for (size_t i = 0; task->parts && i < task->wants.n; i++) {
                registry_call_cancel(task->parts[i].call);
                verification_cancel(task->parts[i].verification);
                verify_policy_done(&task->parts[i].verify);
        }
        model_unref(task->model);
        map_done(&task->stored_images);
        arena_done(&task->arena);
        free(task);
        return NULL;
}

const Control *task_control(const ReleaseTask *task)
{
        return task->draft->composer->control;
}

bool part_component(const Part *part, Component *ret)
{
        const Control *control = task_control(part->task);

        return control->calls->component(control->userdata, part->want->component->object.id.text,
                                         ret);
}

bool release_task_is_current(const ReleaseTask *task, const Model *model)
{
        const ReleaseSpec *spec = task->draft->spec;
        size_t n_wanted = 0, n_now = 0;

        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                Component component;

                /* the task keeps its model in memory, so an equal pointer means the same
                 * document */
                if (!part_component(part, &component) || component.spec != part->want->component ||
                    !streq(component.registry_key, part->registry))
                        return false;
                n_wanted += release_spec_wants(spec, component.spec);
        }
        for (size_t i = 0; i < model->components.n; i++)
                n_now += release_spec_wants(spec, model->components.items[i]);
        return n_now == n_wanted;
}
