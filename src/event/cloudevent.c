/* Writes CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec, formats/json-format.md). */

#include "base/time.h"
#include "event/internal.h"
#include "model/schema/encode.h"
#include "model/source.h"

static void member(Buffer *out, const char *name, const char *value)
{
        if (out->data[out->size - 1] != '{')
                (void)buffer_putc(out, ',');
        (void)encode_string(name, out);
        (void)buffer_putc(out, ':');
        (void)(value ? encode_string(value, out) : buffer_puts(out, "null"));
}

/* Writes the revisions of a component, if they differ. */
static void write_source(Buffer *out, const ReleaseComponent *from, const ReleaseComponent *to)
{
        static const ComponentSource none = { 0 };
        const ComponentSource *before = from ? &from->source : &none,
                              *after = to ? &to->source : &none;
        char link[SOURCE_LINK_MAX];

        if (str_equal(before->revision, after->revision))
                return;
        (void)buffer_puts(out, ",\"source\":{");
        member(out, "repository", (to ? after : before)->repository);
        member(out, "fromRevision", before->revision);
        member(out, "revision", after->revision);
        member(out, "link",
               before->revision ? source_compare_link(before, after, link)
                                : source_commit_link(after, link));
        (void)buffer_putc(out, '}');
}

/* Writes how one component changed. from or to may be NULL; `any` is one that is not NULL. */
static void write_component(Buffer *out, const ReleaseComponent *any, const ReleaseComponent *from,
                            const ReleaseComponent *to)
{
        (void)buffer_putc(out, '{');
        member(out, "componentId", any->component_id);
        member(out, "componentName", any->component_name);
        member(out, "fromDigest", from ? from->digest : NULL);
        member(out, "digest", to ? to->digest : NULL);
        member(out, "fromSemver", from ? from->semver : NULL);
        member(out, "semver", to ? to->semver : NULL);
        write_source(out, from, to);
        (void)buffer_putc(out, '}');
}

/* Writes all components of the release, and those that only the previous release had. */
static void write_components(const ParsedEvent *parsed, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out, ",\"components\":[");
        for (size_t i = 0; i < parsed->to->components.n; i++) {
                const ReleaseComponent *to = &parsed->to->components.items[i];

                (void)(first ? 0 : buffer_putc(out, ','));
                write_component(out, to, parsed_event_component(parsed->from, to->component_id),
                                to);
                first = false;
        }
        for (size_t i = 0; parsed->from && i < parsed->from->components.n; i++) {
                const ReleaseComponent *from = &parsed->from->components.items[i];

                if (parsed_event_component(parsed->to, from->component_id))
                        continue;
                (void)(first ? 0 : buffer_putc(out, ','));
                write_component(out, from, from, NULL);
                first = false;
        }
        (void)buffer_putc(out, ']');
}

/* True for types whose data always has both digests. Missing ones are written as null. */
static bool is_about_digest(EventType type)
{
        return type == EVENT_VERSION_RESOLVED || type == EVENT_VERSION_UPDATED ||
               type == EVENT_TAG_MOVED || type == EVENT_TAG_BLOCKED || type == EVENT_TAG_ALLOWED ||
               type == EVENT_DRIFT_DETECTED;
}

void cloudevent_write_data(const ParsedEvent *parsed, Buffer *out)
{
        static const char *const digests[] = { "fromDigest", "digest" };
        const Event *event = parsed->event;

        (void)buffer_putc(out, '{');
        member(out, "tenant", event->tenant);
        member(out, "kind", object_kind_to_string(event->kind));
        member(out, "objectId", event->object_id);
        member(out, "objectName", event->object_name);
        for (size_t i = 0; i < parsed->data->n; i++)
                if (parsed->data->entries[i].value->type == NODE_SCALAR)
                        member(out, parsed->data->entries[i].key,
                               parsed->data->entries[i].value->text);
        for (size_t i = 0; is_about_digest(event->type) && i < ARRAY_SIZE(digests); i++)
                if (!node_get(parsed->data, digests[i]))
                        member(out, digests[i], NULL);
        if (parsed->to)
                write_components(parsed, out);
        (void)buffer_putc(out, '}');
}

void cloudevent_write(const ParsedEvent *parsed, Buffer *out)
{
        const Event *event = parsed->event;
        char at[TIME_TEXT_SIZE];

        (void)buffer_puts(out, "{\"specversion\":\"1.0\"");
        member(out, "id", event->id.text);
        (void)buffer_printf(out, ",\"source\":\"/tenants/%s\",\"subject\":\"%s/%s\"", event->tenant,
                            object_kind_to_noun(event->kind), event->object_name);
        member(out, "type", event_type_to_string(event->type));
        member(out, "time", time_format(event->at, at));
        (void)buffer_printf(
                out, ",\"sequence\":\"%020lld\",\"datacontenttype\":\"application/json\",\"data\":",
                (long long)event->sequence);
        cloudevent_write_data(parsed, out);
        (void)buffer_putc(out, '}');
}
