#include "spec/config/config-signing.h"

#include <errno.h>

#include "base/limits-trust.h"

/* clang-format off */
static const Field old_key_fields[] = {
        { .name = "file", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(OldKey, file), .required = true,
          .doc = "PEM file with the public key, as relmanctl key new wrote it." },
        { .name = "until", .type = FIELD_STRING, .offset = offsetof(OldKey, until_text), .required = true,
          .doc = "When the key was replaced, such as 2027-01-01T00:00:00Z. GET /api/v1/keys shows it." },
        { 0 },
};
static const Schema old_key_schema = {
        .name = "oldKeys", .fields = old_key_fields, .size = sizeof(OldKey), .has_place = true,
        .doc = "A public key that signed before the current key.",
};
static const Field signing_fields[] = {
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(SigningSpec, credential), .required = true,
          .doc = "The systemd credential with the private key in PEM without a passphrase: Ed25519, or ECDSA with P-256. relmanctl key new makes one. relmand does not start without it." },
        { .name = "oldKeys", .type = FIELD_LIST, .schema = &old_key_schema, .offset = offsetof(SigningSpec, old_keys),
          .doc = "The public keys that the current key replaced. What they signed stays unchanged; what no listed key signed is signed again." },
        { 0 },
};
/* clang-format on */

const Schema signing_schema = {
        .name = "signing",
        .fields = signing_fields,
        .size = sizeof(SigningSpec),
        .has_place = true,
        .doc = "The key that signs lockfiles.",
};

int config_check_signing(SigningSpec *signing, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < signing->old_keys.n; i++) {
                OldKey *key = &signing->old_keys.items[i];

                if (time_parse(key->until_text, &key->until) >= 0 && key->until > 0)
                        continue;
                diag_error(diags, key->place,
                           "field \"until\": \"%s\" is not a time such as 2027-01-01T00:00:00Z",
                           key->until_text);
                r = -EINVAL;
        }
        if (signing->old_keys.n < TRUST_KEYS_MAX)
                return r;
        diag_error(diags, signing->place, "field \"oldKeys\": more than %d keys",
                   TRUST_KEYS_MAX - 1);
        return -EINVAL;
}
