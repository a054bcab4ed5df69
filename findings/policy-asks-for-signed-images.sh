#!/bin/sh
# Finding: skopeo's policy refuses an image whose index is signed, unless each image of the index is signed too.
#
# Guess: `sigstoreSigned` in policy.json admits an image that is pulled by the tag or digest of an index, if this
# index has a valid signature. Its digest names all that is below.
# Seen:  skopeo 1.18.0+ds1-1+b5 (Debian 13) looks for the signature of the image of the platform: "A signature was
# required, but no signature exists". With `--all` it is the same for the first image of the index. If index and
# images are signed, as by `skopeo copy --all --sign-by-sigstore-private-key`, both are admitted. podman has the
# same library. `cosign sign` signs the index alone, unless `--recursive` is given.
# So:    sign each image of an index for hosts with such a policy. A tool that verifies the index admits images that
# these hosts refuse.
#
# Needs root, mmdebstrap, and an apt that knows a Debian mirror. Makes a Debian 13 in a temporary folder; listens
# on loopback only.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
mmdebstrap --variant=minbase --include=skopeo=1.18.0+ds1-1+b5,docker-registry=2.8.3+ds1-2+b8,curl \
        trixie "$folder/root" "$mirror" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$folder/root/probe.sh" <<'SH'
set -eu
host=127.0.0.1:$1
cat >/config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /registry}}
http: {addr: '$host', secret: x}
YAML
OTEL_TRACES_EXPORTER=none docker-registry serve /config.yml >/log 2>&1 &
registry=$!
trap 'kill "$registry"' EXIT
tries=0
until curl -fsS -o /answer "http://$host/v2/" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat /log >&2; exit 1; }
        sleep 0.1
done

# An OCI layout with one index of one image.
mkdir -p /layout/blobs/sha256 /etc/containers/registries.d
put() { # TEXT: adds a blob, and prints the members of its descriptor
        digest=$(printf '%s' "$1" | sha256sum | cut -d' ' -f1)
        printf '%s' "$1" >"/layout/blobs/sha256/$digest"
        printf '"digest":"sha256:%s","size":%s' "$digest" "$(printf '%s' "$1" | wc -c)"
}
oci=application/vnd.oci.image
config=$(put '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
image=$(put "{\"schemaVersion\":2,\"mediaType\":\"$oci.manifest.v1+json\",\"config\":{\"mediaType\":\"$oci.config.v1+json\",$config},\"layers\":[]}")
index=$(put "{\"schemaVersion\":2,\"mediaType\":\"$oci.index.v1+json\",\"manifests\":[{\"mediaType\":\"$oci.manifest.v1+json\",$image,\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}")
printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.index.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"x"}}]}' \
        "$oci" "$index" >/layout/index.json
echo '{"imageLayoutVersion":"1.0.0"}' >/layout/oci-layout
digest=$(echo "$index" | cut -d'"' -f4)

cd /
echo secret >passphrase
skopeo generate-sigstore-key --output-prefix key --passphrase-file passphrase >/answer
printf 'docker:\n  %s: {use-sigstore-attachments: true}\n' "$host" >/etc/containers/registries.d/host.yaml
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >all.json
echo '{"default": [{"type": "sigstoreSigned", "keyPath": "/key.pub", "signedIdentity": {"type": "matchRepository"}}]}' >signed.json
push() { skopeo --policy all.json copy -q --dest-tls-verify=false "$@"; }
sign='--sign-by-sigstore-private-key key.private --sign-passphrase-file passphrase'
push --all oci:layout:x "docker://$host/shop/none:1.0"
push --all oci:layout:x "docker://$host/shop/index:1.0"
push --multi-arch index-only $sign oci:layout:x "docker://$host/shop/index:1.0"
push --all $sign oci:layout:x "docker://$host/shop/both:1.0"

pull() { # NAME REFERENCE OPTION...
        name=$1 reference=$2
        shift 2
        rm -rf pulled
        if skopeo --policy signed.json copy -q --override-arch amd64 --src-tls-verify=false "$@" \
                "docker://$host/shop/$reference" dir:pulled 2>error; then
                echo "$name: admitted"
        else
                echo "$name: $(grep -o 'A signature was required, but no signature exists' error || cat error)"
        fi
}
pull 'nothing signed' none:1.0
pull 'index signed, by tag' index:1.0
pull 'index signed, by digest' "index@$digest"
pull 'index signed, all images' index:1.0 --all
pull 'index and image signed, by tag' both:1.0
pull 'index and image signed, by digest' "both@$digest"
pull 'index and image signed, all images' both:1.0 --all
SH
unshare --mount sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
        cd "$1" && pivot_root . mnt && umount -l mnt && exec sh /probe.sh "$2"' - "$folder/root" "$port" >"$folder/seen"
cat "$folder/seen"
cat >"$folder/wanted" <<'WANTED'
nothing signed: A signature was required, but no signature exists
index signed, by tag: A signature was required, but no signature exists
index signed, by digest: A signature was required, but no signature exists
index signed, all images: A signature was required, but no signature exists
index and image signed, by tag: admitted
index and image signed, by digest: admitted
index and image signed, all images: admitted
WANTED
cmp -s "$folder/wanted" "$folder/seen" || { echo 'this has changed' >&2; exit 1; }
