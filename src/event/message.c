/* Formats events as text. */

#include "event/internal.h"

#define SHORT_DIGEST (7 + 12) /* "sha256:" and enough digits to distinguish two */

static void digests(const Told *told, Buffer *out)
{
        const char *from = told_text(told, "fromDigest"), *to = told_text(told, "digest");

        if (from[0])
                (void)buffer_printf(out, " (%.*s -> %.*s)", SHORT_DIGEST, from, SHORT_DIGEST,
                                    to[0] ? to : "gone");
        else if (to[0])
                (void)buffer_printf(out, " (%.*s)", SHORT_DIGEST, to);
}

static void version(const Told *told, Buffer *out)
{
        const char *from = told_text(told, "fromTag"), *tag = told_text(told, "tag");
        const char *name = told->event->object_name, *channel = told_text(told, "channel");

        if (told->event->type == EVENT_VERSION_RESOLVED)
                (void)buffer_printf(out, "%s: tag %s is version %s in channel %s", name, tag,
                                    told_text(told, "semver"), channel);
        else if (from[0])
                (void)buffer_printf(out, "%s: channel %s moved from %s to %s", name, channel, from,
                                    tag[0] ? tag : "nothing");
        else
                (void)buffer_printf(out, "%s: channel %s is at %s", name, channel, tag);
        digests(told, out);
}

static void components(const Told *told, Buffer *out)
{
        const char *comma = ": ";

        for (size_t i = 0; told->to && i < told->to->components.n; i++) {
                const ReleaseComponent *component = &told->to->components.items[i];

                (void)buffer_printf(out, "%s%s %s", comma, component->component_name,
                                    component->semver ? component->semver : component->digest);
                comma = ", ";
        }
}

static void release(const Told *told, Buffer *out)
{
        const char *from = told_text(told, "fromRelease"), *reason = told_text(told, "reason");
        const char *environment = told_text(told, "environment");

        (void)buffer_printf(out, "release %s", told->event->object_name);
        switch (told->event->type) {
        case EVENT_RELEASE_PROMOTED:
                (void)buffer_printf(out, " is being promoted to %s", environment);
                break;
        case EVENT_RELEASE_DEPLOYED: (void)buffer_printf(out, " runs in %s", environment); break;
        case EVENT_RELEASE_READY: (void)buffer_puts(out, " is ready"); break;
        case EVENT_RELEASE_DEPRECATED: (void)buffer_puts(out, " is deprecated"); break;
        case EVENT_RELEASE_ARCHIVED: (void)buffer_puts(out, " is archived"); break;
        default: (void)buffer_puts(out, " was created"); break;
        }
        if (from[0])
                (void)buffer_printf(out, ", after %s", from);
        components(told, out);
        if (reason[0])
                (void)buffer_printf(out, " (%s)", reason);
}

static void environment(const Told *told, Buffer *out)
{
        const char *name = told->event->object_name, *release = told_text(told, "release");
        const char *person = told_text(told, "person"), *reason = told_text(told, "reason");

        if (!person[0])
                person = told_text(told, "by");
        if (told->event->type == EVENT_APPROVAL_GIVEN)
                (void)buffer_printf(out, "environment %s: %s approved release %s", name, person,
                                    release);
        else if (told->event->type == EVENT_APPROVAL_WITHDRAWN)
                (void)buffer_printf(out, "environment %s: %s withdrew the approval of release %s",
                                    name, person, release);
        else
                (void)buffer_printf(out, "environment %s was %s by %s%s%s", name,
                                    told->event->type == EVENT_ENVIRONMENT_HELD ? "put on hold"
                                                                                : "resumed",
                                    person, release[0] ? ", with release " : "", release);
        if (reason[0])
                (void)buffer_printf(out, " (%s)", reason);
}

bool message_is_urgent(EventType type)
{
        return type == EVENT_DRIFT_DETECTED || type == EVENT_REGISTRY_UNREACHABLE;
}

void message_write(const Told *told, Buffer *out)
{
        const char *name = told->event->object_name;

        switch (told->event->type) {
        case EVENT_COMPONENT_CREATED: (void)buffer_printf(out, "component %s is new", name); break;
        case EVENT_COMPONENT_UPDATED:
                (void)buffer_printf(out, "component %s was changed", name);
                break;
        case EVENT_COMPONENT_DELETED:
                (void)buffer_printf(out, "component %s was deleted", name);
                break;
        case EVENT_VERSION_RESOLVED:
        case EVENT_VERSION_UPDATED: version(told, out); break;
        case EVENT_VERSIONS_RESOLVED:
                (void)buffer_printf(out, "%s: %s versions are resolved, newest %s", name,
                                    told_text(told, "count"), told_text(told, "newest"));
                break;
        case EVENT_TAG_MOVED:
                (void)buffer_printf(out, "%s: tag %s was moved", name, told_text(told, "tag"));
                digests(told, out);
                break;
        case EVENT_TAG_BLOCKED:
                (void)buffer_printf(out, "%s: tag %s moved, and its version keeps the old digest",
                                    name, told_text(told, "tag"));
                digests(told, out);
                break;
        case EVENT_TAG_ALLOWED:
                (void)buffer_printf(out, "%s: the move of tag %s was allowed by %s", name,
                                    told_text(told, "tag"), told_text(told, "by"));
                digests(told, out);
                break;
        case EVENT_DRIFT_DETECTED:
                (void)buffer_printf(
                        out, "%s: %s", name,
                        told_text(told, "digest")[0]
                                ? "a tag that live releases were made from has moved"
                                : "the registry no longer has a digest of live releases");
                digests(told, out);
                break;
        case EVENT_ENVIRONMENT_HELD:
        case EVENT_ENVIRONMENT_RESUMED:
        case EVENT_APPROVAL_GIVEN:
        case EVENT_APPROVAL_WITHDRAWN: environment(told, out); break;
        case EVENT_REGISTRY_UNREACHABLE:
                (void)buffer_printf(out, "registry %s cannot be reached: %s", name,
                                    told_text(told, "message"));
                break;
        case EVENT_REGISTRY_RECOVERED: (void)buffer_printf(out, "registry %s is back", name); break;
        default: release(told, out); break;
        }
}
