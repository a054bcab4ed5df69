#pragma once

/* The names of a component's channels: those that its document gives (defaultChannel, versionRules,
 * versions), and those that its tags gave, where there are no rules. */

#include "base/error.h"
#include "model/component.h"
#include "model/version-map.h"

/* Fails with ERROR_INVALID if the component has no such channel, and names the nearest one. heads:
 * the channels that have a version; NULL: not known. */
int channel_name_check(const ComponentSpec *component, const Channels *heads, const char *channel,
                       Error *err);
