#include "compose/composer.h"

#include <errno.h>

#include "compose/drafts.h"
#include "compose/streams.h"
#include "lock/lock.h"

void composer_init(Composer *composer, const Control *control)
{
        *composer = (Composer){ .control = control };
}

void composer_done(Composer *composer)
{
        streams_drop(composer);
        drafts_drop(composer);
}

void composer_run(Composer *composer, usec_t now)
{
        streams_run(composer, now);
        drafts_run(composer);
}

usec_t composer_next(const Composer *composer)
{
        return streams_next(composer);
}

bool composer_is_idle(const Composer *composer)
{
        return drafts_are_idle(composer) && streams_are_idle(composer);
}

void composer_polled(Composer *composer)
{
        map_foreach (&composer->drafts, entry) {
                DraftState *draft = entry->value;

                draft->dirty = true;
        }
        streams_try_again(composer);
}

int composer_want_locks(const Composer *composer, Arena *arena, Map *stems)
{
        map_foreach (&composer->drafts, entry) {
                const Meta *meta = &((const DraftState *)entry->value)->spec->object.meta;
                _cleanup_(freep) char *stem =
                        lock_stem(composer->control->options.locks_path, meta->tenant,
                                  LOCK_ROOM_RELEASES, meta->name);
                const char *key = stem ? arena_strdup(arena, stem) : NULL;

                if (!key || map_put(stems, key, stems, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}
