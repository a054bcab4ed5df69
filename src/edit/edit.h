#pragma once

/* Sets values in the text of a YAML file. Only the bytes of the values change: comments, layout,
 * line ends and quotes stay. Pure.
 *
 * The new text is read again and compared with the old one, so that an edit never changes another
 * value. What cannot be replaced safely is refused: block scalars, aliases, keys that stand twice.
 */

#include "base/arena.h"
#include "base/error.h"

typedef struct Edit {
        /* The document of the file, by fields that Kubernetes requires: kind, metadata.name and
         * metadata.namespace. NULL: any. They may be missing if the file has one document. */
        const char *kind, *name, *name_space;
        /* Path to the value, as a JSON pointer: /spec/containers/0/image. An item of a list may be
         * named by one of its fields, as in kustomize: /spec/containers/[name=api]/image */
        const char *pointer;
        const char *value; /* printable, one line */
} Edit;

typedef struct Edits {
        Edit *items;
        size_t n;
} Edits;

/* Maximum size of a file. libyaml reads it twice in one turn of the event loop. */
#define EDIT_TEXT_MAX ((size_t)512 * 1024)

/* Carries out all edits, or none. Sets *ret to the new text, in the arena. file: its name in
 * messages. ERROR_INVALID: the text is not valid YAML, or an edit cannot be carried out. */
typedef struct EditText {
        const char *data;
        size_t size;
} EditText;
int edit_text(const char *file, const EditText *old, const Edits *edits, Arena *arena,
              EditText *ret, Error *err);
