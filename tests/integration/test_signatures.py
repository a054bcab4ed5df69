#!/usr/bin/env python3
"""Tests `verify` of components: only images with a valid signature head channels and enter releases."""

import ctypes
import json
import os
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import CONFIG, MANIFEST, dump, sha256  # noqa: E402
from relman import RegistryCase, documents, wait_for  # noqa: E402
from signatures import (Key, Signing, Sigstore, bundle_manifest, envelope, index_of, message_bundle,  # noqa: E402
                        payload, simple_manifest, statement, statement_bundle, tag_of)
from standin import StandIn  # noqa: E402


class Opened:
    """Counts how often a file is opened, by inotify."""
    IN_OPEN = 0x20

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert libc.inotify_add_watch(self.fd, os.fsencode(path), self.IN_OPEN) >= 0

    def count(self):
        """The number of times since the last call."""
        try:
            return len(os.read(self.fd, 65536)) // 16
        except BlockingIOError:
            return 0

    def close(self):
        os.close(self.fd)


class Signatures(RegistryCase):
    n = 0

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.repository = f"{type(self).__name__.lower()}{self.n}/api"
        self.signing = Signing(self.registry, self.repository)
        self.key = Key(self.site.folder, "a")
        self.site.write("r.yaml", documents(registry=self.registry))

    def component(self, keys=None, more="", host=None):
        keys = keys or [self.key]
        self.site.write("c.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: api}}
spec:
  imageRepository: {host or self.registry.host}/{self.repository}
  verify:
    - {{type: cosign, keys: [{", ".join(key.public for key in keys)}]}}
{more}""")

    def once(self, wanted=0):
        status, out, err = self.site.once()
        if wanted is not None:
            self.assertEqual(status, wanted, err + out)
        return err + out

    def heads(self):
        return dict(self.site.stored.channels("name", "tag"))

    def warning(self):
        return self.site.stored.conditions("reason", "message", type="Warning", kind="Component")


class Layouts(Signatures):
    def test_a_simple_signature_under_the_sig_tag(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.simple(self.key, digest)
        newer = self.registry.push(self.repository, "1.1.0")
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureMissing")
        self.assertIn(f"""skipped: 1.1.0, its image has no signature (referrers API: the registry has none; \
tag '{tag_of(newer)}': does not exist; tag '{tag_of(newer, ".sig")}': does not exist)""", message)

    def test_a_bundle_under_the_fallback_tag(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, statement_bundle(self.key, digest))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual(self.warning(), [])

    def test_a_bundle_whose_manifest_names_no_artifact_type(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, statement_bundle(self.key, digest), artifact_type=None)
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_bundle_with_a_signature_of_the_manifest(self):
        digest = self.registry.push(self.repository, "1.0.0")
        _, _, manifest = self.registry.request("GET", f"/v2/{self.repository}/manifests/{digest}", headers={"Accept": MANIFEST})
        self.signing.bundles(digest, message_bundle(self.key, digest, manifest))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_keys_of_other_algorithms_and_several_keys(self):
        keys = [Key(self.site.folder, "ed", "ED25519", None), Key(self.site.folder, "rsa", "RSA", "rsa_keygen_bits:2048")]
        for version, key in zip(("1.0.0", "1.1.0"), keys):
            self.signing.simple(key, self.registry.push(self.repository, version))
        self.component(keys)
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})
        self.component(keys[:1])
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})


class Refusals(Signatures):
    """Each case pushes 1.0.0 with a good signature and 1.1.0 with a bad one."""

    def refuse(self, words, reason="SignatureInvalid"):
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(told, message)] = self.warning()
        self.assertEqual(told, reason, message)
        self.assertIn(words, message)

    def setUp(self):
        super().setUp()
        self.digest = self.registry.push(self.repository, "1.1.0")

    def test_another_key(self):
        self.signing.simple(Key(self.site.folder, "b"), self.digest)
        self.refuse("the signature is not valid under any of the keys")

    def test_a_key_of_another_curve(self):
        self.signing.simple(Key(self.site.folder, "b", option="ec_paramgen_curve:P-384"), self.digest)
        self.refuse("the signature is not valid under any of the keys")

    def test_a_signature_of_another_image(self):
        other = self.registry.push(self.repository, "0.9.0")
        self.signing.simple(self.key, other, about=self.digest)
        self.refuse(f"the docker-manifest-digest of the signed payload is '{other}', not {self.digest}")

    def test_a_payload_of_another_type(self):
        self.signing.simple(self.key, self.digest, text=payload(self.digest, "something else"))
        self.refuse("the critical.type of the signed payload is 'something else'")

    def test_a_statement_about_another_image(self):
        self.signing.bundles(self.digest, statement_bundle(self.key, sha256(b"another")))
        self.refuse("the statement is about other artifacts")

    def test_an_attestation_is_no_signature(self):
        self.signing.bundles(self.digest, statement_bundle(self.key, self.digest, "https://spdx.dev/Document"))
        self.refuse("is an attestation (https://spdx.dev/Document) that no rule requests", "SignatureMissing")

    def test_text_that_is_no_bundle(self):
        self.signing.bundles(self.digest, b'{"mediaType": 1}')
        self.refuse(f"""tag '{tag_of(self.digest)}': bundle """)

    def test_a_good_signature_beside_a_bad_one_counts(self):
        self.signing.bundles(self.digest, statement_bundle(Key(self.site.folder, "b"), self.digest),
                             statement_bundle(self.key, self.digest))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})


class Identities(Signatures):
    """Signatures without keys: a certificate names the signer, a log proves the time."""

    def setUp(self):
        super().setUp()
        self.sigstore = Sigstore(self.site.folder)
        self.addCleanup(self.sigstore.close)

    def rules(self, *rules, kind="cosign"):
        self.component()
        text = "".join(f"\n    - {{type: {kind}, {rule}}}" for rule in rules)
        path = os.path.join(self.site.specs, "c.yaml")
        with open(path) as file:
            spec = file.read()
        self.site.write("c.yaml", spec.split("\n    - ", 1)[0] + text + "\n")
        return path

    def identity(self, name, issuer=Sigstore.ISSUER, root=None):
        return f"identities: [{{issuer: '{issuer}', {name}}}], trustedRoot: {root or self.sigstore.root}"

    def test_a_subject_and_a_pattern(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, self.sigstore.sign(digest))
        for name in (f"subject: '{Sigstore.SUBJECT}'",
                     r"subjectPattern: 'https://git\.example\.com/shop/[^/]+/build\.yml@refs/heads/.*'"):
            with self.subTest(name=name):
                self.rules(self.identity(name))
                self.once()
                self.assertEqual(self.heads(), {"stable": "1.0.0"})
                [(detail,)] = self.site.stored.manifests("signature_detail")
                self.assertIn(f"is signed by '{Sigstore.SUBJECT}' (issuer '{Sigstore.ISSUER}') at 2023-11-14T22:13:20Z", detail)

    def test_names_that_only_resemble_the_subject(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, self.sigstore.sign(digest))
        for name, issuer in ((f"subject: '{Sigstore.SUBJECT[:-1]}'", Sigstore.ISSUER),
                             (f"subject: '{Sigstore.SUBJECT}/'", Sigstore.ISSUER),
                             ("subjectPattern: 'https://git.example.com/shop/api'", Sigstore.ISSUER),
                             ("subjectPattern: 'refs/heads/main'", Sigstore.ISSUER),
                             (f"subject: '{Sigstore.SUBJECT}'", Sigstore.ISSUER + "/")):
            with self.subTest(name=name, issuer=issuer):
                self.rules(self.identity(name, issuer))
                self.once()
                self.assertEqual(self.heads(), {})
                [(reason, message)] = self.warning()
                self.assertEqual(reason, "SignatureInvalid")
                self.assertIn(f"signed by '{Sigstore.SUBJECT}' (issuer '{Sigstore.ISSUER}'), which the policy does not allow",
                              message)

    def test_a_key_and_an_identity_must_both_have_signed(self):
        both, one = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.1.0"))
        self.signing.bundles(both, self.sigstore.sign(both), statement_bundle(self.key, both))
        self.signing.bundles(one, self.sigstore.sign(one))
        self.rules(f"keys: [{self.key.public}]", self.identity(f"subject: '{Sigstore.SUBJECT}'"))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(_, message)] = self.warning()
        self.assertIn("for verify[0]: signed by an identity, but a key is required", message)
        self.assertIn("for verify[1] is signed by ", message)

    def test_a_key_whose_signature_must_be_in_a_log(self):
        logged, other = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.2.0"))
        self.signing.bundles(logged, self.sigstore.sign(logged, has_key="true"))
        self.signing.bundles(other, statement_bundle(self.key, other))
        self.signing.simple(self.key, other)
        self.rules(f"keys: [{self.sigstore.public}, {self.key.public}], trustedRoot: {self.sigstore.root}")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(_, message)] = self.warning()
        self.assertEqual(message.count("the signature has no entry of a transparency log"), 2, message)
        self.signing.keyless(self.sigstore, self.registry.push(self.repository, "1.1.0"), has_key="true")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})

    def test_an_identity_that_signed_with_cosign_2(self):
        simple, other = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.1.0"))
        self.signing.keyless(self.sigstore, simple)
        self.signing.keyless(self.sigstore, other, names="critical,URI:https://evil.example.com")
        self.rules(self.identity(f"subject: '{Sigstore.SUBJECT}'"))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureInvalid")
        self.assertIn("signed by 'https://evil.example.com' (issuer 'https://issuer.example.com'), which the policy "
                      "does not allow", message)

    def test_an_identity_that_attested_with_cosign_2(self):
        digest = self.registry.push(self.repository, "1.0.0")
        envelope, annotations = self.sigstore.attest(digest, "https://slsa.dev/provenance/v1")
        self.signing.attest(digest, envelope, annotations=annotations)
        self.rules(self.identity(f"subject: '{Sigstore.SUBJECT}'") +
                   ", predicateType: 'https://slsa.dev/provenance/v1'", kind="attestation")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_time_stamp_instead_of_a_log(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, self.sigstore.sign(digest, has_no_entry="true", stamp=1700000005))
        rule = self.identity(f"subject: '{Sigstore.SUBJECT}'")
        self.rules(rule)
        self.once()
        self.assertEqual(self.heads(), {})
        [(_, message)] = self.warning()
        self.assertIn("the signature has no entry of a transparency log", message)
        self.rules(rule + ", transparencyLog: optional")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_changed_rule_or_root_verifies_again(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.bundles(digest, self.sigstore.sign(digest))
        for rule, heads in ((self.identity(f"subject: '{Sigstore.SUBJECT}'"), {"stable": "1.0.0"}),
                            (self.identity("subject: 'me'"), {}),
                            (self.identity(f"subject: '{Sigstore.SUBJECT}'"), {"stable": "1.0.0"})):
            self.rules(rule)
            self.once()
            self.assertEqual(self.heads(), heads)
        folder = os.path.join(self.site.folder, "other")
        os.mkdir(folder)
        other = Sigstore(folder)
        other.sign(digest)
        other.close()
        os.replace(other.root, self.sigstore.root)
        self.once()
        self.assertEqual(self.heads(), {})
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureInvalid"])

    def test_rules_that_are_not_complete_are_refused(self):
        stampless = os.path.join(self.site.folder, "stampless.json")
        self.sigstore.bundle()  # after the root was written
        with open(self.sigstore.root) as file:
            root = json.load(file)
        del root["timestampAuthorities"]
        with open(stampless, "w") as file:
            json.dump(root, file)
        missing = os.path.join(self.site.folder, "missing.json")
        for rule, words in (
                (f"keys: [{self.key.public}], identities: [{{issuer: i, subject: s}}], trustedRoot: {self.sigstore.root}",
                 "error: verify: give keys or identities, not both; if both must have signed, write two entries"),
                ("identities: [{issuer: i, subject: s}]",
                 "error: verify: identities need trustedRoot: the file trusted_root.json of the Sigstore instance"),
                (self.identity("subject: s, subjectPattern: p"),
                 "error: verify: an identity needs exactly one of subject and subjectPattern"),
                (self.identity("subject: ''"), "error: verify: an identity needs exactly one of subject and subjectPattern"),
                (self.identity("subject: s", issuer=""), "error: verify: an identity needs issuer, such as "),
                (self.identity("subjectPattern: 'a)|(b'"), 'error: field "subjectPattern": '),
                (f"keys: [{self.key.public}], transparencyLog: optional",
                 "error: verify: transparencyLog needs trustedRoot, which names the authorities for time stamps"),
                (self.identity("subject: s", root=stampless) + ", transparencyLog: optional",
                 "error: verify: '" + stampless + "': it names no authority for time stamps, which transparencyLog: "
                 "optional needs"),
                (self.identity("subject: s", root="root.json"), 'error: field "trustedRoot": "root.json" is not an absolute path'),
                (self.identity("subject: s", root=missing),
                 f"warning: verify: cannot read '{missing}': No such file or directory; relmand reads this file on its own host"),
                (self.identity("subject: s", root=self.key.public), f"error: verify: '{self.key.public}': ")):
            with self.subTest(rule=rule):
                path = self.rules(rule)
                status, out, err = relman.relmanctl("lint", path)
                self.assertIn(words, out, err)
                self.assertEqual(status, int("error:" in words))
        self.site.write("c.yaml", open(path).read().split("\n    - ", 1)[0] + " []\n")
        status, out, _ = relman.relmanctl("lint", path)
        self.assertEqual(status, 1)
        self.assertIn("error: verify has no entry; name a signature that images must have, or leave the field out", out)


PROVENANCE = "https://slsa.dev/provenance/v1"


class Attestations(Signatures):
    """Signed statements of a predicate type about the image."""

    def rule(self, more="", signer=None, predicate=PROVENANCE):
        self.component()
        path = os.path.join(self.site.specs, "c.yaml")
        with open(path) as file:
            spec = file.read().split("\n    - ", 1)[0]
        signer = signer or f"keys: [{self.key.public}]"
        self.site.write("c.yaml", f"{spec}\n    - {{type: attestation, predicateType: '{predicate}', {signer}{more}}}\n")
        return path

    def expect(self, reason, words):
        self.once()
        self.assertEqual(self.heads(), {})
        [(found, message)] = self.warning()
        self.assertEqual(found, reason, message)
        self.assertIn(words, message)

    def test_a_bundle_and_an_envelope_under_the_att_tag(self):
        first, second = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.1.0"))
        self.signing.bundles(first, statement_bundle(self.key, first, PROVENANCE))
        self.rule()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureMissing")
        self.assertIn(f"tag '{tag_of(second, '.att')}': does not exist", message)
        self.assertNotIn(tag_of(second, ".sig"), message)
        self.signing.attest(second, envelope(self.key, statement(second, PROVENANCE)))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})

    def test_another_predicate_another_key_and_another_image(self):
        other_key = Key(self.site.folder, "b")
        self.rule()
        for i, (reason, words, make) in enumerate((
                ("SignatureMissing", "is an attestation (https://spdx.dev/Document) that no rule requests",
                 lambda digest: envelope(self.key, statement(digest, "https://spdx.dev/Document"))),
                ("SignatureInvalid", "the signature is not valid under any of the keys",
                 lambda digest: envelope(other_key, statement(digest, PROVENANCE))),
                ("SignatureInvalid", "the statement is about other artifacts",
                 lambda digest: envelope(self.key, statement(sha256(b"another"), PROVENANCE))),
                ("SignatureInvalid", "not an in-toto statement: the payload type is not application/vnd.in-toto+json",
                 lambda digest: envelope(self.key, statement(digest, PROVENANCE), "text/plain")))):
            with self.subTest(words=words):
                digest = self.registry.push(self.repository, f"1.0.{i}")
                self.signing.attest(digest, make(digest))
                self.expect(reason, words)

    def test_a_good_attestation_beside_a_bad_one_counts(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.attest(digest, envelope(Key(self.site.folder, "b"), statement(digest, PROVENANCE)),
                            envelope(self.key, statement(digest, PROVENANCE)))
        self.rule()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_values_that_the_predicate_must_have(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.attest(digest, envelope(self.key, statement(digest, PROVENANCE, {
            "passed": True, "n": 12, "none": None, "list": [{"a/b": "x y"}], "object": {}})))
        self.rule(", require: {/passed: true, /n: 12.0, /none: 'null', /list/0/a~1b: x y}")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        for value, words in (("/passed: false", "/passed of the predicate is true, not false"),
                             ("/n: 13", "/n of the predicate is 12, not 13"),
                             ("/list/0/a~1b: x", '/list/0/a~1b of the predicate is "x y", not x'),
                             ("/object: '{}'", "/object of the predicate is {}, not {}"),
                             ("/list/00/a~1b: x y", "the predicate has no value at /list/00/a~1b"),
                             ("/missing: x", "the predicate has no value at /missing")):
            with self.subTest(value=value):
                self.rule(f", require: {{{value}}}")
                self.expect("SignatureInvalid", words)

    def test_the_age_is_that_of_the_proved_time(self):
        sigstore = Sigstore(self.site.folder)
        self.addCleanup(sigstore.close)
        digest, now = self.registry.push(self.repository, "1.0.0"), int(time.time())
        self.signing.bundles(digest, sigstore.sign(digest, PROVENANCE, integrated=now - 7200, sct_time=now - 7260,
                                                   **{"from": now - 7260, "until": now - 6660}))
        signer = f"identities: [{{issuer: '{Sigstore.ISSUER}', subject: '{Sigstore.SUBJECT}'}}], trustedRoot: {sigstore.root}"
        self.rule(", maxAge: 1h", signer)
        self.expect("SignatureInvalid", ", and older than maxAge (1h)")
        self.rule(", maxAge: 3h", signer)
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        until = time.strftime("valid until %Y-%m-%dT%H:%M:%SZ (", time.gmtime(now - 7200 + 3 * 3600))
        [(detail,)] = self.site.stored.manifests("signature_detail")
        self.assertTrue(detail.startswith(until), detail)
        self.site.stored.end_signatures()
        self.once()
        [(detail,)] = self.site.stored.manifests("signature_detail")
        self.assertTrue(detail.startswith(until), detail)

    def test_rules_that_are_not_complete_are_refused(self):
        for more, words in ((", maxAge: 1h", "maxAge needs trustedRoot, because a key alone proves no time"),
                            (", require: {a: b}", 'require: "a" is not a JSON pointer, such as /metadata/result'),
                            (", require: {/a~2: b}", 'require: "/a~2" is not a JSON pointer, such as /metadata/result')):
            path = self.rule(more)
            self.assertIn("error: verify: " + words, relman.relmanctl("lint", path)[1])
        path = self.rule(predicate="")
        self.assertIn("error: verify: type attestation needs predicateType", relman.relmanctl("lint", path)[1])
        with open(path) as file:
            self.site.write("c.yaml", file.read().replace("type: attestation, predicateType: ''", "type: cosign, maxAge: 1h"))
        self.assertIn("error: verify: maxAge goes with type attestation", relman.relmanctl("lint", path)[1])


class Modes(Signatures):
    """A rule with mode warn skips no version, and is reported."""

    def setUp(self):
        super().setUp()
        self.other = Key(self.site.folder, "b")

    def warn(self, keys=None, host=None):
        self.component(keys, host=host)
        path = os.path.join(self.site.specs, "c.yaml")
        with open(path) as file:
            spec = file.read()
        self.site.write("c.yaml", spec + f"    - {{type: cosign, mode: warn, keys: [{self.other.public}]}}\n")

    def test_a_rule_with_mode_enforce_beside_it_still_counts(self):
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.registry.push(self.repository, "1.1.0")
        self.warn()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureMissing"])

    def test_a_version_is_used_and_reported_until_it_is_signed(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.signing.simple(self.key, digest)
        self.warn()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureTolerated")
        self.assertIn("channel 'stable': 1.0.0 is tolerated: verify[1] has mode warn, and no signature is valid (", message)
        self.assertIn("for verify[1]: the signature is not valid under any of the keys", message)
        self.assertIn(f"for verify[0] is signed by the key in '{self.key.public}'", message)
        self.signing.layers(digest, *((payload(digest), key.sign(payload(digest))) for key in (self.key, self.other)))
        self.once()
        self.assertEqual(self.warning(), [])
        [(detail,)] = self.site.stored.manifests("signature_detail")
        self.assertNotIn("tolerated", detail)

    def test_explain_why_and_the_api_say_tolerated(self):
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.warn()
        with open(os.path.join(self.site.specs, "c.yaml"), "a") as file:
            file.write("""---
apiVersion: relman/v1
kind: ReleaseStream
metadata: {name: main}
spec: {channel: stable, components: [api]}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: prod}
spec: {stream: main}
""")
        self.site.start("poll: {interval: 1h}")
        wait_for(self.heads, what="the first sync")
        for verb in (("explain", "api"), ("why", "prod", "api"), ("describe", "component", "api")):
            _, out, _ = relman.relmanctl(*verb, "--socket", self.site.socket)
            self.assertIn("tolerated: verify[1] has mode warn, and no signature is valid", " ".join(out.split()), verb)
        status, tags, _ = self.site.call("GET", "/api/v1/components/api/tags")
        self.assertEqual(status, 200, tags)
        self.assertEqual([tag["signature"]["result"] for tag in tags["data"] if "signature" in tag], ["tolerated"])

    def test_a_registry_that_does_not_answer_is_tolerated_too(self):
        standin = StandIn()
        self.addCleanup(standin.close)
        self.site.write("r.yaml", f"""apiVersion: relman/v1
