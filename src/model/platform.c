#include "model/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/text.h"

#define PLATFORM_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_.-"

/* clang-format off */
/* Names of Go's ports, which the image specification refers to. */
static const char *const known_systems[] = {
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
        "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
};
static const char *const known_architectures[] = {
        "386", "amd64", "amd64p32", "arm", "arm64", "arm64be", "armbe", "loong64", "mips", "mips64", "mips64le",
        "mipsle", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
};

/* Other spellings of architectures. */
static const struct {
        const char *text, *architecture;
        const char *variant; /* variant that the spelling implies; NULL: none */
} spellings[] = {
        { "i386", "386", "" },
        { "x86_64", "amd64", NULL },
        { "x86-64", "amd64", NULL },
        { "aarch64", "arm64", NULL },
        { "armhf", "arm", "v7" },
        { "armel", "arm", "v6" },
};

static const struct {
        const char *architecture, *text, *normal;
} variants[] = {
        { "amd64", "v1", "" },
        { "arm64", "8", "" },
        { "arm64", "v8", "" },
        { "arm64", "v8.0", "" },
        { "arm64", "9", "v9" },
        { "arm64", "9.0", "v9" },
        { "arm64", "v9.0", "v9" },
        { "arm", "", "v7" },
        { "arm", "5", "v5" },
        { "arm", "6", "v6" },
        { "arm", "7", "v7" },
        { "arm", "8", "v8" },
};
/* clang-format on */

typedef struct Platform {
        char buffer[PLATFORM_SIZE_MAX];          /* holds the parts */
        const char *os, *architecture, *variant; /* "": none */
} Platform;

static bool is_part(const char *part)
{
        return *part && !part[strspn(part, PLATFORM_CHARACTERS)];
}

/* Shortens "windows(10.0.17763)" to "windows". */
static bool cut_os_version(char *os)
{
        char *open = strchr(os, '(');

        if (open && (open[strlen(open) - 1] != ')' || strpbrk(open + 1, "(/")))
                return false;
        if (open)
                *open = '\0';
        return true;
}

static bool read_platform(const char *text, Platform *ret)
{
        char *slash, *second;
        size_t n = strnlen(text, PLATFORM_SIZE_MAX);

        if (n == PLATFORM_SIZE_MAX)
                return false;
        for (size_t i = 0; i <= n; i++)
                ret->buffer[i] = text_lower(text[i]);
        slash = strchr(ret->buffer, '/');
        second = slash ? strchr(slash + 1, '/') : NULL;
        if (!slash)
                return false;
        *slash = '\0';
        if (second)
                *second = '\0';
        ret->os = ret->buffer;
        ret->architecture = slash + 1;
        ret->variant = second ? second + 1 : "";
        return cut_os_version(ret->buffer) && is_part(ret->os) && is_part(ret->architecture) &&
               (!second || is_part(ret->variant));
}

static void normalize(Platform *platform)
{
        if (streq(platform->os, "macos"))
                platform->os = "darwin";
        for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
                if (streq(platform->architecture, spellings[i].text)) {
                        platform->architecture = spellings[i].architecture;
                        if (spellings[i].variant)
                                platform->variant = spellings[i].variant;
                        break;
                }
        for (size_t i = 0; i < ARRAY_SIZE(variants); i++)
                if (streq(platform->architecture, variants[i].architecture) &&
                    streq(platform->variant, variants[i].text)) {
                        platform->variant = variants[i].normal;
                        break;
                }
}

/* Writes the normal form. Returns false if the form is too long. */
static bool write_platform(const Platform *platform, char ret[PLATFORM_SIZE_MAX])
{
        char text[PLATFORM_SIZE_MAX];
        int n = snprintf(text, sizeof(text), "%s/%s%s%s", platform->os, platform->architecture,
                         *platform->variant ? "/" : "", platform->variant);

        if (n < 0 || n >= PLATFORM_SIZE_MAX)
                return false;
        memcpy(ret, text, (size_t)n + 1);
        return true;
}

bool platform_normalize(const char *text, char ret[PLATFORM_SIZE_MAX])
{
        Platform platform;

        if (!read_platform(text, &platform))
                return false;
        normalize(&platform);
        return write_platform(&platform, ret);
}

bool platform_is_valid(const char *platform)
{
        char normal[PLATFORM_SIZE_MAX];

        return platform_normalize(platform, normal);
}

/* --- known names ------------------------------------------------------------------------------ */

static bool is_among(const char *word, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (streq(names[i], word))
                        return true;
        return false;
}

static bool is_known_system(const Platform *platform)
{
        return is_among(platform->os, known_systems, ARRAY_SIZE(known_systems));
}

static bool is_known_architecture(const Platform *platform)
{
        return is_among(platform->architecture, known_architectures,
                        ARRAY_SIZE(known_architectures));
}

bool platform_is_known(const char *normal)
{
        Platform platform;

        return read_platform(normal, &platform) && is_known_system(&platform) &&
               is_known_architecture(&platform);
}

/* Returns the known architecture whose name or other spelling is nearest to a misspelt one. */
static const char *nearest_architecture(const char *word)
{
        const char *names[ARRAY_SIZE(known_architectures) + ARRAY_SIZE(spellings)];
        const char *nearest;
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(known_architectures); i++)
                names[n++] = known_architectures[i];
        for (size_t i = 0; i < ARRAY_SIZE(spellings); i++)
                names[n++] = spellings[i].text;
        nearest = suggest_nearest(word, names, n);
        return nearest;
}

