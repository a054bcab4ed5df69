#pragma once

/* Finds the commit of a Git work tree without running Git: reads HEAD, and the branch's file or
 * packed-refs (gitrepository-layout(5)). */

#include "base/error.h"

#define GIT_HEAD_SIZE 65 /* a commit of a SHA-256 repository has 64 digits */

/* Returns 1 and the commit in hexadecimal digits if path is in a work tree with a commit, else
 * 0. */
int git_head(const char *path, char ret[GIT_HEAD_SIZE]);
