#!/usr/bin/env python3
"""Tests that hostile signatures are refused, each for its own reason. One daemon has a component for each case."""

import base64
import concurrent.futures
import copy
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry, MANIFEST, dump, sha256  # noqa: E402
from relman import Site, document, wait_for  # noqa: E402
from signatures import (SIGN, STATEMENT, Key, Signing, Sigstore, bundle_of, encode, envelope,  # noqa: E402
                        message_bundle, payload, statement, statement_bundle, tag_of)

PROVENANCE = "https://slsa.dev/provenance/v1"
OTHER = sha256(b"another image")
INVALID, MISSING = "SignatureInvalid", "SignatureMissing"


class Case:
    """An image with hostile signatures, which put() makes. rule: the entry of `verify`."""

    def __init__(self, name, put, words, rule="cosign", reason=INVALID):
        self.name, self.put, self.words, self.rule, self.reason = name, put, words, rule, reason


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site, cls.registry = Site(), DockerRegistry()
        folder = cls.site.folder
        cls.key, cls.other = Key(folder, "a"), Key(folder, "b")
        cls.p384 = Key(folder, "c", option="ec_paramgen_curve:P-384")
        cls.sigstore = Sigstore(folder)
        os.mkdir(os.path.join(folder, "other"))
        cls.elsewhere = Sigstore(os.path.join(folder, "other"))
        cls.elsewhere.bundle()
        cls.sigstore.bundle()
        identity = f"identities: [{{issuer: '{Sigstore.ISSUER}', subject: '{Sigstore.SUBJECT}'}}]"
        cls.rules = {
            "cosign": f"type: cosign, keys: [{cls.key.public}]",
            "identity": f"type: cosign, {identity}, trustedRoot: {cls.sigstore.root}",
            "stamped": f"type: cosign, {identity}, trustedRoot: {cls.sigstore.root}, transparencyLog: optional",
            "pattern": f"type: cosign, identities: [{{issuer: '{Sigstore.ISSUER}', "
                       f"subjectPattern: 'https://git.example.com/shop'}}], trustedRoot: {cls.sigstore.root}",
            "logged": f"type: cosign, keys: [{cls.sigstore.public}], trustedRoot: {cls.sigstore.root}",
            "attestation": f"type: attestation, predicateType: {PROVENANCE}, keys: [{cls.key.public}], "
                           "require: {/passed: true}",
            "young": f"type: attestation, predicateType: {PROVENANCE}, {identity}, trustedRoot: {cls.sigstore.root}, "
                     "maxAge: 1d",
        }
        cls.cases = cls.simple() + cls.bundles() + cls.identities() + cls.attestations()
        cls.start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()
        cls.registry.close()
        cls.sigstore.close()
        cls.elsewhere.close()

    @classmethod
    def start(cls):
        def push(case):
            registry = copy.copy(cls.registry)  # with its own connection
            registry._connection = None
            digest = registry.push("hostile/" + case.name, "1.0.0")
            case.put(Signing(registry, "hostile/" + case.name), digest)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(push, cls.cases))
        specs = [document("Registry", "r", f"url: '{cls.registry.url}'")]
        specs += [document("Component", case.name, f"imageRepository: {cls.registry.host}/hostile/{case.name}, "
                           f"verify: [{{{cls.rules[case.rule]}}}]") for case in cls.cases]
        cls.site.write("all.yaml", "---\n".join(specs))
        cls.site.start("poll: {interval: 1h}")
        wait_for(lambda: cls.site.stored.count("conditions", kind="Component",
                                               type="Warning") == len(cls.cases) or None,
                 seconds=60, what="the first sync of all components")

    # --- simple signing ---

    @classmethod
    def simple(cls):
        def signed(text, key=cls.key, change=lambda signature: signature, say=None):
            """A layer with a payload that is made from the digest."""
            def put(signing, digest):
                made = text(digest)
                signing.layers(digest, (say(digest) if say else made, change(key.sign(made))))
            return put

        def annotated(annotations):
            def put(signing, digest):
                signing.annotated(digest, payload(digest), annotations(digest))
            return put

        def swapped(signing, digest):
            texts = payload(digest), payload(digest, "another type")
            signatures = [cls.other.sign(texts[0]), cls.key.sign(texts[1])]
            signing.layers(digest, (texts[0], signatures[1]), (texts[1], signatures[0]))

        def raw(signature):
            """The two numbers of an ECDSA signature without DER, as JWS has them."""
            first = 4 + signature[3]
            numbers = signature[4:first], signature[first + 2:]
            return b"".join(number[-32:].rjust(32, b"\0") for number in numbers)

        def twice(digest):
            return payload(OTHER).replace(b'"docker-manifest-digest"',
                                          f'"docker-manifest-digest":"{digest}","docker-manifest-digest"'.encode())

        name = "docker-manifest-digest"
        annotation = "dev.cosignproject.cosign/signature"
        return [
            Case("simple-other-key", signed(payload, cls.other), "the signature is not valid under any of the keys"),
            Case("simple-other-curve", signed(payload, cls.p384), "the signature is not valid under any of the keys"),
            Case("simple-other-image", signed(lambda _: payload(OTHER)),
                 f"the {name} of the signed payload is '{OTHER}', not "),
            Case("simple-upper-case", signed(lambda d: payload(d.upper().replace("SHA", "sha"))),
                 f"the {name} of the signed payload is 'sha"),
            Case("simple-other-type", signed(lambda d: payload(d, "atomic container signature")),
                 "the critical.type of the signed payload is 'atomic container signature'"),
            Case("simple-no-digest",
                 signed(lambda d: dump({"critical": {"type": "cosign container image signature", "image": {}},
                                                            "optional": {name: d}})),
                                                            f"the signed payload has no {name}"),
            Case("simple-no-critical", signed(lambda d: dump({"image": {name: d}})),
                 "the signed payload has no critical.type"),
            Case("simple-key-twice", signed(twice), f'repeated key "{name}" in JSON'),
            Case("simple-key-in-other-case", signed(lambda d: payload(d).replace(b'"critical"', b'"Critical"')),
                 'key "Critical" in JSON is "critical" in another case'),
            Case("simple-not-json", signed(lambda d: d.encode()), "the signed payload is not JSON"),
            Case("simple-text-after-json", signed(lambda d: payload(d) + b"{}"), "the signed payload is not JSON"),
            Case("simple-altered", signed(lambda _: payload(OTHER), say=payload),
                 "the signature is not valid under any of the keys"),
            Case("simple-raw-signature", signed(payload, change=raw),
                 "the signature is not valid under any of the keys"),
            Case("simple-empty-signature", signed(payload, change=lambda _: b""),
                 "the signature is not valid under any of the keys"),
            Case("simple-cut-signature", signed(payload, change=lambda s: s[:-1]),
                 "the signature is not valid under any of the keys"),
            Case("simple-too-large", signed(lambda d: payload(d) + b" " * 65536),
                 "the payload has more than 65536 bytes"),
            Case("simple-swapped", swapped, "the signature is not valid under any of the keys"),
            Case("simple-no-annotation", annotated(lambda _: {}), f"the layer has no annotation {annotation}"),
            Case("simple-cut-base64", annotated(lambda d: {annotation: encode(cls.key.sign(payload(d)))[:-3]}),
                 f"annotation {annotation} is not base64"),
            Case("simple-lines-in-base64",
                 annotated(lambda d: {annotation: base64.encodebytes(cls.key.sign(payload(d))).decode()}),
                 f"annotation {annotation} is not base64"),
            Case("simple-digest-in-annotation", annotated(lambda d: {name: d, "digest": d}),
                 f"the layer has no annotation {annotation}"),
        ]

    # --- bundles ---

    @classmethod
    def bundles(cls):
        def bundle(make, **more):
            def put(signing, digest):
                signing.bundles(digest, make(digest), **more)
            return put

        def enveloped(text, kind=STATEMENT, change=lambda item: item):
            return bundle(lambda digest: bundle_of(dsseEnvelope=change(envelope(cls.key, text(digest), kind))))

        def altered(old, new):
            return bundle(lambda digest: statement_bundle(cls.key, digest).replace(old, new))

        def message(change):
            def put(signing, digest):
                _, _, manifest = signing.registry.request("GET", f"/v2/{signing.repository}/manifests/{digest}",
                                                          headers={"Accept": MANIFEST})
                signing.bundles(digest, change(digest, manifest))
            return put

        def of_type(digest, **members):
            return dump({**json.loads(statement(digest)), **members})

        def both(digest, manifest):
            made = json.loads(statement_bundle(cls.key, digest))
            return dump({**made,
                         "messageSignature": json.loads(message_bundle(cls.key, digest,
                                                                       manifest))["messageSignature"]})

        return [
            Case("bundle-not-json", bundle(lambda _: b"<html>"), "the bundle is not a JSON object"),
            Case("bundle-other-version", altered(b"bundle.v0.3+json", b"bundle.v0.9+json"),
                 "the media type of the bundle is not one of"),
            Case("bundle-key-twice", altered(b'"dsseEnvelope"', b'"mediaType":"x","dsseEnvelope"'),
                 'repeated key "mediaType" in JSON'),
            Case("bundle-unknown-field", altered(b'"dsseEnvelope"', b'"more":1,"dsseEnvelope"'),
                 "field 'more' of the bundle is not known"),
            Case("bundle-other-key", bundle(lambda d: statement_bundle(cls.other, d)),
                 "the signature is not valid under any of the keys"),
            Case("bundle-other-curve", bundle(lambda d: statement_bundle(cls.p384, d)),
                 "the signature is not valid under any of the keys"),
            Case("bundle-other-image", bundle(lambda _: statement_bundle(cls.key, OTHER)),
                 "the statement is about other artifacts"),
            Case("bundle-other-predicate", bundle(lambda d: statement_bundle(cls.key, d, PROVENANCE)),
                 f"is an attestation ({PROVENANCE}) that no rule requests", reason=MISSING),
            Case("bundle-other-payload-type", enveloped(statement, "text/plain"),
                 f"the payload type is not {STATEMENT}"),
            Case("bundle-payload-type-altered",
                 enveloped(statement, "text/plain", lambda e: {**e, "payloadType": STATEMENT}),
                 "the signature is not valid under any of the keys"),
            Case("bundle-other-statement", enveloped(lambda d: of_type(d, _type="https://in-toto.io/Statement/v2")),
                 "_type is not https://in-toto.io/Statement/v1"),
            Case("bundle-no-subject", enveloped(lambda d: of_type(d, subject=[])), "subject is missing or empty"),
            Case("bundle-digest-in-name",
                 enveloped(lambda d: of_type(d, subject=[{"name": d, "digest": {"sha1": "0" * 40}}])),
                 "the statement is about other artifacts"),
            Case("bundle-digest-in-annotations", enveloped(lambda d: of_type(d, subject=[
                {"digest": {"sha256": OTHER.split(":")[1]}, "annotations": {"digest": d}}])),
                "the statement is about other artifacts"),
            Case("bundle-subject-twice", enveloped(lambda d: statement(OTHER).replace(
                b'"subject"', b'"subject":' + dump(json.loads(statement(d))["subject"]) + b',"subject"')),
                'repeated key "subject" in JSON'),
            Case("bundle-two-signatures",
                 enveloped(statement, change=lambda e: {**e, "signatures": e["signatures"] * 2}),
                 "the envelope of a bundle must have one signature"),
            Case("bundle-cut-base64",
                 enveloped(statement, change=lambda e: {**e, "payload": e["payload"].rstrip("=")[:-2]}),
                 "field 'payload' of the envelope is not base64"),
            Case("bundle-altered",
                 enveloped(lambda _: statement(OTHER),
                           change=lambda e: e | {"payload": encode(statement(OTHER, SIGN, {"x": 1}))}),
                 "the signature is not valid under any of the keys"),
            Case("bundle-both-kinds", message(both), "the bundle must have one of messageSignature and dsseEnvelope"),
            Case("message-other-bytes", message(lambda d, m: message_bundle(cls.key, d, m + b" ")),
                 "the signature is not valid under any of the keys"),
            Case("message-other-digest", message(lambda _, m: message_bundle(cls.key, OTHER, m)),
                 "the digest in the bundle is that of another artifact"),
            Case("bundle-of-an-identity", bundle(lambda d: cls.sigstore.sign(d)),
                 "signed by an identity, but a key is required"),
            Case("bundle-too-large",
                 bundle(lambda d: statement_bundle(cls.key, d, content={"x": "y" * 4 * 1024 * 1024})),
                 "it has more than 4194304 bytes"),
        ]

    # --- identities ---

    @classmethod
    def identities(cls):
        now = 1700000000

        def made(rule="identity", maker=cls.sigstore, **recipe):
            def put(signing, digest):
                signing.bundles(digest, maker.sign(digest, **recipe))
            return put

        def san(text):
            return {"names": "critical," + text}

        def keyless(about=None, maker=cls.sigstore, change=lambda item: item, **recipe):
            """Simple signing without a key."""
            def put(signing, digest):
                text = payload(about or digest)
                signing.annotated(digest, text, change(maker.simple(text, **recipe)))
            return put

        entry, certificate = "dev.sigstore.cosign/bundle", "dev.sigstore.cosign/certificate"
        stolen = cls.sigstore.simple(payload(OTHER))

        subject, denied = Sigstore.SUBJECT, "which the policy does not allow"
        times = {"from": now + 100, "until": now + 600}
        return [
            Case("identity-expired", made(**{"from": now - 600, "until": now - 60}), "certificate has expired",
                 "identity"),
            Case("identity-not-yet-valid", made(**times), "certificate is not yet valid", "identity"),
            Case("identity-longer-name", made(**san(f"URI:{subject}.evil")), denied, "identity"),
            Case("identity-name-in-path", made(**san(f"URI:https://evil.example.com/{subject}")), denied, "identity"),
            Case("identity-shorter-name", made(**san(f"URI:{subject[:-1]}")), denied, "identity"),
            Case("identity-email", made(**san("email:build@example.com")), denied, "identity"),
            Case("identity-part-of-pattern", made(), denied, "pattern"),
            Case("identity-two-names", made(**san(f"URI:{subject},URI:https://evil.example.com")),
                 "has not exactly one name", "identity"),
            Case("identity-no-name", made(**san("DNS:git.example.com")), "has a name of another kind than",
                 "identity"),
            Case("identity-other-issuer", made(issuer=f"ASN1:UTF8String:{Sigstore.ISSUER}.evil"), denied, "identity"),
            Case("identity-two-issuers", made(raw_issuer="DER:68747470733a2f2f782e6578616d706c65"),
                 "names two issuers of the identity", "identity"),
            Case("identity-no-sct", made(has_no_sct="true"), "has no timestamp (SCT) of a log", "identity"),
            Case("identity-bad-sct", made(has_bad_sct="true"), "(SCT) is not valid under the key of its log",
                 "identity"),
            Case("identity-other-usage", made(extended_usage="serverAuth"),
                 "is not for code signing (extended key usage)", "identity"),
            Case("identity-authority", made(constraints="critical,CA:TRUE"), "is that of an authority", "identity"),
            Case("identity-no-time", made(integrated=0), "nothing proves the time of the signature", "identity"),
            Case("identity-other-entry", made(other_body='{"apiVersion":"0.0.1","kind":"dsse","spec":{}}'),
                 "field 'payloadHash' of the log entry's spec is missing or empty", "identity"),
            Case("identity-other-root", made(maker=cls.elsewhere), "the log of an entry is not in the trusted root",
                 "identity"),
            Case("identity-by-a-key", lambda s, d: s.bundles(d, statement_bundle(cls.key, d)),
                 "signed by a key, but an identity is required", "identity"),
            Case("identity-in-simple-signing", lambda s, d: s.simple(cls.key, d),
                 "signed by a key, but an identity is required", "identity"),
            Case("identity-without-log", made(has_no_entry="true", stamp=now + 5),
                 "the signature has no entry of a transparency log", "identity"),
            Case("identity-without-log-or-time", made(has_no_entry="true"),
                 "has neither an entry of a transparency log nor a time stamp", "stamped"),
            Case("identity-stamped-too-late", made(has_no_entry="true", stamp=now + 601),
                 "certificate has expired", "stamped"),
            Case("identity-stamped-and-bad-entry", made(stamp=now, maker=cls.elsewhere),
                 "the time stamp is not signed by a trusted authority", "stamped"),
            Case("identity-stamped-no-sct", made(has_no_entry="true", stamp=now, has_no_sct="true"),
                 "has no timestamp (SCT) of a log", "stamped"),
            Case("keyless-other-name", keyless(names="critical,URI:https://evil.example.com"), denied, "identity"),
            Case("keyless-no-entry", keyless(has_no_entry="true"),
                 "the signature has no entry of a transparency log", "identity"),
            Case("keyless-expired", keyless(**{"from": now - 600, "until": now - 60}), "certificate has expired",
                 "identity"),
            Case("keyless-no-sct", keyless(has_no_sct="true"), "has no timestamp (SCT) of a log", "identity"),
            Case("keyless-other-root", keyless(maker=cls.elsewhere), "the log of an entry is not in the trusted root",
                 "identity"),
            Case("keyless-other-image", keyless(OTHER), f"docker-manifest-digest of the signed payload is '{OTHER}'",
                 "identity"),
            Case("keyless-entry-of-another", keyless(change=lambda a: {**a, entry: stolen[entry]}),
                 "the log entry is about another artifact or statement", "identity"),
            Case("keyless-certificate-of-another", keyless(
                change=lambda a: {**a, certificate: stolen[certificate]}),
                "the log entry is about another certificate", "identity"),
            Case("keyless-earlier-time", keyless(change=lambda a: {**a, entry: a[entry].replace(
                '"integratedTime": 17', '"integratedTime": 16')}), "the signed entry timestamp is not valid",
                "identity"),
            Case("keyless-without-certificate", keyless(change=lambda a: {
                name: value for name, value in a.items() if name != certificate}),
                "signed by a key, but an identity is required", "identity"),
            Case("keyless-two-certificates", keyless(change=lambda a: {**a, certificate: a[certificate] * 2}),
                 "has not exactly one certificate", "identity"),
            Case("keyless-entry-is-not-json", keyless(change=lambda a: {**a, entry: "{"}),
                 f"annotation {entry}: the promised entry is not a JSON object", "identity"),
            Case("keyless-by-key-rule", keyless(), "the signature is not valid under any of the keys", "cosign"),
            Case("key-without-log", lambda s, d: s.bundles(d, statement_bundle(cls.key, d)),
                 "the signature is not valid under any of the keys", "logged"),
        ]

    # --- attestations ---

    @classmethod
    def attestations(cls):
        now = int(time.time())
        good = {"passed": True}

        def attested(change=lambda item: item, key=cls.key, **members):
            def put(signing, digest):
                text = dump({**json.loads(statement(digest, PROVENANCE, good)), **members})
                signing.attest(digest, change(envelope(key, text)))
            return put

        return [
            Case("attestation-other-predicate", attested(predicateType=PROVENANCE + "/x"),
                 f"is an attestation ({PROVENANCE}/x) that no rule requests",
                 "attestation", MISSING),
            Case("attestation-other-value", attested(predicate={"passed": False}),
                 "/passed of the predicate is false, not true", "attestation"),
            Case("attestation-value-in-list", attested(predicate={"passed": [True]}),
                 "/passed of the predicate is [true], not true", "attestation"),
            Case("attestation-no-value", attested(predicate={"x": {"passed": True}}),
                 "the predicate has no value at /passed", "attestation"),
            Case("attestation-no-predicate", attested(predicate=None), "predicate is not an object", "attestation"),
            Case("attestation-other-image", attested(subject=[{"digest": {"sha256": OTHER.split(":")[1]}}]),
                 "the statement is about other artifacts", "attestation"),
            Case("attestation-other-key", attested(key=cls.other),
                 "the signature is not valid under any of the keys", "attestation"),
            Case("attestation-no-signature", attested(lambda e: {**e, "signatures": []}),
                 "signatures has no signature", "attestation"),
            Case("attestation-key-twice",
                 attested(lambda e: dump(e).replace(b'"payload"', b'"payload":"e30=","payload"')),
                 'repeated key "payload" in JSON', "attestation"),
            Case("attestation-other-payload-type", attested(lambda e: {**e, "payloadType": "text/plain"}),
                 f"the payload type is not {STATEMENT}", "attestation"),
            Case("attestation-is-a-signature", lambda s, d: s.bundles(d, statement_bundle(cls.key, d)),
                 f"is an attestation ({SIGN}) that no rule requests", "attestation", MISSING),
            Case("attestation-too-large", attested(predicate={**good, "x": "y" * 3 * 1024 * 1024}),
                 "it has more than 4194304 bytes", "attestation"),
            Case("attestation-too-old", lambda s, d: s.bundles(d, cls.sigstore.sign(d, PROVENANCE)),
                 "the attestation is of 2023-11-14T22:13:20Z, and older than maxAge (1d)", "young"),
            Case("attestation-of-the-future", lambda s, d: s.bundles(d, cls.sigstore.sign(
                d, PROVENANCE, integrated=now + 86400, sct_time=now + 86300,
                **{"from": now + 86300, "until": now + 86900})), "the time of a log entry is in the future", "young"),
        ]

    def test_each_is_refused_with_its_reason(self):
        self.assertGreaterEqual(len(self.cases), 40)
        found = {name: (reason, message) for name, reason, message in self.site.stored.conditions(
            "object", "reason", "message", type="Warning", kind="Component")}
        for case in self.cases:
            with self.subTest(case=case.name):
                reason, message = found[case.name]
                self.assertEqual(reason, case.reason, message)
                self.assertIn(case.words, message)
        self.assertEqual(self.site.stored.channels("name"), [])


if __name__ == "__main__":
    relman.main()
