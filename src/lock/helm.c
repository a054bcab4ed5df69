/* Writes Helm values. Charts use different forms. By default the values of a component are
 * NAME.image.registry, NAME.image.repository and NAME.image.digest (the form of Bitnami and
 * others). The field `replaces` selects another path, and with a template another form. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "lock/internal.h"
#include "lock/yaml-text.h"
#include "model/replaces.h"

#define DEPTH_MAX 64 /* keys in one path */

typedef struct Value {
        const char *keys[DEPTH_MAX];
        size_t n;
        const char *text;
        const ReleaseComponent *component;
} Value;

typedef struct Values {
        Value *items;
        size_t n;
} Values;

static int compare(const void *a, const void *b)
{
        const Value *x = a, *y = b;

        for (size_t i = 0; i < x->n && i < y->n; i++) {
                int order = strcmp(x->keys[i], y->keys[i]);

                if (order != 0)
                        return order;
        }
        return (x->n > y->n) - (x->n < y->n);
}

/* --- values of the components ----------------------------------------------------------------- */

static const char *expand(const FormatWriter *writer, const ReleaseComponent *component,
                          const char *template)
{
        _cleanup_(buffer_done) Buffer out;
        const char *values[REPLACES_MAX_] = {
                [REPLACES_IMAGE] = arena_printf(writer->arena, "%s@%s", component->repository,
                                                component->digest),
                [REPLACES_DIGEST] = component->digest,
                [REPLACES_TAG] = component->tag ? component->tag : "",
                [REPLACES_VERSION] = component->semver ? component->semver : "",
        };

        buffer_init(&out, LOCK_FILE_MAX);
        if (format_split_repository(writer, component, "docker.io", &values[REPLACES_REGISTRY],
                                    &values[REPLACES_REPOSITORY]) < 0)
                return NULL;
        while (*template) {
                size_t i = 0;

                while (i < REPLACES_MAX_ && strncmp(template, replaces_placeholders[i],
                                                    strlen(replaces_placeholders[i])) != 0)
                        i++;
                if (i == REPLACES_MAX_)
                        (void)buffer_putc(&out, *template ++);
                else {
                        (void)buffer_puts(&out, values[i] ? values[i] : "");
                        template += strlen(replaces_placeholders[i]);
                }
        }
        return out.failed || !values[REPLACES_IMAGE] ? NULL : arena_strdup(writer->arena, out.data);
}

/* Adds the value of a path, such as "api.image.tag". Ignores a dot at the start of the path. */
static int add(const FormatWriter *writer, const ReleaseComponent *component, const char *path,
               const char *template, Values *ret)
{
        Value *value = &ret->items[ret->n];
        char *rest = arena_strdup(writer->arena, path[0] == '.' ? path + 1 : path), *save = NULL;

        value->component = component;
        value->text = expand(writer, component, template);
        if (!rest || !value->text)
                return writer->err->kind == ERROR_NONE ? error_oom(writer->err) : writer->err->code;
        for (char *key = strtok_r(rest, ".", &save); key; key = strtok_r(NULL, ".", &save)) {
                if (value->n == DEPTH_MAX)
                        return error_set(writer->err, ERROR_CONFLICT, -E2BIG,
                                         "'%s' of component '%s' has more than %d parts", path,
                                         component->component_name, DEPTH_MAX);
                value->keys[value->n++] = key;
        }
        ret->n++;
        return 0;
}

static int add_path(const FormatWriter *writer, const ReleaseComponent *component, const char *path,
                    Values *ret)
{
        static const char *const forms[][2] = { { "registry", "{registry}" },
                                                { "repository", "{repository}" },
                                                { "digest", "{digest}" } };
        const char *template = strchr(path, '=');
        int r = 0;

        if (template) {
                path = arena_strndup(writer->arena, path, (size_t)(template - path));
                return path ? add(writer, component, path, template + 1, ret)
                            : error_oom(writer->err);
        }
        for (size_t i = 0; i < ARRAY_SIZE(forms) && r >= 0; i++) {
                const char *whole = arena_printf(writer->arena, "%s.%s", path, forms[i][0]);

                r = whole ? add(writer, component, whole, forms[i][1], ret)
                          : error_oom(writer->err);
        }
        return r;
}

/* Adds the default values. The name of the component is one key, even if it contains dots. */
static int add_standard(const FormatWriter *writer, const ReleaseComponent *component, Values *ret)
{
        size_t first = ret->n;
        int r = add_path(writer, component, ".name.image", ret);

        for (size_t i = first; r >= 0 && i < ret->n; i++)
                ret->items[i].keys[0] = component->component_name;
        return r;
}

static int gather(const FormatWriter *writer, Values *ret)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        size_t n = 0;
        int r = 0;

        for (size_t i = 0; i < components->n; i++)
                n += 3 * (components->items[i].replaces.n + 1);
        ret->items = arena_alloc_array(writer->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(writer->err);
        for (size_t i = 0; i < components->n && r >= 0; i++) {
                const ReleaseComponent *component = &components->items[i];
                size_t before = ret->n;

                for (size_t j = 0; j < component->replaces.n && r >= 0; j++)
                        if (replaces_is_path(component->replaces.items[j]))
                                r = add_path(writer, component, component->replaces.items[j], ret);
                if (r >= 0 && ret->n == before)
                        r = add_standard(writer, component, ret);
        }
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare);
        return r;
}

/* --- writing the values ----------------------------------------------------------------------- */

static size_t common(const Value *a, const Value *b)
{
        size_t n = 0;

        while (n < a->n && n < b->n && streq(a->keys[n], b->keys[n]))
                n++;
        return n;
}

/* Writes one value: its keys without the first `shared` ones, which the previous value has written,
 * and then the text. */
static int write_value(const FormatWriter *writer, const Value *value, size_t shared, Buffer *out)
{
        for (size_t depth = shared; depth < value->n; depth++) {
                size_t start;

                (void)buffer_printf(out, "%*s", (int)(2 * depth), "");
                start = out->size;
                yaml_text(out, value->keys[depth]);
                if (out->size - start > YAML_KEY_MAX)
                        return format_refuse(writer, value->component, "key", value->keys[depth],
                                             "is longer than the 1024 characters of a key in YAML");
                (void)buffer_puts(out, depth + 1 < value->n ? ":\n" : ": ");
        }
        yaml_text(out, value->text);
        (void)buffer_putc(out, '\n');
        return 0;
}

int format_helm(const FormatWriter *writer, Buffer *out)
{
        Values values = { 0 };
        int r = gather(writer, &values);

        if (r < 0)
                return r;
        format_head(writer, out);
        (void)buffer_puts(out, values.n == 0 ? "{}\n" : "");
        for (size_t i = 0; i < values.n; i++) {
                const Value *value = &values.items[i], *last = i > 0 ? value - 1 : NULL;
                size_t shared = last ? common(last, value) : 0;

                if (last && shared == last->n) {
                        if (shared == value->n && streq(last->text, value->text))
                                continue;
                        return error_set(writer->err, ERROR_CONFLICT, -EEXIST,
                                         "components '%s' and '%s' would both be the value '%s'; "
                                         "say with replaces where each stands",
                                         last->component->component_name,
                                         value->component->component_name, last->keys[shared - 1]);
                }
                r = write_value(writer, value, shared, out);
                if (r < 0)
                        return r;
        }
        return format_add(writer, "", out);
}
