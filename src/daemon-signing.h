#pragma once

/* Reads the keys that the section `signing` of the configuration names. */

#include "spec/config/config.h"
#include "trust/signing.h"

/* Reads the private key and the old public keys. credentials: the folder of systemd credentials;
 * NULL: none. If the configuration has no such section, adds no keys. The caller frees the keys
 * with trust_keys_done(). */
int daemon_read_keys(const Config *config, const char *credentials, Signing *ret, Error *err);
