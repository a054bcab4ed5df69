/* Checks which persons may decide the release of an environment. */

#include <errno.h>

#include "deploy/environments.h"
#include "model/people.h"
#include "release/approvals.h"

#define REFUSAL_ARENA_MAX ((size_t)1024 * 1024)

const char *environment_place(const EnvironmentState *environment, const Place *field, Arena *arena)
{
        const Place *document = &environment->spec->object.place;
        const Place *place = field->line > 0 ? field : document;

        return document->file ? arena_printf(arena, " (%s:%u)", document->file, place->line) : "";
}

int environment_refuse(const EnvironmentState *environment, const Actor *actor,
                       const PersonRefusal *refusal, Error *err)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        const char *persons, *place, *others = "";

        arena_init(&arena, REFUSAL_ARENA_MAX);
        persons = persons_text(refusal->persons, " and ", &arena);
        place = environment_place(environment, refusal->place, &arena);
        if (refusal->required)
                others = persons_text(refusal->required, " and ", &arena);
        if (!persons || !place || !others)
                return error_oom(err);
        return error_set(err, ERROR_DENIED, -EACCES,
                         "%s may not %s environment '%s': %s names %s%s%s%s", actor->person,
                         refusal->action, environment->spec->object.meta.name, refusal->field,
                         persons, others[0] ? "; approvals.required names " : "", others, place);
}

int environment_check_promoter(const EnvironmentState *environment, const Actor *actor,
                               const char *action, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;

        if (spec->promoters.n == 0)
                return 0;
        if (!actor->person) /* relmand looks up a person only where promoters are named */
                return error_set(err, ERROR_CONFLICT, -EAGAIN,
                                 "the promoters of environment '%s' changed meanwhile; try again",
                                 spec->object.meta.name);
        if (people_have(environment->deployer->control->model, spec->object.meta.tenant,
                        &spec->promoters, actor->person))
                return 0;
        return environment_refuse(environment, actor,
                                  &(PersonRefusal){ .action = action,
                                                    .field = "promoters",
                                                    .persons = &spec->promoters,
                                                    .place = &spec->promoters_place },
                                  err);
}
