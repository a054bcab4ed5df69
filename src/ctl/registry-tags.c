/* Reads the tags of an image from its registry, or from a file. */

#include "ctl/registry-tags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "ctl/input.h"
#include "model/image/image.h"
#include "registry/registry.h"

#define USER_AGENT    "relmanctl"
#define TAGS_FILE_MAX ((size_t)256 * 1024 * 1024)

/* --- a registry ------------------------------------------------------------------------------- */

typedef struct Question {
        sd_event *event;
        Arena *arena;
        Strings *ret;
        Error *err;
        int result;
} Question;

static int keep(Question *question, const TagList *list)
{
        Strings tags = { .items = arena_alloc_array(question->arena, list->n_tags + 1,
                                                    sizeof(char *)) };

        if (!tags.items)
                return error_oom(question->err);
        for (; tags.n < list->n_tags; tags.n++) {
                tags.items[tags.n] = arena_strdup(question->arena, list->tags[tags.n].tag);
                if (!tags.items[tags.n])
                        return error_oom(question->err);
        }
        *question->ret = tags;
        return 0;
}

static void on_tags(const TagList *list, const Error *error, void *userdata)
{
        Question *question = userdata;

        if (error && error->kind == ERROR_CANCELED)
                return; /* the event loop failed, and its error has the reason */
        if (error)
                question->result = error_set(question->err, error->kind, error->code, "%s",
                                             error_message(error));
        else
                question->result = keep(question, list);
        (void)sd_event_exit(question->event, 0); /* the event loop runs for this request only */
}

static void unref_event(sd_event **event)
{
        (void)sd_event_unref(*event); /* may be NULL */
}

int ctl_registry_tags(const Model *model, const ComponentSpec *component, Arena *arena,
                      Strings *ret, Error *err)
{
        const RegistrySpec *spec = model_component_registry(model, component);
        _cleanup_(unref_event) sd_event *event = NULL;
        _cleanup_(http_client_freep) HttpClient *http = NULL;
        _cleanup_(registry_freep) Registry *registry = NULL;
        Question question = { .arena = arena, .ret = ret, .err = err };
        RegistryCall *call;
        ImageReference image;
        int r;

        if (component->registry && !spec)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                 "the specs declare no valid Registry '%s'", component->registry);
        r = image_parse(component->image_repository, arena, &image, err);
        if (r < 0)
                return r;
        r = sd_event_new(&event);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        question.event = event;
        r = http_client_new(event, USER_AGENT, &http, err);
        if (r >= 0)
                r = registry_new(http, spec, image.host, getenv("CREDENTIALS_DIRECTORY"), &registry,
                                 err);
        if (r >= 0)
                r = registry_list_tags(registry, image.repository, NULL,
                                       (TagsReceiver){ on_tags, &question }, &call, err);
        if (r < 0)
                return r;
        r = sd_event_loop(event);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r))
                     : question.result;
}

/* --- a file ----------------------------------------------------------------------------------- */

/* Splits the text into lines, in place. Skips empty lines. */
static int split_lines(char *text, Arena *arena, Strings *ret)
{
        size_t n_lines = 1;

        for (const char *p = text; *p; p++)
                n_lines += *p == '\n';
        *ret = (Strings){ .items = arena_alloc_array(arena, n_lines, sizeof(char *)) };
        if (!ret->items)
                return -ENOMEM;
        for (char *line = text; line && *line;) {
                char *end = strchr(line, '\n');

                if (end)
                        *end++ = '\0';
                line[strcspn(line, "\r")] = '\0';
                if (*line)
                        ret->items[ret->n++] = line;
                line = end;
        }
        return 0;
}

int ctl_file_tags(const char *path, Arena *arena, Strings *ret, Error *err)
{
        _cleanup_(buffer_done) Buffer text;
        char *copy;
        int r;

        buffer_init(&text, TAGS_FILE_MAX);
        r = ctl_read_input(path, &text, err);
        if (r < 0)
                return r;
        copy = arena_strndup(arena, text.data ? text.data : "", text.size);
        return !copy || split_lines(copy, arena, ret) < 0 ? error_oom(err) : 0;
}
