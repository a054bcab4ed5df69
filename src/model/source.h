#pragma once

/* The source of an image: its repository and revision, from labels and annotations that its author
 * wrote. Only a text in a strict form is kept, because it appears in lockfiles, messages and
 * tables. Pure. */

#include "base/arena.h"
#include "model/image-facts.h"
#include "model/release.h"

#define SOURCE_REPOSITORY_MAX 512 /* bytes of the URL of a repository */
#define SOURCE_REVISION_MAX   128 /* bytes of a revision */
#define SOURCE_SHORT          12  /* digits of a commit that tables and messages show */
/* enough for a repository, the path of a page and two commits */
#define SOURCE_LINK_MAX (SOURCE_REPOSITORY_MAX + 256)

/* Returns the URL of the repository that a text names: "https://HOST/PATH", or "http://HOST/PATH".
 * Accepts URLs of http, https and ssh, and USER@HOST:PATH. Removes users, passwords, the port of
 * SSH, ".git", and what follows the repository, such as "/tree/main". NULL: the text names no
 * repository, or memory ran out. */
const char *source_repository(const char *text, Arena *arena);

/* True if the text has at most SOURCE_REVISION_MAX letters, digits and ._/+- */
bool source_revision_is_valid(const char *text);

/* True if the text is as source_repository() returns it. */
bool source_repository_is_valid(const char *text);

/* Adds what the facts say to *ret where it has nothing yet. A second revision that differs from the
 * first one makes the revision unknown. *conflict starts as false. */
void source_add_facts(const ImageFacts *facts, Arena *arena, ComponentSource *ret, bool *conflict);

/* Returns the facts of a digest; NULL: they are not known. */
typedef const ImageFacts *(*SourceFacts)(const void *userdata, const char *digest);

/* Sets *ret to the source of an image, as the facts of its digest and of its platforms say. */
void source_of_image(const char *digest, const PlatformDigests *platforms, SourceFacts find,
                     const void *userdata, Arena *arena, ComponentSource *ret);

/* Returns how many bytes of a revision to show: SOURCE_SHORT of a commit, and all of another one.
 */
int source_shown_size(const char *revision);

/* Writes the URL of the page of the commit to ret and returns it. NULL: the revision is no commit,
 * or the forge is not known. */
const char *source_commit_link(const ComponentSource *source, char ret[SOURCE_LINK_MAX]);

/* Writes the URL of the page that compares two commits to ret and returns it. NULL: the
 * repositories differ, a revision is no commit, or the forge is not known. */
const char *source_compare_link(const ComponentSource *from, const ComponentSource *to,
                                char ret[SOURCE_LINK_MAX]);
