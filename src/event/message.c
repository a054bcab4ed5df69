/* Formats events as text. */

#include "base/utf8.h"
#include "event/internal.h"
#include "model/image-change.h"
#include "model/source.h"

#define SHORT_DIGEST (7 + 12) /* "sha256:" and enough digits to distinguish two digests */
#define LINKS_MAX    10       /* links of one message */

static void digests(const ParsedEvent *parsed, Buffer *out)
{
        const char *from = parsed_event_text(parsed, "fromDigest"),
                   *to = parsed_event_text(parsed, "digest");

        if (from[0])
                (void)buffer_printf(out, " (%.*s -> %.*s)", SHORT_DIGEST, from, SHORT_DIGEST,
                                    to[0] ? to : "gone");
        else if (to[0])
                (void)buffer_printf(out, " (%.*s)", SHORT_DIGEST, to);
}

/* Writes both digests, and what differs between their images if that is known. */
static void change(const ParsedEvent *parsed, Buffer *out)
{
        const char *text =
                image_change_text(image_change_from_string(parsed_event_text(parsed, "change")));

        digests(parsed, out);
        (void)buffer_printf(out, "%s%s", text[0] ? ": " : "", text);
}

static void version(const ParsedEvent *parsed, Buffer *out)
{
        const char *from = parsed_event_text(parsed, "fromTag"),
                   *tag = parsed_event_text(parsed, "tag");
        const char *name = parsed->event->object_name,
                   *channel = parsed_event_text(parsed, "channel");

        if (parsed->event->type == EVENT_VERSION_RESOLVED)
                (void)buffer_printf(out, "%s: tag %s is version %s in channel %s", name, tag,
                                    parsed_event_text(parsed, "semver"), channel);
        else if (from[0])
                (void)buffer_printf(out, "%s: channel %s moved from %s to %s", name, channel, from,
                                    tag[0] ? tag : "nothing");
        else
                (void)buffer_printf(out, "%s: channel %s is at %s", name, channel, tag);
        digests(parsed, out);
}

/* Writes the revisions of a component that changed, and the page that compares them if *n_links is
 * not 0. */
static void source(const ReleaseComponent *from, const ReleaseComponent *to, size_t *n_links,
                   Buffer *out)
{
        char buffer[SOURCE_LINK_MAX];
        const char *link;

        if (!from || !from->source.revision || !to->source.revision ||
            streq(from->source.revision, to->source.revision))
                return;
        (void)buffer_printf(out, " (%.*s...%.*s", source_shown_size(from->source.revision),
                            from->source.revision, source_shown_size(to->source.revision),
                            to->source.revision);
        link = *n_links > 0 ? source_compare_link(&from->source, &to->source, buffer) : NULL;
        *n_links -= link != NULL;
        (void)buffer_printf(out, "%s%s)", link ? " " : "", link ? link : "");
}

static void components(const ParsedEvent *parsed, Buffer *out)
{
        const char *comma = ": ";
        size_t n_links = LINKS_MAX;

        for (size_t i = 0; parsed->to && i < parsed->to->components.n; i++) {
                const ReleaseComponent *component = &parsed->to->components.items[i];

                (void)buffer_printf(out, "%s%s %s", comma, component->component_name,
                                    component->semver ? component->semver : component->digest);
                source(parsed_event_component(parsed->from, component->component_id), component,
                       &n_links, out);
                comma = ", ";
        }
}

