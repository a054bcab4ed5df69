#!/bin/sh
# Finding: skopeo finds no login in entries of config.json that docker uses.
#
# Guess: skopeo and podman read ~/.docker/config.json as docker does: an entry may have `username` and `password`
# instead of `auth`, and `"HOST": ""` in `credHelpers` means the entries of `auths`.
# Seen:  skopeo 1.9.3 (Debian 12) says "not logged in" for `username` and `password` without `auth`, and for an
# `identitytoken` without `auth`. With the empty helper it tries to run a program `docker-credential-` and fails.
# Members in other case ("Auths", "AUTH") are read. podman has the same library.
# So:    a file that docker takes can leave podman anonymous. A tool that writes one should write `auth`.
#
# Needs Debian 12 (amd64). Takes the packages into a temporary folder; connects to nothing.
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

auth=$(printf 'user:pass' | base64)
host=registry.example
failed=0
check() { # NAME WANTED FILE
        printf '%s\n' "$3" >config.json
        seen=$(timeout 20 ./usr/bin/skopeo login --get-login --authfile config.json "$host" 2>&1 || :)
        printf '%s: %s\n' "$1" "$seen"
        case $seen in
        *"$2"*) ;;
        *)
                printf 'this has changed: it was "%s"\n' "$2" >&2
                failed=1
                ;;
        esac
}
./usr/bin/skopeo --version
check 'auth' user "{\"auths\": {\"$host\": {\"auth\": \"$auth\"}}}"
check 'other case' user "{\"Auths\": {\"$host\": {\"AUTH\": \"$auth\"}}}"
check 'username and password' 'not logged into' "{\"auths\": {\"$host\": {\"username\": \"user\", \"password\": \"pass\"}}}"
check 'identitytoken' 'not logged into' "{\"auths\": {\"$host\": {\"identitytoken\": \"token\"}}}"
check 'empty helper' 'docker-credential-' "{\"credHelpers\": {\"$host\": \"\"}, \"auths\": {\"$host\": {\"auth\": \"$auth\"}}}"
exit "$failed"
