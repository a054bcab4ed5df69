#pragma once

/* The channel names of a component: those declared in its document (defaultChannel, versionRules,
 * versions), and without rules those derived from its tags. */

#include "base/error.h"
#include "model/component.h"
#include "model/version-map.h"

/* Fails with ERROR_INVALID if the component has no such channel, and suggests the nearest one.
 * heads: the channels that have a version; NULL: not known. */
int channel_name_check(const ComponentSpec *component, const Channels *heads, const char *channel,
                       Error *err);

/* For requests and documents that may introduce a channel: fails with ERROR_INVALID only if the
 * component has no such channel and one of its channels has nearly the same name. */
int channel_name_check_new(const ComponentSpec *component, const Channels *heads,
                           const char *channel, Error *err);
