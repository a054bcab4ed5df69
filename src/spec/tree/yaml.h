#pragma once

/* Converts YAML text to nodes with places, from libyaml's events. An alias shares its node; the
 * nodes that a document would have with its aliases expanded are counted and limited. The following
 * are refused, each with its place: documents beyond the limits of base/limits.h, repeated keys
 * (with both places), keys that are not scalars, merge keys, tags of other types than the plain
 * ones, NUL in text. */

#include "base/arena.h"
#include "base/diag.h"
#include "base/time.h"
#include "model/document-node.h"

typedef struct YamlDocuments {
        Node **items; /* empty documents are skipped */
        size_t n;
} YamlDocuments;

/* Reads all documents of a text. Returns 0, -ENOMEM, or -EINVAL with diagnostics. Reading stops at
 * the first fault: *ret has the documents before it. A repeated key also causes -EINVAL, but does
 * not stop reading: its value is skipped. The places of the nodes borrow file. */
int yaml_read(const char *file, const char *data, size_t size, Arena *arena, YamlDocuments *ret,
              DiagList *diags);

/* A reader that does the same as yaml_read(), in steps. Borrows all arguments, and *ret, until it
 * is freed. */
typedef struct YamlReader YamlReader;
typedef struct YamlText {
        const char *file, *data;
        size_t size;
} YamlText;
int yaml_reader_new(const YamlText *text, Arena *arena, YamlDocuments *ret, DiagList *diags,
                    YamlReader **ret_reader);
/* Works until the monotonic time `until`. Returns 1 if there is more to do, else the result of
 * yaml_read(). */
int yaml_reader_step(YamlReader *reader, usec_t until);
YamlReader *yaml_reader_free(YamlReader *reader); /* safe on NULL */
DEFINE_FREEP(YamlReader, yaml_reader_free)
