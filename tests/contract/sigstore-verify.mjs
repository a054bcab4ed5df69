// Verifies envelopes with sigstore's libraries, as a second implementation beside relman's. Input on standard
// input: {publicKey: PEM, envelopes: [DSSE envelope]}. Output: for each envelope null if it is valid, otherwise the
// error.

import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, Verifier } from "@sigstore/verify";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";

const { publicKey, envelopes } = JSON.parse(readFileSync(0, "utf8"));
const key = createPublicKey(publicKey);
// a signature by a key alone needs neither a transparency log nor a time
const verifier = new Verifier(
  {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: key, validFor: () => true }),
  },
  { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
);

function verify(dsseEnvelope) {
  try {
    const bundle = bundleFromJSON({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: dsseEnvelope.signatures[0].keyid } },
      dsseEnvelope,
    });
    verifier.verify(toSignedEntity(bundle));
    return null;
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
}

console.log(JSON.stringify(envelopes.map(verify)));
