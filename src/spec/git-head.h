#pragma once

/* Which commit a Git work tree is at, read from its files: HEAD, the branch's file or packed-refs
 * (gitrepository-layout(5)). */

#include "base/error.h"

#define GIT_HEAD_SIZE 65 /* SHA-256 repositories have 64 digits */

/* 1 and the commit's hexadecimal digits if path is in a work tree with a commit, else 0. */
int git_head(const char *path, char ret[GIT_HEAD_SIZE]);
