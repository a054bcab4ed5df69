#include "trust/notation/envelope.h"

#include <errno.h>

#include "base/limits-trust.h"
#include "trust/notation/headers.h"

int notation_envelope_read(NotationFormat format, Bytes data, Arena *arena, NotationEnvelope *ret,
                           Error *err)
{
        *ret = (NotationEnvelope){ 0 };
        if (data.size > NOTATION_MAX)
                return error_set(err, ERROR_INVALID, -EFBIG, "the signature has more than %d bytes",
                                 NOTATION_MAX);
        switch (format) {
        case NOTATION_JWS: return notation_read_jws(data, arena, ret, err);
        case NOTATION_COSE: return notation_read_cose(data, arena, ret, err);
        }
        return -EINVAL;
}
