#include "publish/commit-message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "model/git/message-template.h"
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

static const ReleaseComponents *components_of(const Release *release)
{
        static const ReleaseComponents none;

        return release ? &release->components : &none;
}

/* --- the default ------------------------------------------------------------------------------ */

static int write_default(const MessageInput *input, Arena *arena, Buffer *out)
{
        const Lock *lock = input->lock;
        const Release *release = &lock->release;

        (void)buffer_printf(out, "%s: %s\n\n", lock->environment, release->name);
        if (!streq(release->display_name, release->name))
                (void)buffer_printf(out, "%s\n\n", release->display_name);
        if (write_components(components_of(input->before), &release->components, arena, out) < 0)
                return -ENOMEM;
        (void)buffer_printf(out, "Release: %s\n", release->name);
        if (input->before)
                (void)buffer_printf(out, "Previous-Release: %s\n", input->before->name);
        if (input->by)
                (void)buffer_printf(out, "Promoted-By: %s\n", input->by);
        return buffer_printf(out, "Lock-Digest: %s\n", lock->lock_digest);
}

/* --- a template ------------------------------------------------------------------------------- */

static void trim_end(Buffer *out)
{
        while (out->size > 0 && strchr(" \t\n", out->data[out->size - 1]))
                out->data[--out->size] = '\0';
}

static int write_value(size_t placeholder, const MessageInput *input, Arena *arena, Buffer *out)
{
        const Lock *lock = input->lock;
        int r;

        switch (placeholder) {
        case MESSAGE_ENVIRONMENT: return buffer_puts(out, lock->environment);
        case MESSAGE_RELEASE: return buffer_puts(out, lock->release.name);
        case MESSAGE_DISPLAY_NAME: return buffer_puts(out, lock->release.display_name);
        case MESSAGE_PREVIOUS:
                return buffer_puts(out, input->before ? input->before->name : "none");
        case MESSAGE_PROMOTED_BY: return buffer_puts(out, input->by ? input->by : "unknown");
        case MESSAGE_LOCK_DIGEST: return buffer_puts(out, lock->lock_digest);
        case MESSAGE_COMPONENTS:
                r = write_components(components_of(input->before), &lock->release.components, arena,
                                     out);
                trim_end(out);
                return r;
        default: return buffer_putc(out, '{'); /* the configuration refuses others */
        }
}

static int write_template(const MessageInput *input, Arena *arena, Buffer *out)
{
        const char *at = input->template;
        int r = 0;

        while (*at && r >= 0) {
                size_t i = 0, n = strcspn(at, "{");

                (void)buffer_append(out, at, n);
                at += n;
                if (!*at)
                        break;
                while (i < MESSAGE_MAX_ &&
                       strncmp(at, message_placeholders[i], strlen(message_placeholders[i])) != 0)
                        i++;
                r = write_value(i, input, arena, out);
                at += i < MESSAGE_MAX_ ? strlen(message_placeholders[i]) : 1;
        }
        trim_end(out);
        return r < 0 ? r : buffer_putc(out, '\n');
}

const char *commit_message(const MessageInput *input, Arena *arena)
{
        _cleanup_(buffer_done) Buffer text;
        int r;

        buffer_init(&text, MESSAGE_MAX);
        r = input->template ? write_template(input, arena, &text)
                            : write_default(input, arena, &text);
        return r < 0 || text.failed ? NULL : arena_strdup(arena, text.data);
}
