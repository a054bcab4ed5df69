#include "ctl/lock/registry-check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "model/image/host.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"
#include "registry/registry.h"

#define USER_AGENT      "relmanctl"
#define CHECK_ARENA_MAX ((size_t)16 * 1024 * 1024)

typedef struct Item Item;

typedef struct Check {
        sd_event *event;
        HttpClient *http;
        const Model *model;
        const char *tenant;
        const char *at_host, *at_name; /* the mirror of --at; at_name NULL: not given */
        Arena arena;
        Map registries; /* host of the image -> Registry * */
        Item *items;    /* in the order of the lockfile */
        size_t n_items, n_printed, n_waiting;
        CheckCounts counts;
} Check;

struct Item {
        Check *check;
        const ReleaseComponent *component;
        const char *place;   /* the repository that is checked */
        const char *verdict; /* NULL: no answer yet */
        const char *why;     /* reason of a failure; NULL: good */
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

/* Prints results in the order of the lockfile, up to the first component without a result. */
static void print_results(Check *check)
{
        for (; check->n_printed < check->n_items; check->n_printed++) {
                const Item *item = &check->items[check->n_printed];
                const ReleaseComponent *component = item->component;

                if (!item->verdict)
                        return;
                printf("%-11s %s %s@%s%s%s\n", item->verdict, component->component_name,
                       item->place, component->digest, item->why ? ": " : "",
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
                return; /* the check itself failed, and its error has the reason */
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

/* Finds the mirror with the host of --at in the Registry object of an image's host. Returns NULL if
 * there is none. */
static const RegistryMirror *find_mirror(const Check *check, const RegistrySpec *spec)
{
        char host[HOST_MAX];

        for (size_t i = 0; spec && i < spec->mirrors.n; i++)
                if (host_of_url(spec->mirrors.items[i].url, host) && streq(host, check->at_host))
                        return &spec->mirrors.items[i];
        return NULL;
}

/* Makes the client of the mirror. If the mirror's host has its own Registry object, uses that
 * object without its mirrors, so that only this mirror is checked. */
static int new_mirror(const Check *check, const char *image_host, Registry **ret, Error *err)
{
        const RegistrySpec *spec = find_spec(check, image_host), *own;
        const RegistryMirror *mirror = find_mirror(check, spec);
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        RegistrySpec alone;

        if (mirror)
                return registry_new_mirror(check->http, spec, mirror, credentials, ret, err);
        own = find_spec(check, check->at_host);
        if (!own)
                return registry_new(check->http, NULL, check->at_host, credentials, ret, err);
        alone = *own;
        alone.mirrors = (RegistryMirrors){ 0 };
        return registry_new(check->http, &alone, NULL, credentials, ret, err);
}

static int find_registry(Check *check, const char *host, Registry **ret, Error *err)
{
        Registry *registry = map_get(&check->registries, host);
        int r;

        if (!registry) {
                r = check->at_host ? new_mirror(check, host, &registry, err)
                                   : registry_new(check->http, find_spec(check, host), host,
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

/* Sets *ret to the path of the repository to check, which may have another name at the mirror. Sets
 * item->place to the name with the host. */
static int find_place(Item *item, const ImageReference *image, const char **ret, Error *err)
{
        const Check *check = item->check;
        const RegistryMirror *mirror =
                check->at_host ? find_mirror(check, find_spec(check, image->host)) : NULL;
        const char *text = check->at_name ? check->at_name : mirror ? mirror->repository : NULL;
        _cleanup_(freep) char *name = mirror_name(text, image->repository);

        item->place = item->component->repository;
        *ret = name ? arena_strdup(&item->check->arena, name) : NULL;
        if (check->at_host && *ret)
                item->place = arena_printf(&item->check->arena, "%s/%s", check->at_host, *ret);
        return *ret && item->place ? 0 : error_oom(err);
}

/* Fetches the manifests and verifies their bytes. */
static int ask_images(Item *item, Registry *registry, const char *repository, RegistryCall **ret,
                      Error *err)
{
        const ReleaseComponent *component = item->component;
        ImagesQuestion question = { .repository = repository,
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
        const char *repository;
        RegistryCall *call;
        int r;

        *item = (Item){ .check = check, .component = component };
        r = image_parse(component->repository, &check->arena, &image, err);
        if (r >= 0)
                r = find_registry(check, image.host, &registry, err);
        if (r >= 0)
                r = find_place(item, &image, &repository, err);
        if (r >= 0)
                r = ask_images(item, registry, repository, &call, err);
        if (r >= 0)
                check->n_waiting++;
        return r;
}

/* Splits HOST[:PORT][/NAME]. */
static int take_mirror(Check *check, const char *at, Error *err)
{
        size_t n = strcspn(at, "/");
        char *host = arena_alloc(&check->arena, HOST_MAX);

        if (!host)
                return error_oom(err);
        if (n == 0 || strstr(at, "://") || !host_canonical(at, n, "443", host))
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "--at '%s': give HOST[:PORT][/NAME], such as "
                        "mirror.example.com or 'mirror.example.com/bitnamilegacy/${name}'; "
                        "a Registry of --specs gives its scheme and credentials",
                        at);
        check->at_host = host;
        if (at[n] == '\0')
                return 0;
        check->at_name = at + n + 1;
        return mirror_name_check(check->at_name, err);
}

int ctl_registry_check(const CheckInput *input, CheckCounts *ret, Error *err)
{
        const ReleaseComponents *components = &input->release->components;
        _cleanup_(check_done)
                Check check = { .model = input->model, .tenant = input->release->tenant };
        int r;

        arena_init(&check.arena, CHECK_ARENA_MAX);
        r = input->at ? take_mirror(&check, input->at, err) : 0;
        if (r < 0)
                return r;
        r = sd_event_new(&check.event);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        check.items = arena_alloc_array(&check.arena, components->n + 1, sizeof(*check.items));
        if (!check.items)
                return error_oom(err);
        r = http_client_new(check.event, USER_AGENT, &check.http, err);
        for (size_t i = 0; r >= 0 && i < components->n; i++)
                r = ask(&check, &components->items[i], err);
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