static void release(const ParsedEvent *parsed, Buffer *out)
{
        const char *from = parsed_event_text(parsed, "fromRelease"),
                   *reason = parsed_event_text(parsed, "reason");
        const char *environment = parsed_event_text(parsed, "environment");

        (void)buffer_printf(out, "release %s", parsed->event->object_name);
        switch (parsed->event->type) {
        case EVENT_RELEASE_PROMOTED:
                (void)buffer_printf(out, " is being promoted to %s", environment);
                break;
        case EVENT_RELEASE_DEPLOYED: (void)buffer_printf(out, " runs in %s", environment); break;
        case EVENT_RELEASE_FAILED: (void)buffer_printf(out, " failed in %s", environment); break;
        case EVENT_RELEASE_ROLLED_BACK:
                (void)buffer_printf(out, " is restored in %s", environment);
                break;
        case EVENT_RELEASE_READY: (void)buffer_puts(out, " is ready"); break;
        case EVENT_RELEASE_DEPRECATED: (void)buffer_puts(out, " is deprecated"); break;
        case EVENT_RELEASE_ARCHIVED: (void)buffer_puts(out, " is archived"); break;
        default: (void)buffer_puts(out, " was created"); break;
        }
        if (from[0])
                (void)buffer_printf(out, ", after %s", from);
        components(parsed, out);
        if (reason[0])
                (void)buffer_printf(out, " (%s)", reason);
}

static void environment(const ParsedEvent *parsed, Buffer *out)
{
        const char *name = parsed->event->object_name,
                   *release = parsed_event_text(parsed, "release");
        const char *person = parsed_event_text(parsed, "person"),
                   *reason = parsed_event_text(parsed, "reason");

        if (!person[0])
                person = parsed_event_text(parsed, "by");
        if (parsed->event->type == EVENT_APPROVAL_GIVEN)
                (void)buffer_printf(out, "environment %s: %s approved release %s", name, person,
                                    release);
        else if (parsed->event->type == EVENT_RELEASE_REJECTED)
                (void)buffer_printf(out, "environment %s: %s rejected release %s", name, person,
                                    release);
        else if (parsed->event->type == EVENT_APPROVAL_WITHDRAWN)
                (void)buffer_printf(out, "environment %s: %s withdrew the approval of release %s",
                                    name, person, release);
        else
                (void)buffer_printf(out, "environment %s was %s by %s%s%s", name,
                                    parsed->event->type == EVENT_ENVIRONMENT_HELD ? "put on hold"
                                                                                  : "resumed",
                                    person, release[0] ? ", with release " : "", release);
        if (reason[0])
                (void)buffer_printf(out, " (%s)", reason);
}

static void output(const ParsedEvent *parsed, Buffer *out)
{
        const char *name = parsed->event->object_name;

        if (parsed->event->type == EVENT_OUTPUT_FAILED)
                (void)buffer_printf(out, "environment %s: an output failed: %s", name,
                                    parsed_event_text(parsed, "message"));
        else
                (void)buffer_printf(out, "environment %s: %s has the lockfile of release %s", name,
                                    parsed_event_text(parsed, "output"),
                                    parsed_event_text(parsed, "release"));
}

static void registry(const ParsedEvent *parsed, Buffer *out)
{
        const char *name = parsed->event->object_name;

        if (parsed->event->type == EVENT_REGISTRY_RECOVERED)
                (void)buffer_printf(out, "registry %s is back", name);
        else
                (void)buffer_printf(out, "registry %s cannot be reached: %s", name,
                                    parsed_event_text(parsed, "message"));
}

static void gate(const ParsedEvent *parsed, Buffer *out)
{
        const char *name = parsed->event->object_name;
        const char *release = parsed_event_text(parsed, "release");

        if (parsed->event->type == EVENT_GATE_CLOSED)
                (void)buffer_printf(out, "environment %s: release %s waits: %s", name, release,
                                    parsed_event_text(parsed, "message"));
        else
                (void)buffer_printf(out, "environment %s: gate %s opened for release %s", name,
                                    parsed_event_text(parsed, "gate"), release);
}

static void check(const ParsedEvent *parsed, Buffer *out)
{
        const char *message = parsed_event_text(parsed, "message");
        const char *evidence = parsed_event_text(parsed, "evidenceRef");

        (void)buffer_printf(out, "environment %s: check %s of release %s %s",
                            parsed->event->object_name, parsed_event_text(parsed, "check"),
                            parsed_event_text(parsed, "release"),
                            parsed->event->type == EVENT_CHECK_PASSED ? "passed" : "failed");
        if (message[0])
                (void)buffer_printf(out, ": %s", message);
        if (evidence[0])
                (void)buffer_printf(out, " (%s)", evidence);
}

