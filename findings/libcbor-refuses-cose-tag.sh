#!/bin/sh
# Finding: libcbor of Debian 12 and 13 calls each COSE_Sign1 message malformed.
#
# Guess: a CBOR library reads any tag, and leaves its meaning to the caller. So COSE (tag 18, RFC 9052), in which
# Notary Project signatures are stored, can be read with Debian's libcbor.
# Seen:  libcbor 0.8.0 refuses the tags 6 to 20 if their head is one byte, in cbor_load() and cbor_stream_decode():
# "malformed". It takes tag 18 with a head of two bytes (d8 12), which no signer writes. Its changelog says that 0.11.0
# takes all tags; Debian 13 has 0.10.2.
# So:    read heads of tags that are one byte without libcbor, also in values that are skipped.
#
# Needs gcc and libcbor-dev.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
cat >probe.c <<'C'
#include <cbor.h>
#include <stdio.h>

static void try(const char *name, const unsigned char *data, size_t size)
{
        struct cbor_load_result result;
        cbor_item_t *item = cbor_load(data, size, &result);

        printf("%s: %s\n", name, item ? "taken" : result.error.code == CBOR_ERR_MALFORMATED ? "malformed" : "?");
        if (item)
                cbor_decref(&item);
}

int main(void)
{
        const unsigned char time[] = { 0xc1, 0x01 };
        const unsigned char sign1[] = { 0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40 };
        const unsigned char longer[] = { 0xd8, 0x12, 0x84, 0x40, 0xa0, 0x40, 0x40 };

        try("tag 1, a time", time, sizeof(time));
        try("tag 18, COSE_Sign1", sign1, sizeof(sign1));
        try("tag 18 in two bytes", longer, sizeof(longer));
        return 0;
}
C
# shellcheck disable=SC2046 # a list
gcc -o probe probe.c $(pkg-config --cflags --libs libcbor)
pkg-config --modversion libcbor
./probe >seen
cat seen
if pkg-config --atleast-version=0.11 libcbor; then word=taken; else word=malformed; fi
cat >wanted <<WANTED
tag 1, a time: taken
tag 18, COSE_Sign1: $word
tag 18 in two bytes: taken
WANTED
cmp -s wanted seen || { echo 'this has changed' >&2; exit 1; }
