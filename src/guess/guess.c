#include "guess/guess.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "guess/propose.h"
#include "model/image/image.h"

#define STYLES_MAX 10

/* --- groups ----------------------------------------------------------------------------------- */

static int compare_families(const void *a, const void *b)
{
        const Family *one = *(const Family *const *)a, *other = *(const Family *const *)b;

        if (one->n != other->n)
                return one->n < other->n ? 1 : -1;
        if (one->style != other->style)
                return one->style > other->style ? 1 : -1;
        return strcmp(one->example, other->example);
}

static bool is_of_commits(ShapeStyle style)
{
        return style == SHAPE_COMMIT_TIME || style == SHAPE_TIME_COMMIT || style == SHAPE_COMMIT;
}

/* True if one Component may read both families, because their numbers have the same meaning and
 * they belong to the same program. */
static bool is_one_group(const Family *a, const Family *b)
{
        if (a->style != b->style)
                return false;
        if (is_of_commits(a->style) || a->style == SHAPE_WORD)
                return true;
        return streq(a->prefix, b->prefix) && propose_is_short_year(a) == propose_is_short_year(b);
}

/* Returns the number of tags plus 1. Tags of unknown form do not count. A group of names has weight
 * 0, so that it is chosen only if there is no other group. */
static size_t weight_of(const FamilyGroup *group)
{
        size_t weight = 0;

        for (size_t i = 0; i < group->n; i++)
                if (group->items[i]->suffix != SUFFIX_ODD)
                        weight += group->items[i]->n;
        return group->items[0]->style == SHAPE_WORD ? 0 : 1 + weight;
}

