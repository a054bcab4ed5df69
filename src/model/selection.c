#include "model/selection.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "model/people.h"

#define SELECTION_TEXT_MAX                                                                         \
        ((size_t)(CALENDARS_MAX + SOURCES_MAX + 2 * GROUPS_NAMED_MAX + 1) * 2 * NAME_MAX_)
#define LABEL_KEY "%s %s=%s" /* tenant, key and value of a label */

typedef struct Selection {
        Strings sources; /* only for environments with matchLabels */
        CalendarSpecs calendars;
} Selection;

/* The environments that have one label. */
typedef struct Labelled {
        const EnvironmentSpec *environment;
        struct Labelled *next;
} Labelled;

typedef struct LabelledList {
        Labelled *first, *last;
        size_t n;
} LabelledList;

static const char *label_value(const Pairs *labels, const char *key)
{
        for (size_t i = 0; i < labels->n; i++)
                if (streq(labels->items[i].key, key))
                        return labels->items[i].value;
        return NULL;
}

/* True if labels contain all of the wanted ones. */
static bool labels_match(const Pairs *wanted, const Pairs *labels)
{
        for (size_t i = 0; i < wanted->n; i++)
                if (!str_equal(label_value(labels, wanted->items[i].key), wanted->items[i].value))
                        return false;
        return true;
}

bool calendar_applies(const CalendarSpec *calendar, const Object *object)
{
        return streq(object->meta.tenant, calendar->object.meta.tenant) &&
               labels_match(&calendar->environments.match_labels, &object->meta.labels);
}

static Selection *selection_of(Model *model, const EnvironmentSpec *environment)
{
        Selection *selection = map_get(&model->selections, environment->object.id.text);

        if (selection)
                return selection;
        selection = arena_alloc(&model->arena, sizeof(*selection));
        if (!selection)
                return NULL;
        *selection = (Selection){ 0 };
        if (map_put(&model->selections, environment->object.id.text, selection, NULL) < 0)
                return NULL;
        return selection;
}

/* --- calendars -------------------------------------------------------------------------------- */

/* Sets the calendars of an environment. all: the n calendars of the same tenant, which are adjacent
 * in the model. */
static int select_calendars(Model *model, const EnvironmentSpec *environment,
                            const CalendarSpec *const *all, size_t n)
{
        const Pairs *labels = &environment->object.meta.labels;
        Selection *selection;
        size_t n_selected = 0;

        for (size_t i = 0; i < n; i++)
                n_selected += labels_match(&all[i]->environments.match_labels, labels);
        if (n_selected == 0)
                return 0;
        selection = selection_of(model, environment);
        if (!selection)
                return -ENOMEM;
        selection->calendars.items =
                arena_alloc_array(&model->arena, n_selected, sizeof(*selection->calendars.items));
        if (!selection->calendars.items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (labels_match(&all[i]->environments.match_labels, labels))
                        selection->calendars.items[selection->calendars.n++] = all[i];
        return 0;
}

/* Sets the calendars of all environments. Calendars and environments are both sorted by tenant. */
static int select_all_calendars(Model *model)
{
        const CalendarSpecs *calendars = &model->calendars;
        size_t first = 0, end;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < model->environments.n; i++) {
                const EnvironmentSpec *environment = model->environments.items[i];
                const char *tenant = environment->object.meta.tenant;

                while (first < calendars->n &&
                       strcmp(calendars->items[first]->object.meta.tenant, tenant) < 0)
                        first++;
                for (end = first; end < calendars->n &&
                                  streq(calendars->items[end]->object.meta.tenant, tenant);)
                        end++;
                if (end > first)
                        r = select_calendars(model, environment, &calendars->items[first],
                                             end - first);
        }
        return r;
}

/* --- environments ----------------------------------------------------------------------------- */

