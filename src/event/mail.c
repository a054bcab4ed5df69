/* Writes a mail about events (RFC 5322, RFC 2045, RFC 2047). sendmail(1) adds Date, and From if the
 * receiver names none. Lines end with a line feed, as sendmail(1) reads them. */

#include <openssl/evp.h>

#include "base/time.h"
#include "base/utf8.h"
#include "event/internal.h"

#define SUBJECT_MAX    200 /* bytes of the text in a subject */
#define WORD_BYTES     42  /* bytes in one encoded word; the word then has at most 68 characters */
#define LINE_BYTES     54  /* bytes in one line of base64 */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
#define TEXT_MAX       ((size_t)16 * 1024 * 1024)

static void write_base64(const char *text, size_t size, Buffer *out)
{
        unsigned char coded[BASE64_SIZE(LINE_BYTES)];

        (void)EVP_EncodeBlock(coded, (const unsigned char *)text, (int)size);
        (void)buffer_puts(out, (const char *)coded);
}

static bool is_plain(const char *text)
{
        for (; *text; text++)
                if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
                        return false;
        return true;
}

/* Writes the subject: as it is if it is ASCII, otherwise as encoded words, each in its line. */
static void write_subject(const char *text, Buffer *out)
{
        size_t left = strlen(text);

        (void)buffer_puts(out, "Subject: ");
        if (is_plain(text)) {
                (void)buffer_printf(out, "%s\n", text);
                return;
        }
        while (left > 0) {
                size_t size = left > WORD_BYTES ? MAX(utf8_cut(text, WORD_BYTES), (size_t)1) : left;

                (void)buffer_puts(out, "=?utf-8?B?");
                write_base64(text, size, out);
                (void)buffer_puts(out, left > size ? "?=\n " : "?=\n");
                text += size;
                left -= size;
        }
}

/* Returns what follows "@" in the identifiers of messages. */
static const char *domain_of(const ReceiverSpec *spec)
{
        const char *at = spec->from ? strrchr(spec->from, '@') : NULL;

        return at ? at + 1 : "relman";
}

/* All messages about one promotion refer to one identifier, so that mail programs show them as a
 * thread. */
static void write_thread(const ReceiverSpec *spec, const EventList *events, Buffer *out)
{
        const char *promotion = parsed_event_text(&events->items[0], "promotionId");

        for (size_t i = 1; i < events->n; i++)
                if (!streq(parsed_event_text(&events->items[i], "promotionId"), promotion))
                        return;
        if (promotion[0])
                (void)buffer_printf(out, "In-Reply-To: <%s@%s>\nReferences: <%s@%s>\n", promotion,
                                    domain_of(spec), promotion, domain_of(spec));
}

static void write_subject_of(const EventList *events, Buffer *out)
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, TEXT_MAX);
        if (events->n > 1)
                (void)buffer_printf(&text, "relman: %zu events", events->n);
        else {
                (void)buffer_puts(&text, "relman: ");
                message_write(&events->items[0], &text);
        }
        message_shorten(&text, SUBJECT_MAX);
        write_subject(text.data, out);
}

static void write_text(const EventList *events, Buffer *out)
{
        _cleanup_(buffer_done) Buffer text;
        char at[TIME_TEXT_SIZE];

        buffer_init(&text, TEXT_MAX);
        for (size_t i = 0; i < events->n; i++) {
                const Event *event = events->items[i].event;

                message_write(&events->items[i], &text);
                (void)buffer_printf(&text, "\n%s %s of %s/%s, tenant %s, event %s\n\n",
                                    time_format(event->at, at), event_type_to_string(event->type),
                                    object_kind_to_noun(event->kind), event->object_name,
                                    event->tenant, event->id.text);
        }
        for (size_t done = 0; done < text.size; done += LINE_BYTES) {
                write_base64(text.data + done, MIN(text.size - done, (size_t)LINE_BYTES), out);
                (void)buffer_putc(out, '\n');
        }
        out->failed = out->failed ? out->failed : text.failed;
}

void mail_write(const ReceiverSpec *spec, const EventList *events, Buffer *out)
{
        if (spec->from)
                (void)buffer_printf(out, "From: %s\n", spec->from);
        for (size_t i = 0; i < spec->to.n; i++)
                (void)buffer_printf(out, "%s%s", i == 0 ? "To: " : ",\n ", spec->to.items[i]);
        (void)buffer_putc(out, '\n');
        write_subject_of(events, out);
        (void)buffer_printf(out, "Message-ID: <%s@%s>\n", events->items[0].event->id.text,
                            domain_of(spec));
        write_thread(spec, events, out);
        (void)buffer_puts(out, "Auto-Submitted: auto-generated\n"
                               "MIME-Version: 1.0\n"
                               "Content-Type: text/plain; charset=utf-8\n"
                               "Content-Transfer-Encoding: base64\n\n");
        write_text(events, out);
}
