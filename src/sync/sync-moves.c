/* Reports version tags that moved although a release holds their old digest, and lets a person
 * allow such a move. */

#include "sync/sync-moves.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/version-pages.h"

#define MOVES_ARENA_MAX ((size_t)16 * 1024 * 1024)

static Store *sync_moves_store(const ComponentState *component)
{
        return component->poller->control->store;
}

int sync_moves_digest(ComponentState *component, Arena *arena, Error *err)
{
        _cleanup_(buffer_done) Buffer text;
        TagMoves moves;
        int r;

        r = store_tag_moves(sync_moves_store(component), component->id.text, arena, &moves, err);
        if (r < 0)
                return r;
        buffer_init(&text, CHANGES_MAX);
        component->moves_digest[0] = '\0';
        for (size_t i = 0; i < moves.n; i++)
                if (moves.items[i].allowed_by)
                        (void)buffer_printf(&text, "%s %s %llu\n", moves.items[i].tag,
                                            moves.items[i].digest,
                                            (unsigned long long)moves.items[i].allowed_at);
        if (text.failed)
                return error_oom(err);
        if (text.size > 0)
                digest_sha256(text.data, text.size, component->moves_digest);
        return 0;
}

int sync_moves_load(Sync *sync, Error *err)
{
        const ComponentState *component = sync->component;
        Store *store = sync_moves_store(component);
        TagGuardRows rows;
        int r;

        tag_guard_done(&sync->guard); /* frees the rows of the previous round */
        sync->guard.is_mutable = component->tags_are_mutable;
        r = store_tag_moves(store, component->id.text, &sync->arena, &sync->moves, err);
        if (r >= 0)
                r = store_released_tags(store, component->id.text, &sync->arena, &rows.released,
                                        err);
        if (r < 0)
                return r;
        rows.moves = sync->moves;
        return tag_guard_init(&sync->guard, component->spec, &rows, &sync->arena) < 0
                       ? error_oom(err)
                       : 0;
}

/* --- reporting -------------------------------------------------------------------------------- */

/* True if this pass found that the registry no longer has the digest that the version keeps. */
static bool sync_keeps_gone(const Sync *sync, const TagState *state)
{
        for (size_t i = 0; i < sync->live.n && sync->drift; i++)
                if (sync->drift[i].gone && streq(sync->drift[i].live->digest, state->digest))
                        return true;
        return false;
}

static int visit_downgrade(TagState *state, void *userdata)
{
        const SyncWalk *walk = userdata;

        if (tag_state_moved_to(state) && !tag_state_is_gone(state) &&
            sync_keeps_gone(walk->sync, state))
                state->eligible = false;
        return 0;
}

int sync_moves_downgrade(Sync *sync, usec_t until, Error *err)
{
        if (!sync->component->spec->allow_downgrade)
                return SYNC_NEXT;
        return sync_walk(sync, visit_downgrade, until, err);
}

static void report_move(Sync *sync, const TagState *state)
{
        ComponentState *component = sync->component;
        const TagMove move = { .tag = state->tag,
                               .digest = tag_state_moved_to(state),
                               .keeps = state->digest,
                               .since = time_wall() };
        const char *const data[] = { "component",   component->subject.name,
                                     "componentId", component->id.text,
                                     "tag",         move.tag,
                                     "fromDigest",  move.keeps,
                                     "digest",      move.digest,
                                     NULL };

        changes_put_tag_move(&sync->changes, component->id.text, &move);
        report_event(&sync->changes, EVENT_TAG_BLOCKED, component->subject, move.since, data);
        sync_note(sync, LOG_LEVEL_WARNING,
                  "component '%s': tag '%s' moved to %s; the version keeps %s until relmanctl "
                  "allow-move %s %s",
                  component->subject.name, move.tag, move.digest, move.keeps,
                  component->subject.name, move.tag);
}

