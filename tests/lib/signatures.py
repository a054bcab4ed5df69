"""Signs images as cosign does, with the command line of openssl: simple signing, and Sigstore bundles."""

import base64
import json
import os
import ssl
import subprocess
import tempfile
import threading

from docker_registry import INDEX, MANIFEST, dump, sha256

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
EMPTY = "application/vnd.oci.empty.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
STATEMENT = "application/vnd.in-toto+json"
SIGN = "https://sigstore.dev/cosign/sign/v1"


def encode(data):
    return base64.b64encode(data).decode()


def pae(payload_type, payload):
    return f"DSSEv1 {len(payload_type)} {payload_type} {len(payload)} ".encode() + payload


class Key:
    """A key pair in files of a folder: NAME.key and NAME.pub."""

    def __init__(self, folder, name, algorithm="EC", option="ec_paramgen_curve:P-256"):
        self.private, self.public = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pub")
        options = ["-pkeyopt", option] if option else []
        self._openssl("genpkey", "-algorithm", algorithm, *options, "-out", self.private)
        self._openssl("pkey", "-in", self.private, "-pubout", "-out", self.public)
        self.is_ed25519 = algorithm == "ED25519"

    @staticmethod
    def _openssl(*args, data=None):
        return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            if self.is_ed25519:
                return self._openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", file.name)
            return self._openssl("dgst", "-sha256", "-sign", self.private, file.name)


def payload(digest, kind="cosign container image signature"):
    return dump({"critical": {"identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": digest},
                              "type": kind}, "optional": None})


def annotations(bundle):
    """The annotations that have what a bundle has beside its content."""
    material, made = bundle["verificationMaterial"], {}
    if "certificate" in material:
        made["dev.sigstore.cosign/certificate"] = ssl.DER_cert_to_PEM_cert(
            base64.b64decode(material["certificate"]["rawBytes"]))
    for entry in material["tlogEntries"]:
        made["dev.sigstore.cosign/bundle"] = json.dumps({
            "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
            "Payload": {"body": entry["canonicalizedBody"], "integratedTime": int(entry["integratedTime"]),
                        "logIndex": int(entry["logIndex"]),
                        "logID": base64.b64decode(entry["logId"]["keyId"]).hex()}})
    for stamp in material.get("timestampVerificationData", {}).get("rfc3161Timestamps", []):
        made["dev.sigstore.cosign/rfc3161timestamp"] = json.dumps(
            {"SignedRFC3161Timestamp": stamp["signedTimestamp"]})
    return made


class Sigstore:
    """A small instance of Sigstore. root: its trusted_root.json. Its certificates have the issuer and subject below."""
    ISSUER = "https://issuer.example.com"
    SUBJECT = "https://git.example.com/shop/api/build.yml@refs/heads/main"

    def __init__(self, folder):
        self.root, self.public = os.path.join(folder, "trusted_root.json"), os.path.join(folder, "sigstore.pub")
        self._lock = threading.Lock()
        program = os.path.join(os.environ["BUILDDIR"], "tests/unit/sigstore-make")
        self._maker = subprocess.Popen([program, self.root, self.public], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self._maker.communicate()

    def bundle(self, **recipe):
        """A bundle. recipe: members of Recipe in tests/unit/sigstore-maker.h."""
        members = {name: value.decode() if isinstance(value, bytes) else value for name, value in recipe.items()}
        text = "\t".join(f"{name}={value}" for name, value in members.items())
        with self._lock:
            self._maker.stdin.write(text.encode() + b"\n")
            self._maker.stdin.flush()
            return self._maker.stdout.readline().strip()

    def sign(self, digest, predicate=SIGN, **recipe):
        """A bundle with a statement about the digest."""
        return self.bundle(payload=statement(digest, predicate), **recipe)

    def simple(self, text, **recipe):
        """The annotations of a payload of simple signing, as cosign 2 makes them."""
        bundle = json.loads(self.bundle(artifact=text, kind="hashedrekord", **recipe))
        return {"dev.cosignproject.cosign/signature": bundle["messageSignature"]["signature"], **annotations(bundle)}

    def attest(self, digest, predicate, **recipe):
        """An envelope with a statement about the digest, and its annotations, as cosign 2 makes them."""
        bundle = json.loads(self.sign(digest, predicate, **recipe))
        return bundle["dsseEnvelope"], {"dev.cosignproject.cosign/signature": "", **annotations(bundle)}


def statement(digest, predicate=SIGN, content=None):
    """An in-toto statement about the digest."""
    return dump({"_type": "https://in-toto.io/Statement/v1", "predicateType": predicate, "predicate": content or {},
                 "subject": [{"digest": dict([digest.split(":")])}]})


def bundle_of(**content):
    return dump({"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": "test"}}, **content})


