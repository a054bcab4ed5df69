#!/usr/bin/env python3
"""Tests `verify` of components with signatures that sigstore's libraries made."""

import base64
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
import test_signatures  # noqa: E402
from docker_registry import MANIFEST, sha256  # noqa: E402
from signatures import Sigstore, statement  # noqa: E402


class OtherLibraries(test_signatures.Signatures):
    """Bundles that sigstore's libraries made, by a test instance of Fulcio, Rekor and a time-stamping authority."""

    rules, identity = test_signatures.Identities.rules, test_signatures.Identities.identity

    def setUp(self):
        self.packages = os.path.join(relman.BUILDDIR, "contract/node_modules")
        if not os.path.isdir(os.path.join(self.packages, "@sigstore/mock")):
            self.skipTest("no npm packages in " + self.packages)
        super().setUp()
        self.work = os.path.join(self.site.folder, "contract")
        os.mkdir(self.work)
        shutil.copy(os.path.join(relman.SRCDIR, "tests/contract/sigstore-sign.mjs"), self.work)
        os.symlink(self.packages, os.path.join(self.work, "node_modules"))

    def sign(self, *artifacts):
        """Signs (form, data, key, witnesses) each. Returns the bundles, and writes the keys that verify them."""
        names = ("form", "data", "key", "witnesses")
        items = [dict(zip(names, (form, base64.b64encode(data).decode(), key, witnesses))) for form, data, key, witnesses in artifacts]
        r = subprocess.run(["node", "sigstore-sign.mjs"], cwd=self.work, input=json.dumps({"artifacts": items}), capture_output=True, text=True, timeout=120)
        self.assertEqual(r.returncode, 0, r.stderr)
        answer = json.loads(r.stdout)
        self.public, self.root = os.path.join(self.work, "own.pub"), os.path.join(self.work, "trusted_root.json")
        for path, text in ((self.public, answer["publicKey"]), (self.root, json.dumps(answer["trustedRoot"]))):
            with open(path, "w") as file:
                file.write(text)
        self.by_key = f"keys: [{self.public}]"
        self.by_name = self.identity(f"subject: '{answer['subject']}'", answer["issuer"], self.root)
        return [json.dumps(bundle).encode() for bundle in answer["bundles"]]

    def test_their_bundles_verify(self):
        cases = [("dsse", True, []), ("message", True, []), ("dsse", False, ["rekor"]), ("message", False, ["rekor"]),
                 ("dsse", False, ["rekor", "tsa"]), ("message", False, ["rekor", "tsa"]), ("message", True, ["rekor"])]
        manifests = [self.registry.image(self.repository, f"content {i}") for i in range(len(cases))]
        bundles = self.sign(*((form, statement(sha256(manifest)) if form == "dsse" else manifest, key, witnesses)
                              for (form, key, witnesses), manifest in zip(cases, manifests)))
        for i, ((form, key, witnesses), manifest, bundle) in enumerate(zip(cases, manifests, bundles)):
            with self.subTest(form=form, key=key, witnesses=witnesses):
                digest = self.registry.put_manifest(self.repository, f"1.{i}.0", manifest, MANIFEST)
                self.signing.bundles(digest, bundle)
                self.rules(self.by_key if key else self.by_name)
                self.once()
                self.assertEqual((self.heads(), self.warning()), ({"stable": f"1.{i}.0"}, []))

    def test_a_bundle_of_another_image_or_signer_does_not(self):
        manifest, other = (self.registry.image(self.repository, content) for content in ("a", "b"))
        named, keyed, foreign, unlogged = self.sign(("dsse", statement(sha256(manifest)), False, ["rekor"]), ("message", manifest, True, []),
                                                    ("dsse", statement(sha256(other)), False, ["rekor"]),
                                                    ("dsse", statement(sha256(manifest)), False, ["tsa"]))
        sigstore = Sigstore(self.site.folder)
        self.addCleanup(sigstore.close)
        digest = self.registry.put_manifest(self.repository, "1.0.0", manifest, MANIFEST)
        altered = json.loads(named)
        altered["verificationMaterial"]["tlogEntries"][0]["integratedTime"] = str(int(altered["verificationMaterial"]["tlogEntries"][0]["integratedTime"]) + 1)
        for rule, bundle in ((self.by_name, keyed), (self.by_key, named), (self.by_name, foreign), (self.by_name, json.dumps(altered).encode()),
                             (self.by_name, unlogged), (self.identity("subject: x", root=self.root), named),
                             (self.identity(f"subject: '{Sigstore.SUBJECT}'", root=sigstore.root), named)):
            with self.subTest(rule=rule):
                self.signing.bundles(digest, bundle)
                self.rules(rule)
                self.once()
                self.assertEqual(self.heads(), {})
                self.assertEqual([reason for reason, _ in self.warning()], ["SignatureInvalid"])


if __name__ == "__main__":
    relman.main()
