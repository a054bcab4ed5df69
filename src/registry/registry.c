#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "registry/connector.h"
#include "registry/internal.h"
#include "registry/layout.h"
#include "registry/wire/scope.h"

#define DOCKER_HUB_URL  "https://registry-1.docker.io"
#define DOCKER_HUB_HOST "docker.io"

#define REGISTRY_ARENA_MAX ((size_t)16 * 1024 * 1024) /* bytes of the copy of auth */

static const RegistryLimits default_limits = { .concurrency = 16, .timeout = 30 * USEC_PER_SEC };

/* --- calls ------------------------------------------------------------------------------------ */

RegistryCall *registry_call_cancel(RegistryCall *call)
{
        return call_free(call);
}

/* Completes a call with ERROR_CANCELED. Frees the call first, because the completion may cancel
 * other calls. */
static void cancel_call(RegistryCall *call)
{
        _cleanup_(error_done) Error error = { 0 };
        TagsDone tags_done = call->tags_done;
        ManifestDone manifest_done = call->manifest_done;
        DocumentDone document_done = call->document_done;
        void *userdata = call->userdata;

        (void)call_set_canceled(call->registry, &error); /* the error is passed to the completion */
        call_free(call);
        if (tags_done)
                tags_done(NULL, &error, userdata);
        else if (document_done)
                document_done(NULL, &error, userdata);
        else
                manifest_done(NULL, &error, userdata);
}

/* --- registries ------------------------------------------------------------------------------- */

static int copy_auth(Registry *registry, const RegistryAuth *auth)
{
        const char *const *from[] = {
                &auth->username,   &auth->password_file, &auth->password_credential,
                &auth->token_file, &auth->realm,         &auth->docker_config,
                &auth->helper
        };
        const char **const to[] = { &registry->auth.username,
                                    &registry->auth.password_file,
                                    &registry->auth.password_credential,
                                    &registry->auth.token_file,
                                    &registry->auth.realm,
                                    &registry->auth.docker_config,
                                    &registry->auth.helper };

        for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
                *to[i] = *from[i] ? arena_strdup(&registry->arena, *from[i]) : NULL;
                if (*from[i] && !*to[i])
                        return -ENOMEM;
        }
        return 0;
}

static int set_url(Registry *registry, const RegistrySpec *spec, const char *host)
{
        size_t size;

        if (host && streq(host, DOCKER_HUB_HOST))
                registry->url = strdup(DOCKER_HUB_URL);
        else if (spec)
                registry->url = strdup(spec->url);
        else
                registry->url = text_printf("https://%s", host);
        if (!registry->url)
                return -ENOMEM;
        size = strlen(registry->url);
        while (size > 0 && registry->url[size - 1] == '/')
                registry->url[--size] = '\0';
        return 0;
}

static int make_pool(Registry *registry, HttpClient *http, const RegistrySpec *spec, Error *err)
{
        const RegistryLimits *limits = spec ? &spec->limits : &default_limits;
        char name[NAME_MAX_ + 32];
        HttpPoolOptions options = {
                .name = name,
                .concurrency = (unsigned)MIN(limits->concurrency, 1000),
                .per_second = (unsigned)MIN(limits->requests_per_second, 1000000),
                .timeout = limits->timeout,
                .origin = registry->url,
                .proxy = spec ? spec->proxy : NULL,
                .allow_plain = strncmp(registry->url, "http:", 5) == 0,
                .ca_file = spec ? spec->tls.ca_file : NULL,
                .ca_option = "tls.caFile of the Registry",
                .cert_file = spec ? spec->tls.cert_file : NULL,
                .key_file = spec ? spec->tls.key_file : NULL,
        };

        (void)snprintf(name, sizeof(name), "registry '%s'", registry->name);
        return http_pool_new(http, &options, &registry->pool, err);
}

static const char *host_of(const RegistrySpec *spec, const char *host, char own[HOST_MAX])
{
        bool has_host = spec ? registry_spec_host(spec, own)
                             : host_canonical(host, strlen(host), "443", own);

        return has_host ? own : spec ? NULL : host;
}