kind: Registry
metadata: {{name: standin}}
spec: {{url: {standin.url}}}
""")
        digest = standin.push(self.repository, "1.0.0")
        standin.answers[f"GET /v2/{self.repository}/referrers/{digest}"] = lambda h: h.reply(500, {})
        self.warn(host=standin.host)
        self.once(wanted=None)
        self.assertEqual(self.heads(), {})
        path = os.path.join(self.site.specs, "c.yaml")
        with open(path) as file:
            spec = file.read()
        self.site.write("c.yaml", spec.replace("{type: cosign, keys", "{type: cosign, mode: warn, keys"))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureTolerated")
        self.assertIn("is tolerated: verify[0] has mode warn, and the signatures cannot be read (", message)


class Defaults(Signatures):
    """`verify` of a Registry is the default of its Components."""

    def write(self, registry, component=None):
        rule = "verify: [{{type: cosign, keys: [{0}]}}]"
        self.site.write("r.yaml", f"""apiVersion: relman/v1
kind: Registry
metadata: {{name: registry}}
spec:
  url: {self.registry.url}
  {rule.format(registry.public)}
""")
        self.site.write("c.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: api}}
spec:
  imageRepository: {self.registry.host}/{self.repository}
{"  " + rule.format(component.public) if component else ""}
""")

    def setUp(self):
        super().setUp()
        self.other = Key(self.site.folder, "b")
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.signing.simple(self.other, self.registry.push(self.repository, "1.1.0"))

    def test_the_rules_of_a_component_replace_those_of_its_registry(self):
        for rules, heads in (((self.key,), "1.0.0"), ((self.other,), "1.1.0"), ((self.other, self.key), "1.0.0"),
                             ((self.key, self.other), "1.1.0")):
            self.write(*rules)
            self.once()
            self.assertEqual(self.heads(), {"stable": heads})

    def test_a_changed_default_verifies_again_in_a_running_daemon(self):
        self.write(self.key)
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(lambda: self.heads() == {"stable": "1.0.0"}, what="the first sync")
        _, out, _ = relman.relmanctl("explain", "api", "--socket", self.site.socket)
        self.assertIn("has no valid signature", " ".join(out.split()))
        self.write(self.other)
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: self.heads() == {"stable": "1.1.0"}, what="the sync by the new rules")
        self.site.write("r.yaml", f"""apiVersion: relman/v1
kind: Registry
metadata: {{name: registry}}
spec: {{url: {self.registry.url}}}
""")
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: "has no valid" not in relman.relmanctl("explain", "api", "--socket", self.site.socket)[1],
                 what="the sync without rules")

    def test_the_files_of_a_registry_are_checked(self):
        self.write(self.key)
        self.site.write("r.yaml", open(os.path.join(self.site.specs, "r.yaml")).read().replace(self.key.public, "/missing.pub"))
        self.assertIn("warning: verify: cannot read '/missing.pub'", relman.relmanctl("lint", self.site.specs)[1])


