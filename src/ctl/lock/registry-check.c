#include "ctl/lock/registry-check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "model/image/host.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"
#include "model/platform.h"
#include "registry/registry.h"

#define USER_AGENT      "relmanctl"
#define CHECK_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define MISSING_NAMED   10 /* missing manifests that a result names */

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
        Registry *registry;
        const char *repository; /* as the registry or mirror names it */
        const char *place;      /* the repository that is checked */
        const char *verdict;    /* NULL: no answer yet */
        const char *why;        /* reason of a failure; NULL: good */
        /* the manifests that the index lists, and those of the lockfile; platform "": not an image
         * of a platform, such as an attestation */
        PlatformDigests parts;
        size_t next;         /* index of the next part */
        bool is_other;       /* a part has other content than the lockfile says */
        bool is_config;      /* asks whether the configuration of the part is missing */
        size_t n_missing;    /* number of parts that are missing or different */
        const char *missing; /* names them; NULL: none */
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

/* Ends the check of a component. */
static void end_item(Item *item, const Error *error)
{
        count(item, error);
        print_results(item->check);
        if (--item->check->n_waiting == 0)
                (void)sd_event_exit(item->check->event, 0); /* an event loop for this check only */
}

/* --- manifests of an image -------------------------------------------------------------------- */

static const PlatformDigest *part_of(const Item *item)
{
        return &item->parts.items[item->next - 1];
}

/* Adds what is wrong with the current part to the result. */
static void add_missing(Item *item, const char *what)
{
        const char *before = item->missing ? item->missing : "";

        if (item->n_missing++ >= MISSING_NAMED || !what)
                return;
        what = arena_printf(&item->check->arena, "%s%s%s", before, *before ? "; " : "", what);
        item->missing = what ? what : "out of memory";
}

static void note_missing(Item *item, bool is_config)
{
        const PlatformDigest *part = part_of(item);
        Arena *arena = &item->check->arena;

        if (*part->platform)
                add_missing(item, arena_printf(arena, "%sits image for %s (%s) is not served",
                                               is_config ? "the configuration of " : "",
                                               part->platform, part->digest));
        else
                add_missing(item, arena_printf(arena, "manifest %s of its index is not served",
                                               part->digest));
}

/* Compares the configuration of an image with the lockfile. */
static void check_config(Item *item, const char *platform, const Manifest *manifest)
{
        const PlatformDigest *locked = platform_digests_find(&item->component->configs, platform);
        const char *config = manifest->facts.n > 0 ? manifest->facts.items[0].config : NULL;

        if (!locked || !config || streq(locked->digest, config))
                return;
        item->is_other = true;
        add_missing(item, arena_printf(&item->check->arena,
                                       "its image for %s has the configuration %s, not %s",
                                       platform, config, locked->digest));
}

static void next_part(Item *item);

/* Evaluates an error about a part. Returns false if the check of the component must end. */
static bool take_failure(Item *item, const Error *error)
{
        if (error->kind == ERROR_HOSTILE) {
                item->is_other = true;
                add_missing(item, arena_printf(&item->check->arena, "%s", error_message(error)));
        } else if (error->kind != ERROR_NOT_FOUND)
                return false;
        else if (!item->is_config && *part_of(item)->platform) {
                /* the manifest or the configuration: the next request decides */
                item->is_config = true;
                item->next--;
                return true;
        } else
                note_missing(item, false);
        item->is_config = false;
        return true;
}

static void on_part(const Manifest *manifest, const Error *error, void *userdata)
{
        Item *item = userdata;

        if (error && error->kind == ERROR_CANCELED)
                return; /* the check itself failed, and its error has the reason */
        if (error && !take_failure(item, error)) {
                end_item(item, error);
                return;
        }
        if (!error && item->is_config) {
                note_missing(item, true);
                item->is_config = false;
        } else if (!error)
                check_config(item, part_of(item)->platform, manifest);
        next_part(item);
}

