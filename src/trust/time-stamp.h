#pragma once

/* Time stamps over signatures (RFC 3161), verified by libcrypto. */

#include "trust/certificate.h"

/* Verifies that an authority has stamped the signature, and that its certificates were valid at
 * that time. stamp is a TimeStampResp in DER. Sets *ret to the time of the stamp. ERROR_HOSTILE:
 * the stamp is not valid. ERROR_INVALID: it is malformed. */
int time_stamp_verify(Bytes stamp, Bytes signature, const Authorities *authorities, usec_t *ret,
                      Error *err);

typedef struct TimeRange {
        usec_t from, until; /* wall; both inclusive */
} TimeRange;

/* Like time_stamp_verify(), but reads a TimeStampToken alone. Sets *ret to the range of times that
 * the accuracy of the stamp allows. */
int time_token_verify(Bytes token, Bytes signature, const Authorities *authorities, TimeRange *ret,
                      Error *err);