class Changes(Signatures):
    def test_a_signature_that_follows_the_image(self):
        digest = self.registry.push(self.repository, "1.0.0")
        self.component()
        self.once()
        self.assertEqual(self.heads(), {})
        self.signing.simple(self.key, digest)
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual(self.warning(), [])

    def test_a_changed_key_file_verifies_again(self):
        old, new = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.1.0"))
        other = Key(self.site.folder, "b")
        self.signing.simple(other, old)
        self.signing.simple(self.key, new)
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})
        os.replace(other.public, self.key.public)
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureInvalid"])

    def test_a_key_file_that_is_missing_changes_nothing(self):
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.component()
        self.once()
        self.registry.push(self.repository, "1.1.0")
        os.remove(self.key.public)
        said = self.once(wanted=None)
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertIn("component 'api': verify: cannot read ", said)

    def test_rules_without_keys_are_refused(self):
        text = f"""apiVersion: relman/v1
kind: Component
metadata: {{name: api}}
spec:
  imageRepository: {self.registry.host}/{self.repository}
  verify:
    - {{type: cosign, keys: []}}
    - {{type: cosine, keys: [/a.pub]}}
    - {{type: cosign, keys: [a.pub]}}
"""
        self.site.write("c.yaml", text)
        said = self.once(wanted=None)
        self.assertIn('c.yaml:8:14: error: field "type" is one of cosign, attestation, notation; not "cosine"; did you mean "cosign"?', said)
        self.assertIn('c.yaml:9:29: error: field "keys": "a.pub" is not an absolute path', said)
        self.site.write("c.yaml", text.replace("cosine", "cosign").replace("[a.pub]", "[/a.pub]"))
        self.assertIn("c.yaml:7:7: error: verify: the entry names no signer; give keys, which are files with public keys such as "
                      "cosign.pub, or identities", self.once(wanted=None))


