/* Prints the result of explain, for people and as JSON. */

#include "base/escape.h"
#include "base/limits.h"
#include "ctl/explain/explain.h"
#include "model/schema/encode.h"

static void text_member(Buffer *out, const char *name, const char *value)
{
        (void)buffer_printf(out, ",\"%s\":", name);
        (void)(value ? encode_string(value, out) : buffer_puts(out, "null"));
}

static void write_tag_json(const ComponentSpec *component, const ExplainedTag *tag, Buffer *out)
{
        const Classification *is = &tag->is;
        bool semver = component->versioning_strategy.type == STRATEGY_SEMVER ||
                      component->versioning_strategy.type == STRATEGY_MANUAL;

        (void)buffer_puts(out, "{\"tag\":");
        (void)encode_string(tag->tag, out);
        (void)buffer_printf(out, ",\"eligible\":%s,\"rule\":",
                            is->eligible && !tag->skipped ? "true" : "false");
        (void)(is->rule >= 0 ? buffer_printf(out, "%d", is->rule) : buffer_puts(out, "null"));
        text_member(out, "version", is->eligible ? is->version.text : NULL);
        text_member(out, "semver", is->eligible && semver ? is->version.text : NULL);
        text_member(out, "channel", is->eligible ? is->channel : NULL);
        (void)buffer_printf(out, ",\"prerelease\":%s",
                            is->eligible && is->prerelease ? "true" : "false");
        text_member(out, "buildMetadata", is->eligible ? is->version.build_metadata : NULL);
        text_member(out, "reason", tag->skipped ? tag->skipped : is->reason);
        (void)buffer_putc(out, '}');
}

static bool is_shown(const char *only, const ExplainedTag *tag)
{
        return !only || streq(only, tag->tag);
}

void explain_write_json(const ComponentSpec *component, const Explanation *explanation,
                        const char *only, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out, "{\"component\":");
        (void)encode_string(explanation->component, out);
        (void)buffer_puts(out, ",\"channels\":{");
        for (size_t i = 0; i < explanation->n_heads; i++) {
                (void)(i > 0 ? buffer_putc(out, ',') : 0);
                (void)encode_string(explanation->heads[i].channel, out);
                (void)buffer_puts(out, ":{\"head\":");
                (void)encode_string(explanation->heads[i].head->tag, out);
                (void)buffer_putc(out, '}');
        }
        (void)buffer_putc(out, '}');
        text_member(out, "selected", explanation->selected ? explanation->selected->tag : NULL);
        if (explanation->selected_reason)
                text_member(out, "selectedReason", explanation->selected_reason);
        (void)buffer_puts(out, ",\"tags\":[");
        for (size_t i = 0; i < explanation->n_tags; i++) {
                if (!is_shown(only, &explanation->tags[i]))
                        continue;
                (void)(first ? 0 : buffer_putc(out, ','));
                first = false;
                write_tag_json(component, &explanation->tags[i], out);
        }
        (void)buffer_puts(out, "]}\n");
}

static int width_of(const Explanation *explanation, bool versions)
{
        size_t width = 7;

        for (size_t i = 0; i < explanation->n_tags; i++) {
                const ExplainedTag *tag = &explanation->tags[i];
                const char *text =
                        versions ? (tag->is.eligible ? tag->is.version.text : "-") : tag->tag;

                width = MAX(width, strlen(text));
        }
        return (int)MIN(width, (size_t)40);
}

/* Prints a text of a tag or spec, padded to width columns. Escapes the text, because it may come
 * from a server. */
static void put_shown(Buffer *out, int width, const char *text)
{
        char shown[1024];

        (void)buffer_printf(out, "%-*s", width,
                            escape_text(text, strlen(text), shown, sizeof(shown)));
}

static const char *or_dash(const char *text)
{
        return text ? text : "-";
}

static void put_row(Buffer *out, int tags, int versions, const ExplainedTag *tag)
{
        const bool eligible = tag->is.eligible;

        put_shown(out, tags, tag->tag);
        (void)buffer_puts(out, "  ");
        put_shown(out, versions, eligible ? tag->is.version.text : "-");
        (void)buffer_puts(out, "  ");
        put_shown(out, 10, eligible ? tag->is.channel : "-");
        (void)buffer_puts(out, "  ");
        put_shown(out, 0, tag->skipped ? tag->skipped : tag->is.reason);
        (void)buffer_putc(out, '\n');
}

void explain_write_table(const Explanation *explanation, const char *only, Buffer *out)
{
        int tags = width_of(explanation, false), versions = width_of(explanation, true);

        (void)buffer_printf(out, "%-*s  %-*s  %-10s  %s\n", tags, "TAG", versions, "VERSION",
                            "CHANNEL", "WHY");
        for (size_t i = 0; i < explanation->n_tags; i++)
                if (is_shown(only, &explanation->tags[i]))
                        put_row(out, tags, versions, &explanation->tags[i]);
        (void)buffer_putc(out, '\n');
        for (size_t i = 0; i < explanation->n_heads; i++) {
                (void)buffer_puts(out, "channel ");
                put_shown(out, 0, explanation->heads[i].channel);
                (void)buffer_puts(out, ": head ");
                put_shown(out, 0, explanation->heads[i].head->tag);
                (void)buffer_puts(out, " (");
                put_shown(out, 0, or_dash(explanation->heads[i].head->is.version.text));
                (void)buffer_puts(out, "), ");
                put_shown(out, 0, explanation->heads[i].reason);
                (void)buffer_putc(out, '\n');
        }
        (void)buffer_puts(out, explanation->selected ? "selected: " : "selected: nothing: ");
        put_shown(out, 0,
                  explanation->selected          ? explanation->selected->tag
                  : explanation->selected_reason ? explanation->selected_reason
                                                 : "no version");
        (void)buffer_putc(out, '\n');
}