static void report_moved(Sync *sync, const TagState *first, size_t n)
{
        ComponentState *component = sync->component;
        const char *name = component->subject.name;
        bool gone = first && sync_keeps_gone(sync, first);

        if (!first) {
                changes_clear_condition(&sync->changes, KIND_COMPONENT, component->id.text,
                                        CONDITION_TAG_MOVED);
                return;
        }
        report_condition(&sync->changes, component->subject,
                         (Told){ CONDITION_TAG_MOVED, CONDITION_TRUE,
                                 gone ? "DigestGone" : "MoveNotAllowed", time_wall() },
                         "tag '%s' moved from %s to %s, but a release holds the old digest%s; to "
                         "release the new one: relmanctl allow-move %s %s%s",
                         first->tag, first->digest, tag_state_moved_to(first),
                         gone ? ", which the registry no longer has" : "", name, first->tag,
                         n > 1 ? "; and other tags" : "");
}

/* Stores each move that a person must decide about, once. Deletes a move that was undone. */
int sync_moves_report(Sync *sync, Error *err)
{
        _cleanup_(map_done) Map waiting = { 0 };
        const TagState *first = NULL;

        for (size_t i = 0; i < sync->moves.n; i++)
                if (!sync->moves.items[i].allowed_by &&
                    map_put(&waiting, sync->moves.items[i].tag, &sync->moves.items[i], NULL) < 0)
                        return error_oom(err);
        for (size_t i = 0; i < sync->survey.blocked.n; i++) {
                const TagState *state = sync->survey.blocked.items[i];
                const TagMove *known;

                first = first && tag_state_compare(first, state) > 0 ? first : state;
                known = map_get(&waiting, state->tag);
                if (!known || !streq(known->digest, tag_state_moved_to(state)) ||
                    !streq(known->keeps, state->digest))
                        report_move(sync, state);
                if (known && streq(known->digest, tag_state_moved_to(state)))
                        map_remove(&waiting, state->tag);
        }
        map_foreach (&waiting, entry)
                changes_delete_tag_move(&sync->changes, sync->component->id.text, entry->value);
        report_moved(sync, first, sync->survey.blocked.n);
        return 0;
}

/* --- permission ------------------------------------------------------------------------------- */

static int find_move(const ComponentState *component, const char *tag, Arena *arena, TagMove *ret,
                     Error *err)
{
        TagMoves moves;
        int r;

        r = store_tag_moves(sync_moves_store(component), component->id.text, arena, &moves, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < moves.n; i++)
                if (!moves.items[i].allowed_by && streq(moves.items[i].tag, tag)) {
                        *ret = moves.items[i];
                        return 0;
                }
        return error_set(err, ERROR_CONFLICT, -ENOENT,
                         "component '%s': no move of tag '%s' waits for a permission; to ask the "
                         "registry now: relmanctl sync %s",
                         component->subject.name, tag, component->subject.name);
}

int poller_allow_move(Poller *poller, const char *component_id, const AllowMoveCommand *command,
                      Error *err)
{
        ComponentState *component = map_get(&poller->components, component_id);
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        TagMove move;
        int r;

        changes_init(&changes);
        arena_init(&arena, MOVES_ARENA_MAX);
        if (!component)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "the component cannot be served; its conditions say why");
        r = find_move(component, command->tag, &arena, &move, err);
        if (r < 0)
                return r;
        if (command->digest && !digest_has_prefix(move.digest, command->digest))
                return error_set(err, ERROR_CONFLICT, -EEXIST,
                                 "component '%s': tag '%s' moved to %s, not to %s; nothing is "
                                 "allowed; to allow it: relmanctl allow-move %s %s --digest %s",
                                 component->subject.name, move.tag, move.digest, command->digest,
                                 component->subject.name, move.tag, move.digest);
        move.allowed_by = command->actor->principal;
        move.allowed_at = time_wall();
        move.reason = command->reason;
        {
                const char *const data[] = { "component",   component->subject.name,
                                             "componentId", component->id.text,
                                             "tag",         move.tag,
                                             "fromDigest",  move.keeps,
                                             "digest",      move.digest,
                                             "reason",      move.reason,
                                             "by",          move.allowed_by,
                                             NULL };

                report_audit(&changes, command->actor, component->subject, component->id.text);
                changes_put_tag_move(&changes, component->id.text, &move);
                report_event(&changes, EVENT_TAG_ALLOWED, component->subject, move.allowed_at,
                             data);
        }
        r = control_apply(poller->control, &changes, err);
        if (r < 0)
                return r;
        log_notice("component '%s': tag '%s' may have %s: allowed by %s", component->subject.name,
                   move.tag, move.digest, move.allowed_by);
        sync_restart(component);
        return 0;
}