class Releases(Signatures):
    def release(self, version):
        self.site.write("release.yaml", f"""apiVersion: relman/v1
kind: Release
metadata: {{name: r}}
spec:
  mode: pinned
  components: [{{name: api, version: {version}}}]
""")

    def test_only_signed_versions_enter_a_release(self):
        old, _, new = (self.registry.push(self.repository, version) for version in ("1.0.0", "1.1.0", "1.2.0"))
        self.signing.simple(self.key, new)
        self.component()
        self.release("1.1.0")
        said = self.once(wanted=None)
        self.assertIn("has no signature (tag '", said)
        self.assertIn(".sig': does not exist; referrers API: the registry has none)", said)
        self.assertFalse(os.path.exists(self.site.lock_path("r")))
        self.signing.simple(self.key, old)
        self.release("1.0.0")
        self.once()
        self.assertIn(old, self.site.lock("r"))


class Answers(Signatures):
    """A running daemon reports the signatures."""

    def setUp(self):
        super().setUp()
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        self.newer = self.registry.push(self.repository, "1.1.0")
        self.component(more="""---
apiVersion: relman/v1
kind: ReleaseStream
metadata: {name: main}
spec: {channel: stable, components: [api]}
---
apiVersion: relman/v1
kind: Environment
metadata: {name: prod}
spec: {stream: main}
""")
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(self.heads, what="the first sync")

    def get(self, path):
        status, body, _ = self.site.call("GET", "/api/v1/" + path)
        self.assertEqual(status, 200, body)
        return body.get("data", body)

    def signature_steps(self, tag):
        answer = self.get(f"environments/prod/why?component=api&tag={tag}")
        return [step for step in answer["steps"] if step["step"] == "signature"]

    def test_explain_why_and_the_tags_of_the_api(self):
        wanted = f"""its image has no signature (referrers API: the registry has none; \
tag '{tag_of(self.newer)}': does not exist; tag '{tag_of(self.newer, ".sig")}': does not exist)"""
        status, out, err = relman.relmanctl("explain", "api", "--socket", self.site.socket)
        self.assertEqual(status, 0, out + err)
        self.assertIn(wanted, " ".join(out.split()))
        tags = {tag["tag"]: tag for tag in self.get("components/api/tags")}
        self.assertEqual(tags["1.0.0"]["signature"]["result"], "valid")
        self.assertIn(f"is signed by the key in '{self.key.public}'", tags["1.0.0"]["signature"]["detail"])
        self.assertEqual(tags["1.1.0"]["signature"]["result"], "missing")
        [step] = self.signature_steps("1.1.0")
        self.assertEqual((step["state"], step["reason"], step["message"]), ("blocked", "SignatureMissing", wanted))
        [step] = self.signature_steps("1.0.0")
        self.assertEqual((step["state"], step["message"]), ("ok", "its signatures are valid"))

    def plan(self):
        tree = os.path.join(self.site.folder, "tree")
        shutil.copytree(self.site.specs, tree)
        with open(os.path.join(tree, "c.yaml")) as file:
            text = file.read()
        with open(os.path.join(tree, "c.yaml"), "w") as file:
            file.write(text.replace("  verify:", "  ignoreTags: [none]\n  verify:"))
        status, out, err = relman.relmanctl("plan", tree, "--socket", self.site.socket)
        self.assertEqual(status, 0, out + err)
        shutil.rmtree(tree)
        return out

    def test_a_plan_uses_the_results_of_the_same_keys_only(self):
        self.assertNotIn("1.1.0", self.plan())
        os.replace(Key(self.site.folder, "b").public, self.key.public)
        self.assertIn("1.1.0", self.plan())


