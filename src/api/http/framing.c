#include "api/http/framing.h"

#include <string.h>

#include "base/macros.h"
#include "base/parse.h"

/* libmicrohttpd 0.9.77 and later refuse malformed heads themselves: see
 * MHD_OPTION_CLIENT_DISCIPLINE_LVL in server.c. */
#define LIBRARY_IS_STRICT (MHD_VERSION >= 0x00097701)

/* --- the target ------------------------------------------------------------------------------- */

static bool is_control(int byte)
{
        return (byte >= 0 && byte < ' ') || byte == 0x7f;
}

/* Returns the byte of the percent escape at p; -1 if it does not have two hexadecimal digits. */
static int decoded(const char *p)
{
        int high = parse_hex_digit(p[1]), low = high < 0 ? -1 : parse_hex_digit(p[2]);

        return low < 0 ? -1 : high * 16 + low;
}

/* True for a name or an address with an optional port; the text may be empty (RFC 9112, 3.2; RFC
 * 3986, 3.2.2). */
static bool is_host(const char *text, size_t size)
{
        static const char digits[] = "0123456789", in_address[] = "0123456789abcdefABCDEFvV.:",
                          in_name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-._~!$&'()*+,;=%";
        bool is_address = size > 0 && text[0] == '[';
        size_t i = is_address ? 1 + strspn(text + 1, in_address) : strspn(text, in_name);

        if (is_address && text[i++] != ']')
                return false;
        if (i < size && text[i] == ':')
                i += 1 + strspn(text + i + 1, digits);
        return i == size;
}

/* Returns the target from its authority on; NULL if the target is not in absolute form. */
static const char *authority_of(const char *target)
{
        return strncasecmp(target, "http://", strlen("http://")) == 0 ? target + strlen("http://")
               : strncasecmp(target, "https://", strlen("https://")) == 0
                       ? target + strlen("https://")
                       : NULL;
}

/* True if the authority of the target is malformed, has no host, or has a user before the host (RFC
 * 9112, 3.2.2; RFC 9110, 4.2). */
static bool has_fault_in_authority(const char *target)
{
        const char *authority = authority_of(target);
        size_t size = authority ? strcspn(authority, "/?") : 0;

        return authority && (size == 0 || authority[0] == ':' || memchr(authority, '%', size) ||
                             !is_host(authority, size));
}

static const char *target_fault(const char *target)
{
        bool in_query = false;

        if (has_fault_in_authority(target))
                return "the host of the request target is malformed";
        for (const char *p = target; *p; p++) {
                int byte;

                if ((*p >= '&' && *p <= '>') || (*p >= 'A' && *p <= '~')) /* most bytes */
                        continue;
                if (*p == ' ' || is_control((unsigned char)*p))
                        return "the request target holds a blank or a control character";
                in_query = in_query || *p == '?';
                if (*p != '%')
                        continue;
                byte = decoded(p);
                if (byte == 0)
                        return "the request target holds a NUL";
                if (!in_query && is_control(byte))
                        return "the path holds a control character";
        }
        return NULL;
}

const char *target_path(const char *target)
{
        const char *authority = authority_of(target);

        if (!authority)
                return target;
        return authority[strcspn(authority, "/")] ? authority + strcspn(authority, "/") : "/";
}

void raw_target_note(RawTarget *raw, const char *target)
{
        *raw = (RawTarget){ .start = target, .size = target ? strlen(target) : 0 };
        raw->fault = target ? target_fault(target) : "the request line has no target";
}

/* --- fields ----------------------------------------------------------------------------------- */

typedef struct Fields {
        const char *next; /* where the next field must begin */
        bool is_http_1_0;
        unsigned n_hosts, n_lengths, n_codings;
        unsigned status; /* 0: no fault so far */
        const char *why;
} Fields;

static enum MHD_Result fault(Fields *fields, unsigned status, const char *why)
{
        fields->status = status;
        fields->why = why;
        return MHD_NO;
}

/* True if the text is a token (RFC 9110, 5.6.2). */
static bool is_token(const char *text, size_t size)
{
        static const char others[] = "!#$%&'*+-.^_`|~";

        for (size_t i = 0; i < size; i++)
                if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'z') &&
                    !(text[i] >= 'A' && text[i] <= 'Z') &&
                    (text[i] == '\0' || !strchr(others, text[i])))
                        return false;
        return size > 0;
}

/* True if a field value has no control characters except tabs (RFC 9110, 5.5). */
static bool is_field_value(const char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] != '\t' && is_control((unsigned char)text[i]))
                        return false;
        return true;
}

static size_t trimmed(const char *value, size_t size)
{
        while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
        return size;
}

static bool is_digits(const char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] < '0' || text[i] > '9')
                        return false;
        return size > 0;
}

