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

bool signature_is_tolerated(const Signature *signature)
{
        return signature->policy && signature->result == SIGNATURE_VALID && signature->is_tolerated;
}

usec_t signature_until(const Signature *signature)
{
        if (!signature->policy || signature->result != SIGNATURE_VALID)
                return 0;
        return signature->until > 0 ? signature->until : USEC_INFINITY;
}

const char *signature_shown(const Signature *signature)
{
        return signature_is_tolerated(signature) ? SIGNATURE_TOLERATED : signature_word(signature);
}

SignatureResult signature_result_of(const char *word)
{
        int result = word ? names_find(signature_result_names, word) : -1;

        return result < 0 ? SIGNATURE_INVALID : (SignatureResult)result;
}
