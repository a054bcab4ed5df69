#pragma once

/* Platforms: "os/architecture" or "os/architecture/variant". One platform has several spellings;
 * the normal form is the form of Docker and containerd: linux/amd64, linux/arm64, linux/arm/v7. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/release.h"

#define PLATFORM_SIZE_MAX 256 /* bytes of a normal form, with its NUL */

/* Writes the normal form: lower case; usual names for aarch64, x86_64, i386, armhf, macos and the
 * like; no variant that is the default (arm64/v8, amd64/v1); arm means arm/v7. Omits the version in
 * "windows(10.0.17763)/amd64", which is not compared. Returns false, and writes nothing, if text is
 * not a platform. */
bool platform_normalize(const char *text, char ret[PLATFORM_SIZE_MAX]);

bool platform_is_valid(const char *platform); /* any spelling */

/* Writes the known platform nearest to a misspelt one in normal form. False if all its names are
 * known, or no known platform is near. */
bool platform_suggest(const char *normal, char ret[PLATFORM_SIZE_MAX]);

/* True if the operating system and architecture of a normal form are known. */
bool platform_is_known(const char *normal);

/* True if a machine of the wanted platform runs an image of the offered one. As in containerd,
 * arm/v7 runs arm/v6 and arm/v5, amd64/v3 runs amd64/v2 and amd64, arm64/v8.2 runs arm64; other
 * variants must be equal. Both are normal forms; platform_matches() takes any spelling. */
bool platform_satisfies(const char *wanted, const char *offered);
bool platform_matches(const char *wanted, const char *offered);

/* True if a machine of the wanted platform pulls the image of the offered one: it can run it, and
 * no other platform in `all` that it can run has a higher variant. All are normal forms. */
bool platform_is_preferred(const char *wanted, const char *offered, const PlatformDigests *all);

void platform_digests_sort(PlatformDigests *platforms);

/* Normalizes and sorts all, and keeps the first of each platform, which clients pull unless they
 * prefer another compression. -ENOMEM. */
int platform_digests_normalize(PlatformDigests *platforms, Arena *arena);
