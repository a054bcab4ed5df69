#pragma once

/* The keys of the configuration's section `signing`. */

#include "spec/config.h"
#include "trust/signing.h"

/* Reads the private key and the old public keys. credentials: the folder of systemd credentials;
 * NULL: none. Without the section *ret has no keys. The caller frees them with
 * trust_keys_done(). */
int daemon_read_keys(const Config *config, const char *credentials, Signing *ret, Error *err);