static int labels_index_one(Map *by_label, const EnvironmentSpec *environment, const Pair *label,
                            Arena *arena)
{
        const char *key = arena_printf(arena, LABEL_KEY, environment->object.meta.tenant,
                                       label->key, label->value);
        Labelled *labelled = arena_alloc(arena, sizeof(*labelled));
        LabelledList *list;

        if (!key || !labelled)
                return -ENOMEM;
        *labelled = (Labelled){ .environment = environment };
        list = map_get(by_label, key);
        if (!list) {
                list = arena_alloc(arena, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                *list = (LabelledList){ 0 };
                if (map_put(by_label, key, list, NULL) < 0)
                        return -ENOMEM;
        }
        if (list->last)
                list->last->next = labelled;
        else
                list->first = labelled;
        list->last = labelled;
        list->n++;
        return 0;
}

static int labels_index(const Model *model, Map *by_label, Arena *arena)
{
        for (size_t i = 0; i < model->environments.n; i++) {
                const EnvironmentSpec *environment = model->environments.items[i];
                const Pairs *labels = &environment->object.meta.labels;

                for (size_t j = 0; j < labels->n; j++)
                        if (labels_index_one(by_label, environment, &labels->items[j], arena) < 0)
                                return -ENOMEM;
        }
        return 0;
}

/* Finds the wanted label that the fewest environments have, and sets *ret to the list of these
 * environments. Sets *ret to NULL if there is a label that no environment has. */
static int labels_candidates(const Map *by_label, const EnvironmentSpec *environment,
                             const LabelledList **ret, Arena *arena)
{
        const Pairs *wanted = &environment->promotes_from.match_labels;

        *ret = NULL;
        for (size_t i = 0; i < wanted->n; i++) {
                const char *key = arena_printf(arena, LABEL_KEY, environment->object.meta.tenant,
                                               wanted->items[i].key, wanted->items[i].value);
                const LabelledList *list = key ? map_get(by_label, key) : NULL;

                if (!list) {
                        *ret = NULL;
                        return key ? 0 : -ENOMEM;
                }
                if (!*ret || list->n < (*ret)->n)
                        *ret = list;
        }
        return 0;
}

static int select_sources(Model *model, const EnvironmentSpec *environment,
                          const LabelledList *candidates)
{
        const PromotesFrom *from = &environment->promotes_from;
        size_t n_max = from->environments.n + SOURCES_MAX + 1;
        Selection *selection = selection_of(model, environment);
        size_t n_matched = 0; /* includes environments that promotesFrom also names */
        Strings *sources;

        if (!selection)
                return -ENOMEM;
        sources = &selection->sources;
        sources->items = arena_alloc_array(&model->arena, n_max, sizeof(*sources->items));
        if (!sources->items)
                return -ENOMEM;
        for (size_t i = 0; i < from->environments.n; i++)
                sources->items[sources->n++] = from->environments.items[i];
        for (const Labelled *at = candidates ? candidates->first : NULL;
             at && sources->n <= SOURCES_MAX; at = at->next) {
                const Object *object = &at->environment->object;

                if (at->environment != environment &&
                    streq(object->meta.tenant, environment->object.meta.tenant) &&
                    labels_match(&from->match_labels, &object->meta.labels)) {
                        n_matched++;
                        if (!strings_has(&from->environments, object->meta.name))
                                sources->items[sources->n++] = object->meta.name;
                }
        }
        if (n_matched == 0) /* labels that select nothing keep the gate closed */
                sources->n = 0;
        return 0;
}

static bool has_source_labels(const Model *model)
{
        for (size_t i = 0; i < model->environments.n; i++)
                if (model->environments.items[i]->promotes_from.match_labels.n > 0)
                        return true;
        return false;
}

static int select_all_sources(Model *model)
{
        _cleanup_(map_done) Map by_label = { 0 };
        _cleanup_(arena_done) Arena arena;
        int r = 0;

        arena_init(&arena, SELECTION_MEMORY_MAX);
        if (!has_source_labels(model))
                return 0;
        r = labels_index(model, &by_label, &arena);
        for (size_t i = 0; r >= 0 && i < model->environments.n; i++) {
                const EnvironmentSpec *environment = model->environments.items[i];
                const LabelledList *candidates;

                if (environment->promotes_from.match_labels.n == 0)
                        continue;
                r = labels_candidates(&by_label, environment, &candidates, &arena);
                if (r >= 0)
                        r = select_sources(model, environment, candidates);
        }
        return r;
}

/* --- all -------------------------------------------------------------------------------------- */

int selections_make(Model *model)
{
        map_clear(&model->selections);
        return select_all_calendars(model) < 0 ? -ENOMEM : select_all_sources(model);
}

const Strings *model_sources(const Model *model, const EnvironmentSpec *environment)
{
        const Selection *selection = map_get(&model->selections, environment->object.id.text);

        return selection && environment->promotes_from.match_labels.n > 0
                       ? &selection->sources
                       : &environment->promotes_from.environments;
}

CalendarSpecs model_calendars(const Model *model, const EnvironmentSpec *environment)
{
        const Selection *selection = map_get(&model->selections, environment->object.id.text);

        return selection ? selection->calendars : (CalendarSpecs){ 0 };
}

bool model_has_windows(const Model *model, const EnvironmentSpec *environment)
{
        return environment->windows.n > 0 || model_calendars(model, environment).n > 0;
}

/* Adds the groups that approvals name, with their contents. */
static void add_groups(const Model *model, const EnvironmentSpec *environment, Buffer *out)
{
        const Strings *lists[] = { &environment->approvals.from, &environment->approvals.required };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                for (size_t j = 0; j < lists[i]->n; j++) {
                        const GroupSpec *group = people_group(
                                model, environment->object.meta.tenant, lists[i]->items[j]);

                        if (group)
                                (void)buffer_printf(out, "%s %s\n", group->object.id.text,
                                                    group->object.digest);
                }
}

int model_hash_selection(const Model *model, const EnvironmentSpec *environment, uint64_t *ret)
{
        const CalendarSpecs calendars = model_calendars(model, environment);
        const Strings *sources = model_sources(model, environment);
        bool has_labels = environment->promotes_from.match_labels.n > 0;
        _cleanup_(buffer_done) Buffer text = { 0 };

        *ret = 0;
        buffer_init(&text, SELECTION_TEXT_MAX);
        for (size_t i = 0; i < calendars.n; i++)
                (void)buffer_printf(&text, "%s %s\n", calendars.items[i]->object.id.text,
                                    calendars.items[i]->object.digest);
        for (size_t i = 0; has_labels && i < sources->n; i++)
                (void)buffer_printf(&text, "%s\n", sources->items[i]);
        add_groups(model, environment, &text);
        if (text.failed)
                return -ENOMEM;
        *ret = text.size > 0 ? map_hash(text.data) : 0;
        return 0;
}
