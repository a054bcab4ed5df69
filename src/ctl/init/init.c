/* init: writes a first tree of specs for the images in files of other tools. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/init/images.h"
#include "ctl/options.h"
#include "ctl/print/yaml.h"
#include "ctl/registry-tags.h"
#include "guess/guess.h"
#include "model/image/image.h"
#include "model/json.h"
#include "model/schema/encode.h"
#include "spec/spec.h"

#define INIT_FILE_MAX  ((size_t)16 * 1024 * 1024)
#define INIT_FILE_MODE 0644
#define INIT_DIR_MODE  0755
#define INIT_NAMES_MAX 100 /* attempts to find a free name for a component */

static const char environments[] =
        "# dev and staging get each new release by themselves. prod gets what somebody promotes:\n"
        "#   relmanctl promote RELEASE prod\n"
        "apiVersion: relman/v1\n"
        "kind: Environment\n"
        "metadata: {name: dev}\n"
        "spec: {stream: main}\n"
        "---\n"
        "apiVersion: relman/v1\n"
        "kind: Environment\n"
        "metadata: {name: staging}\n"
        "spec: {stream: main, promotesFrom: dev}\n"
        "---\n"
        "apiVersion: relman/v1\n"
        "kind: Environment\n"
        "metadata: {name: prod}\n"
        "spec: {promotesFrom: staging}\n";

static const char stream[] =
        "# Makes a release whenever the newest version of a component changes.\n"
        "apiVersion: relman/v1\n"
        "kind: ReleaseStream\n"
        "metadata: {name: main}\n"
        "spec: {}\n";

typedef struct Init {
        CtlOptions *options;
        Model *model; /* has the Registry objects of --specs */
        InitImages images;
        ComponentSpec *components;
        const char **notes; /* notes for each component: how its rules were found */
        /* for each component, the reason why its tags were not read; NULL: they were read */
        const char **whys;
        Map names;
        Map silent; /* hosts that did not answer, which get no second request */
} Init;

static void init_done(Init *init)
{
        model_unref(init->model);
        init_images_done(&init->images);
        map_done(&init->names);
        map_done(&init->silent);
}

/* --- components ------------------------------------------------------------------------------- */

static int load_registries(Init *init, Error *err)
{
        _cleanup_(spec_tree_freep) SpecTree *tree = NULL;
        _cleanup_(diag_list_done) DiagList diags = { 0 };
        int r;

        if (!init->options->specs)
                return model_new(0, &init->model) < 0 ? error_oom(err) : 0;
        diag_list_init(&diags);
        r = spec_tree_new(init->options->specs, &tree, err);
        return r < 0 ? r : spec_tree_load(tree, &init->model, &diags, err);
}

/* Requests the tags from the registry, unless its host did not answer before. If the tags cannot be
 * read, sets *ret_why to the reason. -ENOMEM. */
static int read_tags(Init *init, const InitImage *image, Strings *ret, const char **ret_why)
{
        const ComponentSpec component = { .object.meta = { .name = "image",
                                                           .tenant = DEFAULT_TENANT },
                                          .image_repository = image->repository };
        Arena *arena = &init->options->arena;
        const char *host = arena_strndup(arena, image->repository, strcspn(image->repository, "/"));
        _cleanup_(error_done) Error error = { 0 };
        char quoted[200];
        int r;

        *ret = (Strings){ 0 };
        if (!host)
                return -ENOMEM;
        *ret_why = map_get(&init->silent, host);
        if (*ret_why)
                return 0;
        r = ctl_registry_tags(init->model, &component, arena, ret, &error);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                escape_text(error_message(&error), strlen(error_message(&error)), quoted,
                            sizeof(quoted));
                *ret_why = arena_strdup(arena, quoted);
        }
        if (r < 0 && error.kind == ERROR_UNREACHABLE && *ret_why &&
            map_put(&init->silent, host, (void *)(uintptr_t)*ret_why, NULL) < 0)
                return -ENOMEM;
        return r < 0 && !*ret_why ? -ENOMEM : 0;
}

