#include "ctl/init/images.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/vec.h"
#include "ctl/registry-tags.h"
#include "model/image/image.h"
#include "spec/tree/yaml.h"

void init_images_done(InitImages *images)
{
        map_done(&images->repositories);
        free(images->items);
        free(images->skipped);
        *images = (InitImages){ 0 };
}

/* --- one image -------------------------------------------------------------------------------- */

static int skip_image(InitImages *images, const char *where, const char *why)
{
        const char *text = arena_printf(images->arena, "%s: %s", where, why);

        if (!text || vec_reserve(&images->skipped, &images->skipped_capacity, images->n_skipped + 1,
                                 sizeof(*images->skipped)) < 0)
                return -ENOMEM;
        images->skipped[images->n_skipped++] = text;
        return 0;
}

static int append_image(InitImages *images, const ImageReference *image, const char *tag,
                        const char *replaces)
{
        const char *repository =
                arena_printf(images->arena, "%s/%s", image->host, image->repository);
        int r;

        if (!repository || vec_reserve(&images->items, &images->capacity, images->n + 1,
                                       sizeof(*images->items)) < 0)
                return -ENOMEM;
        r = map_put(&images->repositories, repository, images, NULL);
        if (r <= 0) /* skips an image that was added before, because several services may run the
                       same image */
                return r;
        images->items[images->n++] =
                (InitImage){ .repository = repository, .tag = tag, .replaces = replaces };
        return 0;
}

static int add_image(InitImages *images, const char *where, const char *text)
{
        _cleanup_(error_done) Error error = { 0 };
        ImageReference image;
        int r;

        if (strchr(text, '$'))
                return skip_image(images, where, "the image has a variable");
        r = image_parse(text, images->arena, &image, &error);
        if (r == -ENOMEM)
                return r;
        return r < 0 ? skip_image(images, where, error_message(&error))
                     : append_image(images, &image, image.tag, NULL);
}

/* --- files ------------------------------------------------------------------------------------ */

static int read_services(InitImages *images, const Node *services)
{
        int r = 0;

        for (size_t i = 0; services->type == NODE_MAPPING && i < services->n && r >= 0; i++) {
                const char *image = node_get_text(services->entries[i].value, "image");
                const char *name =
                        arena_printf(images->arena, "service '%s'", services->entries[i].key);

                if (!name)
                        return -ENOMEM;
                r = image ? add_image(images, name, image)
                          : skip_image(images, name, "it names no image");
        }
        return r;
}

/* Reads an entry of a kustomization: name, or newName and newTag if it has them. */
static int read_entry(InitImages *images, const Node *entry)
{
        const char *name = node_get_text(entry, "name"), *other = node_get_text(entry, "newName");
        const char *tag = node_get_text(entry, "newTag");
        const char *repository = other ? other : name;
        _cleanup_(error_done) Error error = { 0 };
        ImageReference image;
        int r;

        if (!repository)
                return skip_image(images, "images", "an entry has no name");
        r = image_parse(repository, images->arena, &image, &error);
        if (r == -ENOMEM)
                return r;
        return r < 0 ? skip_image(images, repository, error_message(&error))
                     : append_image(images, &image,
                                    tag && tag_is_valid(tag, strlen(tag)) ? tag : NULL,
                                    other && name ? name : NULL);
}

static int read_nodes(InitImages *images, const char *path, const YamlDocuments *documents,
                      Error *err)
{
        bool is_known = false;
        int r = 0;

        for (size_t i = 0; i < documents->n && r >= 0; i++) {
                const Node *services = node_get(documents->items[i], "services");
                const Node *entries = node_get(documents->items[i], "images");

                is_known |= services || entries;
                if (services)
                        r = read_services(images, services);
                for (size_t j = 0;
                     entries && entries->type == NODE_SEQUENCE && j < entries->n && r >= 0; j++)
                        r = read_entry(images, entries->items[j]);
        }
        if (r < 0)
                return error_oom(err);
        if (!is_known)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'%s' is neither a compose file nor a kustomization: it has "
                                 "neither services nor images",
                                 path);
        return 0;
}

static int read_yaml(InitImages *images, const char *path, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        _cleanup_(buffer_done) Buffer first;
        YamlDocuments documents = { 0 };
        const char *copy;
        size_t size = 0;
        int r;

        diag_list_init(&diags);
        buffer_init(&first, DIAG_MESSAGE_MAX);
        r = file_read(path, SPEC_FILE_MAX, &data, &size, err);
        if (r < 0)
                return r;
        copy = arena_strndup(images->arena, data, size);
        if (!copy)
                return error_oom(err);
        r = yaml_read(path, copy, size, images->arena, &documents, &diags);
        if (r == -ENOMEM || diags.failed)
                return error_oom(err);
        if (r >= 0)
                return read_nodes(images, path, &documents, err);
        if (diags.n > 0)
                (void)diag_format(&diags.items[0], &first);
        return error_set(err, ERROR_INVALID, r, "%s", first.data);
}

