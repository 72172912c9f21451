#!/bin/sh
# Makes the certificates of the tests anew. They are good for a hundred years and for nothing but tests.
set -eu
cd "$(dirname "$0")"

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

# leaf NAME AUTHORITY DAYS
leaf() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "$4" -days "$3" -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}

authority authority
authority stranger
leaf server authority 36500 1
leaf renewed authority 36500 2
leaf client authority 36500 3
leaf intruder stranger 36500 4
rm authority.key stranger.key
