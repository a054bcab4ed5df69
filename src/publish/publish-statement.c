/* Writes the signed statement about a lockfile. A statement that is valid under one of the keys is
 * not rewritten: ECDSA signatures differ each time, and statements outlive the key that signed
 * them. */

#include <stdlib.h>

#include "base/limits-trust.h"
#include "base/text.h"
#include "lock/statement.h"
#include "publish/publish.h"

#define STATEMENT_FILE_MODE 0644

/* Returns 1 if the text is an envelope with this payload that one of the keys has signed. */
static int is_current(const Signing *signing, const char *text, size_t size, const Buffer *payload,
                      Error *err)
{
        _cleanup_(error_done) Error unread = { 0 };
        _cleanup_(arena_done) Arena arena;
        DsseEnvelope envelope;
        const TrustKey *key;

        arena_init(&arena, (size_t)4 * ENVELOPE_MAX);
        if (dsse_read(text, size, &arena, &envelope, &unread) < 0)
                return 0; /* the caller rewrites the file */
        if (!streq(envelope.payload_type, STATEMENT_PAYLOAD_TYPE) ||
            envelope.payload_size != payload->size ||
            memcmp(envelope.payload, payload->data, payload->size) != 0)
                return 0;
        return dsse_verify(&envelope, &signing->keys, &key, err);
}

int publish_statement(const Signing *signing, const Lock *lock, const LockFile *native,
                      const char *stem, Error *err)
{
        _cleanup_(freep) char *path = text_printf("%s" LOCK_STATEMENT_SUFFIX, stem);
        _cleanup_(error_done) Error unread = { 0 };
        _cleanup_(buffer_done) Buffer payload;
        _cleanup_(buffer_done) Buffer envelope;
        _cleanup_(freep) char *old = NULL;
        size_t old_size = 0;
        int r;

        buffer_init(&payload, ENVELOPE_MAX);
        buffer_init(&envelope, ENVELOPE_MAX);
        if (!path)
                return error_oom(err);
        r = lock_statement_write(lock, native->data, native->size, &payload, err);
        if (r < 0)
                return r;
        /* a file that cannot be read is rewritten */
        if (file_read(path, ENVELOPE_MAX, &old, &old_size, &unread) >= 0)
                r = is_current(signing, old, old_size, &payload, err);
        if (r > 0) /* rewrites the file only if it is not durable, or its mode differs */
                return file_update(path, old, old_size, FILE_ACCESS(STATEMENT_FILE_MODE), err);
        if (r >= 0)
                r = dsse_sign(signing_key(signing), STATEMENT_PAYLOAD_TYPE, &payload, &envelope,
                              err);
        return r < 0 ? r
                     : file_update(path, envelope.data, envelope.size,
                                   FILE_ACCESS(STATEMENT_FILE_MODE), err);
}
