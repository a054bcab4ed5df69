#pragma once

/* Finds the images in files of other tools: a compose file, a kustomization, quadlets, or a plain
 * list. */

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

typedef struct InitImage {
        const char *repository; /* repository with its host: "docker.io/library/nginx" */
        const char *tag;        /* tag in the file; NULL: none */
        const char *replaces; /* name in the kustomization, if it differs from the repository; NULL:
                                 it is equal */
} InitImage;

typedef struct InitImages {
        InitImage *items; /* each repository once */
        size_t n, capacity;
        const char **skipped; /* messages about images that could not be read */
        size_t n_skipped, skipped_capacity;
        Map repositories;
        Arena *arena;
} InitImages;

void init_images_done(InitImages *images);

/* Reads the images. path: such a file, a folder that has such a file or *.container files, or "-"
 * for standard input. Texts are in the arena. Returns ERROR_INVALID if no image was found. */
int init_images_read(const char *path, Arena *arena, InitImages *ret, Error *err);
