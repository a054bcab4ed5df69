#pragma once

/* Proofs that a transparency log of Rekor has an entry: signed entry timestamps, and inclusion
 * proofs with a signed checkpoint (RFC 6962, https://c2sp.org/tlog-checkpoint). */

#include "trust/bundle.h"
#include "trust/trusted-root.h"

typedef struct LogProof {
        const TrustedLogs *logs;
        usec_t now;          /* wall */
        const usec_t *times; /* other proved times of the signature */
        size_t n_times;
} LogProof;

/* Verifies all proofs of an entry; there is at least one. Sets *ret_time to the time when the log
 * added the entry, if the log has signed that, else to 0. ERROR_HOSTILE: a proof is not valid. */
int log_entry_verify(const LogEntry *entry, const LogProof *proof, usec_t *ret_time, Error *err);

/* Verifies that hashes lead from the leaf to the root of a Merkle tree. Returns 1 if so, 0 if not,
 * or -ENOMEM. */
int log_inclusion_is_valid(const InclusionProof *proof, Bytes body);
