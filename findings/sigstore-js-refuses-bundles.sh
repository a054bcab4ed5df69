#!/bin/sh
# Finding: sigstore's JavaScript library refuses bundles that the bundle format and protobuf's JSON form allow.
#
# Guess: a reader of a Sigstore bundle takes names of members in lowerCamelCase and as in the .proto file, as
# protobuf's JSON mapping asks of parsers. It takes a message signature without `messageDigest`, which only helps to
# identify the artifact and is not marked as required.
# Seen:  @sigstore/bundle 4.0.0 refuses `verification_material`, and `messageSignature` without `messageDigest`. It
# takes a signature in base64 of the URL alphabet, which the mapping also allows.
# So:    write bundles in lowerCamelCase and with `messageDigest`. A reader that takes more than this library reads
# bundles that npm and others refuse.
#
# Needs Node 20 and npm. Installs the package into a temporary folder.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @sigstore/bundle@4.0.0 >log 2>&1 || { cat log >&2; exit 1; }
cat >probe.mjs <<'JS'
import { bundleFromJSON } from "@sigstore/bundle";

const read = (name, change) => {
    const bundle = {
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { publicKey: { hint: "key" } },
        messageSignature: { messageDigest: { algorithm: "SHA2_256", digest: "+/+/" }, signature: "+/+/" },
    };
    change(bundle);
    try {
        bundleFromJSON(bundle);
        console.log(`${name}: taken`);
    } catch (error) {
        console.log(`${name}: ${error.message}, ${error.fields}`);
    }
};
read("as written by cosign", () => {});
read("verification_material", (bundle) => {
    bundle.verification_material = bundle.verificationMaterial;
    delete bundle.verificationMaterial;
});
read("no messageDigest", (bundle) => delete bundle.messageSignature.messageDigest);
read("URL alphabet", (bundle) => (bundle.messageSignature.signature = "-_-_"));
JS
node probe.mjs >seen
cat seen
cat >wanted <<'WANTED'
as written by cosign: taken
verification_material: invalid bundle, verificationMaterial
no messageDigest: invalid bundle, content.messageSignature.messageDigest
URL alphabet: taken
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
