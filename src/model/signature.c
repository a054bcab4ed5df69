#include "model/signature.h"

#include <stdio.h>
#include <string.h>

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

usec_t signature_until(const Signature *signature)
{
        const size_t beginning = strlen(SIGNATURE_UNTIL);
        char text[TIME_TEXT_SIZE];
        usec_t until;

        if (!signature->policy || signature->result != SIGNATURE_VALID)
                return 0;
        if (!signature->detail || !text_begins_with(signature->detail, SIGNATURE_UNTIL))
                return USEC_INFINITY;
        (void)snprintf(text, sizeof(text), "%s", signature->detail + beginning);
        return time_parse(text, &until) < 0 ? 0 : until;
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
