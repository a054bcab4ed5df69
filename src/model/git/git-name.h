#pragma once

/* Names in Git repositories that the configuration may use. They are safe in arguments of git, in
 * the command of ssh and in the input of git fast-import. */

#include <stdbool.h>

/* True for https://HOST/..., ssh://[USER@]HOST/... and file:///... without a password, a query and
 * characters that a shell or git would interpret. */
bool git_url_is_valid(const char *url);
/* True for a name of letters, digits and . _ - / that git accepts as a branch
 * (git-check-ref-format(1)). */
bool git_branch_is_valid(const char *branch);
/* True for a relative path in a repository: no empty part, ".", ".." and ".git", no control
 * characters, quotes and backslashes. */
bool git_path_is_valid(const char *path);
/* True for a JSON pointer (RFC 6901) to a value below the root of a document. */
bool git_pointer_is_valid(const char *pointer);
/* True for "NAME <EMAIL>". */
bool git_author_is_valid(const char *author);
