#include "release/tag-guard.h"

#include <errno.h>

typedef struct GuardedTag {
        ReleasedDigest *first, *last; /* newest first */
        const TagMove *allowed;       /* the newest permission; NULL: there is none */
} GuardedTag;

bool component_tags_are_mutable(const ComponentSpec *component, const RegistrySpec *registry)
{
        switch (component->tags) {
        case COMPONENT_TAGS_IMMUTABLE: return false;
        case COMPONENT_TAGS_MUTABLE: return true;
        case COMPONENT_TAGS_INHERIT:
        case COMPONENT_TAGS_MAX_: break;
        }
        return registry && registry->tags == REGISTRY_TAGS_MUTABLE;
}

static GuardedTag *guarded_tag(TagGuard *guard, const char *name, Arena *arena)
{
        GuardedTag *tag = map_get(&guard->tags, name);

        if (tag)
                return tag;
        tag = arena_alloc(arena, sizeof(*tag));
        if (!tag)
                return NULL;
        *tag = (GuardedTag){ 0 };
        return map_put(&guard->tags, name, tag, NULL) < 0 ? NULL : tag;
}

static int add_released(TagGuard *guard, const ReleasedTag *row, Arena *arena)
{
        GuardedTag *tag = guarded_tag(guard, row->tag, arena);
        ReleasedDigest *item = arena_alloc(arena, sizeof(*item));

        if (!tag || !item)
                return -ENOMEM;
        *item = (ReleasedDigest){ .digest = row->digest, .at = row->at };
        if (tag->last)
                tag->last->next = item;
        else
                tag->first = item;
        tag->last = item;
        return 0;
}

int tag_guard_init(TagGuard *guard, const ComponentSpec *component, const TagGuardRows *rows,
                   Arena *arena)
{
        guard->follow = component->versioning_strategy.follow;
        for (size_t i = 0; i < rows->released.n; i++)
                if (add_released(guard, &rows->released.items[i], arena) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < rows->moves.n; i++) {
                const TagMove *move = &rows->moves.items[i];
                GuardedTag *tag;

                if (!move->allowed_by)
                        continue;
                tag = guarded_tag(guard, move->tag, arena);
                if (!tag)
                        return -ENOMEM;
                if (!tag->allowed || move->allowed_at > tag->allowed->allowed_at)
                        tag->allowed = move;
        }
        return 0;
}

void tag_guard_done(TagGuard *guard)
{
        map_done(&guard->tags);
}

bool tag_guard_facts(const TagGuard *guard, const char *name, const char *head, AdmissionTag *ret)
{
        const GuardedTag *tag;

        if (guard->is_mutable || str_equal(guard->follow, name))
                return false;
        tag = map_get(&guard->tags, name);
        if (!tag)
                return false;
        *ret = (AdmissionTag){ .released = tag->first,
                               .allowed = tag->allowed ? tag->allowed->digest : NULL,
                               .allowed_at = tag->allowed ? tag->allowed->allowed_at : 0,
                               .head = head };
        return true;
}

const char *tag_guard_head(const Channels *channels, const char *channel, const char *tag)
{
        const char *other = NULL;

        for (size_t i = 0; i < channels->n; i++) {
                const Channel *head = &channels->items[i];

                if (!streq(head->tag, tag))
                        continue;
                if (str_equal(head->name, channel))
                        return head->digest;
                if (!other)
                        other = head->digest;
        }
        return other;
}
