#include "model/signature.h"

#include "model/enum-names.h"

Signature signature_copy(const Signature *signature, Arena *arena)
{
        Signature copy = *signature;

        copy.policy = copy.policy ? arena_strdup(arena, copy.policy) : NULL;
        copy.detail = copy.detail ? arena_strdup(arena, copy.detail) : NULL;
        return copy;
}

const char *signature_word(const Signature *signature)
{
        return signature->policy ? signature_result_names[signature->result] : NULL;
}

SignatureResult signature_result_of(const char *word)
{
        int result = word ? names_find(signature_result_names, word) : -1;

        return result < 0 ? SIGNATURE_INVALID : (SignatureResult)result;
}
