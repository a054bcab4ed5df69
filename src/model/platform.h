#pragma once

/* Platforms: "os/architecture" or "os/architecture/variant". One platform has several spellings;
 * the normal form is that of Docker and containerd: linux/amd64, linux/arm64, linux/arm/v7. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/release.h"

#define PLATFORM_SIZE_MAX 256 /* of the normal form, with its NUL */

/* Writes the normal form: lower case; aarch64, x86_64, i386, armhf, macos and the like by their
 * usual names; no variant that only names the default (arm64/v8, amd64/v1); arm means arm/v7. The
 * version in "windows(10.0.17763)/amd64" is left out: it is not compared. Returns false, and writes
 * nothing, if text is no platform. */
bool platform_normalize(const char *text, char ret[PLATFORM_SIZE_MAX]);

bool platform_is_valid(const char *platform); /* any spelling */

/* The known platform that a misspelt one in normal form was meant to be, written to ret; false if
 * it consists of known names, or nothing known is near. */
bool platform_suggest(const char *normal, char ret[PLATFORM_SIZE_MAX]);

/* True if the operating system and architecture of a normal form are known. */
bool platform_is_known(const char *normal);

/* True if what an image offers satisfies what is wanted: a wanted platform without a variant takes
 * any variant. The first takes normal forms, the second any spelling. */
bool platform_satisfies(const char *wanted, const char *offered);
bool platform_matches(const char *wanted, const char *offered);

void platform_digests_sort(PlatformDigests *platforms);

/* Brings all into normal form, sorts them, and keeps the first of each platform: that is the one
 * which counts for those who pull. -ENOMEM. */
int platform_digests_normalize(PlatformDigests *platforms, Arena *arena);