static int group_with(Family **families, size_t n, size_t first, Arena *arena, FamilyGroup *ret)
{
        *ret = (FamilyGroup){ .items = arena_alloc_array(arena, n, sizeof(Family *)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = first; i < n; i++)
                if (is_one_group(families[first], families[i]))
                        ret->items[ret->n++] = families[i];
        return 0;
}

static bool is_grouped(Family **families, size_t index)
{
        for (size_t i = 0; i < index; i++)
                if (is_one_group(families[i], families[index]))
                        return true;
        return false;
}

/* Finds the heaviest group that contains one of the STYLES_MAX largest families. */
static int best_group(Family **families, size_t n, Arena *arena, FamilyGroup *ret)
{
        size_t best = 0;
        int r;

        for (size_t i = 0; i < n && i < STYLES_MAX; i++) {
                FamilyGroup group;

                if (is_grouped(families, i))
                        continue;
                r = group_with(families, n, i, arena, &group);
                if (r < 0)
                        return r;
                if (i > 0 && weight_of(&group) <= best)
                        continue;
                best = weight_of(&group);
                *ret = group;
        }
        return 0;
}

static bool has_other_years(Family **families, size_t n, const FamilyGroup *group)
{
        if (group->n == 0 || group->items[0]->style != SHAPE_SEMVER)
                return false;
        for (size_t i = 0; i < n; i++)
                if (families[i]->style == SHAPE_CALVER &&
                    streq(families[i]->prefix, group->items[0]->prefix))
                        return true;
        return false;
}

/* --- the component ---------------------------------------------------------------------------- */

static const char *name_of(const char *repository, Arena *arena)
{
        const char *slash = strrchr(repository, '/');
        char *name = arena_strdup(arena, slash ? slash + 1 : repository);

        for (char *at = name; at && *at; at++)
                *at = text_lower(*at);
        return !name || name_is_valid(name) ? name : "image";
}

/* Returns the tag to follow if all tags are names. This is a usual name, such as latest, or else
 * the first tag. */
static const char *tag_to_follow(const Strings *tags)
{
        static const char *const usual[] = { "latest", "stable", "main", "master", "edge" };

        for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
                for (size_t j = 0; j < tags->n; j++)
                        if (streq(tags->items[j], usual[i]))
                                return tags->items[j];
        return tags->items[0];
}

static int component_of(const char *repository, const FamilyGroup *group, bool other_years,
                        const Strings *tags, Arena *arena, ComponentSpec *ret)
{
        int r;

        *ret = (ComponentSpec){ .object = { .kind = KIND_COMPONENT,
                                            .meta = { .name = name_of(repository, arena),
                                                      .tenant = "default" } },
                                .image_repository = repository };
        if (!ret->object.meta.name)
                return -ENOMEM;
        r = group->n > 0 ? propose_rules(group, other_years, arena, ret) : 0;
        if (r < 0)
                return r;
        if (group->n == 0 || ret->versioning_strategy.type == STRATEGY_MANUAL) {
                ret->default_channel = "stable";
                ret->versioning_strategy.type = STRATEGY_MANUAL;
                ret->versioning_strategy.follow = tag_to_follow(tags);
        }
        return 0;
}

/* --- styles ----------------------------------------------------------------------------------- */

static bool is_in_group(const FamilyGroup *group, const Family *family)
{
        for (size_t i = 0; i < group->n; i++)
                if (group->items[i] == family)
                        return true;
        return false;
}

static int name_styles(Family **families, size_t n, const FamilyGroup *group, Arena *arena,
                       Guess *ret)
{
        ret->styles = arena_alloc_array(arena, STYLES_MAX, sizeof(GuessStyle));
        if (!ret->styles)
                return -ENOMEM;
        for (size_t i = 0; i < n && ret->n_styles < STYLES_MAX; i++) {
                GuessStyle *style = &ret->styles[ret->n_styles++];

                *style = (GuessStyle){ .name = propose_style_name(families[i], arena),
                                       .n = families[i]->n,
                                       .example = families[i]->example,
                                       .is_chosen = is_in_group(group, families[i]) &&
                                                    families[i]->suffix != SUFFIX_ODD };
                if (!style->name)
                        return -ENOMEM;
        }
        return 0;
}

static int collect(Families *families, const Strings *tags, Arena *arena, Family ***ret)
{
        size_t n = 0;
        int r;

        for (size_t i = 0; i < tags->n; i++) {
                r = family_add(families, tags->items[i]);
                if (r < 0)
                        return r;
        }
        *ret = arena_alloc_array(arena, families->by_key.n + 1, sizeof(Family *));
        if (!*ret)
                return -ENOMEM;
        map_foreach (&families->by_key, entry)
                (*ret)[n++] = entry->value;
        qsort(*ret, n, sizeof(Family *), compare_families);
        return 0;
}

static int guess(Families *families, const char *repository, const Strings *tags, Arena *arena,
                 Guess *ret)
{
        FamilyGroup group = { 0 };
        Family **all;
        size_t n;
        int r;

        r = collect(families, tags, arena, &all);
        if (r < 0)
                return r;
        n = families->by_key.n;
        r = best_group(all, n, arena, &group);
        if (r >= 0)
                r = component_of(repository, &group, has_other_years(all, n, &group), tags, arena,
                                 &ret->component);
        return r < 0 ? r : name_styles(all, n, &group, arena, ret);
}

static int compare_texts(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Selects the tags that may be versions. Sorts them, because a registry lists them in any order. */
static int keep_valid(const Strings *tags, Arena *arena, Strings *ret)
{
        ret->items = arena_alloc_array(arena, tags->n, sizeof(char *));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < tags->n; i++)
                if (tag_is_valid(tags->items[i], strlen(tags->items[i])) &&
                    !tag_is_referrer(tags->items[i]))
                        ret->items[ret->n++] = tags->items[i];
        qsort(ret->items, ret->n, sizeof(char *), compare_texts);
        return 0;
}

int guess_tags(const char *repository, const Strings *tags, Arena *arena, Guess *ret, Error *err)
{
        Families families = { .arena = arena };
        Guess result = { 0 };
        Strings valid = { 0 };
        int r;

        if (keep_valid(tags, arena, &valid) < 0)
                return error_oom(err);
        if (valid.n == 0)
                return error_set(err, ERROR_INVALID, -EINVAL, "there are no tags to guess from%s",
                                 tags->n > 0 ? ": none can be a version" : "");
        r = guess(&families, repository, &valid, arena, &result);
        map_done(&families.by_key);
        if (r < 0)
                return error_oom(err);
        r = explain_tags(&result.component, &valid, &(ExplainOptions){ 0 }, arena, &result.chosen,
                         err);
        if (r < 0)
                return r;
        result.n_unread = tags->n - result.chosen.n_eligible;
        *ret = result;
        return 0;
}

int guess_tag(const char *repository, const char *tag, Arena *arena, ComponentSpec *ret, Error *err)
{
        const Strings tags = { .items = &tag, .n = 1 };
        Guess guess = { 0 };
        int r;

        r = guess_tags(repository, &tags, arena, &guess, err);
        if (r >= 0)
                *ret = guess.component;
        return r;
}

int guess_prefer(ComponentSpec *component, const char *tag, Arena *arena, Error *err)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        Classification is;
        int r;

        r = version_policy_new(component, &policy, err);
        if (r < 0)
                return r;
        if (version_policy_classify(policy, tag, arena, &is, NULL) < 0)
                return error_oom(err);
        if (!is.eligible || is.prerelease)
                return 0;
        component->default_channel = arena_strdup(arena, is.channel);
        return component->default_channel ? 0 : error_oom(err);
}
