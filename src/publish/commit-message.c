#include "publish/commit-message.h"

#include <stdio.h>

#include "base/buffer.h"
#include "model/source.h"
#include "release/diff.h"

#define MESSAGE_MAX    ((size_t)1024 * 1024)
#define COMPONENTS_MAX 100 /* lines about components */

static const char *version_of(const ReleaseComponent *component)
{
        return component->semver ? component->semver
               : component->tag  ? component->tag
                                 : component->digest;
}

static void write_component(const ComponentDiff *diff, Buffer *out)
{
        const ReleaseComponent *from = diff->from, *to = diff->to;
        char link[SOURCE_LINK_MAX];

        (void)buffer_printf(out, "- %s ", to ? to->component_name : from->component_name);
        if (!to) {
                (void)buffer_printf(out, "removed (%s)\n", version_of(from));
                return;
        }
        if (!from) {
                (void)buffer_printf(out, "%s\n", version_of(to));
                return;
        }
        if (diff->direction == DIFF_SAME_VERSION)
                (void)buffer_printf(out, "%s, another image: %.19s -> %.19s\n", version_of(to),
                                    from->digest, to->digest);
        else
                (void)buffer_printf(out, "%s -> %s\n", version_of(from), version_of(to));
        if (source_compare_link(&from->source, &to->source, link))
                (void)buffer_printf(out, "  %s\n", link);
}

static int write_components(const ReleaseComponents *before, const ReleaseComponents *now,
                            Arena *arena, Buffer *out)
{
        size_t n = 0;
        ReleaseDiff diff;

        if (release_diff(before, now, arena, &diff) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < diff.n; i++) {
                if (diff.items[i].type == DIFF_UNCHANGED)
                        continue;
                if (++n <= COMPONENTS_MAX)
                        write_component(&diff.items[i], out);
        }
        if (n > COMPONENTS_MAX)
                (void)buffer_printf(out, "- and %zu more\n", n - COMPONENTS_MAX);
        return n > 0 ? buffer_putc(out, '\n') : 0;
}

const char *commit_message(const Lock *lock, const Release *before, const char *by, Arena *arena)
{
        static const ReleaseComponents none;
        const Release *release = &lock->release;
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, MESSAGE_MAX);
        (void)buffer_printf(&text, "%s: %s\n\n", lock->environment, release->name);
        if (!streq(release->display_name, release->name))
                (void)buffer_printf(&text, "%s\n\n", release->display_name);
        if (write_components(before ? &before->components : &none, &release->components, arena,
                             &text) < 0)
                return NULL;
        (void)buffer_printf(&text, "Release: %s\n", release->name);
        if (before)
                (void)buffer_printf(&text, "Previous-Release: %s\n", before->name);
        if (by)
                (void)buffer_printf(&text, "Promoted-By: %s\n", by);
        (void)buffer_printf(&text, "Lock-Digest: %s\n", lock->lock_digest);
        return text.failed ? NULL : arena_strdup(arena, text.data);
}
