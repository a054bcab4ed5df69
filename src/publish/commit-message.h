#pragma once

/* The message of a commit that brings a lockfile to a branch. Pure. */

#include "lock/lock.h"

typedef struct MessageInput {
        const char *template; /* model/git/message-template.h; NULL: the default */
        const Lock *lock;
        const Release *before; /* the release that the environment ran; NULL: none, or not known */
        const char *by;        /* who promoted; NULL: not known */
} MessageInput;

/* Returns NULL if memory ran out. */
const char *commit_message(const MessageInput *input, Arena *arena);