const char *message_severity(EventType type)
{
        switch (type) {
        case EVENT_RELEASE_FAILED:
        case EVENT_CHECK_FAILED:
        case EVENT_OUTPUT_FAILED: return "error";
        case EVENT_DRIFT_DETECTED:
        case EVENT_TAG_BLOCKED:
        case EVENT_REGISTRY_UNREACHABLE: return "warning";
        default: return "info";
        }
}

bool message_is_urgent(EventType type)
{
        return !streq(message_severity(type), "info");
}

void message_shorten(Buffer *text, size_t max)
{
        if (text->size <= max)
                return;
        text->size = utf8_cut(text->data, max);
        text->data[text->size] = '\0';
        (void)buffer_puts(text, "\xe2\x80\xa6");
}

void message_write_lines(const EventList *events, Buffer *out)
{
        for (size_t i = 0; i < events->n; i++) {
                (void)(i > 0 ? buffer_putc(out, '\n') : 0);
                message_write(&events->items[i], out);
        }
}

void message_write(const ParsedEvent *parsed, Buffer *out)
{
        const char *name = parsed->event->object_name;

        switch (parsed->event->type) {
        case EVENT_COMPONENT_CREATED: (void)buffer_printf(out, "component %s is new", name); break;
        case EVENT_COMPONENT_UPDATED:
                (void)buffer_printf(out, "component %s was changed", name);
                break;
        case EVENT_COMPONENT_DELETED:
                (void)buffer_printf(out, "component %s was deleted", name);
                break;
        case EVENT_VERSION_RESOLVED:
        case EVENT_VERSION_UPDATED: version(parsed, out); break;
        case EVENT_VERSIONS_RESOLVED:
                (void)buffer_printf(out, "%s: %s versions are resolved, newest %s", name,
                                    parsed_event_text(parsed, "count"),
                                    parsed_event_text(parsed, "newest"));
                break;
        case EVENT_TAG_MOVED:
                (void)buffer_printf(out, "%s: tag %s was moved", name,
                                    parsed_event_text(parsed, "tag"));
                change(parsed, out);
                break;
        case EVENT_TAG_BLOCKED:
                (void)buffer_printf(out, "%s: tag %s moved, and its version keeps the old digest",
                                    name, parsed_event_text(parsed, "tag"));
                digests(parsed, out);
                break;
        case EVENT_TAG_ALLOWED:
                (void)buffer_printf(out, "%s: the move of tag %s was allowed by %s", name,
                                    parsed_event_text(parsed, "tag"),
                                    parsed_event_text(parsed, "by"));
                digests(parsed, out);
                break;
        case EVENT_DRIFT_DETECTED:
                (void)buffer_printf(
                        out, "%s: %s", name,
                        parsed_event_text(parsed, "digest")[0]
                                ? "a tag that live releases were made from has moved"
                                : "the registry no longer has a digest of live releases");
                change(parsed, out);
                break;
        case EVENT_ENVIRONMENT_HELD:
        case EVENT_ENVIRONMENT_RESUMED:
        case EVENT_APPROVAL_GIVEN:
        case EVENT_RELEASE_REJECTED:
        case EVENT_APPROVAL_WITHDRAWN: environment(parsed, out); break;
        case EVENT_CHECK_PASSED:
        case EVENT_CHECK_FAILED: check(parsed, out); break;
        case EVENT_GATE_CLOSED:
        case EVENT_GATE_OPENED: gate(parsed, out); break;
        case EVENT_OUTPUT_WRITTEN:
        case EVENT_OUTPUT_FAILED: output(parsed, out); break;
        case EVENT_REGISTRY_UNREACHABLE:
        case EVENT_REGISTRY_RECOVERED: registry(parsed, out); break;
        default: release(parsed, out); break;
        }
}
