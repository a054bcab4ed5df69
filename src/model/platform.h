#pragma once

/* Platforms: "os/architecture" or "os/architecture/variant". One platform has several spellings;
 * the normal form is the form of Docker and containerd: linux/amd64, linux/arm64, linux/arm/v7. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/release.h"

#define PLATFORM_SIZE_MAX 256 /* bytes of a normal form, with its NUL */

/* Writes the normal form: lower case; usual names for aarch64, x86_64, i386, armhf, macos and the
 * like; no default variants (arm64/v8, amd64/v1); arm/v7 for arm. Omits the version in
 * "windows(10.0.17763)/amd64", because relman does not compare it. Returns false, and writes
 * nothing, if text is not a platform. */
bool platform_normalize(const char *text, char ret[PLATFORM_SIZE_MAX]);

bool platform_is_valid(const char *platform); /* any spelling */

/* Writes the known platform that is nearest to a misspelt normal form. Returns false if all names
 * in the normal form are known, or if no known platform is near. */
bool platform_suggest(const char *normal, char ret[PLATFORM_SIZE_MAX]);

/* True if the operating system and architecture of a normal form are known. */
bool platform_is_known(const char *normal);

/* True if a machine of the wanted platform can run an image of the offered platform. As in
 * containerd, arm/v7 runs arm/v6 and arm/v5, amd64/v3 runs amd64/v2 and amd64, arm64/v8.2 runs
 * arm64; other variants must be equal. Both are normal forms; platform_matches() takes any
 * spelling. */
bool platform_satisfies(const char *wanted, const char *offered);
bool platform_matches(const char *wanted, const char *offered);

/* True if an image for one platform is not for the other one. A variant that only one of them names
 * is no contradiction, and neither is arm/v7, the normal form of arm without a variant. Both are
 * normal forms. */
bool platform_contradicts(const char *a, const char *b);

/* True if a machine of the wanted platform pulls the image of the offered platform. The machine
 * must be able to run that image, and no other image in `all` that it can run may have a higher
 * variant. All are normal forms. */
bool platform_is_preferred(const char *wanted, const char *offered, const PlatformDigests *all);

/* Returns the entry of a platform; NULL: there is none. */
const PlatformDigest *platform_digests_find(const PlatformDigests *platforms, const char *platform);

void platform_digests_sort(PlatformDigests *platforms);

/* Normalizes and sorts the platforms. Keeps only the first entry of each platform, which clients
 * pull unless they prefer another compression. Returns 0 or -ENOMEM. */
int platform_digests_normalize(PlatformDigests *platforms, Arena *arena);