bool platform_suggest(const char *normal, char ret[PLATFORM_SIZE_MAX])
{
        Platform platform;

        if (platform_is_known(normal) || !read_platform(normal, &platform))
                return false;
        if (!is_known_system(&platform))
                platform.os =
                        suggest_nearest(platform.os, known_systems, ARRAY_SIZE(known_systems));
        if (!is_known_architecture(&platform))
                platform.architecture = nearest_architecture(platform.architecture);
        if (!platform.os || !platform.architecture)
                return false;
        normalize(&platform);
        return write_platform(&platform, ret);
}

/* --- images ----------------------------------------------------------------------------------- */

/* A variant as numbers: "v8.2" is 8 and 2, "v7" is 7 and 0. */
typedef struct Level {
        unsigned major, minor;
} Level;

static bool read_level(const char *text, Level *ret)
{
        static const char digits[] = "0123456789";
        const char *minor;
        size_t n;

        *ret = (Level){ 0 };
        n = *text == 'v' ? strspn(text + 1, digits) : 0;
        if (n == 0 || n > 2)
                return false;
        ret->major = (unsigned)strtoul(text + 1, NULL, 10);
        if (text[1 + n] == '\0')
                return true;
        minor = text + n + 2;
        n = strspn(minor, digits);
        ret->minor = (unsigned)strtoul(minor, NULL, 10);
        return minor[-1] == '.' && n > 0 && n <= 2 && minor[n] == '\0';
}

/* True if a machine with this level runs an image with that level. On arm64, v9.x runs all images
 * that v8.(x + 5) runs. */
static bool runs_arm64(const Level *machine, const Level *image)
{
        if (image->major < 8)
                return false;
        if (machine->major == image->major)
                return machine->minor >= image->minor;
        return machine->major == 9 && image->major == 8 && machine->minor + 5 >= image->minor;
}

/* Applies the rules of containerd's Only(), but never across architectures: here amd64 does not run
 * 386, nor arm64 arm. */
static bool runs_variant(const char *architecture, const char *machine, const char *image)
{
        bool is_arm64 = streq(architecture, "arm64"), is_arm = streq(architecture, "arm");
        /* the variant that is meant by a normal form without a variant */
        const char *none = is_arm64 ? "v8" : "v1";
        Level has, needs;

        if (streq(machine, image))
                return true;
        if ((!is_arm && !is_arm64 && !streq(architecture, "amd64")) ||
            !read_level(*machine ? machine : none, &has) ||
            !read_level(*image ? image : none, &needs))
                return false;
        if (is_arm64)
                return runs_arm64(&has, &needs);
        return has.minor == 0 && needs.minor == 0 && needs.major >= (is_arm ? 5 : 1) &&
               has.major >= needs.major;
}

bool platform_satisfies(const char *wanted, const char *offered)
{
        Platform want, has;

        return read_platform(wanted, &want) && read_platform(offered, &has) &&
               streq(want.os, has.os) && streq(want.architecture, has.architecture) &&
               runs_variant(want.architecture, want.variant, has.variant);
}

bool platform_contradicts(const char *a, const char *b)
{
        size_t n = strcspn(a, "/");

        n += a[n] ? 1 + strcspn(a + n + 1, "/") : 0;
        if (strncmp(a, b, n) != 0 || (b[n] && b[n] != '/'))
                return true;
        if (!a[n] || !b[n] || streq(a, b))
                return false;
        return !text_begins_with(a, "linux/arm/") || (!streq(a + n, "/v7") && !streq(b + n, "/v7"));
}

bool platform_is_preferred(const char *wanted, const char *offered, const PlatformDigests *all)
{
        if (!platform_satisfies(wanted, offered))
                return false;
        for (size_t i = 0; i < all->n; i++) {
                const char *other = all->items[i].platform;

                if (!streq(other, offered) && platform_satisfies(wanted, other) &&
                    platform_satisfies(other, offered))
                        return false;
        }
        return true;
}

bool platform_matches(const char *wanted, const char *offered)
{
        char want[PLATFORM_SIZE_MAX], has[PLATFORM_SIZE_MAX];

        return platform_normalize(wanted, want) && platform_normalize(offered, has) &&
               platform_satisfies(want, has);
}

static int compare_platforms(const void *a, const void *b)
{
        return strcmp(((const PlatformDigest *)a)->platform, ((const PlatformDigest *)b)->platform);
}

const PlatformDigest *platform_digests_find(const PlatformDigests *platforms, const char *platform)
{
        for (size_t i = 0; i < platforms->n; i++)
                if (streq(platforms->items[i].platform, platform))
                        return &platforms->items[i];
        return NULL;
}

void platform_digests_sort(PlatformDigests *platforms)
{
        if (platforms->n > 1)
                qsort(platforms->items, platforms->n, sizeof(*platforms->items), compare_platforms);
}

static int normalize_item(PlatformDigest *item, Arena *arena)
{
        char normal[PLATFORM_SIZE_MAX];

        if (platform_normalize(item->platform, normal) && !streq(normal, item->platform))
                item->platform = arena_strdup(arena, normal);
        return item->platform ? 0 : -ENOMEM;
}

int platform_digests_normalize(PlatformDigests *platforms, Arena *arena)
{
        _cleanup_(map_done) Map seen = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < platforms->n; i++) {
                PlatformDigest item = platforms->items[i];
                int r = normalize_item(&item, arena);

                if (r >= 0)
                        r = map_put(&seen, item.platform, platforms, NULL);
                if (r < 0)
                        return -ENOMEM;
                if (r > 0)
                        platforms->items[n++] = item;
        }
        platforms->n = n;
        platform_digests_sort(platforms);
        return 0;
}
