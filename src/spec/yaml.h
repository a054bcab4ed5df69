#pragma once

/* YAML text to nodes with places, on libyaml's events. Anchors and aliases are understood and
 * bounded: an alias shares its node, and the nodes a document would have if written out are
 * counted. Refused, each with its place: documents beyond the limits of base/limits.h, repeated
 * keys (both places are named), keys that are not scalars, merge keys, tags other than the plain
 * types', NUL in text. */

#include "base/arena.h"
#include "base/diag.h"
#include "base/time.h"
#include "model/node.h"

typedef struct YamlDocuments {
        Node **items; /* empty documents are skipped */
        size_t n;
} YamlDocuments;

/* Returns 0, or -EINVAL with diagnostics (what stood before the fault is still returned; behind a
 * repeated key it is read on, without its value), or -ENOMEM. file is borrowed by the places. */
int yaml_read(const char *file, const char *data, size_t size, Arena *arena, YamlDocuments *ret,
              DiagList *diags);

/* The same in steps. Borrows all that it is given, and *ret, until it is freed. */
typedef struct YamlReader YamlReader;
typedef struct YamlText {
        const char *file, *data;
        size_t size;
} YamlText;
int yaml_reader_new(const YamlText *text, Arena *arena, YamlDocuments *ret, DiagList *diags,
                    YamlReader **ret_reader);
/* Works until the monotonic time until. Returns 1 if there is more to do, else as yaml_read(). */
int yaml_reader_step(YamlReader *reader, usec_t until);
YamlReader *yaml_reader_free(YamlReader *reader); /* safe on NULL */
DEFINE_FREEP(YamlReader, yaml_reader_free)
