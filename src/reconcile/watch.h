#pragma once

/* Watches folders with inotify and tells, WATCH_SETTLE after the last change, that something
 * changed: what, is for the loader to find out. Copes with rename-over, git checkout, symbolic
 * links swapped to a new tree and sub-folders that come and go, by watching every folder the loader
 * looked into, and the one that holds the root. An overflow of the queue counts as a change. */

#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

#define WATCH_SETTLE     (250 * USEC_PER_MSEC)
#define WATCH_SETTLE_MAX (2 * USEC_PER_SEC) /* a tree that never rests is read all the same */

typedef struct Watch Watch;
typedef void (*WatchChanged)(void *userdata);

int watch_new(sd_event *event, WatchChanged changed, void *userdata, Watch **ret, Error *err);
Watch *watch_free(Watch *watch);
DEFINE_FREEP(Watch, watch_free)

/* Watches these folders, the one that holds root, and those that hold a symbolic link on the way to
 * it; no others any more. Returns 1 if one is new: then what changed before now was not seen. */
int watch_set(Watch *watch, const char *root, const Strings *folders, Error *err);
