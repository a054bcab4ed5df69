#pragma once

/* Checks that a schema of a single document cannot express: formats, and references between
 * objects. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/check-run.h"
#include "model/document-node.h"
#include "model/environment.h"
#include "model/grant.h"
#include "model/mirror-check.h"
#include "model/model.h"
#include "model/output.h"
#include "model/schema/schema.h"

/* Patterns that were compiled without a fault, so that a load compiles each text once. {0} is
 * valid, after its arena was given a limit. */
typedef struct KnownPatterns {
        Map maps[2]; /* valid patterns; maps[true]: those with a capture group */
        Arena arena; /* memory of the keys */
} KnownPatterns;
void known_patterns_done(KnownPatterns *known);

/* Checks the format of every field in the node of an object. The object was decoded without a
 * fault. known may be NULL. Returns 0 or -EINVAL. */
int check_formats(const Schema *schema, const Node *node, KnownPatterns *known, DiagList *diags);

/* Checks the rules within one object. */
int check_object(const Object *object, DiagList *diags);

/* check-people.c: checks the entries of one list of persons. */
int check_persons(const char *field, const Strings *persons, Place place, DiagList *diags);
int check_approvals(const EnvironmentSpec *environment, DiagList *diags);
int check_group(const GroupSpec *group, DiagList *diags);

/* check-checks.c: checks the names, limits and persons of the checks of an environment. */
int check_checks(const EnvironmentSpec *environment, DiagList *diags);

/* Refuses checks of an environment that relmand is to run, but that the configuration does not name
 * for its tenant. runs NULL: unknown, so nothing is refused. Returns 0 or -EINVAL. */
int check_runs(const CheckRunSpecs *runs, const EnvironmentSpec *environment, DiagList *diags);

/* Checks the windows of an environment, and that they ever open. */
int check_windows(const WindowSpecs *specs, DiagList *diags);

/* check-together.c: sets *ret to a warning if the windows and calendars of the environment do not
 * open together within two years, although each of them does. NULL: there is none. *work counts the
 * cost of all such checks of a load; beyond a limit no further environment is checked. -ENOMEM. */
int check_together(const Model *model, const EnvironmentSpec *environment, usec_t now, size_t *work,
                   Arena *arena, const char **ret);

/* A check of the references of many objects of one model. It contains indexes of the model that are
 * made once. */
typedef struct References {
        const Model *model;
        Map brokens;    /* ids of documents with errors */
        Map promotions; /* check-promotions.c: environments by id, with the environments that
                           promote from them */
        bool has_promotions;
        MirrorNames mirror_names;
        Arena arena;     /* memory of keys */
        bool any_broken; /* a file or folder that could not be read may declare any object */
        size_t n_comparisons;
        size_t work;                     /* cost so far of check_together() */
        const CheckRunSpecs *check_runs; /* checks of the configuration; NULL: unknown */
        bool is_strict; /* true: a request that can never be met is an error; false: a warning,
                         * since stored objects may have it */
} References;

/* Borrows the model. -ENOMEM: nothing needs to be freed. */
int references_init(References *references, const Model *model);
void references_done(References *references);

/* Checks the references of one object to others of the model. Returns 0 or -EINVAL. */
int references_check(References *references, const Object *object, DiagList *diags);
/* check-promotions.c: reports a ring of environments that no release can enter, and chains that are
 * too long. Returns 0, -EINVAL or -ENOMEM. */
int check_promotions(References *references, const EnvironmentSpec *environment, DiagList *diags);
/* check-promotions.c: reports environments that follow one another in a ring, and chains that are
 * too long. Returns 0 or -EINVAL. */
int check_follows(const References *references, const EnvironmentSpec *environment,
                  DiagList *diags);
/* check-people.c: refuses approvals that can never be enough. The caller has checked that all
 * groups exist. Returns 0, -EINVAL or -ENOMEM. */
int check_approvers(const Model *model, const EnvironmentSpec *environment, DiagList *diags);
/* Does the same as references_check() for a single object, which need not be in the model. */
int check_references(const Model *model, const Object *object, DiagList *diags);

/* Warns of outputs of the configuration whose environment no spec declares. outputs may be NULL. */
void check_output_environments(const OutputSpecs *outputs, const Model *model, DiagList *diags);

/* Warns of Registries that name secrets which the configuration does not grant. If there are no
 * grants at all, warns once if there is more than one tenant. grants may be NULL. */
void check_secrets(const CredentialGrants *grants, const Model *model, DiagList *diags);
