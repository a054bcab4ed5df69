/* Reads a native lockfile strictly: first checks the digest of the bytes, then reads the fields.
 * libyaml builds the document without recursion and does not expand aliases, so the memory for a
 * forged file depends only on its size. */

#include <errno.h>
#include <yaml.h>

#include "base/parse.h"
#include "lock/format.h"
#include "lock/lock.h"
#include "model/object.h"

typedef struct Reader {
        const char *file;
        yaml_document_t *document;
        Arena *arena;
        Error *err;
} Reader;

static int fault(const Reader *reader, const yaml_node_t *node, const char *what,
                 const char *detail)
{
        return error_set(reader->err, ERROR_INVALID, -EINVAL, "%s:%zu:%zu: %s%s%s", reader->file,
                         node ? node->start_mark.line + 1 : 1,
                         node ? node->start_mark.column + 1 : 1, what, detail ? " " : "",
                         detail ? detail : "");
}

/* --- the digest ------------------------------------------------------------------------------- */

#define DIGEST_KEY "lockDigest: "

#define WAY_OUT "; copy it again from the lock folder of relmand"

/* Reports a file without lockDigest at its end. A file that begins like a lockfile was cut off or
 * extended. */
static int no_digest(const char *file, const char *data, size_t size, Error *err)
{
        size_t n = strlen(LOCK_FIRST_WORDS);

        if (lock_is_export(data, size))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "'%s' is an export, not a lockfile in the native format (NAME" LOCK_SUFFIX
                        "); relmanctl verify ENVIRONMENT FILE compares an export with "
                        "what relmand says",
                        file);
        if (size >= n && strncmp(data, LOCK_FIRST_WORDS, n) == 0)
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "'%s' was altered: it does not end with the line " DIGEST_KEY
                                 "..., as if it were cut off" WAY_OUT,
                                 file);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "'%s' is not a lockfile of relman: its last line is not " DIGEST_KEY
                         "...; name a NAME" LOCK_SUFFIX " of the lock folder of relmand",
                         file);
}

/* Finds the digest in the last line. Sets *ret_size to the size of all lines before it. */
static int split_digest(const char *file, const char *data, size_t size, size_t *ret_size,
                        char ret_digest[DIGEST_SIZE_MAX], Error *err)
{
        const char *start = size > 1 ? memrchr(data, '\n', size - 1) : NULL;
        size_t n;

        start = start ? start + 1 : data;
        n = size - (size_t)(start - data);
        if (size == 0 || data[size - 1] != '\n' || n <= strlen(DIGEST_KEY) + 1 ||
            strncmp(start, DIGEST_KEY, strlen(DIGEST_KEY)) != 0 ||
            n - strlen(DIGEST_KEY) - 1 >= DIGEST_SIZE_MAX)
                return no_digest(file, data, size, err);
        n -= strlen(DIGEST_KEY) + 1;
        memcpy(ret_digest, start + strlen(DIGEST_KEY), n);
        ret_digest[n] = '\0';
        *ret_size = (size_t)(start - data);
        return 0;
}

static int check_digest(const char *file, const char *data, size_t size, Arena *arena,
                        const char **ret, Error *err)
{
        char claimed[DIGEST_SIZE_MAX], actual[DIGEST_SIZE_MAX];
        size_t n;
        int r;

        r = split_digest(file, data, size, &n, claimed, err);
        if (r < 0)
                return r;
        digest_sha256(data, n, actual);
        if (!streq(actual, claimed))
                return error_set(
                        err, ERROR_HOSTILE, -EBADMSG,
                        "'%s' was altered: it says lockDigest %s, but its content has %s" WAY_OUT,
                        file, claimed, actual);
        *ret = arena_strdup(arena, claimed);
        return *ret ? 0 : error_oom(err);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static yaml_node_t *node_at(const Reader *reader, int index)
{
        return yaml_document_get_node(reader->document, index);
}

static const char *text_of(const yaml_node_t *node)
{
        return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value
                                                      : NULL;
}

static yaml_node_t *get(const Reader *reader, const yaml_node_t *mapping, const char *key)
{
        if (!mapping || mapping->type != YAML_MAPPING_NODE)
                return NULL;
        for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
             pair < mapping->data.mapping.pairs.top; pair++) {
                const char *name = text_of(node_at(reader, pair->key));

                if (name && streq(name, key))
                        return node_at(reader, pair->value);
        }
        return NULL;
}

