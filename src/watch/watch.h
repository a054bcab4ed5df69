#pragma once

/* Watches folders with inotify. Calls the callback WATCH_SETTLE after the last change, without the
 * names of the changed files: the loader finds them. The watch covers every folder that the loader
 * read. In the folder that holds the root, it covers only the name of the root. So the watch sees
 * replaced files, git checkouts, a symbolic link that leads to a new tree, and sub-folders that are
 * added or removed. An overflow of inotify's queue counts as a change. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

#define WATCH_SETTLE     (250 * USEC_PER_MSEC)
#define WATCH_SETTLE_MAX (2 * USEC_PER_SEC) /* maximum wait while the tree keeps changing */

typedef struct Watch Watch;
typedef void (*WatchChanged)(void *userdata);

int watch_new(sd_event *event, WatchChanged changed, void *userdata, Watch **ret, Error *err);
Watch *watch_free(Watch *watch);
DEFINE_FREEP(Watch, watch_free)

/* Replaces the watched folders by these. Also watches root and the symbolic links on the path to
 * it, in case one of them is replaced. Returns 1 if a folder was not watched before: the caller
 * does not know of earlier changes in it. */
int watch_set(Watch *watch, const char *root, const Strings *folders, Error *err);

/* Returns false if a change of the tree was not reported yet. */
bool watch_is_settled(Watch *watch);
