#include "verify/unmet.h"

size_t unmet_find(const VerifyPolicy *policy, const bool *met, VerifyMode mode)
{
        size_t i = 0;

        while (i < policy->n && (met[i] || policy->items[i].mode != mode))
                i++;
        return i;
}

bool unmet_may_take(const VerifyPolicy *policy, const bool *met, const SignatureLayer *layer)
{
        for (size_t i = 0; i < policy->n; i++)
                if (!(met && met[i]) && layer_may_concern(layer, &policy->items[i]))
                        return true;
        return false;
}

SignatureMakers unmet_makers(const VerifyPolicy *policy, const bool *met)
{
        SignatureMakers makers = { 0 };

        for (size_t i = 0; i < policy->n; i++) {
                const bool is_notary = policy->items[i].type == VERIFY_NOTATION;

                makers.notary = makers.notary || (!met[i] && is_notary);
                makers.sigstore = makers.sigstore || (!met[i] && !is_notary);
        }
        return makers;
}
