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

int environment_check_promoter(const EnvironmentState *environment, const Actor *actor,
                               const char *action, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        const char *name = spec->object.meta.name, *persons, *place;
        _cleanup_(arena_done) Arena arena = { 0 };

        if (spec->promoters.n == 0)
                return 0;
        if (!actor->person) /* relmand looks up a person only where promoters are named */
                return error_set(err, ERROR_CONFLICT, -EAGAIN,
                                 "the promoters of environment '%s' changed meanwhile; try again",
                                 name);
        if (people_have(environment->deployer->control->model, spec->object.meta.tenant,
                        &spec->promoters, actor->person))
                return 0;
        arena_init(&arena, REFUSAL_ARENA_MAX);
        persons = persons_text(&spec->promoters, " and ", &arena);
        place = environment_place(environment, &spec->promoters_place, &arena);
        if (!persons || !place)
                return error_oom(err);
        return error_set(err, ERROR_DENIED, -EACCES,
                         "%s may not %s environment '%s': promoters names %s%s", actor->person,
                         action, name, persons, place);
}
