/* Writes messages for chat services. Names and tags come from outside, so each is text there, never
 * markup. */

#include "event/internal.h"
#include "model/schema/encode.h"

#define LINES_MAX ((size_t)16 * 1024 * 1024)
/* ntfy takes 4,096 bytes, and makes an attachment of a longer message
 * (https://docs.ntfy.sh/publish/#limitations) */
#define NTFY_MAX 4000
/* Teams takes 28 KB with the JSON around the text
 * (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook)
 */
#define TEAMS_MAX 20000

/* Writes the lines of events, at most max bytes; 0: no limit. */
static void write_lines(const EventList *events, size_t max, Buffer *lines)
{
        buffer_init(lines, LINES_MAX);
        message_write_lines(events, lines);
        if (max > 0)
                message_shorten(lines, max);
}

/* Slack requires escapes for "&", "<" and ">" (https://api.slack.com/messaging/webhooks). */
void chat_write_slack(const EventList *events, Buffer *out)
{
        _cleanup_(buffer_done) Buffer lines, text;

        write_lines(events, 0, &lines);
        buffer_init(&text, LINES_MAX);
        for (const char *p = lines.data; *p; p++)
                (void)(*p == '&'   ? buffer_puts(&text, "&amp;")
                       : *p == '<' ? buffer_puts(&text, "&lt;")
                       : *p == '>' ? buffer_puts(&text, "&gt;")
                                   : buffer_putc(&text, *p));
        (void)buffer_puts(out, "{\"text\":");
        (void)encode_string(text.data, out);
        (void)buffer_putc(out, '}');
        out->failed = out->failed ? out->failed : text.failed;
}

void chat_write_ntfy(const EventList *events, Buffer *out)
{
        _cleanup_(buffer_done) Buffer lines;

        write_lines(events, NTFY_MAX, &lines);
        (void)buffer_append(out, lines.data, lines.size);
}

/* A message with one Adaptive Card, as Teams' workflows and incoming webhooks take it. The text is
 * a TextRun, because a TextBlock reads Markdown (https://adaptivecards.io/explorer/TextRun.html).
 */
void chat_write_teams(const EventList *events, Buffer *out)
{
        _cleanup_(buffer_done) Buffer lines;

        write_lines(events, TEAMS_MAX, &lines);
        (void)buffer_puts(out, "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
                               "\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,"
                               "\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/"
                               "adaptive-card.json\",\"type\":\"AdaptiveCard\",\"version\":\"1.4\","
                               "\"msteams\":{\"width\":\"Full\"},\"body\":[");
        for (char *line = lines.data, *next; line; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                (void)buffer_printf(out,
                                    "%s{\"type\":\"RichTextBlock\",\"inlines\":"
                                    "[{\"type\":\"TextRun\",\"text\":",
                                    line == lines.data ? "" : ",");
                (void)encode_string(line, out);
                (void)buffer_puts(out, "}]}");
        }
        (void)buffer_puts(out, "]}}]}");
}