static const char *note_guess(const Guess *guess, Arena *arena)
{
        const char *channel = guess->component.default_channel;

        for (size_t i = 0; i < guess->chosen.n_heads; i++)
                if (streq(guess->chosen.heads[i].channel, channel))
                        return arena_printf(arena, "%s; %s is %s",
                                            guess->n_styles > 0 ? guess->styles[0].name : "names",
                                            channel, guess->chosen.heads[i].head->tag);
        return arena_printf(arena, "%s; nothing is in %s yet",
                            guess->n_styles > 0 ? guess->styles[0].name : "names", channel);
}

static int find_rules(Init *init, size_t index, Error *err)
{
        const InitImage *image = &init->images.items[index];
        ComponentSpec *component = &init->components[index];
        Arena *arena = &init->options->arena;
        const char *tag = image->tag ? image->tag : "latest";
        Strings tags;
        Guess guess;
        int r;

        r = read_tags(init, image, &tags, &init->whys[index]);
        if (r < 0)
                return error_oom(err);
        if (tags.n == 0) {
                init->notes[index] = arena_printf(
                        arena, "its tags were not read; the rules are for tags such as %s", tag);
                r = guess_tag(image->repository, tag, arena, component, err);
                return r < 0 ? r : init->notes[index] ? 0 : error_oom(err);
        }
        r = guess_tags(image->repository, &tags, arena, &guess, err);
        if (r >= 0 && image->tag)
                r = guess_prefer(&guess.component, image->tag, arena, err);
        if (r < 0)
                return r;
        *component = guess.component;
        init->notes[index] = note_guess(&guess, arena);
        return init->notes[index] ? 0 : error_oom(err);
}

/* Names the component after the last part of its repository, or after more parts if another
 * component has that name. */
static int name_component(Init *init, ComponentSpec *component, Error *err)
{
        Arena *arena = &init->options->arena;
        const char *base = component->object.meta.name, *name = base;

        for (unsigned i = 2; map_has(&init->names, name); i++) {
                name = i < INIT_NAMES_MAX ? arena_printf(arena, "%s-%u", base, i) : NULL;
                if (!name)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "too many images have the name '%s'", base);
        }
        component->object.meta.name = name;
        return map_put(&init->names, name, component, NULL) < 0 ? error_oom(err) : 0;
}

static int add_replaces(const InitImage *image, Arena *arena, ComponentSpec *component, Error *err)
{
        const char **items;

        if (!image->replaces)
                return 0;
        items = arena_alloc_array(arena, 1, sizeof(char *));
        if (!items)
                return error_oom(err);
        items[0] = image->replaces;
        component->replaces = (Strings){ .items = items, .n = 1 };
        return 0;
}

static int make_components(Init *init, Error *err)
{
        Arena *arena = &init->options->arena;
        size_t n = init->images.n;
        int r = 0;

        init->components = arena_alloc_array(arena, n, sizeof(*init->components));
        init->notes = arena_alloc_array(arena, n, sizeof(*init->notes));
        init->whys = arena_alloc_array(arena, n, sizeof(*init->whys));
        if (!init->components || !init->notes || !init->whys)
                return error_oom(err);
        for (size_t i = 0; i < n && r >= 0; i++) {
                r = find_rules(init, i, err);
                if (r >= 0)
                        r = name_component(init, &init->components[i], err);
                if (r >= 0)
                        r = add_replaces(&init->images.items[i], arena, &init->components[i], err);
        }
        return r;
}

/* --- files ------------------------------------------------------------------------------------ */

static int write_component(Init *init, size_t index, FILE *out, Error *err)
{
        _cleanup_(buffer_done) Buffer json;
        Node *node;
        int r;

        buffer_init(&json, INIT_FILE_MAX);
        if (encode_document(&init->components[index].object, ENCODE_NO_DEFAULTS, &json) < 0)
                return error_oom(err);
        r = json_to_node(json.data, json.size, &init->options->arena, &node, err);
        if (r < 0)
                return r;
        (void)fprintf(out, "%s# %s\n", index > 0 ? "---\n" : "", init->notes[index]);
        yaml_write(node, out);
        return 0;
}

