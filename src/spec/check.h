#pragma once

/* Checks beyond the schema of a document: formats, and references between objects. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/check-run.h"
#include "model/environment.h"
#include "model/grant.h"
#include "model/mirror-check.h"
#include "model/model.h"
#include "model/node.h"
#include "model/output.h"
#include "model/schema/schema.h"

/* Patterns that compiled without an error. A load uses them to compile each text only once. {0} is
 * valid; the arena needs a limit. */
typedef struct KnownPatterns {
        Map maps[2]; /* valid patterns; maps[true]: those with a capture group */
        Arena arena; /* memory of the keys */
} KnownPatterns;
void known_patterns_done(KnownPatterns *known);

/* Checks the format of every field of an object. The node must have been decoded without an error.
 * known may be NULL. Returns 0 or -EINVAL. */
int check_formats(const Schema *schema, const Node *node, KnownPatterns *known, DiagList *diags);

/* Checks the rules within one object. */
int check_object(const Object *object, DiagList *diags);

/* check-people.c: checks the entries of a list of persons. */
int check_persons(const char *field, const Strings *persons, Place place, DiagList *diags);
int check_approvals(const EnvironmentSpec *environment, DiagList *diags);
int check_group(const GroupSpec *group, DiagList *diags);

/* check-checks.c: checks the names, limits and persons of the checks of an environment. */
int check_checks(const EnvironmentSpec *environment, DiagList *diags);

/* Adds an error for each check of an environment that relmand must run, but that the configuration
 * does not offer to the tenant of the environment. If runs is NULL, the configuration is unknown,
 * and no check is an error. Returns 0 or -EINVAL. */
int check_runs(const CheckRunSpecs *runs, const EnvironmentSpec *environment, DiagList *diags);

/* Checks the windows of an environment. Windows that never open are an error. */
int check_windows(const WindowSpecs *specs, DiagList *diags);

/* check-together.c: checks whether the windows and calendars of the environment open together
 * within two years. Sets *ret to a warning if they do not, although each of them opens; otherwise
 * to NULL. *work adds up the cost of all these checks of a load. Above a limit no further
 * environment is checked. Returns 0 or -ENOMEM. */
int check_together(const Model *model, const EnvironmentSpec *environment, usec_t now, size_t *work,
                   Arena *arena, const char **ret);

/* State of a check of the references of many objects of one model. It contains indexes that are
 * made once for each model. */
typedef struct References {
        const Model *model;
        Map brokens;    /* ids of documents with errors */
        Map promotions; /* check-promotions.c: environments by id, with the environments that
                           promote from them */
        bool has_promotions;
        MirrorNames mirror_names;
        Arena arena;     /* memory of keys */
        bool any_broken; /* a file or folder could not be read; it may declare any object */
        size_t n_comparisons;
        size_t work;                     /* cost so far of check_together() */
        const CheckRunSpecs *check_runs; /* checks of the configuration; NULL: unknown */
        bool is_strict; /* true: a selection that no version can match is an error; false: a
                         * warning, because stored objects may contain one */
} References;

/* Borrows the model. On -ENOMEM, nothing needs to be freed. */
int references_init(References *references, const Model *model);
void references_done(References *references);

/* Checks the references of one object to other objects of the model. Returns 0 or -EINVAL. */
int references_check(References *references, const Object *object, DiagList *diags);
/* check-promotions.c: reports promotion rings, which no release can enter, and promotion chains
 * that are too long. Returns 0, -EINVAL or -ENOMEM. */
int check_promotions(References *references, const EnvironmentSpec *environment, DiagList *diags);
/* check-promotions.c: reports environments that follow each other in a ring, and chains of them
 * that are too long. Returns 0 or -EINVAL. */
int check_follows(const References *references, const EnvironmentSpec *environment,
                  DiagList *diags);
/* check-people.c: adds an error if fewer persons may approve than the environment requires. The
 * caller has checked that all groups exist. Returns 0, -EINVAL or -ENOMEM. */
int check_approvers(const Model *model, const EnvironmentSpec *environment, DiagList *diags);
/* Does the same as references_check() for a single object. The object need not be in the model. */
int check_references(const Model *model, const Object *object, DiagList *diags);

/* Warns of outputs of the configuration that name an environment which no spec declares. outputs
 * may be NULL. */
void check_output_environments(const OutputSpecs *outputs, const Model *model, DiagList *diags);

/* Warns of Registries that name secrets which the configuration does not grant. If the
 * configuration has no grants and there is more than one tenant, warns once. grants may be NULL. */
void check_secrets(const CredentialGrants *grants, const Model *model, DiagList *diags);
