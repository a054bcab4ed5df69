#pragma once

/* The pull request of an output on a branch: from that branch to another one of its repository. */

#include "base/diag.h"
#include "base/time.h"
#include "model/object.h"

typedef enum ForgeType {
        FORGE_GITHUB,
        FORGE_GITLAB,
        FORGE_GITEA,
        FORGE_TYPE_MAX_,
} ForgeType;

typedef struct PullRequestSpec {
        Place place; /* line 0: the output has no pull request */
        ForgeType forge;
        const char *base;  /* branch into which it is merged */
        const char *title; /* model/git/message-template.h; NULL: the default */
        Strings labels;
        bool auto_merge;        /* relmand merges it when the forge allows that */
        const char *url;        /* of the API; NULL: that of the repository's host */
        const char *repository; /* OWNER/NAME; NULL: from the URL of the repository */
        const char *credential; /* systemd credential with a token */
        usec_t interval;        /* between two polls of an open pull request */
} PullRequestSpec;
