#include "ctl/registry-check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "model/image.h"
#include "registry/registry.h"

#define USER_AGENT      "relmanctl"
#define CHECK_ARENA_MAX ((size_t)16 * 1024 * 1024)

typedef struct Item Item;

typedef struct Check {
        sd_event *event;
        HttpClient *http;
        const Model *model;
        const char *tenant;
        Arena arena;
        Map registries; /* host -> Registry * */
        Item *items;    /* in the order of the lockfile */
        size_t n_items, n_printed, n_waiting;
        CheckCounts counts;
} Check;

struct Item {
        Check *check;
        const ReleaseComponent *component;
        const char *verdict; /* NULL: there is no answer yet */
        const char *why;     /* NULL: good */
};

static void check_done(Check *check)
{
        map_foreach (&check->registries, entry)
                (void)registry_free(entry->value); /* may be NULL */
        map_done(&check->registries);
        (void)http_client_free(check->http);
        (void)sd_event_unref(check->event);
        arena_done(&check->arena);
}

/* Prints results in the order of the lockfile, up to the first that is not known yet. */
static void print_results(Check *check)
{
        for (; check->n_printed < check->n_items; check->n_printed++) {
                const Item *item = &check->items[check->n_printed];
                const ReleaseComponent *component = item->component;

                if (!item->verdict)
                        return;
                printf("%-11s %s %s@%s%s%s\n", item->verdict, component->component_name,
                       component->repository, component->digest, item->why ? ": " : "",
                       item->why ? item->why : "");
        }
}

static void count(Item *item, const Error *error)
{
        CheckCounts *counts = &item->check->counts;

        if (!error) {
                counts->n_good++;
                item->verdict = "good";
                return;
        }
        if (error->kind == ERROR_NOT_FOUND || error->kind == ERROR_HOSTILE) {
                counts->n_bad++;
                item->verdict = error->kind == ERROR_NOT_FOUND ? "missing" : "mismatch";
        } else {
                counts->n_unreachable++;
                item->verdict = "unreachable";
        }
        item->why = arena_strdup(&item->check->arena, error_message(error));
        if (!item->why)
                item->why = "out of memory";
}

static void on_manifest(const Manifest *manifest, const Error *error, void *userdata)
{
        Item *item = userdata;
        _cleanup_(error_done) Error gone = { 0 };

        if (error && error->kind == ERROR_CANCELED)
                return; /* the check itself failed; the message has the reason */
        if (manifest && manifest->gone_platform)
                (void)error_set(&gone, ERROR_NOT_FOUND, -ENOENT,
                                "its image for %s (%s) is not served",
                                manifest->gone_platform->platform, manifest->gone_platform->digest);
        count(item, gone.kind != ERROR_NONE ? &gone : error);
        print_results(item->check);
        if (--item->check->n_waiting == 0)
                (void)sd_event_exit(item->check->event, 0); /* an event loop for this check only */
}

/* Returns the declared Registry of a host, if there is one. */
static const RegistrySpec *find_spec(const Check *check, const char *image_host)
{
        for (size_t i = 0; check->model && i < check->model->registries.n; i++) {
                const RegistrySpec *spec = check->model->registries.items[i];

                if (streq(spec->object.meta.tenant, check->tenant) &&
                    registry_serves(spec, image_host))
                        return spec;
        }
        return NULL;
}

static int find_registry(Check *check, const char *host, Registry **ret, Error *err)
{
        Registry *registry = map_get(&check->registries, host);
        int r;

        if (!registry) {
                r = registry_new(check->http, find_spec(check, host), host,
                                 getenv("CREDENTIALS_DIRECTORY"), &registry, err);
                if (r < 0)
                        return r;
                if (map_put(&check->registries, host, registry, NULL) < 0) {
                        registry_free(registry);
                        return error_oom(err);
                }
        }
        *ret = registry;
        return 0;
}

/* Fetches and verifies all bytes, like a node that pulls the image. */
static int ask_images(Item *item, Registry *registry, const ImageReference *image,
                      RegistryCall **ret, Error *err)
{
        const ReleaseComponent *component = item->component;
        ImagesQuestion question = { .repository = image->repository,
                                    .digest = component->digest,
                                    .way = IMAGES_FETCH };
        PlatformDigests *platforms = &question.platforms;

        platforms->items = arena_alloc_array(&item->check->arena, component->platforms.n + 1,
                                             sizeof(*platforms->items));
        if (!platforms->items)
                return error_oom(err);
        for (size_t i = 0; i < component->platforms.n; i++)
                if (!streq(component->platforms.items[i].digest, component->digest))
                        platforms->items[platforms->n++] = component->platforms.items[i];
        return registry_check_images(registry, &question, (ManifestReceiver){ on_manifest, item },
                                     ret, err);
}

static int ask(Check *check, const ReleaseComponent *component, Error *err)
{
        Item *item = &check->items[check->n_items++];
        ImageReference image;
        Registry *registry = NULL;
        RegistryCall *call;
        int r;

        *item = (Item){ .check = check, .component = component };
        r = image_parse(component->repository, &check->arena, &image, err);
        if (r >= 0)
                r = find_registry(check, image.host, &registry, err);
        if (r >= 0)
                r = ask_images(item, registry, &image, &call, err);
        if (r >= 0)
                check->n_waiting++;
        return r;
}

int ctl_registry_check(const Release *release, const Model *model, CheckCounts *ret, Error *err)
{
        _cleanup_(check_done) Check check = { .model = model, .tenant = release->tenant };
        int r;

        arena_init(&check.arena, CHECK_ARENA_MAX);
        r = sd_event_new(&check.event);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        check.items =
                arena_alloc_array(&check.arena, release->components.n + 1, sizeof(*check.items));
        if (!check.items)
                return error_oom(err);
        r = http_client_new(check.event, USER_AGENT, &check.http, err);
        for (size_t i = 0; r >= 0 && i < release->components.n; i++)
                r = ask(&check, &release->components.items[i], err);
        if (r < 0)
                return r;
        if (check.n_waiting > 0) {
                r = sd_event_loop(check.event);
                if (r < 0)
                        return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        *ret = check.counts;
        return 0;
}
