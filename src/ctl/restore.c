/* restore FILE: replaces the database with a backup. The daemon must not be running. */

#include "store/restore.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "ctl/state-path.h"

static void print_result(const char *from, const char *state, const Restored *restored)
{
        printf("'%s' is in place as '%s' (schema %u, events up to %lld)\n", from, state,
               restored->schema, (long long)restored->last_event);
        if (restored->kept)
                printf("what was there is kept as '%s'", restored->kept);
        if (restored->kept && restored->lost_events >= 0)
                printf(": it had %lld newer event%s", (long long)restored->lost_events,
                       text_plural((size_t)restored->lost_events));
        printf("%snew events are numbered from %lld, so that no receiver takes them for old ones\n\n"
               "next: systemctl start relmand; it rewrites the lockfiles from this database, and polls for newer "
               "tags\n      relmanctl status, relmanctl get environments: is what runs what they say?\n",
               restored->kept ? "\n" : "", (long long)restored->next_event);
        if (restored->kept)
                printf("      remove '%s' when you are sure\n", restored->kept);
}

int verb_restore(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "state", "config", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "FILE [--state PATH] [--config FILE]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(restored_done) Restored restored = { 0 };
        RestoreOptions restore = { .now = time_wall() };
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r < 0)
                return r;
        r = ctl_state_path(&options, &config, &restore.path, err);
        restore.from = options.names[0];
        if (r >= 0)
                r = store_restore(&restore, &restored, err);
        if (r < 0)
                return r;
        print_result(restore.from, restore.path, &restored);
        return CTL_OK;
}
