#include "trust/notation/subject.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/limits-trust.h"

#define PREFIX        "x509.subject:"
#define SHOWN_MAX     200
#define OID_TEXT_SIZE 80
#define NAME_MAX_     64 /* bytes of the name of an attribute, or of an OID */

static const struct {
        const char *name, *oid;
} known[] = {
        { "C", "2.5.4.6" },
        { "ST", "2.5.4.8" },
        { "S", "2.5.4.8" },
        { "O", "2.5.4.10" },
        { "OU", "2.5.4.11" },
        { "CN", "2.5.4.3" },
        { "L", "2.5.4.7" },
        { "STREET", "2.5.4.9" },
        { "POSTALCODE", "2.5.4.17" },
        { "SERIALNUMBER", "2.5.4.5" },
        { "DC", "0.9.2342.19200300.100.1.25" },
        { "UID", "0.9.2342.19200300.100.1.1" },
        { "emailAddress", "1.2.840.113549.1.9.1" },
};

static void free_bio(BIO **bio)
{
        BIO_free_all(*bio);
}

static int refuse(const char *identity, const char *why, Error *err)
{
        char shown[SHOWN_MAX];

        return error_set(err, ERROR_INVALID, -EINVAL, "identity '%s': %s",
                         escape_text(identity, strlen(identity), shown, sizeof(shown)), why);
}

/* --- reading (RFC 4514) ----------------------------------------------------------------------- */

static const char *oid_of(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strcasecmp(known[i].name, name) == 0)
                        return known[i].oid;
        return name[0] >= '0' && name[0] <= '2' && name[strspn(name, "0123456789.")] == '\0' ? name
                                                                                             : NULL;
}

/* Reads the character after a backslash. Returns the number of bytes read, 0 if it is not valid. */
static size_t read_escaped(const char *at, char *ret)
{
        static const char digits[] = "0123456789abcdef";
        const char *high, *low;

        if (*at && strchr(" \"#+,;<=>\\", *at)) {
                *ret = *at;
                return 1;
        }
        high = *at ? strchr(digits, tolower((unsigned char)at[0])) : NULL;
        low = high && at[1] ? strchr(digits, tolower((unsigned char)at[1])) : NULL;
        if (!low || (high == digits && low == digits)) /* no NUL */
                return 0;
        *ret = (char)((high - digits) * 16 + (low - digits));
        return 2;
}

/* Reads a value up to the next comma or the end. Returns NULL, or why the value is refused. out has
 * room for the text. */
static const char *read_value(const char **text, char *out)
{
        const char *at = *text + strspn(*text, " ");
        size_t n = 0, n_kept = 0; /* n_kept: without spaces at the end */

        if (*at == '#')
                return "values in hexadecimal digits are not supported";
        while (*at && *at != ',') {
                size_t n_read;

                if (strchr("+;\"<>", *at))
                        return *at == '+' ? "attributes joined by '+' are not supported; write \\+ "
                                            "for a plus sign"
                                          : "write a backslash before ; \" < > in a value";
                n_read = *at == '\\' ? read_escaped(at + 1, &out[n]) : 0;
                if (*at == '\\' && n_read == 0)
                        return "a backslash precedes a character that needs none";
                if (n_read == 0)
                        out[n] = *at;
                n++;
                if (n_read > 0 || *at != ' ')
                        n_kept = n;
                at += 1 + n_read;
        }
        out[n_kept] = '\0';
        *text = at;
        return n_kept > 0 ? NULL : "an attribute has no value";
}

static const char *read_name(const char **text, char ret[NAME_MAX_])
{
        const char *at = *text + strspn(*text, " ");
        size_t n = strcspn(at, "=,+;\\");

        *text = at + n + 1;
        if (at[n] != '=')
                return "write attributes as NAME=VALUE, separated by commas";
        while (n > 0 && at[n - 1] == ' ')
                n--;
        if (n == 0 || n >= NAME_MAX_)
                return "write attributes as NAME=VALUE, separated by commas";
        memcpy(ret, at, n);
        ret[n] = '\0';
        return oid_of(ret) ? NULL
                           : "an attribute is not one of C, ST, L, O, OU, CN, STREET, POSTALCODE, "
                             "SERIALNUMBER, DC, UID, emailAddress and numbers such as 2.5.4.97";
}

static const SubjectAttribute *find(const SubjectRule *rule, const char *oid)
{
        for (size_t i = 0; i < rule->n; i++)
                if (streq(rule->attributes[i].oid, oid))
                        return &rule->attributes[i];
        return NULL;
}

