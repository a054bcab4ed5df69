#!/usr/bin/env python3
"""Tests `verify` of components with Notary Project signatures: which images head channels, and the reason for each
signature that is refused."""

import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import INDEX, MANIFEST, sha256  # noqa: E402
from notation import (ARTIFACT, COSE, JWS, PREFIX, Authority, Signer, cbor, cose, jws, openssl, payload,  # noqa: E402
                      read_size, signature_manifest, tampered)
from relman import RegistryCase, documents, wait_for  # noqa: E402
from signatures import Key, Signing, index_of, tag_of  # noqa: E402
from standin import StandIn  # noqa: E402

SUBJECT = "x509.subject: C=US, ST=WA, O=Example"


class Issuer:
    """The authority itself, as a signer."""
    rsa = False

    def __init__(self, authority):
        self.key, self.authority, self.pem = authority.key, authority, authority.pem

    def chain(self):
        return [openssl("x509", "-in", self.pem, "-outform", "DER")]

    def sign(self, data):
        return Signer.sign(self, data)


class Root:
    """A file with certificates."""

    def __init__(self, path):
        self.pem = path


class Notation(RegistryCase):
    """Each test uses another repository. The certificates are made once."""
    n = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.ca, cls.other, cls.tsa = (Authority(cls.folder, name) for name in ("ca", "other", "tsa"))
        cls.signer, cls.rsa = cls.ca.issue("leaf"), cls.ca.issue("leaf-rsa", rsa=True)

    def setUp(self):
        super().setUp()
        type(self).n += 1
        self.repository = f"{type(self).__name__.lower()}{self.n}/api"
        self.signing = Signing(self.registry, self.repository)
        self.site.write("r.yaml", documents(registry=self.registry))

    def component(self, more="", stores=None, identities=(SUBJECT,), host=None):
        stores = stores or {"trustStore": [self.ca]}
        fields = ", ".join(f"{name}: [{', '.join(ca.pem for ca in found)}]" for name, found in stores.items())
        self.site.write("c.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: api}}
spec:
  imageRepository: {host or self.registry.host}/{self.repository}
  verify:
    - {{type: notation, {fields}, identities: {list(identities)}{more}}}
""")

    def push(self, tag):
        digest = self.registry.push(self.repository, tag)
        return digest, read_size(self.registry, self.repository, digest)

    def sign(self, digest, size, *envelopes, **options):
        """Stores each envelope in another manifest, under the fallback tag."""
        manifests = []
        for envelope in envelopes:
            kind = COSE if envelope[:1] == b"\xd2" else JWS
            parts = envelope if isinstance(envelope, tuple) else (envelope,)
            manifest, blobs = signature_manifest(digest, size, parts, **{"media_type": kind, **options})
            self.signing._put(None, manifest, blobs)
            manifests.append(manifest)
        self.signing._put(tag_of(digest), index_of(*manifests), [], INDEX)

    def once(self, wanted=0):
        status, out, err = self.site.once()
        if wanted is not None:
            self.assertEqual(status, wanted, err + out)
        return err + out

    def heads(self):
        return dict(self.site.stored.channels("name", "tag"))

    def warning(self):
        return self.site.stored.conditions("reason", "message", type="Warning", kind="Component")


class Accepted(Notation):
    def test_both_formats_and_kinds_of_keys(self):
        for i, (form, signer) in enumerate(((jws, self.signer), (jws, self.rsa), (cose, self.signer), (cose, self.rsa))):
            digest, size = self.push(f"1.{i}.0")
            self.sign(digest, size, form(signer, payload(digest, size)))
            self.component()
            self.once()
            self.assertEqual(self.heads(), {"stable": f"1.{i}.0"})
            self.assertEqual(self.warning(), [])

    def test_a_manifest_that_names_its_type_in_the_configuration(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, cose(self.signer, payload(digest, size)), artifact_type=None, config=ARTIFACT)
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_manifest_without_the_size_of_the_image(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, jws(self.signer, payload(digest, size)), subject={"digest": digest})
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_time_stamp_and_a_signing_authority(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, cose(self.signer, payload(digest, size), tsa=self.tsa))
        self.component(stores={"trustStore": [self.ca], "timestampAuthorities": [self.tsa]})
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        digest, size = self.push("1.1.0")
        self.sign(digest, size, jws(self.signer, payload(digest, size), scheme="notary.x509.signingAuthority"))
        self.component(stores={"signingAuthorities": [self.ca]})
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.1.0"})

    def test_any_identity_of_the_trust_store(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, jws(self.signer, payload(digest, size)))
        self.component(identities=("*",))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})

    def test_a_good_signature_beside_a_bad_one_counts(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, jws(self.other.issue("o"), payload(digest, size)), cose(self.signer, payload(digest, size)))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})


class Refused(Notation):
    """Each case pushes 1.0.0 with a good signature and 1.1.0 with a bad one. One daemon verifies them all."""

    def cases(self):
        """Names, functions that return the envelope of a bad signature and options of its manifest, and the reasons."""
        def of(form, signer=self.signer, change=None, **options):
            def make(digest, size):
                envelope = form(signer, payload(digest, size), **options)
                return (tampered(envelope, change) if change else envelope), {}
            return make

        def other_payload(digest=None, size=None, media_type=MANIFEST):
            return lambda d, s: (cose(self.signer, payload(digest or d, size or s, media_type)), {})

        def manifest(**options):
            return lambda digest, size: (jws(self.signer, payload(digest, size)), options)

        expired = self.ca.issue("expired", days=-1)
        tls = self.ca.issue("tls", extensions="keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
        stranger = self.ca.issue("stranger", subject="/C=US/ST=WA/O=Example2/CN=release")
        foreign = self.other.issue("foreign")
        good = self.signer.chain()
        no_chain = "the certificate of the signer has no valid chain to the trust store at "
        yield "another root", of(jws, foreign), no_chain
        yield "another root in COSE", of(cose, foreign), no_chain
        yield "a chain of others", of(jws, foreign, chain=good), "the signature is not valid under the key of its certificate"
        yield "an expired certificate", of(cose, expired), "certificate has expired"
        yield "a certificate for TLS", of(jws, tls), "is not for code signing alone (extended key usage)"
        yield "an authority that signs", of(cose, Issuer(self.ca)), "the certificate of the signer is that of an authority"
        yield "no root", of(jws, chain=good[:1]), "the chain of certificates does not end with a root"
        yield "the chain in another order", of(cose, chain=good[::-1]), "the certificate of the signer is that of an authority"
        yield "another organization", of(jws, stranger), \
            "the signer 'C=US, ST=WA, O=Example2, CN=release' is none of the trusted identities"
        yield "an expired signature", of(cose, expiry=1700000000), "the signature has expired at 2023-11-14T22:13:20Z"
        yield "an attribute for a plugin", of(jws, **{PREFIX + "verificationPlugin": "p"}), "only a plugin of notation can verify it"
        yield "a critical attribute", of(cose, critical=["com.example.x"], **{"com.example.x": "1"}), \
            "needs a program that processes its critical attribute 'com.example.x'"
        yield "an unknown scheme", of(jws, scheme="notary.x510"), "the signature has an unknown signing scheme 'notary.x510'"
        yield "a changed payload", of(jws, change=lambda m: m.update(payload=m["payload"][:-4] + "AAAA")), \
            "the signature is not valid under the key of its certificate"
        yield "a member twice", lambda d, s: (jws(self.signer, payload(d, s)).replace(b'{"header"', b'{"payload":"","header"'), {}), \
            'repeated key "payload" in JSON'
        yield "more than one signature", of(jws, change=lambda m: m.update(signatures=[])), \
            "its members are not payload, protected, header and signature"
        yield "an envelope that was cut", lambda d, s: (cose(self.signer, payload(d, s))[:-1], {}), "the signature is not valid in COSE"
        yield "COSE without its tag", lambda d, s: (cose(self.signer, payload(d, s))[1:], {"media_type": COSE}), "it is not COSE_Sign1"
        yield "COSE of a claimed length", lambda d, s: (b"\xd2\x9b" + b"\xff" * 8, {}), "it is not COSE_Sign1"
        yield "JWS that is COSE", lambda d, s: (cose(self.signer, payload(d, s)), {"media_type": JWS}), "JSON"
        yield "another image", other_payload(digest=sha256(b"x")), f"the digest of the signed payload is '{sha256(b'x')}', not "
        yield "another size", other_payload(size=7), "the size of the signed payload is 7, not that of the image ("
        yield "another type", other_payload(media_type=INDEX), f"the mediaType of the signed payload is '{INDEX}', not {MANIFEST}"
        yield "a payload that is text", lambda d, s: (cose(self.signer, b"text"), {}), "the signed payload is not JSON"
        yield "two layers", lambda d, s: ((jws(self.signer, payload(d, s)), cbor(1)), {"media_type": JWS}), \
            "its manifest has more than one layer"
        yield "a layer of another type", manifest(media_type="text/plain"), "its type 'text/plain' is neither JWS nor COSE"
        yield "a subject with another size", manifest(subject={"mediaType": MANIFEST, "digest": None, "size": 1}), \
            "not that of the image (1)"

    def test_each_hostile_signature_has_its_own_reason(self):
        components, wanted = "", {}
        for i, (name, make, words) in enumerate(self.cases()):
            self.repository = f"refused{i}/api"
            self.signing = Signing(self.registry, self.repository)
            for tag in ("1.0.0", "1.1.0"):
                digest, size = self.push(tag)
                envelope, options = make(digest, size) if tag == "1.1.0" else (jws(self.signer, payload(digest, size)), {})
                if options.get("subject"):
                    options["subject"]["digest"] = digest
                self.sign(digest, size, envelope, **options)
            wanted[f"c{i}"] = name, words
            self.component()
            with open(os.path.join(self.site.specs, "c.yaml")) as file:
                components += file.read().replace("name: api", f"name: c{i}") + "---\n"
        self.site.write("c.yaml", components)
        self.once()
        found = {name: (reason, message) for name, reason, message in
                 self.site.stored.conditions("object", "reason", "message", type="Warning", kind="Component")}
        heads = dict(self.site.stored.channels("component", "tag"))
        for component, (name, words) in wanted.items():
            with self.subTest(name):
                self.assertEqual(heads.get(component), "1.0.0")
                reason, message = found[component]
                self.assertEqual(reason, "SignatureInvalid", message)
                self.assertIn(words, message)


class Rules(Notation):
    def test_a_cosign_signature_does_not_meet_a_rule_for_notation_and_the_other_way_round(self):
        key = Key(self.site.folder, "a")
        digest, size = self.push("1.0.0")
        self.signing.simple(key, digest)
        self.component()
        self.once()
        [(reason, message)] = self.warning()
        self.assertEqual((self.heads(), reason), ({}, "SignatureMissing"))
        self.assertNotIn(".sig", message)
        self.sign(digest, size, jws(self.signer, payload(digest, size)))
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        both = f"}}\n    - {{type: cosign, keys: [{key.public}]"
        self.component(more=both)
        self.once()
        self.assertEqual((self.heads(), self.warning()), ({"stable": "1.0.0"}, []))
        os.replace(Key(self.site.folder, "b").public, key.public)
        self.once()
        [(reason, message)] = self.warning()
        self.assertEqual(reason, "SignatureInvalid")
        self.assertIn("for verify[0] is signed by 'C=US, ST=WA, O=Example, CN=release'", message)
        self.assertIn("for verify[1]: the signature is not valid under any of the keys", message)

    def test_changed_rules_and_certificates_verify_again(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, jws(self.signer, payload(digest, size)))
        self.component()
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.component(identities=(SUBJECT + ", CN=other",))
        self.once()
        self.assertEqual(self.heads(), {})
        copy = os.path.join(self.site.folder, "root.pem")
        shutil.copy(self.other.pem, copy)
        self.component(stores={"trustStore": [Root(copy)]})
        self.once()
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureInvalid"])
        shutil.copy(self.ca.pem, copy)
        self.once()
        self.assertEqual((self.heads(), self.warning()), ({"stable": "1.0.0"}, []))

    def test_a_rule_with_mode_warn(self):
        self.push("1.0.0")
        self.component(more=", mode: warn")
        self.once()
        self.assertEqual(self.heads(), {"stable": "1.0.0"})
        self.assertEqual([reason for reason, _ in self.warning()], ["SignatureTolerated"])

    def test_rules_that_are_not_complete_are_refused(self):
        with open(os.path.join(self.site.folder, "empty.pem"), "w"):
            pass
        store = f"trustStore: [{self.ca.pem}]"
        cases = (
            ("identities: ['*']", "verify: type notation needs trustStore: files with the root certificates of signers"),
            (store, "verify: type notation needs identities, such as 'x509.subject: C=US, ST=WA, O=example.com'"),
            (store + ", identities: ['*', '*']", 'verify: "*" allows each identity, so it must be the only one'),
            (store + ", identities: [{issuer: a, subject: b}]", "verify: with type notation, write an identity as "
             "'x509.subject: C=..., ST=..., O=...', or as \"*\""),
            (store + ", identities: ['*'], keys: [/a]", "verify: keys, trustedRoot and transparencyLog are not for type notation; give "
             "trustStore and identities"),
            (store + ", identities: ['*'], maxAge: 1h", "verify: maxAge goes with type attestation"),
            ("trustStore: [a.pem], identities: ['*']", 'field "trustStore": "a.pem" is not an absolute path'),
            (store + ", identities: ['x509.subject: C=US, O=a']", "identity 'x509.subject: C=US, O=a': C, ST and O are required"),
            (f"trustStore: [{self.site.folder}/empty.pem], identities: ['*']", "empty.pem' has no certificate in PEM, which "
             "begins with -----BEGIN CERTIFICATE-----"),
            (f"trustStore: [{self.signer.pem}], identities: ['*']", "has a certificate that is neither of an authority nor "
             "self-signed; name the root certificates"),
        )
        for fields, words in cases:
            with self.subTest(words):
                self.site.write("c.yaml", f"""apiVersion: relman/v1
kind: Component
metadata: {{name: api}}
spec:
  imageRepository: {self.registry.host}/{self.repository}
  verify: [{{type: notation, {fields}}}]
""")
                status, out, err = relman.relmanctl("lint", self.site.specs)
                self.assertEqual(status, 1, out + err)
                self.assertIn(words, out + err)
        self.component()
        status, out, err = relman.relmanctl("lint", self.site.specs)
        self.assertEqual(status, 0, out + err)


class Answers(Notation):
    """A running daemon reports the signatures."""

    def test_the_api_and_explain_name_the_signer_and_the_rules(self):
        digest, size = self.push("1.0.0")
        self.sign(digest, size, cose(self.signer, payload(digest, size), tsa=self.tsa))
        self.push("1.1.0")
        self.component(stores={"trustStore": [self.ca], "timestampAuthorities": [self.tsa]})
        self.site.start("poll: {interval: 1h}")
        self.addCleanup(self.site.close)
        wait_for(self.heads, what="the first sync")
        status, body, _ = self.site.call("GET", "/api/v1/components/api")
        self.assertEqual(status, 200, body)
        self.assertEqual(body["verify"], [{"type": "notation", "identities": [SUBJECT], "trustStore": [self.ca.pem],
                                                   "timestampAuthorities": [self.tsa.pem]}])
        status, body, _ = self.site.call("GET", "/api/v1/components/api/tags")
        tags = {tag["tag"]: tag.get("signature") for tag in body["data"]}
        self.assertEqual(tags["1.0.0"]["result"], "valid")
        self.assertRegex(tags["1.0.0"]["detail"], r"Notary Project signature \(COSE\) sha256:[0-9a-f]{64} is signed by "
                         r"'C=US, ST=WA, O=Example, CN=release' at 20..-..-..T..:..:..Z$")
        status, out, err = relman.relmanctl("explain", "api", "--socket", self.site.socket)
        self.assertEqual(status, 0, out + err)
        self.assertIn("its image has no signature (referrers API: the registry has none; tag", " ".join(out.split()))


class Referrers(Notation):
    """A registry with an API for referrers."""

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
        self.size = len(self.standin.find(self.repository, self.digest))

    def serve(self, path, body, headers=None, status=200):
        self.standin.answers[f"GET /v2/{self.repository}/{path}"] = lambda h: h.reply(status, body, headers)

    def put(self, envelope, **options):
        manifest, blobs = signature_manifest(self.digest, self.size, [envelope], **options)
        self.serve(f"manifests/{sha256(manifest)}", manifest, {"Content-Type": MANIFEST})
        for blob in blobs:
            self.serve(f"blobs/{sha256(blob)}", blob)
        return manifest

    def test_a_signature_takes_three_requests_and_a_warm_poll_none(self):
        manifest = self.put(cose(self.signer, payload(self.digest, self.size)), media_type=COSE)
        self.serve(f"referrers/{self.digest}", index_of(manifest))
        self.once()
        self.assertEqual((self.heads(), self.warning()), ({"stable": "1.0.0"}, []))
        asked = [path for method, path, _ in self.standin.requests if method == "GET"]
        first = next(i for i, path in enumerate(asked) if "/referrers/" in path)
        self.assertEqual(len(asked[first:]), 3, asked)
        n = len(self.standin.requests)
        self.once()
        self.assertEqual([path for _, path, _ in self.standin.requests[n:] if "tags/list" not in path and
                          "1.0.0" not in path and path != "/v2/"], [])

    def test_a_registry_that_does_not_answer_changes_nothing(self):
        self.serve(f"referrers/{self.digest}", {}, status=500)
        said = self.once(wanted=None)
        self.assertEqual(self.heads(), {})
        self.assertIn(f"the signatures of {self.digest} cannot be read: referrers API: ", said)
        [(reason, _)] = self.site.stored.conditions("reason", "message", type="Ready", kind="Component")
        self.assertEqual(reason, "SignatureUnreachable")

    def test_an_envelope_with_other_bytes(self):
        envelope = jws(self.signer, payload(self.digest, self.size))
        manifest = self.put(envelope)
        self.serve(f"blobs/{sha256(envelope)}", envelope + b" ")
        self.serve(f"referrers/{self.digest}", index_of(manifest))
        self.once()
        [(reason, message)] = self.warning()
        self.assertEqual((self.heads(), reason), ({}, "SignatureInvalid"))
        self.assertIn("the bytes that came do not have this digest", message)


if __name__ == "__main__":
    relman.main()
