#include "store/seal.h"

#include <errno.h>

int seal_make(const char *const parts[SEAL_PARTS], char ret[DIGEST_SIZE_MAX])
{
        DigestStream *stream = digest_stream_new();

        if (!stream)
                return -ENOMEM;
        for (size_t i = 0; i < SEAL_PARTS; i++)
                digest_stream_add(stream, parts[i], strlen(parts[i]) + 1);
        digest_stream_end(stream, ret);
        (void)digest_stream_free(stream);
        return ret[0] ? 0 : -ENOMEM;
}
