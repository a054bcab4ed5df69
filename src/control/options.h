#pragma once

/* The configuration of the controllers. Read only. */

#include <stdbool.h>

#include "base/time.h"
#include "event/event.h"
#include "model/check-run.h"
#include "model/grant.h"
#include "model/output.h"
#include "model/specs-git.h"
#include "trust/signing.h"

typedef struct ReconcileOptions {
        const char *specs_path;
        const SpecsGit *specs_git; /* NULL: the specs are in specs_path */
        const char *locks_path;
        const char *state_path;     /* the database; its folder has the caches of repositories */
        unsigned lock_formats;      /* LockFormats, besides the native one */
        const OutputSpecs *outputs; /* NULL: none */
        const CheckRunSpecs *check_runs; /* NULL: none are known */
        const CredentialGrants *grants;  /* NULL: every Registry may use every secret */
        EventPumpOptions events;
        const Signing *signing;  /* NULL: nothing is signed */
        const char *credentials; /* folder of systemd credentials; NULL: none */
        usec_t poll_interval;
        unsigned poll_jitter; /* percent */
        usec_t recheck_interval;
        bool once;          /* reconcile every component once, then leave the loop */
        bool confirm_prune; /* the first load may remove more than half of all objects */
} ReconcileOptions;