static int write_components(Init *init, char **ret, Error *err)
{
        size_t size = 0;
        FILE *out = open_memstream(ret, &size);
        bool is_failed;
        int r = 0;

        if (!out)
                return error_oom(err);
        for (size_t i = 0; i < init->images.n && r >= 0; i++)
                r = write_component(init, i, out, err);
        is_failed = ferror(out);
        is_failed |= fclose(out) != 0;
        return r < 0 ? r : is_failed ? error_oom(err) : 0;
}

static int write_file(const char *folder, const char *name, const char *text, Error *err)
{
        _cleanup_(freep) char *path = text_printf("%s/%s", folder, name);

        return path ? file_replace(path, text, strlen(text), INIT_FILE_MODE, err) : error_oom(err);
}

static int write_files(Init *init, const char *folder, Error *err)
{
        _cleanup_(freep) char *components = NULL;
        int r;

        r = write_components(init, &components, err);
        if (r >= 0)
                r = file_make_folder(folder, INIT_DIR_MODE, err);
        if (r >= 0)
                r = write_file(folder, "components.yaml", components, err);
        if (r >= 0)
                r = write_file(folder, "stream.yaml", stream, err);
        return r < 0 ? r : write_file(folder, "environments.yaml", environments, err);
}

/* Refuses a folder that is not empty, so that existing specs stay unchanged. */
static int check_folder(const char *folder, Error *err)
{
        DIR *dir = opendir(folder);
        const struct dirent *entry;
        bool is_empty = true;

        if (!dir && errno == ENOENT)
                return 0;
        if (!dir)
                return error_set(err, ERROR_INVALID, -errno, "cannot read '%s': %s", folder,
                                 strerror(errno));
        while (is_empty && (entry = readdir(dir)))
                is_empty = streq(entry->d_name, ".") || streq(entry->d_name, "..");
        (void)closedir(dir); /* read only */
        if (is_empty)
                return 0;
        return error_set(err, ERROR_CONFLICT, -EEXIST,
                         "'%s' is not empty; name an empty folder, or a new one", folder);
}

static void print_result(const Init *init, const char *folder)
{
        size_t n = init->images.n;

        printf("wrote %zu component%s, a stream and 3 environments to '%s':\n", n, text_plural(n),
               folder);
        for (size_t i = 0; i < n; i++) {
                printf("  %s (%s): %s\n", init->components[i].object.meta.name,
                       init->components[i].image_repository, init->notes[i]);
                if (init->whys[i])
                        printf("    %s\n", init->whys[i]);
        }
        for (size_t i = 0; i < init->images.n_skipped; i++)
                printf("  skipped: %s\n", init->images.skipped[i]);
        printf("Next:\n"
               "  relmanctl lint %s\n"
               "  relmanctl explain COMPONENT --specs %s\n"
               "Set specs: {path: %s} in relmand.yaml, then start relmand.\n",
               folder, folder, folder);
}

int verb_init(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "from", "specs", NULL };
        const CtlTakes takes = { takes_options, 1, 1, "[--from PATH] [--specs DIR] DIR" };
        _cleanup_(ctl_options_done) CtlOptions options = { 0 };
        _cleanup_(init_done) Init init = { .options = &options };
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r >= 0)
                r = check_folder(options.names[0], err);
        if (r >= 0)
                r = init_images_read(options.from ? options.from : ".", &options.arena,
                                     &init.images, err);
        if (r >= 0)
                r = load_registries(&init, err);
        if (r >= 0)
                r = make_components(&init, err);
        if (r >= 0)
                r = write_files(&init, options.names[0], err);
        if (r < 0)
                return r;
        print_result(&init, options.names[0]);
        return CTL_OK;
}
