/* Checks the formats that schema tables name. The code that reads a format also checks it. */

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "model/enum-names.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"
#include "model/name-template.h"
#include "model/platform.h"
#include "model/replaces.h"
#include "spec/check.h"
#include "version/date.h"
#include "version/policy.h"
#include "version/range.h"

/* The text of a field, with its place. */
typedef struct Text {
        const char *text;
        Place place;
        const char *field;
        KnownPatterns *known; /* patterns that were compiled before; NULL: compile each pattern */
} Text;

static int wrong(const Text *text, DiagList *diags, const char *what)
{
        diag_error(diags, text->place, "field \"%s\": \"%s\" is not %s", text->field, text->text,
                   what);
        return -EINVAL;
}

static int report_fault(const Text *text, DiagList *diags, Error *error)
{
        if (error->code == -ENOMEM) { /* the text may be valid */
                diags->failed = -ENOMEM;
                return -ENOMEM;
        }
        diag_error(diags, text->place, "field \"%s\": %s", text->field, error_message(error));
        return -EINVAL;
}

static int check_with(int (*check)(const char *text, Error *err), const Text *text, DiagList *diags)
{
        _cleanup_(error_done) Error error = { 0 };

        return check(text->text, &error) < 0 ? report_fault(text, diags, &error) : 0;
}

void known_patterns_done(KnownPatterns *known)
{
        for (size_t i = 0; i < ARRAY_SIZE(known->maps); i++)
                map_done(&known->maps[i]);
        arena_done(&known->arena);
}

/* Records that a pattern is valid. If memory runs out, the pattern is only compiled again later. */
static void remember_pattern(Map *map, const char *pattern, Arena *arena)
{
        char *key = map->n < KNOWN_PATTERNS_MAX ? arena_strdup(arena, pattern) : NULL;

        if (key)
                (void)map_put(map, key, key, NULL);
}

/* Compiles a pattern, unless this load has compiled the same text before: many components have the
 * same patterns. */
static int check_regex(const Text *text, bool needs_group, DiagList *diags)
{
        Map *map = text->known ? &text->known->maps[needs_group] : NULL;
        _cleanup_(error_done) Error error = { 0 };

        if (map && map_has(map, text->text))
                return 0;
        if (version_check_regex(text->text, needs_group, &error) < 0)
                return report_fault(text, diags, &error);
        if (map)
                remember_pattern(map, text->text, &text->known->arena);
        return 0;
}

/* Reports only errors that no strategy accepts, because the strategy of the component is not known
 * here. Under some strategies any word is a version. Text that looks like a range must be a valid
 * range. */
static int check_version(const Text *text, DiagList *diags)
{
        static const VersionStrategy semver = { .type = STRATEGY_SEMVER };
        _cleanup_(error_done) Error error = { 0 }, ignored = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        Range *range;

        if (!strpbrk(text->text, "<>=^~*|, "))
                return 0;
        arena_init(&arena, 1024 * 1024);
        if (range_parse(&semver, text->text, &arena, &range, &error) < 0 &&
            range_parse(NULL, text->text, &arena, &range, &ignored) < 0)
                return report_fault(text, diags, ignored.code == -ENOMEM ? &ignored : &error);
        return 0;
}

static int check_repository(const Text *text, DiagList *diags)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        ImageReference image;

        arena_init(&arena, 64 * 1024);
        if (image_parse(text->text, &arena, &image, &error) < 0)
                return report_fault(text, diags, &error);
        if (image.tag || image.digest) {
                diag_error(
                        diags, text->place,
                        "field \"%s\": \"%s\" names a %s; give the repository alone, versions come from its "
                        "tags",
                        text->field, text->text, image.digest ? "digest" : "tag");
                return -EINVAL;
        }
        return 0;
}

static int check_image(const Text *text, DiagList *diags)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        ImageReference image;

        arena_init(&arena, 64 * 1024);
        if (image_parse_full(text->text, &arena, &image, &error) < 0)
                return report_fault(text, diags, &error);
        return 0;
}

static int wrong_url(const Text *text, DiagList *diags)
{
        diag_error(diags, text->place,
                   "field \"%s\": a URL in specs holds no user or password; see auth", text->field);
        return -EINVAL;
}