/* Checks that a mapping has only these keys, each at most once. */
static int check_keys(const Reader *reader, const yaml_node_t *mapping, const char *const *keys,
                      size_t n)
{
        if (!mapping || mapping->type != YAML_MAPPING_NODE)
                return fault(reader, mapping, "a mapping is missing", NULL);
        for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
             pair < mapping->data.mapping.pairs.top; pair++) {
                const yaml_node_t *key = node_at(reader, pair->key);
                const char *name = text_of(key);
                bool known = false;

                for (size_t i = 0; i < n; i++)
                        known = known || (name && streq(name, keys[i]));
                if (!known)
                        return fault(reader, key, "unknown field", name);
                if (get(reader, mapping, name) != node_at(reader, pair->value))
                        return fault(reader, key, "repeated field", name);
        }
        return 0;
}

/* Reads a text. If the key is missing, returns an error if required, else sets *ret to NULL. */
static int read_text(const Reader *reader, const yaml_node_t *mapping, const char *key,
                     bool required, const char **ret)
{
        const yaml_node_t *node = get(reader, mapping, key);

        *ret = NULL;
        if (!node)
                return required ? fault(reader, mapping, "missing field", key) : 0;
        if (!text_of(node))
                return fault(reader, node, "not a text:", key);
        *ret = arena_strdup(reader->arena, text_of(node));
        return *ret ? 0 : error_oom(reader->err);
}

static int read_digest(const Reader *reader, const yaml_node_t *mapping, const char *key,
                       const char **ret)
{
        int r = read_text(reader, mapping, key, true, ret);

        if (r >= 0 && !digest_is_valid(*ret))
                return fault(reader, mapping, "not a digest:", key);
        return r;
}

static int read_time(const Reader *reader, const yaml_node_t *mapping, const char *key, usec_t *ret)
{
        const char *text;
        int r = read_text(reader, mapping, key, true, &text);

        if (r >= 0 && time_parse(text, ret) < 0)
                return fault(reader, mapping, "not a time:", key);
        return r;
}

/* --- components ------------------------------------------------------------------------------- */

static int read_platforms(const Reader *reader, const yaml_node_t *component, const char *key,
                          PlatformDigests *ret)
{
        const yaml_node_t *node = get(reader, component, key);
        size_t n;

        if (!node)
                return 0;
        if (node->type != YAML_MAPPING_NODE)
                return fault(reader, node, "not a mapping:", key);
        n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
        ret->items = arena_alloc_array(reader->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(reader->err);
        for (size_t i = 0; i < n; i++) {
                yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];
                const char *platform = text_of(node_at(reader, pair->key));
                const char *digest = text_of(node_at(reader, pair->value));

                if (!platform || !digest || !digest_is_valid(digest))
                        return fault(reader, node_at(reader, pair->key),
                                     "not a platform with its digest", NULL);
                ret->items[i].platform = arena_strdup(reader->arena, platform);
                ret->items[i].digest = arena_strdup(reader->arena, digest);
                if (!ret->items[i].platform || !ret->items[i].digest)
                        return error_oom(reader->err);
        }
        ret->n = n;
        return 0;
}

