#pragma once

/* The images that files of other tools name: a compose file, a kustomization, quadlets, or a plain
 * list. */

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

typedef struct InitImage {
        const char *repository; /* with its host: "docker.io/library/nginx" */
        const char *tag;        /* that is in use; NULL: none is written */
        const char *replaces;   /* as kustomize knows it, if that is another name; NULL */
} InitImage;

typedef struct InitImages {
        InitImage *items; /* each repository once */
        size_t n, capacity;
        const char **skipped; /* texts for people: what names no image that can be read */
        size_t n_skipped, skipped_capacity;
        Map repositories;
        Arena *arena;
} InitImages;

void init_images_done(InitImages *images);

/* path: a file, a folder with one of them or with *.container files, or "-". Texts live in the
 * arena. Fails with ERROR_INVALID if no image was found. */
int init_images_read(const char *path, Arena *arena, InitImages *ret, Error *err);
