/* Fuzzes answers of registries and token servers. The first byte selects the parser. */

#include "fuzz.h"
#include "http/internal.h"
#include "model/image/image.h"
#include "registry/connector.h"
#include "registry/internal.h"
#include "registry/wire/challenge.h"
#include "registry/wire/link-header.h"
#include "registry/wire/manifest-json.h"
#include "verify/signature-json.h"

static void fuzz_tags(Arena *arena, char *text, size_t size)
{
        TagCollector collector = { .arena = arena };
        Error error = { 0 };

        if (tags_parse(text, size, &collector, &error) == 0)
                for (size_t i = 0; i < collector.n; i++)
                        require(tag_is_valid(collector.tags[i].tag, strlen(collector.tags[i].tag)));
        error_done(&error);
        tag_collector_done(&collector);
}

static void fuzz_documents(Arena *arena, const char *text, size_t size)
{
        ParsedManifest manifest;
        ParsedConfig config;
        const char *token;
        usec_t lifetime;
        Error error = { 0 };

        if (manifest_parse(text, size, arena, &manifest, &error) == 0)
                for (size_t i = 0; i < manifest.platforms.n; i++)
                        require(digest_is_valid(manifest.platforms.items[i].digest));
        error_done(&error);
        (void)config_parse(text, size, arena, &config, &error);
        error_done(&error);
        if (token_parse(text, size, arena, &token, &lifetime, &error) == 0)
                require(*token && !strpbrk(token, "\r\n"));
        error_done(&error);
}

static void fuzz_signatures(Arena *arena, const char *text, size_t size)
{
        static const SignatureMakers all = { true, true };
        SignatureLayers layers;
        Referrers referrers;
        Error error = { 0 };

        if (signature_layers_read(text, size, arena, &layers, &error) == 0)
                for (size_t i = 0; i < layers.n; i++)
                        require(digest_is_valid(layers.items[i].digest));
        error_done(&error);
        if (referrers_read(text, size, all, arena, &referrers, &error) == 0)
                for (size_t i = 0; i < referrers.n; i++)
                        require(digest_is_valid(referrers.digests[i]));
        error_done(&error);
}

/* Fuzzes tag lists with every connector, docker's configuration file, and the output of credential
 * helpers. */
static void fuzz_apis(Arena *arena, char *text, size_t size)
{
        static const char *const hosts[] = { "docker.io", "quay.io", "gcr.io", "x.azurecr.io",
                                             "registry.gitlab.com" };
        Credentials credentials = { 0 };
        Error error = { 0 };
        JsonSpan page;

        (void)credentials_from_docker(
                text, size, &(CredentialsPlan){ .host = "docker.io", .repository = "a/b" },
                &credentials, &error);
        credentials_done(&credentials);
        error_done(&error);
        (void)credentials_from_helper(text, size, &credentials, &error);
        credentials_done(&credentials);
        error_done(&error);
        if (tags_read_page(text, size, &page, &error) == 0)
                for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
                        TagCollector collector = { .arena = arena };
                        bool more = false;

                        (void)connector_find(NULL, hosts[i])
                                ->parse(page, &collector, &more, &error);
                        error_done(&error);
                        for (size_t j = 0; j < collector.n; j++)
                                require(!collector.tags[j].digest ||
                                        digest_is_valid(collector.tags[j].digest));
                        tag_collector_done(&collector);
                }
        error_done(&error);
}

static void fuzz_headers(Arena *arena, const char *text)
{
        Challenge challenge = { 0 };
        LinkNext next = { 0 };

        require(link_read(text, arena, &next) == 0);
        (void)query_value(next.target ? link_query(next.target, arena) : text, "last", arena);
        require(challenge_parse(text, arena, &challenge) == 0);
        require(!challenge.bearer || challenge.realm);
        (void)retry_after_parse(text, 0);
        free(url_resolve("https://registry.example.com/v2/", text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Arena arena;
        char *text;

        if (size == 0)
                return 0;
        arena_init(&arena, FUZZ_ARENA_MAX);
        /* arena_alloc() clears the memory, so a NUL follows the text */
        text = arena_alloc(&arena, size);
        memcpy(text, data + 1, size - 1);
        switch (data[0] % 4) {
        case 0: fuzz_tags(&arena, text, size - 1); break;
        case 1:
                fuzz_documents(&arena, text, size - 1);
                fuzz_signatures(&arena, text, size - 1);
                break;
        case 3: fuzz_apis(&arena, text, size - 1); break;
        default: fuzz_headers(&arena, fuzz_text(&arena, data + 1, size - 1)); break;
        }
        arena_done(&arena);
        return 0;
}