def envelope(key, text, kind=STATEMENT):
    """A DSSE envelope, as JSON that is not encoded yet."""
    return {"payload": encode(text), "payloadType": kind, "signatures": [{"sig": encode(key.sign(pae(kind, text)))}]}


def statement_bundle(key, digest, predicate=SIGN, content=None):
    """A bundle with a signed in-toto statement about the digest, as cosign 3 makes it."""
    return bundle_of(dsseEnvelope=envelope(key, statement(digest, predicate, content)))


def message_bundle(key, digest, manifest):
    """A bundle with a signature of the image's manifest itself."""
    return bundle_of(messageSignature={
        "messageDigest": {"algorithm": "SHA2_256", "digest": encode(bytes.fromhex(digest.split(":")[1]))},
        "signature": encode(key.sign(manifest))})


def simple_manifest(*layers):
    """The manifest of a .sig tag, and its blobs. layers: pairs of a payload and its signature."""
    blobs = [b"{}"] + [text for text, _ in layers]
    entries = [{"mediaType": PAYLOAD, "digest": sha256(text), "size": len(text),
                "annotations": {"dev.cosignproject.cosign/signature": encode(signature)}} for text, signature in layers]
    return dump({"schemaVersion": 2, "mediaType": MANIFEST, "layers": entries,
                 "config": {"mediaType": CONFIG, "digest": sha256(b"{}"), "size": 2}}), blobs


def bundle_manifest(digest, bundle, artifact_type=BUNDLE):
    """The manifest that refers to the image and holds a bundle, and its blobs."""
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                "config": {"mediaType": EMPTY, "digest": sha256(b"{}"), "size": 2},
                "layers": [{"mediaType": BUNDLE, "digest": sha256(bundle), "size": len(bundle)}],
                "subject": {"mediaType": MANIFEST, "digest": digest, "size": 1}}
    if artifact_type:
        manifest["artifactType"] = artifact_type
    return dump(manifest), [b"{}", bundle]


def index_of(*manifests):
    """A list of referrers, or the index with a fallback tag."""
    entries = [{"mediaType": MANIFEST, "digest": sha256(m), "size": len(m),
                **{k: v for k, v in json.loads(m).items() if k == "artifactType"}} for m in manifests]
    return dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})


def tag_of(digest, ending=""):
    return digest.replace(":", "-") + ending


class Signing:
    """Puts signatures into a docker-registry, which has no API for referrers."""

    def __init__(self, registry, repository):
        self.registry, self.repository = registry, repository

    def _put(self, tag, manifest, blobs, kind=MANIFEST):
        for blob in blobs:
            self.registry._put_blob(self.repository, blob)
        return self.registry.put_manifest(self.repository, tag or sha256(manifest), manifest, kind)

    def simple(self, key, digest, text=None, about=None):
        """Signs as cosign 2 does. about: the image of the tag, if the payload is about another."""
        text = text or payload(digest)
        self.layers(about or digest, (text, key.sign(text)))

    def layers(self, digest, *layers):
        """Puts pairs of a payload and its signature under the .sig tag of an image."""
        manifest, blobs = simple_manifest(*layers)
        self._put(tag_of(digest, ".sig"), manifest, blobs)

    def annotated(self, digest, text, annotations):
        """Puts a payload with these annotations under the .sig tag of an image."""
        manifest, blobs = simple_manifest((text, b""))
        manifest = json.loads(manifest)
        manifest["layers"][0]["annotations"] = annotations
        self._put(tag_of(digest, ".sig"), dump(manifest), blobs)

    def keyless(self, sigstore, digest, **recipe):
        """Signs without a key as cosign 2 does."""
        text = payload(digest)
        self.annotated(digest, text, sigstore.simple(text, **recipe))

    def attest(self, digest, *envelopes, annotations=None):
        """Puts envelopes under the .att tag of an image, as cosign 2 does."""
        blobs = [b"{}"] + [dump(item) if isinstance(item, dict) else item for item in envelopes]
        entries = [{"mediaType": ENVELOPE, "digest": sha256(blob), "size": len(blob),
                    "annotations": annotations or {}} for blob in blobs[1:]]
        manifest = dump({"schemaVersion": 2, "mediaType": MANIFEST, "layers": entries,
                         "config": {"mediaType": CONFIG, "digest": sha256(b"{}"), "size": 2}})
        self._put(tag_of(digest, ".att"), manifest, blobs)

    def bundles(self, digest, *bundles, artifact_type=BUNDLE):
        """Signs as cosign 3 does where the registry has no API for referrers."""
        manifests = []
        for bundle in bundles:
            manifest, blobs = bundle_manifest(digest, bundle, artifact_type)
            self._put(None, manifest, blobs)
            manifests.append(manifest)
        self._put(tag_of(digest), index_of(*manifests), [], INDEX)
