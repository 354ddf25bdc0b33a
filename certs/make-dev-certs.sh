#!/usr/bin/env bash
# Makes development certificates: a CA, a server (localhost), a test client, and one device per thing, as the stand-in for AWS IoT Core makes them
# for itself. For a broker of your own, or a board on your desk; never for AWS, which issues its own (README.md).
#
# usage: make-dev-certs.sh [--thing NAME]... [--host NAME|ADDRESS]... [DIR]
#   DIR      where ca.pem, server.pem, client.pem, NAME.pem and their .key files are put (default: dev, beside this script; git ignores it)
#   --thing  a device, also its certificate's common name (default: toaster-01)
#   --host   another name or IP address of the server, beside localhost, 127.0.0.1 and ::1
#
# ECDSA P-256 with SHA-256, keys in PKCS #8: small and quick on an ESP32. RFC 5280: CA:TRUE and keyCertSign only for the CA, key identifiers everywhere.
# Run again, it keeps what is there and valid, and renews what expires within 30 days with the same key. It never overwrites or prints a key.
set -euo pipefail
umask 077

ca_days=3652
leaf_days=825
renew_seconds=$((30 * 24 * 3600))

die() {
    printf 'make-dev-certs: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n 's/^# \{0,1\}//; 2,11p' "$0"
    exit "${1:-0}"
}

dir="" things=() hosts=()
while [ $# -gt 0 ]; do
    case $1 in
        --thing) things+=("${2:?--thing wants a name}"); shift 2 ;;
        --host) hosts+=("${2:?--host wants a name or an address}"); shift 2 ;;
        -h | --help) usage ;;
        -*) die "unknown option $1; see --help" ;;
        *) [ -z "$dir" ] || die "two folders: $dir and $1"; dir=$1; shift ;;
    esac
done
dir=${dir:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/dev}
[ "${#things[@]}" -gt 0 ] || things=(toaster-01)
for thing in "${things[@]}"; do
    # AWS allows ':' too, which is no file name everywhere
    [[ $thing =~ ^[A-Za-z0-9_-]{1,64}$ ]] || die "'$thing' cannot be a thing's name: use 1 to 64 letters, digits, '-' or '_'"
    case $thing in ca | server | client) die "'$thing' is the name of another certificate" ;; esac
done
for host in ${hosts[@]+"${hosts[@]}"}; do
    [[ $host =~ ^[A-Za-z0-9.:-]+$ ]] || die "'$host' is neither a host name nor an address"
done
command -v openssl > /dev/null || die "openssl is not installed"

mkdir -p "$dir"
work=$(mktemp -d "$dir/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A file appears under its name only when it is complete.
ensure_key() {
    [ ! -e "$dir/$1.key" ] || { chmod 600 "$dir/$1.key"; return 0; }
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key" 2> /dev/null
    chmod 600 "$work/$1.key"
    mv "$work/$1.key" "$dir/$1.key"
}

public_of_key() { openssl pkey -in "$dir/$1.key" -pubout 2> /dev/null || die "$dir/$1.key is not a key: move it away, then run this again"; }
public_of_certificate() { openssl x509 -in "$dir/$1.pem" -noout -pubkey 2> /dev/null || true; }

# good NAME PURPOSE: whether NAME.pem is this CA's, for this key, and stays valid long enough
good() {
    [ -e "$dir/$1.pem" ] \
        && [ "$(public_of_certificate "$1")" = "$(public_of_key "$1")" ] \
        && openssl x509 -in "$dir/$1.pem" -noout -checkend "$renew_seconds" > /dev/null \
        && openssl verify -CAfile "$dir/ca.pem" -purpose "$2" "$dir/$1.pem" > /dev/null 2>&1
}

serial() { printf '0x01%s' "$(openssl rand -hex 15)"; }

# leaf NAME COMMON-NAME PURPOSE EXTENSIONS
leaf() {
    ensure_key "$1"
    if good "$1" "$3" && { [ "$1" != server ] || has_all_hosts; }; then
        printf 'kept  %s\n' "$dir/$1.pem"
        return 0
    fi
    printf '%s\n' 'basicConstraints = critical, CA:FALSE' 'keyUsage = critical, digitalSignature' 'subjectKeyIdentifier = hash' \
        'authorityKeyIdentifier = keyid' "$4" > "$work/extensions"
    openssl req -new -key "$dir/$1.key" -subj "/CN=$2" -out "$work/request" 2> /dev/null
    openssl x509 -req -in "$work/request" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial "$(serial)" -days "$leaf_days" -sha256 \
        -extfile "$work/extensions" -out "$work/$1.pem" 2> /dev/null
    chmod 644 "$work/$1.pem"
    mv "$work/$1.pem" "$dir/$1.pem"
    printf 'made  %s\n' "$dir/$1.pem"
}

alternative_names() {
    local names="DNS:localhost,IP:127.0.0.1,IP:::1" host
    for host in ${hosts[@]+"${hosts[@]}"}; do
        if [[ $host =~ ^[0-9.]+$ || $host == *:* ]]; then names="$names,IP:$host"; else names="$names,DNS:$host"; fi
    done
    printf '%s' "$names"
}

has_all_hosts() {
    local host
    for host in ${hosts[@]+"${hosts[@]}"}; do
        if [[ $host =~ ^[0-9.]+$ || $host == *:* ]]; then
            openssl x509 -in "$dir/server.pem" -noout -checkip "$host" | grep -q 'does match' || return 1
        else
            openssl x509 -in "$dir/server.pem" -noout -checkhost "$host" | grep -q 'does match' || return 1
        fi
    done
}

if [ -e "$dir/ca.pem" ] && [ ! -e "$dir/ca.key" ]; then
    die "$dir/ca.pem is there without ca.key, so nothing can be issued: bring the key back, or choose another folder"
fi
ensure_key ca
if [ ! -e "$dir/ca.pem" ]; then
    openssl req -x509 -new -key "$dir/ca.key" -subj '/CN=Development CA' -days "$ca_days" -sha256 -set_serial "$(serial)" -config /dev/stdin \
        -out "$work/ca.pem" << 'CONFIG' 2> /dev/null
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
    chmod 644 "$work/ca.pem"
    mv "$work/ca.pem" "$dir/ca.pem"
    printf 'made  %s\n' "$dir/ca.pem"
elif [ "$(public_of_certificate ca)" != "$(public_of_key ca)" ]; then
    die "ca.pem and ca.key in $dir do not belong together: choose another folder"
elif ! openssl x509 -in "$dir/ca.pem" -noout -checkend "$renew_seconds" > /dev/null; then
    die "the CA in $dir expires soon and devices trust it by this file: choose another folder and provision the devices again"
else
    printf 'kept  %s\n' "$dir/ca.pem"
fi

leaf server localhost sslserver "$(printf 'extendedKeyUsage = serverAuth\nsubjectAltName = %s' "$(alternative_names)")"
leaf client mqtt-test-client sslclient 'extendedKeyUsage = clientAuth'
for thing in "${things[@]}"; do
    leaf "$thing" "$thing" sslclient 'extendedKeyUsage = clientAuth'
done
