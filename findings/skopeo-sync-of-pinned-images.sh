#!/bin/sh
# Finding: skopeo sync skips an image with tag and digest, and exits with 0.
#
# Guess: the YAML file of `skopeo sync` takes for each repository what an image reference takes after its name: a
# tag, a digest, or both. What it cannot read makes the command fail. An index that is named by its digest is copied
# as the index, for its digest is what was asked for.
# Seen:  skopeo 1.9.3+ds1-1+b10 (Debian 12) logs "Error parsing ref, skipping" for 'TAG@DIGEST', copies the others,
# and exits with 0, also with nothing to copy. An index by digest is copied with `--all` only, and arrives without a
# tag. Otherwise skopeo puts the image of the platform under the digest of the index, which the registry refuses:
# "digest invalid". An index by tag is copied as the image of the platform without a message, and the tag has
# another digest than at the source.
# So:    write tag and digest of a lockfile as two entries, give `--all`, and check the result: the exit status does
# not say that all was copied.
#
# Needs Debian 12 (amd64), curl and Python. Takes the packages into a temporary folder; listens on loopback only.
set -eu
folder=$(mktemp -d)
registry=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        rm -rf "$folder"
}
trap finish EXIT INT TERM
cd "$folder"

apt-get download -q -o APT::Sandbox::User=root skopeo=1.9.3+ds1-1+b10 docker-registry=2.8.2+ds1-1 libgpgme11 \
        libassuan0 libgpg-error0 libdevmapper1.02.1 libselinux1 libudev1 libpcre2-8-0 >/dev/null
for package in *.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x
done
LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
host=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >config.yml <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $folder/storage}}
http: {addr: '$host', secret: x}
YAML
OTEL_TRACES_EXPORTER=none ./usr/bin/docker-registry serve config.yml >log 2>&1 &
registry=$!
tries=0
until curl -fsS -o answer "http://$host/v2/" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat log >&2; exit 1; }
        sleep 0.1
done

# An OCI layout with one index of one image.
mkdir -p layout/blobs/sha256
put() { # TEXT: adds a blob, and prints the members of its descriptor
        name=$(printf '%s' "$1" | sha256sum | cut -d' ' -f1)
        printf '%s' "$1" >"layout/blobs/sha256/$name"
        printf '"digest":"sha256:%s","size":%s' "$name" "$(printf '%s' "$1" | wc -c)"
}
oci=application/vnd.oci.image
config=$(put '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
image=$(put "{\"schemaVersion\":2,\"mediaType\":\"$oci.manifest.v1+json\",\"config\":{\"mediaType\":\"$oci.config.v1+json\",$config},\"layers\":[]}")
index=$(put "{\"schemaVersion\":2,\"mediaType\":\"$oci.index.v1+json\",\"manifests\":[{\"mediaType\":\"$oci.manifest.v1+json\",$image,\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}")
printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s.index.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"x"}}]}' \
        "$oci" "$index" >layout/index.json
echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
digest=$(echo "$index" | cut -d'"' -f4)
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >policy.json
skopeo() { ./usr/bin/skopeo --policy policy.json --override-os linux --override-arch amd64 "$@"; }
skopeo copy -q --all --dest-tls-verify=false oci:layout:x "docker://$host/shop/api:1.0"

number=0
sync() { # REFERENCES OPTION...
        number=$((number + 1))
        references=$1
        shift
        printf '%s: {tls-verify: false, images: {shop/api: [%s]}}\n' "$host" "$references" >sync.yaml
        status=0
        skopeo sync --src yaml --dest docker --dest-tls-verify=false "$@" sync.yaml "$host/to$number" >output 2>&1 || status=$?
        has() { # REFERENCE
                curl -sS -o answer -D header -H "Accept: $oci.manifest.v1+json, $oci.index.v1+json" \
                        "http://$host/v2/to$number/api/manifests/$1"
                case $(tr -d '\r' <header) in
                *"$digest"*) echo index ;;
                *' 200 '*) echo image ;;
                *) echo nothing ;;
                esac
        }
        message=$(grep -o 'Error parsing ref, skipping\|digest invalid' output | head -n 1 || :)
        echo "$(echo "[$references] $*" | sed "s/$digest/DIGEST/g"): exit $status, tag: $(has 1.0), digest: $(has "$digest")${message:+, $message}"
}
./usr/bin/skopeo --version
{
        sync "'1.0@$digest'" --all
        sync "'1.0@$digest', '1.0'" --all
        sync "'$digest'"
        sync "'$digest'" --all
        sync "'1.0'"
        sync "'1.0', '$digest'" --all
} >seen
cat seen
cat >wanted <<'WANTED'
['1.0@DIGEST'] --all: exit 0, tag: nothing, digest: nothing, Error parsing ref, skipping
['1.0@DIGEST', '1.0'] --all: exit 0, tag: index, digest: index, Error parsing ref, skipping
['DIGEST'] : exit 1, tag: nothing, digest: nothing, digest invalid
['DIGEST'] --all: exit 0, tag: nothing, digest: index
['1.0'] : exit 0, tag: image, digest: nothing
['1.0', 'DIGEST'] --all: exit 0, tag: index, digest: index
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
