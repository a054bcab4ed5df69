#pragma once

/* Watches folders with inotify. A report comes WATCH_SETTLE after the last change, and does not
 * name the changed files: the loader finds them. The watch covers every folder that the loader
 * read. In the folder that holds the root, it covers only the name of the root. So it sees replaced
 * files, git checkouts, a symbolic link that leads to a new tree, and sub-folders that are added or
 * removed. An overflow of inotify's queue counts as a change. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

#define WATCH_SETTLE     (250 * USEC_PER_MSEC)
#define WATCH_SETTLE_MAX (2 * USEC_PER_SEC) /* a tree that changes all the time is read anyway */

typedef struct Watch Watch;
typedef void (*WatchChanged)(void *userdata);

int watch_new(sd_event *event, WatchChanged changed, void *userdata, Watch **ret, Error *err);
Watch *watch_free(Watch *watch);
DEFINE_FREEP(Watch, watch_free)

/* Watches only these folders, the name of root, and the names of the symbolic links that lead to
 * it. Returns 1 if one of their folders was not watched before: earlier changes in it were not
 * seen. */
int watch_set(Watch *watch, const char *root, const Strings *folders, Error *err);

/* Returns false if the tree has changed and this was not reported yet: it will be reported. */
bool watch_is_settled(Watch *watch);
