#pragma once

/* Reads and writes the JSON columns of releases and manifests. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/release.h"

int components_to_json(const ReleaseComponents *components, Buffer *out);
int components_from_json(const char *json, Arena *arena, ReleaseComponents *ret, Error *err);

int source_ref_to_json(const SourceRef *ref, Buffer *out); /* writes "{}" for an empty reference */
int source_ref_from_json(const char *json, Arena *arena, SourceRef *ret, Error *err);

int platforms_to_json(const PlatformDigests *platforms, Buffer *out);
int platforms_from_json(const char *json, Arena *arena, PlatformDigests *ret, Error *err);

int pairs_to_json(const Pairs *pairs, Buffer *out);
int pairs_from_json(const char *json, Arena *arena, Pairs *ret, Error *err);
