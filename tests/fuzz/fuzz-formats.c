/* Fuzzes lock formats. Writes a release with texts of the input in every format, and reads each
 * with a reader of that format. Every text must be read unchanged, or writing must fail with an
 * error. In the input, a NUL separates the texts. */

#include "fuzz.h"
#include "lock/format.h"
#include "model/object.h"
#include "model/replaces.h"
#include "read-formats.h"

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

typedef struct Input {
        const char *next, *end;
} Input;

/* Returns the next text of the input; NULL at the end. */
static const char *next_text(Input *input)
{
        const char *text = input->next;

        if (text >= input->end)
                return NULL;
        input->next += strlen(text) + 1;
        return text;
}

static const char *text_or(Input *input, const char *otherwise)
{
        const char *text = next_text(input);

        return text && text[0] ? text : otherwise;
}

/* Adds texts of the input to replaces. Skips texts that a valid spec cannot have there. */
static void add_replaces(Input *input, Strings *ret, Arena *arena)
{
        ret->items = arena_alloc_array(arena, 2, sizeof(*ret->items));
        require(ret->items != NULL);
        for (size_t i = 0; i < 2; i++) {
                const char *text = next_text(input);

                if (text && text[0] && replaces_check(text, NULL) == 0)
                        ret->items[ret->n++] = text;
        }
}

static ReleaseComponent make_component(Input *input, const char *name, const char *digest,
                                       Arena *arena)
{
        static PlatformDigest platforms[] = { { "linux/amd64", DIGEST_B } };
        ReleaseComponent component = {
                .component_id = "8d1e0000-0000-5000-8000-000000000001",
                .component_name = name,
                .repository = text_or(input, "[::1]:5000/shop/api"),
                .digest = digest,
                .tag = next_text(input),
                .semver = next_text(input),
                .channel = next_text(input),
                .media_type = text_or(input, "application/vnd.oci.image.index.v1+json"),
                .size = INT64_C(9007199254740993),
                .platforms = { platforms, 1 },
        };
        const char *platform = next_text(input);

        if (platform && platform[0]) {
                PlatformDigest *own = arena_alloc(arena, sizeof(*own));

                require(own != NULL);
                *own = (PlatformDigest){ platform, DIGEST_B };
                component.platforms.items = own;
        }
        add_replaces(input, &component.replaces, arena);
        return component;
}

static void check_format(const Lock *lock, LockFormat format, Arena *arena)
{
        Error refusal = { 0 };
        LockFiles files;

        if (lock_format_write(lock, format, arena, &files, &refusal) == 0)
                read_format(lock, format, &files, arena);
        else /* ERROR_INVALID: the repository is not an image reference */
                require(refusal.kind == ERROR_CONFLICT || refusal.kind == ERROR_INVALID);
        error_done(&refusal);
}

static void check_formats(Lock *lock, Arena *arena)
{
        Error error = { 0 };

        /* if the native format refuses a release, there is no lock digest for the other formats */
        if (lock_digest(lock, arena, &error) < 0)
                require(error.kind == ERROR_CONFLICT);
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_ && lock->lock_digest; format++)
                check_format(lock, format, arena);
        for (size_t i = 0; i < lock->release.components.n; i++)
                lock->release.components.items[i].artifact =
                        i == 0 ? ARTIFACT_CHART : ARTIFACT_OTHER;
        for (LockFormat format = LOCK_FLUX; format <= LOCK_ARGOCD && lock->lock_digest; format++)
                check_format(lock, format, arena);
        error_done(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ReleaseComponent components[2];
        const char *second;
        Arena arena;
        char *text;
        Input input;
        Lock lock = { .release = { .id = { "5f0c0000-0000-5000-8000-000000000003" },
                                   .tenant = "default",
                                   .name = "shop-1",
                                   .spec_digest = DIGEST_A } };

        arena_init(&arena, FUZZ_ARENA_MAX);
        text = arena_alloc(&arena, size + 1);
        require(text != NULL);
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        input = (Input){ .next = text, .end = text + size };
        lock.release.display_name = text_or(&input, "Shop");
        lock.environment = size % 2 ? "prod" : NULL;
        lock.release.source_ref.branch = next_text(&input);
        lock.release.source_ref.build_id = next_text(&input);
        components[0] = make_component(&input, "api", DIGEST_A, &arena);
        second = text_or(&input, "web");
        components[1] = make_component(
                &input, name_is_valid(second) && !streq(second, "api") ? second : "web", DIGEST_B,
                &arena);
        lock.release.components.items = components;
        lock.release.components.n = 2;
        check_formats(&lock, &arena);
        arena_done(&arena);
        return 0;
}
