#pragma once

/* Checks names of channels. A component has the channels that its document declares
 * (defaultChannel, versionRules, versions). Without rules it also has channels derived from its
 * tags. */

#include "base/error.h"
#include "model/component.h"
#include "model/version-map.h"

/* Fails with ERROR_INVALID if the component has no such channel, and suggests the nearest one.
 * heads: the channels that have a version; NULL: not known. */
int channel_name_check(const ComponentSpec *component, const Channels *heads, const char *channel,
                       Error *err);

/* Same as channel_name_check(), for requests and documents that may introduce a channel. Fails only
 * if the component has no such channel, but one with nearly the same name. */
int channel_name_check_new(const ComponentSpec *component, const Channels *heads,
                           const char *channel, Error *err);