int registry_new_mirror(HttpClient *http, const RegistrySpec *spec, const RegistryMirror *mirror,
                        const char *credentials, Registry **ret, Error *err)
{
        _cleanup_(freep) char *name =
                text_printf("%s (mirror %s)", spec->object.meta.name, mirror->url);
        _cleanup_(registry_freep) Registry *registry = NULL;
        RegistrySpec own = { .object = spec->object,
                             .url = mirror->url,
                             .type = REGISTRY_OCI,
                             .proxy = spec->proxy,
                             .auth = mirror->auth,
                             .tls = mirror->tls,
                             .limits = spec->limits };
        int r;

        if (!name)
                return error_oom(err);
        own.object.meta.name = name;
        r = registry_new(http, &own, NULL, credentials, &registry, err);
        if (r < 0)
                return r;
        if (mirror->repository) {
                registry->mirror_name = strdup(mirror->repository);
                if (!registry->mirror_name)
                        return error_oom(err);
        }
        *ret = TAKE(registry);
        return 0;
}

static int mirrors_new(Registry *registry, const RegistrySpec *spec, const char *credentials,
                       Error *err)
{
        size_t n = spec ? spec->mirrors.n : 0;
        int r = 0;

        registry->mirrors = calloc(n + 1, sizeof(Registry *));
        if (!registry->mirrors)
                return error_oom(err);
        for (size_t i = 0; i < n && r >= 0; i++) {
                r = registry_new_mirror(registry->http, spec, &spec->mirrors.items[i], credentials,
                                        &registry->mirrors[i], err);
                registry->n_mirrors += r >= 0;
        }
        return r;
}

int registry_new(HttpClient *http, const RegistrySpec *spec, const char *host,
                 const char *credentials, Registry **ret, Error *err)
{
        _cleanup_(registry_freep) Registry *registry = calloc(1, sizeof(*registry));
        char own_host[HOST_MAX];
        int r;

        if (!registry)
                return error_oom(err);
        arena_init(&registry->arena, REGISTRY_ARENA_MAX);
        registry->http = http;
        host = host_of(spec, host, own_host);
        registry->connector = connector_find(spec, host);
        registry->name = strdup(spec ? spec->object.meta.name : host);
        registry->host = strdup(host ? host : "");
        registry->credentials_folder = credentials ? strdup(credentials) : NULL;
        if (!registry->name || !registry->host || (credentials && !registry->credentials_folder) ||
            set_url(registry, spec, host) < 0 || (spec && copy_auth(registry, &spec->auth) < 0))
                return error_oom(err);
        registry->is_layout = strncmp(registry->url, LAYOUT_SCHEME, strlen(LAYOUT_SCHEME)) == 0;
        r = make_pool(registry, http, spec, err);
        if (r >= 0)
                r = mirrors_new(registry, spec, credentials, err);
        if (r < 0)
                return r;
        *ret = TAKE(registry);
        return 0;
}

static void mirrors_free(Registry *registry)
{
        for (size_t i = 0; i < registry->n_mirrors; i++)
                registry_free(registry->mirrors[i]);
        free(registry->mirrors);
}

Registry *registry_free(Registry *registry)
{
        if (!registry)
                return NULL;
        registry->is_closing = true;
        while (registry->calls)
                cancel_call(registry->calls);
        mirrors_free(registry);
        while (registry->token_first)
                token_free(registry->token_first);
        map_done(&registry->tokens);
        fall_backs_free(registry);
        head_notes_free(registry);
        helper_free(registry->helper);
        credentials_done(&registry->helped);
        http_pool_free(registry->pool);
        arena_done(&registry->arena);
        free(registry->name);
        free(registry->host);
        free(registry->mirror_name);
        free(registry->url);
        free(registry->credentials_folder);
        free(registry->basic);
        free(registry->realm);
        free(registry->service);
        free(registry);
        return NULL;
}

const char *registry_name(const Registry *registry)
{
        return registry->name;
}

const char *registry_url(const Registry *registry)
{
        return registry->url;
}

void registry_stats(const Registry *registry, HttpPoolStats *ret)
{
        http_pool_stats(registry->pool, ret);
        for (size_t i = 0; i < registry->n_mirrors; i++) {
                HttpPoolStats of_mirror;

                registry_stats(registry->mirrors[i], &of_mirror);
                ret->n_requests += of_mirror.n_requests;
                ret->n_failures += of_mirror.n_failures;
                http_latency_add(&ret->latency, &of_mirror.latency);
        }
}
