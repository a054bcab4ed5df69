#pragma once

/* Signed certificate timestamps in certificates (RFC 6962, section 3.3): a log of certificates has
 * promised to add the certificate. */

#include "trust/trusted-root.h"

/* Verifies that the certificate has a timestamp of a trusted log, and that all timestamps of
 * trusted logs are valid. ERROR_HOSTILE: not so. */
int sct_verify(X509 *leaf, X509 *issuer, const TrustedLogs *logs, Error *err);