/* Checks Host and the fields that determine the size of the body (RFC 9112, 3.2, 6.1 and 6.3). */
static enum MHD_Result check_framing_field(Fields *fields, const char *name, const char *value,
                                           size_t size)
{
        if (strcasecmp(name, "Host") == 0) {
                if (++fields->n_hosts > 1)
                        return fault(fields, 400, "header Host is given twice");
                if (!is_host(value, size))
                        return fault(fields, 400, "header Host is no host and port");
        }
        if (strcasecmp(name, "Content-Length") == 0) {
                if (++fields->n_lengths > 1)
                        return fault(fields, 400, "header Content-Length is given twice");
                if (!is_digits(value, size))
                        return fault(fields, 400, "header Content-Length is no number");
        }
        if (strcasecmp(name, "Transfer-Encoding") == 0) {
                if (++fields->n_codings > 1)
                        return fault(fields, 400, "header Transfer-Encoding is given twice");
                if (fields->is_http_1_0)
                        return fault(fields, 400, "HTTP/1.0 has no Transfer-Encoding");
                if (size != strlen("chunked") || strncasecmp(value, "chunked", size) != 0)
                        return fault(fields, 501, "no Transfer-Encoding but chunked is supported");
        }
        return fields->n_lengths > 0 && fields->n_codings > 0
                       ? fault(fields, 400,
                               "Content-Length and Transfer-Encoding exclude each other")
                       : MHD_YES;
}

#if !LIBRARY_IS_STRICT
/* libmicrohttpd keeps the fields in memory in order of arrival. It replaces the colon of a field by
 * a NUL, and the line end by two. A field that is not directly after the previous one was folded,
 * or has a NUL or a bare line feed. */
static bool follows(Fields *fields, const char *name, size_t name_size, const char *value,
                    size_t value_size)
{
        if (name != fields->next || name[name_size] != '\0' || value <= name + name_size)
                return false;
        for (const char *p = name + name_size + 1; p < value; p++)
                if (*p != ' ' && *p != '\t')
                        return false;
        fields->next = value + value_size + 2;
        return value[value_size] == '\0' && value[value_size + 1] == '\0';
}
#endif

static enum MHD_Result on_field(void *userdata, enum MHD_ValueKind kind, const char *name,
                                size_t name_size, const char *value, size_t value_size)
{
        Fields *fields = userdata;

        (void)kind;
        if (!name || !is_token(name, name_size))
                return fault(fields, 400, "the name of a header is malformed");
        if (!is_field_value(value, value_size))
                return fault(fields, 400, "the value of a header holds a control character");
#if !LIBRARY_IS_STRICT
        if (!follows(fields, name, name_size, value, value_size))
                return fault(fields, 400, "a header line is malformed");
#endif
        return check_framing_field(fields, name, value, trimmed(value, value_size));
}

/* --- the head --------------------------------------------------------------------------------- */

static enum MHD_Result on_argument(void *userdata, enum MHD_ValueKind kind, const char *name,
                                   size_t name_size, const char *value, size_t value_size)
{
        Fields *fields = userdata;

        (void)kind;
        if ((name && memchr(name, '\0', name_size)) || (value && memchr(value, '\0', value_size)))
                return fault(fields, 400, "the query holds a NUL");
        return MHD_YES;
}

/* Returns NULL if the request line is "METHOD TARGET VERSION" with single blanks, otherwise its
 * fault. */
static const char *line_fault(const RawHead *head)
{
        const RawTarget *target = head->target;
        size_t method_size = strlen(head->method);

        if (target->fault)
                return target->fault;
        if (!is_token(head->method, method_size) || strlen(head->version) != strlen("HTTP/1.1"))
                return "the request line is malformed";
#if !LIBRARY_IS_STRICT
        if (head->path != target->start || head->path != head->method + method_size + 1 ||
            head->version != target->start + target->size + 1)
                return "the request line is malformed";
#endif
        return NULL;
}

#if !LIBRARY_IS_STRICT
static size_t head_size(const RawHead *head)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(head->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

        return info ? info->header_size : 0;
}
#endif

unsigned framing_check(const RawHead *head, const char **ret_why)
{
        Fields fields = { .is_http_1_0 = streq(head->version, "HTTP/1.0") };

        *ret_why = line_fault(head);
        if (*ret_why)
                return 400;
        fields.next = head->version + strlen(head->version) + 2;
        (void)MHD_get_connection_values_n(head->connection, MHD_HEADER_KIND, on_field, &fields);
        if (fields.status == 0)
                (void)MHD_get_connection_values_n(head->connection, MHD_GET_ARGUMENT_KIND,
                                                  on_argument, &fields);
#if !LIBRARY_IS_STRICT
        if (fields.status == 0 && fields.next + 2 != head->method + head_size(head))
                (void)fault(&fields, 400, "a header line is malformed");
#endif
        if (fields.status == 0 && fields.n_hosts == 0 && !fields.is_http_1_0)
                (void)fault(&fields, 400, "HTTP/1.1 takes a header Host");
        *ret_why = fields.why;
        return fields.status;
}
