#!/bin/sh
# Builds the tests of the TLS engine into a folder: tls_engine_test, tls_engine_fuzz and tls_cost.
#
#   build.sh FOLDER [MBEDTLS] [FLAGS...]
#
# MBEDTLS is a folder with include/ and libmbed*.a; left out or "-": the system's. FLAGS are added to the compiler's; without any the programs are
# built with AddressSanitizer and UBSan. Examples, from this folder:
#
#   ./build.sh /tmp/tls && /tmp/tls/tls_engine_test && /tmp/tls/tls_engine_fuzz --inputs 3000 --seed 1
#   /tmp/tls/tls_engine_test --every-allocation                           each allocation fails once: minutes
#   /tmp/tls/tls_engine_fuzz --inputs 1000000 --seed 2                    the long campaign
#   ./build.sh /tmp/plain - -O1 && valgrind --leak-check=full --error-exitcode=1 /tmp/plain/tls_engine_test
#   ./build.sh /tmp/tls36 /path/to/mbedtls -m32                           another mbedTLS, another machine
#
# The static libraries are wanted: the tests count the allocations of mbedTLS through the linker's --wrap.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mbedtls=${2:--}
shift
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
mkdir -p "$out"

libraries="-l:libmbedtls.a -l:libmbedx509.a -l:libmbedcrypto.a"
if [ "$mbedtls" != - ]; then
    set -- "$@" "-I$mbedtls/include" "-L$mbedtls"
fi

compile() {
    program=$1
    shift
    (
        cd "$here"
        "${CC:-cc}" -std=c99 -g -fno-omit-frame-pointer -Wall -Wextra -Werror -I../core -I../port -I. "$@" -o "$out/$program" "$program.c" \
            $sources ../core/*.c $libraries \
            -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free -pthread
    )
}

shared="certificates.c check.c heap.c link.c random.c server.c"
case $out in /*) ;; *) out=$(pwd)/$out ;; esac
sources="$shared argument_cases.c datagram_cases.c handshake_cases.c memory_cases.c network.c session_cases.c stream_cases.c"
compile tls_engine_test "$@"
sources="$shared fuzz_corpus.c fuzz_driver.c fuzz_mutate.c"
compile tls_engine_fuzz "$@"
sources="heap.c random.c"
compile tls_cost "$@"
