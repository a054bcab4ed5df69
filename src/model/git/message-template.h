#pragma once

/* The template of a commit message (git.message of outputs): text with placeholders in braces. */

#include "base/error.h"

/* Indexes into message_placeholders. That array ends with NULL. */
enum {
        MESSAGE_ENVIRONMENT,  /* its name */
        MESSAGE_RELEASE,      /* its name */
        MESSAGE_DISPLAY_NAME, /* of the release */
        MESSAGE_COMPONENTS,   /* a line for each component that changed */
        MESSAGE_PREVIOUS,     /* name of the release before, or "none" */
        MESSAGE_PROMOTED_BY,  /* who promoted, or "unknown" */
        MESSAGE_LOCK_DIGEST,
        MESSAGE_MAX_,
};
extern const char *const message_placeholders[];

/* Fails with ERROR_INVALID if the template is empty or has another placeholder. */
int message_template_check(const char *text, Error *err);
