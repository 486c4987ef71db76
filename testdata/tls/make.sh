#!/bin/sh
# Makes ca.pem, server.pem and server.key anew, valid for 100 years. The authority's key is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
touch "$work/index"
cat > "$work/config" <<END
[ca]
default_ca = own
[own]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1
END
key() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1" -out "$2" -subj "/CN=$3"
}
sign() {
    openssl ca -batch -notext -config "$work/config" -startdate 20200101000000Z -enddate 21200101000000Z "$@"
}
key "$work/ca.key" "$work/ca.csr" "gosum test authority"
sign -selfsign -keyfile "$work/ca.key" -in "$work/ca.csr" -extensions authority -out ca.pem
key server.key "$work/server.csr" "gosum test server"
sign -keyfile "$work/ca.key" -cert ca.pem -in "$work/server.csr" -extensions server -out server.pem
chmod 644 server.key