static int read_texts(const Reader *reader, const yaml_node_t *node, Strings *ret)
{
        size_t n;

        if (!node)
                return 0;
        if (node->type != YAML_SEQUENCE_NODE)
                return fault(reader, node, "not a list of texts", NULL);
        n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
        ret->items = arena_alloc_array(reader->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(reader->err);
        for (; ret->n < n; ret->n++) {
                const yaml_node_t *item = node_at(reader, node->data.sequence.items.start[ret->n]);

                if (!text_of(item))
                        return fault(reader, item, "not a text", NULL);
                ret->items[ret->n] = arena_strdup(reader->arena, text_of(item));
                if (!ret->items[ret->n])
                        return error_oom(reader->err);
        }
        return 0;
}

/* Reads the fields digest and image. image is REPOSITORY@DIGEST, and must have the same digest. */
static int read_image(const Reader *reader, const yaml_node_t *node, ReleaseComponent *component)
{
        const char *image = NULL, *at;
        int r;

        r = read_digest(reader, node, "digest", &component->digest);
        if (r >= 0)
                r = read_text(reader, node, "image", true, &image);
        if (r < 0)
                return r;
        at = strchr(image, '@');
        if (!at || !streq(at + 1, component->digest))
                return fault(reader, node, "image and digest differ", NULL);
        component->repository = arena_strndup(reader->arena, image, (size_t)(at - image));
        return component->repository ? 0 : error_oom(reader->err);
}

static int read_source(const Reader *reader, const yaml_node_t *component, ComponentSource *ret)
{
        static const char *const keys[] = { "repository", "revision" };
        const yaml_node_t *node = get(reader, component, "source");
        int r;

        if (!node)
                return 0;
        r = check_keys(reader, node, keys, ARRAY_SIZE(keys));
        if (r >= 0)
                r = read_text(reader, node, "repository", false, &ret->repository);
        return r < 0 ? r : read_text(reader, node, "revision", false, &ret->revision);
}

static int read_component(const Reader *reader, const yaml_node_t *node, ReleaseComponent *ret)
{
        static const char *const keys[] = { "name",      "componentId", "role",       "image",
                                            "digest",    "tag",         "semver",     "channel",
                                            "mediaType", "size",        "resolvedAt", "platforms",
                                            "replaces",  "artifact",    "configs",    "source" };
        const char *role, *size, *artifact = NULL;
        int r;

        r = check_keys(reader, node, keys, ARRAY_SIZE(keys));
        if (r >= 0)
                r = read_text(reader, node, "name", true, &ret->component_name);
        if (r >= 0)
                r = read_text(reader, node, "componentId", true, &ret->component_id);
        if (r >= 0)
                r = read_text(reader, node, "role", true, &role);
        if (r >= 0)
                r = read_image(reader, node, ret);
        if (r >= 0)
                r = read_text(reader, node, "tag", false, &ret->tag);
        if (r >= 0)
                r = read_text(reader, node, "semver", false, &ret->semver);
        if (r >= 0)
                r = read_text(reader, node, "channel", false, &ret->channel);
        if (r >= 0)
                r = read_text(reader, node, "mediaType", true, &ret->media_type);
        if (r >= 0)
                r = read_text(reader, node, "artifact", false, &artifact);
        if (r >= 0)
                r = read_text(reader, node, "size", true, &size);
        if (r >= 0)
                r = read_time(reader, node, "resolvedAt", &ret->resolved_at);
        if (r < 0)
                return r;
        if (component_role_from_string(role, &ret->role) < 0)
                return fault(reader, node, "unknown role", role);
        if (artifact && artifact_kind_from_string(artifact, &ret->artifact) < 0)
                return fault(reader, node, "unknown artifact", artifact);
        if (parse_int64(size, &ret->size) < 0 || ret->size < 0)
                return fault(reader, node, "not a size:", size);
        r = read_texts(reader, get(reader, node, "replaces"), &ret->replaces);
        if (r >= 0)
                r = read_platforms(reader, node, "platforms", &ret->platforms);
        if (r >= 0)
                r = read_platforms(reader, node, "configs", &ret->configs);
        return r < 0 ? r : read_source(reader, node, &ret->source);
}

static int read_components(const Reader *reader, const yaml_node_t *root, ReleaseComponents *ret)
{
        const yaml_node_t *list = get(reader, root, "components");
        size_t n;
        int r = 0;

        if (!list || list->type != YAML_SEQUENCE_NODE)
                return fault(reader, list ? list : root, "components must be a list", NULL);
        n = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
        ret->items = arena_alloc_array(reader->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(reader->err);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = read_component(reader, node_at(reader, list->data.sequence.items.start[i]),
                                   &ret->items[ret->n++]);
        return r;
}

/* --- the document ----------------------------------------------------------------------------- */

static int read_metadata(const Reader *reader, const yaml_node_t *root, Release *release)
{
        static const char *const keys[] = { "name", "displayName", "tenant", "id", "createdAt" };
        const yaml_node_t *node = get(reader, root, "metadata");
        const char *id = NULL;
        int r;

        r = check_keys(reader, node, keys, ARRAY_SIZE(keys));
        if (r >= 0)
                r = read_text(reader, node, "name", true, &release->name);
        if (r >= 0)
                r = read_text(reader, node, "displayName", true, &release->display_name);
        if (r >= 0)
                r = read_text(reader, node, "tenant", true, &release->tenant);
        if (r >= 0)
                r = read_text(reader, node, "id", true, &id);
        if (r >= 0)
                r = read_time(reader, node, "createdAt", &release->created_at);
        if (r < 0)
                return r;
        if (!name_is_valid(release->name) || !name_is_valid(release->tenant) || !id ||
            !uuid_is_valid(id))
                return fault(reader, node, "not a name, tenant and id of a release", NULL);
        memcpy(release->id.text, id, sizeof(release->id.text));
        return 0;
}

static int read_source_ref(const Reader *reader, const yaml_node_t *root, SourceRef *ref)
{
        static const char *const keys[] = { "scmIntegrationId", "commitSha", "branch",
                                            "ciIntegrationId",  "buildId",   "pipelineUrl" };
        const char **const values[] = {
                &ref->scm_integration_id, &ref->commit_sha, &ref->branch,
                &ref->ci_integration_id,  &ref->build_id,   &ref->pipeline_url
        };
        const yaml_node_t *node = get(reader, root, "sourceRef");
        int r;

        if (!node)
                return 0;
        r = check_keys(reader, node, keys, ARRAY_SIZE(keys));
        for (size_t i = 0; i < ARRAY_SIZE(keys) && r >= 0; i++)
                r = read_text(reader, node, keys[i], false, values[i]);
        return r;
}

static int read_root(const Reader *reader, Lock *lock)
{
        static const char *const keys[] = { "apiVersion", "kind",      "metadata",   "environment",
                                            "components", "sourceRef", "specDigest", "lockDigest" };
        const yaml_node_t *root = yaml_document_get_root_node(reader->document);
        const char *version = NULL, *kind = NULL;
        int r;

        r = check_keys(reader, root, keys, ARRAY_SIZE(keys));
        if (r >= 0)
                r = read_text(reader, root, "apiVersion", true, &version);
        if (r >= 0)
                r = read_text(reader, root, "kind", true, &kind);
        if (r < 0)
                return r;
        if (!str_equal(version, API_VERSION) || !str_equal(kind, "ReleaseLock"))
                return fault(reader, root, "not a " API_VERSION " ReleaseLock", NULL);
        r = read_metadata(reader, root, &lock->release);
        if (r >= 0)
                r = read_text(reader, root, "environment", false, &lock->environment);
        if (r >= 0)
                r = read_components(reader, root, &lock->release.components);
        if (r >= 0)
                r = read_source_ref(reader, root, &lock->release.source_ref);
        return r < 0 ? r : read_digest(reader, root, "specDigest", &lock->release.spec_digest);
}

int lock_read_native(const char *file, const char *data, size_t size, Arena *arena, Lock *ret,
                     Error *err)
{
        Reader reader = { .file = file, .arena = arena, .err = err };
        _cleanup_(error_done) Error wrong = { 0 };
        Lock lock = { 0 };
        yaml_parser_t parser;
        yaml_document_t document;
        int r;

        r = check_digest(file, data, size, arena, &lock.lock_digest, err);
        if (r < 0)
                return r;
        if (!yaml_parser_initialize(&parser))
                return error_oom(err);
        yaml_parser_set_input_string(&parser, (const unsigned char *)data, size);
        if (yaml_parser_load(&parser, &document)) {
                reader.document = &document;
                r = read_root(&reader, &lock);
                yaml_document_delete(&document);
        } else if (parser.error == YAML_MEMORY_ERROR || parser.error == YAML_NO_ERROR)
                r = error_oom(err); /* memory ran out, which libyaml does not always report */
        else
                r = error_set(err, ERROR_INVALID, -EINVAL, "%s:%zu:%zu: not valid YAML: %s", file,
                              parser.problem_mark.line + 1, parser.problem_mark.column + 1,
                              parser.problem);
        yaml_parser_delete(&parser);
        if (r >= 0 && lock_check(&lock.release, lock.environment, &wrong) < 0)
                r = error_set(err, ERROR_INVALID, -EINVAL, "%s: %s", file, error_message(&wrong));
        if (r < 0)
                return r;
        lock.release.status = RELEASE_READY;
        *ret = lock;
        return 0;
}
