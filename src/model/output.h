#pragma once

/* An extra place for an environment's lockfile, and a program to run when the lockfile changed.
 * Only the daemon's configuration declares outputs: authors of specs must not write files or run
 * programs as relmand. */

#include "base/file.h"
#include "base/macros.h"
#include "base/time.h"
#include "model/lock-format.h"
#include "model/object.h"
#include "model/pull-request.h"

/* The text that an edit writes: the image by its digest (REPOSITORY@DIGEST), or a part of it. */
typedef enum GitEditValue {
        GIT_EDIT_IMAGE,
        GIT_EDIT_DIGEST,
        GIT_EDIT_TAG,
} GitEditValue;

/* A value in a YAML file of the branch that names an image of the release. */
typedef struct GitEdit {
        Place place;
        const char *file;                     /* in the repository */
        const char *kind, *name, *name_space; /* of the document in the file; NULL: any */
        const char *pointer;                  /* edit/edit.h has its form */
        const char *component;
        GitEditValue value;
} GitEdit;

typedef struct GitEdits {
        GitEdit *items;
        size_t n;
} GitEdits;

/* How commits are signed. */
typedef enum GitSigningFormat {
        GIT_SIGNING_SSH,
} GitSigningFormat;

typedef struct GitSigning {
        GitSigningFormat format;
        const char *credential; /* systemd credential with a private key; NULL: unsigned */
} GitSigning;

/* A file on a branch of a Git repository, or values in files there. */
typedef struct GitOutput {
        Place place;     /* line 0: the output is not in a repository */
        const char *url; /* model/git/git-name.h has the forms of these texts */
        const char *branch;
        /* path of the file, or of the folder for a multi-file format; NULL: the output has edits */
        const char *path;
        GitEdits edits;
        const char *author;     /* "NAME <EMAIL>" */
        const char *credential; /* systemd credential: USER:PASSWORD for https, a private key for
                                 * ssh; NULL: none */
        const char *message;    /* model/git/message-template.h; NULL: the default */
        GitSigning signing;
        const char *known_hosts, *ca_file; /* absolute paths; NULL: none */
        PullRequestSpec pull_request;
} GitOutput;

typedef struct OutputSpec {
        Place place;             /* must be first */
        const char *environment; /* NAME, or TENANT/NAME */
        LockFormat format;
        /* path of the file, or of the folder for a multi-file format; NULL: a file in the lock
         * folder */
        const char *path;
        const char *owner, *group, *mode; /* NULL: unchanged */
        Strings exec;                     /* argument vector; empty: no program */
        usec_t timeout;
        GitOutput git;
        FileAccess access; /* resolved from owner, group and mode */
} OutputSpec;

typedef enum OutputKind {
        OUTPUT_KIND_FILE,
        OUTPUT_KIND_EXEC,
        OUTPUT_KIND_GIT,
} OutputKind;

/* An output with a path and a program is of the kind exec. */
static inline OutputKind output_kind(const OutputSpec *spec)
{
        if (spec->git.place.line > 0)
                return OUTPUT_KIND_GIT;
        return spec->exec.n > 0 ? OUTPUT_KIND_EXEC : OUTPUT_KIND_FILE;
}

/* True if two outputs are on the same branch of the same repository. */
static inline bool output_same_branch(const OutputSpec *a, const OutputSpec *b)
{
        return a->git.place.line > 0 && b->git.place.line > 0 && streq(a->git.url, b->git.url) &&
               streq(a->git.branch, b->git.branch);
}

typedef struct OutputSpecs {
        OutputSpec *items;
        size_t n;
} OutputSpecs;