static int check_url(const Text *text, bool registry, DiagList *diags)
{
        const char *rest = strstr(text->text, "://");
        bool http =
                strncmp(text->text, "http://", 7) == 0 || strncmp(text->text, "https://", 8) == 0;

        if (registry && strncmp(text->text, "oci-layout:/", 12) == 0)
                return 0;
        if (!http || !rest[3] || rest[3] == '/' || strpbrk(text->text, " \"<>\\^`{|}"))
                return wrong(text, diags, "a URL such as https://registry.example.com");
        if (memchr(rest + 3, '@', strcspn(rest + 3, "/")))
                return wrong_url(text, diags); /* the text contains a password, so the message must
                                                * not show it */
        if (registry && strpbrk(rest, "?#"))
                return wrong(text, diags,
                             "the address of a registry: leave query and fragment out");
        if (registry && strchr(rest + 3, '/') && strchr(rest + 3, '/')[1])
                return wrong(
                        text, diags,
                        "the address of a registry: it ends with the host and port; paths belong in "
                        "imageRepository");
        return 0;
}

static int check_credential(const Text *text, DiagList *diags)
{
        if (strchr(text->text, '/') || streq(text->text, ".") || streq(text->text, "..") ||
            strlen(text->text) == 0 || strlen(text->text) > NAME_MAX_)
                return wrong(text, diags, "the name of a systemd credential");
        return 0;
}

static int check_template(const Text *text, DiagList *diags)
{
        _cleanup_(error_done) Error error = { 0 };
        int r = name_template_check(text->text, &error);

        if (r < 0)
                diag_error(diags, text->place, "%s: %s", text->field, error_message(&error));
        return r;
}

static int check_lock_format(const Text *text, DiagList *diags)
{
        if (names_find(lock_format_names, text->text) < 0)
                return wrong(
                        text, diags,
                        "a lockfile format: yaml, json, kustomize, compose, helm, images-lock, "
                        "dotenv, quadlet, flux, argocd, regsync, skopeo-sync, policy-json, kyverno or "
                        "vap");
        return 0;
}

/* Checks that all characters are printable, because the text is written to lockfiles, events and
 * terminals. */
static int check_characters(const Text *text, TextLines lines, DiagList *diags)
{
        TextFault fault;

        if (text_is_printable(text->text, strlen(text->text), lines, &fault))
                return 0;
        diag_error(diags, text->place, "field \"%s\": %s %s at byte %zu of the text; leave it out",
                   text->field, fault.why, fault.name, fault.offset);
        return -EINVAL;
}

/* Accepts any spelling of a platform. relman stores and compares the normal form. */
static int check_platform(const Text *text, DiagList *diags)
{
        char normal[PLATFORM_SIZE_MAX], meant[PLATFORM_SIZE_MAX];

        if (!platform_normalize(text->text, normal))
                return wrong(text, diags, "a platform such as linux/amd64 or linux/arm/v7");
        if (!diag_list_is_full(diags) && platform_suggest(normal, meant))
                diag_warning(diags, text->place,
                             "field \"%s\": no platform \"%s\" is known; did you mean \"%s\"?",
                             text->field, text->text, meant);
        else if (!platform_is_known(normal))
                diag_warning(diags, text->place,
                             "field \"%s\": no platform \"%s\" is known; names are those of Go, "
                             "such as linux/amd64 or linux/arm/v7",
                             text->field, text->text);
        else if (strchr(text->text, '('))
                diag_warning(diags, text->place,
                             "field \"%s\": \"%s\" means %s; the version of the operating system "
                             "is not compared",
                             text->field, text->text, normal);
        else if (!streq(normal, text->text))
                diag_warning(diags, text->place, "field \"%s\": \"%s\" means %s; write that",
                             text->field, text->text, normal);
        return 0;
}

