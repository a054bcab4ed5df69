#include "model/signature.h"

#include "base/text.h"
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
        return signature->policy && signature->result == SIGNATURE_VALID && signature->detail &&
               text_begins_with(signature->detail, SIGNATURE_TOLERATED ":");
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