class Files(Signatures):
    def test_a_file_that_did_not_change_is_not_read_at_each_poll(self):
        self.signing.simple(self.key, self.registry.push(self.repository, "1.0.0"))
        settled = time.time() - 60
        os.utime(self.key.public, (settled, settled))
        self.component()
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(self.heads, what="the first sync")
        opened = Opened(self.key.public)
        self.addCleanup(opened.close)

        def reads():
            self.assertEqual(relman.relmanctl("sync", "api", "--socket", self.site.socket)[0], 0)
            return opened.count()
        wait_for(lambda: reads() == 0, what="a poll that does not read the file")
        os.replace(Key(self.site.folder, "b").public, self.key.public)
        opened = Opened(self.key.public)
        self.assertGreater(reads(), 0)
        self.assertEqual(self.heads(), {})


class Layout(Signatures):
    """An OCI image layout on disk has signatures under tags."""

    def setUp(self):
        super().setUp()
        self.layout = os.path.join(self.site.folder, "layout")
        os.makedirs(os.path.join(self.layout, "blobs/sha256"))
        self.site.write("r.yaml", f"""apiVersion: relman/v1
kind: Registry
metadata: {{name: disk}}
spec: {{url: 'oci-layout:{self.layout}'}}
""")
        self.component(host="disk.example.com", more="  registry: disk\n")

    def put(self, tag, manifest, *blobs):
        for blob in (manifest, *blobs):
            with open(os.path.join(self.layout, "blobs/sha256", sha256(blob).split(":")[1]), "wb") as file:
                file.write(blob)
        return {"mediaType": MANIFEST, "digest": sha256(manifest), "size": len(manifest),
                "annotations": {"org.opencontainers.image.ref.name": tag}}

    def image(self, tag):
        config = dump({"os": "linux", "architecture": "amd64", "tag": tag})
        manifest = dump({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                         "config": {"mediaType": CONFIG, "digest": sha256(config), "size": len(config)}})
        return self.put(tag, manifest, config)

    def test_an_image_with_a_signature_and_one_without(self):
        entries = [self.image("1.0.0"), self.image("1.1.0")]
        text = payload(entries[0]["digest"])
        manifest, blobs = simple_manifest((text, self.key.sign(text)))
        entries.append(self.put(tag_of(entries[0]["digest"], ".sig"), manifest, *blobs))
        for name, content in (("index.json", {"schemaVersion": 2, "manifests": entries}),
                              ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
            with open(os.path.join(self.layout, name), "wb") as file:
                file.write(dump(content))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureMissing"])


class Referrers(Signatures):
    """A registry with an API for referrers, in pages."""

    def setUp(self):
        super().setUp()
        self.standin = StandIn()
        self.addCleanup(self.standin.close)
        self.site.write("r.yaml", f"""apiVersion: relman/v1
kind: Registry
metadata: {{name: standin}}
spec: {{url: {self.standin.url}}}
""")
        self.component(host=self.standin.host)
        self.digest = self.standin.push(self.repository, "1.0.0")

    def serve(self, path, body, headers=None, status=200):
        self.standin.answers[f"GET /v2/{self.repository}/{path}"] = lambda h: h.reply(status, body, headers)

    def serve_manifest(self, manifest, blobs):
        self.serve(f"manifests/{sha256(manifest)}", manifest, {"Content-Type": MANIFEST})
        for blob in blobs:
            self.serve(f"blobs/{sha256(blob)}", blob)
        return manifest

    def sign(self, bundle):
        return self.serve_manifest(*bundle_manifest(self.digest, bundle))

    def sbom(self):
        return json.dumps({"mediaType": MANIFEST, "artifactType": "application/spdx+json"}).encode()

    def test_the_signature_is_on_the_second_page(self):
        path = f"/v2/{self.repository}/referrers/{self.digest}"
        pages = [index_of(self.sbom()), index_of(self.sign(statement_bundle(self.key, self.digest)))]

        def answer(handler):
            second = "page=2" in handler.path
            handler.reply(200, pages[second], {} if second else {"Link": f'<{path}?page=2>; rel="next"'})
        self.standin.answers["GET " + path] = answer
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual(self.standin.count("GET .*/referrers/"), 2)

    def test_a_warm_poll_asks_nothing_and_the_first_verification_three_times(self):
        self.serve(f"referrers/{self.digest}", index_of(self.sign(statement_bundle(self.key, self.digest))))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        asked = [path for method, path, _ in self.standin.requests if method == "GET"]
        first = next(i for i, path in enumerate(asked) if "/referrers/" in path)
        self.assertEqual(len(asked[first:]), 3)
        n = len(self.standin.requests)
        self.once()
        self.assertEqual([path for _, path, _ in self.standin.requests[n:] if "tags/list" not in path and
                          "1.0.0" not in path and path != "/v2/"], [])

    def test_a_registry_without_the_api_is_asked_once(self):
        self.component(host=self.standin.host, more="  versionRules: [{pattern: '^(.*)-a$', channel: a}, "
                       "{pattern: '^(.*)-b$', channel: b}, {pattern: '^(.*)-c$', channel: c}]\n")
        digests = [self.standin.push(self.repository, f"2.0.0-{channel}") for channel in "abc"]
        for digest in digests:
            self.serve(f"referrers/{digest}", {}, status=404)
            manifest, blobs = bundle_manifest(digest, statement_bundle(self.key, digest))
            self.standin.tag(self.repository, tag_of(digest), index_of(self.serve_manifest(manifest, blobs)))
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(lambda: len(self.heads()) == 3, what="the first sync")
        first = self.standin.count("GET .*/referrers/")
        digest = self.standin.push(self.repository, "2.1.0-a")
        self.serve(f"referrers/{digest}", {}, status=404)
        manifest, blobs = bundle_manifest(digest, statement_bundle(self.key, digest))
        self.standin.tag(self.repository, tag_of(digest), index_of(self.serve_manifest(manifest, blobs)))
        n = len(self.standin.requests)
        self.assertEqual(relman.relmanctl("sync", "api", "--socket", self.site.socket)[0], 0)
        wait_for(lambda: self.heads()["a"] == "2.1.0-a", what="the new head")
        self.assertEqual(self.standin.count("GET .*/referrers/"), first)
        asked = [path.rsplit("/", 2)[-2:] for method, path, _ in self.standin.requests[n:]
                 if method == "GET" and (tag_of(digest) in path or sha256(manifest) in path or sha256(blobs[1]) in path)]
        self.assertEqual(asked, [["manifests", tag_of(digest)], ["manifests", sha256(manifest)], ["blobs", sha256(blobs[1])]])

    def test_a_registry_that_does_not_answer_changes_nothing(self):
        self.serve(f"referrers/{self.digest}", index_of(self.sign(statement_bundle(self.key, self.digest))))
        self.once()
        newer = self.standin.push(self.repository, "1.1.0")
        self.serve(f"referrers/{newer}", {}, status=500)
        said = self.once(wanted=None)
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertIn(f"the signatures of {newer} cannot be read: referrers API: ", said)
        [(reason, message)] = self.site.stored.conditions("reason", "message", type="Ready", kind="Component")
        self.assertEqual(reason, "SignatureUnreachable", message)

    def test_a_valid_signature_counts_although_the_referrers_are_not_served(self):
        self.serve(f"referrers/{self.digest}", {}, status=500)
        text = payload(self.digest)
        manifest, blobs = simple_manifest((text, self.key.sign(text)))
        self.serve_manifest(manifest, blobs)
        self.standin.tag(self.repository, tag_of(self.digest, ".sig"), manifest)
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_bundle_with_other_bytes(self):
        manifest, blobs = bundle_manifest(self.digest, statement_bundle(self.key, self.digest))
        self.serve_manifest(manifest, blobs)
        self.serve(f"blobs/{sha256(blobs[1])}", blobs[1] + b" ")
        self.serve(f"referrers/{self.digest}", index_of(manifest))
        self.once()
        self.assertEqual(self.heads(), {})
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureInvalid")
        self.assertIn("the bytes that came do not have this digest", message)

    def test_a_list_that_never_ends_and_an_html_page(self):
        for body in (b"<html>", index_of()):
            with self.subTest(body=body):
                path = f"/v2/{self.repository}/referrers/{self.digest}"
                self.standin.answers["GET " + path] = lambda h, body=body: h.reply(
                    200, body, {"Link": f'<{path}?page=2>; rel="next"'})
                self.once()
                self.assertEqual(self.heads(), {})
                self.assertLess(self.standin.count("GET .*/referrers/"), 40)


if __name__ == "__main__":
    relman.main()