static int read_quadlet(InitImages *images, const char *path, Error *err)
{
        Strings lines;
        int r;

        r = ctl_file_tags(path, images->arena, &lines, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < lines.n && r >= 0; i++) {
                const char *value = lines.items[i] + strspn(lines.items[i], " \t");
                size_t n;

                if (strncmp(value, "Image=", 6) != 0)
                        continue;
                value += 6;
                n = strlen(value);
                if ((n > 6 && streq(value + n - 6, ".image")) ||
                    (n > 6 && streq(value + n - 6, ".build")))
                        r = skip_image(images, path, "the image is another unit");
                else
                        r = add_image(images, path, value);
        }
        return r < 0 ? error_oom(err) : 0;
}

static int read_list(InitImages *images, const char *path, Error *err)
{
        Strings lines;
        int r;

        r = ctl_file_tags(path, images->arena, &lines, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < lines.n && r >= 0; i++) {
                char *line = arena_strdup(images->arena, lines.items[i]);

                if (!line)
                        return error_oom(err);
                line += strspn(line, " \t");
                line[strcspn(line, " \t#")] = '\0';
                if (*line)
                        r = add_image(images, line, line);
        }
        return r < 0 ? error_oom(err) : 0;
}

static int read_file(InitImages *images, const char *path, Error *err)
{
        if (text_ends_with(path, ".yaml") || text_ends_with(path, ".yml"))
                return read_yaml(images, path, err);
        return text_ends_with(path, ".container") ? read_quadlet(images, path, err)
                                                  : read_list(images, path, err);
}

/* --- folders ---------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists the *.container files of a folder, sorted by name. */
static int list_quadlets(const char *folder, Arena *arena, Strings *ret, Error *err)
{
        DIR *dir = opendir(folder);
        size_t capacity = 0;
        int r = 0;

        *ret = (Strings){ 0 };
        if (!dir)
                return error_set(err, ERROR_INVALID, -errno, "cannot read '%s': %s", folder,
                                 strerror(errno));
        for (const struct dirent *entry = readdir(dir); entry && r >= 0; entry = readdir(dir)) {
                if (!text_ends_with(entry->d_name, ".container"))
                        continue;
                r = vec_reserve(&ret->items, &capacity, ret->n + 1, sizeof(*ret->items));
                if (r < 0)
                        break;
                ret->items[ret->n] = arena_printf(arena, "%s/%s", folder, entry->d_name);
                r = ret->items[ret->n++] ? 0 : -ENOMEM;
        }
        (void)closedir(dir); /* read only */
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof(char *), compare_names);
        return r < 0 ? error_oom(err) : 0;
}

static int read_folder(InitImages *images, const char *folder, Error *err)
{
        static const char *const names[] = { "compose.yaml",        "compose.yml",
                                             "docker-compose.yaml", "docker-compose.yml",
                                             "kustomization.yaml",  "kustomization.yml" };
        Strings quadlets;
        struct stat st;
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const char *path = arena_printf(images->arena, "%s/%s", folder, names[i]);

                if (!path)
                        return error_oom(err);
                if (stat(path, &st) >= 0)
                        return read_yaml(images, path, err);
        }
        r = list_quadlets(folder, images->arena, &quadlets, err);
        for (size_t i = 0; i < quadlets.n && r >= 0; i++)
                r = read_quadlet(images, quadlets.items[i], err);
        free(quadlets.items);
        return r;
}

int init_images_read(const char *path, Arena *arena, InitImages *ret, Error *err)
{
        InitImages images = { .arena = arena };
        struct stat st;
        int r;

        if (!streq(path, "-") && stat(path, &st) >= 0 && S_ISDIR(st.st_mode))
                r = read_folder(&images, path, err);
        else
                r = read_file(&images, path, err);
        if (r >= 0 && images.n == 0)
                r = error_set(err, ERROR_INVALID, -EINVAL, "'%s' names no image%s%s", path,
                              images.n_skipped > 0 ? ": " : "",
                              images.n_skipped > 0 ? images.skipped[0] : "");
        if (r < 0) {
                init_images_done(&images);
                return r;
        }
        *ret = images;
        return 0;
}
