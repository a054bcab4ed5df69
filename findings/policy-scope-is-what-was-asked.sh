#!/bin/sh
# Finding: a scope of policy.json with tag and digest, as a lockfile names an image, admits nothing.
#
# Guess: containers-policy.json(5) says that a scope is an image "using a tag or digest", and podman takes
# NAME:TAG@DIGEST. So such a scope admits this image, a scope with a digest admits the image by a tag that has this
# digest, and a scope without either admits one repository.
# Seen:  podman 4.3.1+ds1-8+deb12u1+b3 and skopeo 1.9.3+ds1-1+b10 (Debian 12). The scope is the text of the request:
# podman removes the tag of NAME:TAG@DIGEST before it looks for a scope, so a scope with both matches no request and
# gives no error. The same image by its tag needs a scope with the tag. An image of an index is admitted by the digest
# of the index, and not by its own. A repository admits those below it, too. A transport that is not known is no
# error, an unknown member is one.
# So:    write NAME@DIGEST, pull by digest, and list the digests of platforms if clients name them.
#
# Needs root and Debian 12 (amd64), curl and Python. Takes the packages into a temporary folder; listens on loopback
# only.
set -eu
folder=$(mktemp -d)
registry=
finish() {
        [ -z "$registry" ] || kill "$registry" 2>/dev/null || :
        rm -rf "$folder"
}
trap finish EXIT INT TERM
cd "$folder"

apt-get download -q -o APT::Sandbox::User=root podman=4.3.1+ds1-8+deb12u1+b3 skopeo=1.9.3+ds1-1+b10 \
        docker-registry=2.8.2+ds1-1 conmon crun libyajl2 libsubid4 libgpgme11 libassuan0 libgpg-error0 \
        libdevmapper1.02.1 libselinux1 libudev1 libpcre2-8-0 libseccomp2 libcap2 >/dev/null
for package in *.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x
done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu"
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
printf '[[registry]]\nlocation="%s"\ninsecure=true\n' "$host" >registries.conf
printf '[storage]\ndriver="vfs"\nrunroot="%s/run"\ngraphroot="%s/images"\n' "$folder" "$folder" >storage.conf
cat >containers.conf <<TOML
[engine]
conmon_path=["$folder/usr/bin/conmon"]
cgroup_manager="cgroupfs"
runtime="crun"
events_logger="file"
[engine.runtimes]
crun=["$folder/usr/bin/crun"]
TOML
export CONTAINERS_REGISTRIES_CONF="$folder/registries.conf" CONTAINERS_STORAGE_CONF="$folder/storage.conf"
export CONTAINERS_CONF="$folder/containers.conf"

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
child=$(echo "$image" | cut -d'"' -f4)
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >all.json
for name in shop/api shop/api/below; do
        ./usr/bin/skopeo --policy all.json copy -q --all --dest-tls-verify=false oci:layout:x "docker://$host/$name:1.0"
done

result() { # STATUS
        if [ "$1" -eq 0 ]; then
                echo admitted
        elif grep -q 'is rejected by policy' error; then
                echo rejected
        else
                grep -o 'Unknown key' error || cat error
        fi
}
policy() { # SCOPE [MEMBER]
        printf '{"default": [{"type": "reject"}], %s "transports": {"other": {"": [{"type": "reject"}]}, "docker": {"%s": [{"type": "insecureAcceptAnything"}]}}}' \
                "${2:-}" "$1" >policy.json
}
podman() { # NAME REFERENCE
        status=0
        ./usr/bin/podman rmi -af >answer 2>&1 || :
        ./usr/bin/podman pull -q --arch amd64 --signature-policy policy.json "$host/$2" >answer 2>error || status=$?
        echo "podman, $1: $(result "$status")"
}
skopeo() { # NAME REFERENCE
        status=0
        rm -rf pulled
        ./usr/bin/skopeo --policy policy.json --override-arch amd64 copy -q --src-tls-verify=false "docker://$host/$2" \
                dir:pulled 2>error || status=$?
        echo "skopeo, $1: $(result "$status")"
}
{
        policy "$host/shop/api:1.0@$digest"
        podman 'scope tag and digest, the same request' "shop/api:1.0@$digest"
        podman 'scope tag and digest, by digest' "shop/api@$digest"
        policy "$host/shop/api@$digest"
        podman 'scope digest, request tag and digest' "shop/api:1.0@$digest"
        podman 'scope digest, by digest' "shop/api@$digest"
        podman 'scope digest, by its tag' shop/api:1.0
        podman 'scope digest of the index, by digest of the image' "shop/api@$child"
        skopeo 'scope digest, by digest' "shop/api@$digest"
        skopeo 'scope digest, by its tag' shop/api:1.0
        policy "$host/shop/api"
        skopeo 'scope repository, one below' shop/api/below:1.0
        policy "$host/shop/api" '"note": "x",'
        skopeo 'unknown member' shop/api:1.0
} >seen
cat seen
cat >wanted <<'WANTED'
podman, scope tag and digest, the same request: rejected
podman, scope tag and digest, by digest: rejected
podman, scope digest, request tag and digest: admitted
podman, scope digest, by digest: admitted
podman, scope digest, by its tag: rejected
podman, scope digest of the index, by digest of the image: rejected
skopeo, scope digest, by digest: admitted
skopeo, scope digest, by its tag: rejected
skopeo, scope repository, one below: admitted
skopeo, unknown member: Unknown key
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
