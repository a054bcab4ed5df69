#include "spec/config/config-signing.h"

#include <errno.h>
#include <string.h>

#include "base/limits-trust.h"
#include "base/text.h"

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
        { .name = "credential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(SigningSpec, credential),
          .doc = "The systemd credential with the private key in PEM without a passphrase: Ed25519, or ECDSA with P-256. relmanctl key new makes one. relmand does not start without it. With uri: the credential with the PIN of the token; a token without a PIN needs none." },
        { .name = "uri", .type = FIELD_STRING, .offset = offsetof(SigningSpec, uri),
          .doc = "Instead of a key in a file: a key in a token, such as 'pkcs11:token=relman;object=signer' (RFC 7512). A provider of OpenSSL 3 opens it, such as pkcs11-provider, which openssl.cnf or the file that OPENSSL_CONF names must activate. The key is Ed25519, or ECDSA with P-256." },
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

static int check_key(const SigningSpec *signing, DiagList *diags)
{
        if (signing->place.line == 0)
                return 0;
        if (!signing->credential && !signing->uri)
                diag_error(diags, signing->place,
                           "signing needs credential, which names the private key, or uri");
        else if (signing->uri && !text_begins_with(signing->uri, "pkcs11:"))
                diag_error(diags, signing->place,
                           "field \"uri\": a key in a token begins with pkcs11:, such as "
                           "'pkcs11:token=relman;object=signer'");
        else if (signing->uri && strstr(signing->uri, "pin-value="))
                diag_error(diags, signing->place,
                           "field \"uri\": leave pin-value out, and give the PIN as a credential");
        else
                return 0;
        return -EINVAL;
}

int config_check_signing(SigningSpec *signing, DiagList *diags)
{
        int r = check_key(signing, diags);

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
