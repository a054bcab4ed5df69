#pragma once

/* Which rules of a policy are not met yet, and what may meet them. met has an item for each rule.
 */

#include "verify/check-layer.h"

/* Returns the first rule of the mode that is not met; policy->n if all are met. */
size_t unmet_find(const VerifyPolicy *policy, const bool *met, VerifyMode mode);
/* True if a rule that is not met may take a layer of this format. met NULL: any rule. */
bool unmet_may_take(const VerifyPolicy *policy, const bool *met, const SignatureLayer *layer);
/* Returns whose signatures may meet a rule that is not met. */
SignatureMakers unmet_makers(const VerifyPolicy *policy, const bool *met);
