#pragma once

/* Checks that the entries of `verify` are complete, and that their fields go together. */

#include "base/diag.h"
#include "model/component.h"

/* place is that of the field `verify`; its line is 0 if the document does not have the field.
 * Returns 0 or -EINVAL. */
int verify_rules_check(const VerifyRules *rules, Place place, DiagList *diags);