static void end_parts(Item *item)
{
        _cleanup_(error_done) Error error = { 0 };
        size_t n = item->n_missing;

        if (n > MISSING_NAMED)
                (void)error_set(&error, ERROR_NOT_FOUND, -ENOENT, "%s; and %zu more", item->missing,
                                n - MISSING_NAMED);
        else if (n > 0)
                (void)error_set(&error, item->is_other ? ERROR_HOSTILE : ERROR_NOT_FOUND, -ENOENT,
                                "%s", item->missing);
        end_item(item, n > 0 ? &error : NULL);
}

/* Requests the next manifest, or ends. An image of a platform is read with its configuration. */
static void next_part(Item *item)
{
        const ManifestReceiver receiver = { on_part, item };
        _cleanup_(error_done) Error error = { 0 };
        const PlatformDigest *part;
        RegistryCall *call = NULL;
        int r;

        if (item->next == item->parts.n) {
                end_parts(item);
                return;
        }
        part = &item->parts.items[item->next++];
        r = (*part->platform && !item->is_config ? registry_fetch : registry_read)(
                item->registry, item->repository, part->digest, receiver, &call, &error);
        if (r < 0)
                end_item(item, &error);
}

static void add_part(Item *item, const char *platform, const char *digest)
{
        Arena *arena = &item->check->arena;
        PlatformDigests *parts = &item->parts;

        if (streq(digest, item->component->digest))
                return;
        for (size_t i = 0; i < parts->n; i++)
                if (streq(parts->items[i].digest, digest))
                        return;
        parts->items[parts->n].platform = arena_strdup(arena, platform);
        parts->items[parts->n].digest = arena_strdup(arena, digest);
        parts->n += parts->items[parts->n].platform && parts->items[parts->n].digest;
}

/* Sets the parts: the images of the lockfile, and all manifests that the index lists. */
static int set_parts(Item *item, const Manifest *manifest)
{
        const PlatformDigests *locked = &item->component->platforms, *listed = &manifest->platforms;
        const Pairs *others =
                manifest->facts.n > 0 ? &manifest->facts.items[0].others : &(const Pairs){ 0 };
        size_t n = locked->n + listed->n + others->n;

        item->parts.items =
                arena_alloc_array(&item->check->arena, n + 1, sizeof(*item->parts.items));
        if (!item->parts.items)
                return -ENOMEM;
        for (size_t i = 0; i < locked->n; i++)
                add_part(item, locked->items[i].platform, locked->items[i].digest);
        for (size_t i = 0; i < listed->n; i++)
                add_part(item, listed->items[i].platform, listed->items[i].digest);
        for (size_t i = 0; i < others->n; i++)
                add_part(item, others->items[i].value, others->items[i].key);
        return item->check->arena.failed ? -ENOMEM : 0;
}

static void on_manifest(const Manifest *manifest, const Error *error, void *userdata)
{
        Item *item = userdata;
        _cleanup_(error_done) Error own = { 0 };

        if (error && error->kind == ERROR_CANCELED)
                return; /* the check itself failed, and its error has the reason */
        if (!error && set_parts(item, manifest) < 0)
                (void)error_oom(&own);
        if (error || own.kind != ERROR_NONE) {
                end_item(item, error ? error : &own);
                return;
        }
        if (item->component->platforms.n == 1 && item->parts.n == 0)
                check_config(item, item->component->platforms.items[0].platform, manifest);
        next_part(item);
}

/* --- registries ------------------------------------------------------------------------------- */

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

static int ask(Check *check, const ReleaseComponent *component, Error *err)
{
        Item *item = &check->items[check->n_items++];
        ImageReference image;
        RegistryCall *call;
        int r;

        *item = (Item){ .check = check, .component = component };
        r = image_parse(component->repository, &check->arena, &image, err);
        if (r >= 0)
                r = find_registry(check, image.host, &item->registry, err);
        if (r >= 0)
                r = find_place(item, &image, &item->repository, err);
        if (r >= 0)
                r = registry_fetch(item->registry, item->repository, component->digest,
                                   (ManifestReceiver){ on_manifest, item }, &call, err);
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