/* Sets *ret_why to why the next attribute is refused; NULL: it is not. Returns 0 or -ENOMEM. */
static int read_attribute(const char **text, Arena *arena, SubjectRule *rule, const char **ret_why)
{
        SubjectAttribute *attribute = &rule->attributes[rule->n];
        char name[NAME_MAX_], *value = arena_alloc_bytes(arena, strlen(*text) + 1);

        if (!value)
                return -ENOMEM;
        *ret_why = read_name(text, name);
        if (!*ret_why)
                *ret_why = read_value(text, value);
        if (*ret_why)
                return 0;
        if (find(rule, oid_of(name)))
                *ret_why = "an attribute occurs twice";
        attribute->name = arena_strdup(arena, name);
        attribute->value = value;
        attribute->oid = attribute->name ? oid_of(attribute->name) : NULL;
        rule->n++;
        return attribute->oid ? 0 : -ENOMEM;
}

int subject_rule_read(const char *text, Arena *arena, SubjectRule *ret, Error *err)
{
        const char *at = text + strlen(PREFIX), *why = NULL;
        SubjectRule rule = { 0 };
        int r = 0;

        if (streq(text, "*")) {
                *ret = rule;
                return 0;
        }
        if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
                return refuse(text, "write \"" PREFIX " C=..., ST=..., O=...\", or \"*\"", err);
        rule.attributes = arena_alloc_array(arena, DN_ATTRIBUTES_MAX, sizeof(*rule.attributes));
        if (!rule.attributes)
                return error_oom(err);
        do {
                if (rule.n == DN_ATTRIBUTES_MAX)
                        why = "it has too many attributes";
                else
                        r = read_attribute(&at, arena, &rule, &why);
        } while (r >= 0 && !why && *at++ == ',');
        if (r < 0)
                return error_oom(err);
        if (!why &&
            (!find(&rule, oid_of("C")) || !find(&rule, oid_of("ST")) || !find(&rule, oid_of("O"))))
                why = "C, ST and O are required";
        if (why)
                return refuse(text, why, err);
        *ret = rule;
        return 0;
}

/* --- certificates ----------------------------------------------------------------------------- */

/* Returns 1 if the entry has the value, 0 if not, or -ENOMEM. */
static int has_value(const X509_NAME_ENTRY *entry, const char *value)
{
        unsigned char *text = NULL;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        bool is_equal;

        if (size < 0)
                return 0; /* not a text */
        is_equal = (size_t)size == strlen(value) && memcmp(text, value, (size_t)size) == 0;
        OPENSSL_free(text);
        return is_equal;
}

/* Returns 1 if the subject has the attribute, 0 if not, or an error. */
static int has_attribute(const X509_NAME *subject, const SubjectAttribute *attribute, Error *err)
{
        const X509_NAME_ENTRY *found = NULL;

        for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
                const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
                char oid[OID_TEXT_SIZE];

                if (OBJ_obj2txt(oid, sizeof(oid), X509_NAME_ENTRY_get_object(entry), 1) < 0 ||
                    !streq(oid, attribute->oid))
                        continue;
                if (found)
                        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                         "the subject of the certificate has attribute '%s' twice: "
                                         "which one counts is not defined",
                                         attribute->name);
                found = entry;
        }
        return found ? has_value(found, attribute->value) : 0;
}

static int is_allowed(const X509_NAME *subject, const SubjectRule *rule, Error *err)
{
        int r = 1;

        for (size_t i = 0; i < rule->n && r > 0; i++)
                r = has_attribute(subject, &rule->attributes[i], err);
        return r;
}

int subject_is_allowed(const X509 *certificate, const SubjectRule *rules, size_t n, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++)
                r = is_allowed(X509_get_subject_name(certificate), &rules[i], err);
        ERR_clear_error();
        return r;
}

const char *subject_show(const X509 *certificate, Arena *arena)
{
        _cleanup_(free_bio) BIO *bio = BIO_new(BIO_s_mem());
        char *text = NULL;
        long size;

        if (!bio ||
            X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                               ASN1_STRFLGS_RFC2253 | XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN) < 0) {
                ERR_clear_error();
                return NULL;
        }
        size = BIO_get_mem_data(bio, &text);
        return arena_strndup(arena, text ? text : "", size > 0 ? (size_t)size : 0);
}
