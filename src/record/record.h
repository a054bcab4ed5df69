#pragma once

/* Signs a statement about each state of an environment, and adds it to the changes that store this
 * state. Both are one transaction, so no state is stored without its statement. */

#include "control/control.h"
#include "lock/promotion.h"

/* Adds the statement if relmand has a signing key. Must be called after all changes of the
 * deployment were added to the list. The statement gets number, previous, n_unsigned, spec_commit,
 * approvals and checks here; the caller sets the other members. */
int record_add(const Control *control, const PromotionStatement *about, Changes *changes,
               Error *err);

/* Adds the statement about a removal of an environment, if it has a release. Reads the deployment
 * from the store. Of the statement, the caller sets tenant, environment and environment_id. */
int record_removal(const Control *control, const PromotionStatement *about, Changes *changes,
                   Error *err);
