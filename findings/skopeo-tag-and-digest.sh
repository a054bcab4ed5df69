#!/bin/sh
# Finding: skopeo refuses an image that has a tag and a digest.
#
# Guess: docker://HOST/NAME:TAG@DIGEST is understood, as docker, podman and compose understand it: the digest
# decides and the tag is a remark.
# Seen:  skopeo 1.9.3 (Debian 12) ends before it sends anything: "Docker references with both a tag and digest
# are currently not supported". NAME@DIGEST is taken: then the message is that nobody listens on the port.
# So:    a script that gives images of lockfiles to skopeo has to omit the tag.
#
# Needs Debian 12 (amd64). Takes the packages into a temporary folder; connects to a closed loopback port only.
set -eu
version=1.9.3+ds1-1+b10
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

apt-get download -q -o APT::Sandbox::User=root "skopeo=$version" libgpgme11 libassuan0 libgpg-error0 \
        libdevmapper1.02.1 libselinux1 libudev1 libpcre2-8-0 >/dev/null
for package in *.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x
done
LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
digest=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
inspect() {
        timeout 20 ./usr/bin/skopeo inspect --tls-verify=false "docker://127.0.0.1:$port/$1" 2>&1 || :
}
both=$(inspect "shop/api:v1.2.3@$digest")
alone=$(inspect "shop/api@$digest")
./usr/bin/skopeo --version
printf 'with tag and digest: %s\nwith digest: %s\n' "$both" "$alone"
case $both in
*'both a tag and digest are currently not supported'*) ;;
*) echo 'this has changed: it was refused' >&2; exit 1 ;;
esac
case $alone in
*'connection refused'*) ;;
*) echo 'this has changed: it was taken' >&2; exit 1 ;;
esac
