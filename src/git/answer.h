#pragma once

/* Reads what git commands print. Pure. */

#include "git/fetch.h"

/* Finds the commit of a branch in the output of git ls-remote. Sets ret to "" if the server has no
 * such branch. */
void answer_find_head(const char *output, size_t size, const char *branch,
                      char ret[GIT_COMMIT_MAX]);

/* Reads ids of objects, one in a line. Returns false if there are not exactly n. */
bool answer_read_ids(const char *output, size_t size, char (*ret)[GIT_COMMIT_MAX], size_t n);

/* Reads the next object from the output of git cat-file --batch: "ID blob SIZE", a line feed, the
 * bytes and a line feed. Returns the size of all; 0 if the output has another form. */
size_t answer_read_blob(const char *id, const char *output, size_t size, const char **ret_data,
                        size_t *ret_size);

/* Reads the next entry from the output of git ls-tree -l -z: "MODE TYPE ID SIZE", a tab, the path
 * and a NUL. Returns its size; 0 if it has another form. ret_id: becomes ret->id. */
size_t answer_read_entry(const char *output, size_t size, GitEntry *ret,
                         char ret_id[GIT_COMMIT_MAX]);

/* Why git push failed. */
typedef enum PushFault {
        PUSH_MOVED,   /* somebody else moved the branch; try again with its new commit */
        PUSH_FORMAT,  /* the server uses the other kind of object ids */
        PUSH_REFUSED, /* the server refused the commits */
        PUSH_FAILED,  /* anything else */
} PushFault;
PushFault answer_push_fault(const char *output, size_t size);

/* True if the server wants a password, and got none or another one. */
bool answer_asks_for_password(const char *output, size_t size);

/* True if the server refused the password or key, or is not the known host. */
bool answer_is_denied(const char *output, size_t size);

/* Returns the lines of the output that say why a command failed, in one line of printable text.
 * NULL: no memory. */
const char *answer_reason(const char *output, size_t size, Arena *arena);