static int check_text(FieldFormat format, const Text *text, DiagList *diags)
{
        int r = check_characters(text, format == FORMAT_ARGUMENT ? TEXT_LINES : TEXT_ONE_LINE,
                                 diags);

        if (r < 0)
                return r;
        switch (format) {
        case FORMAT_TEXT:
        case FORMAT_ARGUMENT: return 0;
        case FORMAT_EXTRACT: return 0; /* check_object() checks that there is a pattern */
        case FORMAT_NAME:
        case FORMAT_CHANNEL:
                return name_is_valid(text->text)
                               ? 0
                               : wrong(text, diags,
                                       "a name: lower-case letters, digits and . _ - between them");
        case FORMAT_DATE_FORMAT: return check_with(version_check_date_format, text, diags);
        case FORMAT_REGEX: return check_regex(text, false, diags);
        case FORMAT_RULE_REGEX: return check_regex(text, true, diags);
        case FORMAT_VERSION_OR_RANGE: return check_version(text, diags);
        case FORMAT_DIGEST:
                return digest_is_valid(text->text)
                               ? 0
                               : wrong(text, diags,
                                       "a digest: sha256: and 64, or sha512: and 128 lower-case hexadecimal "
                                       "digits");
        case FORMAT_TAG:
                return tag_is_valid(text->text, strlen(text->text))
                               ? 0
                               : wrong(text, diags,
                                       "a tag: letters, digits, _ . and -, 128 at most, no . or - first");
        case FORMAT_IMAGE_REPOSITORY: return check_repository(text, diags);
        case FORMAT_IMAGE: return check_image(text, diags);
        case FORMAT_PLATFORM: return check_platform(text, diags);
        case FORMAT_REGISTRY_URL: return check_url(text, true, diags);
        case FORMAT_URL: return check_url(text, false, diags);
        case FORMAT_ABSOLUTE_PATH:
                return text->text[0] == '/' ? 0 : wrong(text, diags, "an absolute path");
        case FORMAT_CREDENTIAL: return check_credential(text, diags);
        case FORMAT_NAME_TEMPLATE: return check_template(text, diags);
        case FORMAT_LOCK_FORMAT: return check_lock_format(text, diags);
        case FORMAT_MIRROR_NAME: return check_with(mirror_name_check, text, diags);
        case FORMAT_REPLACES: return check_with(replaces_check, text, diags);
        }
        return 0;
}

static int check_strings(const Field *field, const Node *node, KnownPatterns *known,
                         DiagList *diags)
{
        int worst = 0, r;

        if (field->single && node->text) {
                const Text text = { .text = node->text,
                                    .place = node->place,
                                    .field = field->name,
                                    .known = known };

                return check_text(field->format, &text, diags);
        }
        for (size_t i = 0; node->type == NODE_SEQUENCE && i < node->n; i++) {
                const Text text = { .text = node->items[i]->text,
                                    .place = node->items[i]->place,
                                    .field = field->name,
                                    .known = known };

                r = text.text ? check_text(field->format, &text, diags) : 0;
                worst = MIN(worst, r);
        }
        return worst;
}

/* Checks the keys and values of a mapping from text to text. */
static int check_pairs(const Field *field, const Node *node, DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; node->type == NODE_MAPPING && i < node->n; i++) {
                const NodeEntry *entry = &node->entries[i];
                const Text key = { .text = entry->key,
                                   .place = entry->key_place,
                                   .field = field->name };
                const Node *node_of =
                        field->single && entry->value->type == NODE_SEQUENCE && entry->value->n == 1
                                ? entry->value->items[0]
                                : entry->value;
                const Text value = { .text = node_of->text,
                                     .place = node_of->place,
                                     .field = field->name };

                r = check_characters(&key, TEXT_ONE_LINE, diags);
                worst = MIN(worst, r);
                r = value.text ? check_characters(&value, TEXT_ONE_LINE, diags) : 0;
                worst = MIN(worst, r);
        }
        return worst;
}

static int check_value(const Field *field, const Node *value, KnownPatterns *known, DiagList *diags)
{
        const Text text = {
                .text = value->text, .place = value->place, .field = field->name, .known = known
        };
        int worst = 0, r;
        Field inner;

        switch (field->type) {
        case FIELD_STRING: return text.text ? check_text(field->format, &text, diags) : 0;
        case FIELD_STRINGS: return check_strings(field, value, known, diags);
        case FIELD_PAIRS: return check_pairs(field, value, diags);
        case FIELD_OBJECT:
                return field_is_short(field, value, &inner)
                               ? check_value(&inner, value, known, diags)
                               : check_formats(field->schema, value, known, diags);
        case FIELD_LIST:
                for (size_t i = 0; value->type == NODE_SEQUENCE && i < value->n; i++) {
                        r = check_formats(field->schema, value->items[i], known, diags);
                        worst = MIN(worst, r);
                }
                return worst;
        case FIELD_BOOL:
        case FIELD_INTEGER:
        case FIELD_DURATION:
        case FIELD_SIZE:
        case FIELD_PERCENT:
        case FIELD_ENUM: break;
        }
        return 0;
}

int check_formats(const Schema *schema, const Node *node, KnownPatterns *known, DiagList *diags)
{
        int worst = 0, r;

        for (const Field *field = schema->fields; field->name; field++) {
                const Node *value = node_get(node, field->name);

                if (!value || value->type == NODE_NULL)
                        continue;
                r = check_value(field, value, known, diags);
                worst = MIN(worst, r);
        }
        return worst;
}
