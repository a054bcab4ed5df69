#pragma once

/* A branch of a Git repository that has the specs. Only the daemon's configuration declares it. */

#include "base/diag.h"
#include "base/time.h"

/* The keys that may sign the commits. If all are NULL, signatures are not checked. */
typedef struct SpecsVerify {
        Place place;             /* line 0: not given */
        const char *ssh_signers; /* absolute paths of files */
        const char *ssh_revoked;
        const char *gpg_keys;
} SpecsVerify;

typedef struct SpecsGit {
        Place place;     /* line 0: the specs are in a folder */
        const char *url; /* model/git/git-name.h has the forms of these texts */
        const char *branch;
        const char *path; /* folder or file in the repository; NULL: all of it */
        usec_t interval;
        usec_t timeout;                    /* of each command */
        const char *credential;            /* systemd credential, as of GitOutput; NULL: none */
        const char *hook_credential;       /* systemd credential; NULL: no webhook is answered */
        const char *known_hosts, *ca_file; /* absolute paths; NULL: none */
        SpecsVerify verify;
} SpecsGit;
