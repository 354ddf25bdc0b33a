/*
 * Tests of the TLS engine in C, against mbedTLS's own server in the same process: no sockets, no files, no time but their own. Built and run by
 * build.sh, mostly with AddressSanitizer.
 *
 *   tls_engine_test [--seed N] [--filter WORDS] [--every-allocation]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

#include "cases.h"
#include "certificates.h"
#include "heap.h"
#include "random.h"

int main(int count, char **arguments)
{
    uint64_t seed = 1;
    const char *filter = NULL;
    for (int i = 1; i < count; i++)
    {
        if (strcmp(arguments[i], "--seed") == 0 && i + 1 < count)
        {
            seed = strtoull(arguments[++i], NULL, 10);
        }
        else if (strcmp(arguments[i], "--filter") == 0 && i + 1 < count)
        {
            filter = arguments[++i];
        }
        else if (strcmp(arguments[i], "--every-allocation") == 0)
        {
            every_allocation = true;
        }
        else
        {
            fprintf(stderr, "usage: %s [--seed N] [--filter WORDS] [--every-allocation]\n", arguments[0]);
            return 2;
        }
    }

    random_seed(seed);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    if (psa_crypto_init() != PSA_SUCCESS)
    {
        return 2;
    }
#endif
    certificates_make();
    check_warm_up(handshake_cases[0].run);
    check_run(handshake_cases, handshake_case_count, filter, seed);
    check_run(stream_cases, stream_case_count, filter, seed);
    check_run(session_cases, session_case_count, filter, seed);
    check_run(argument_cases, argument_case_count, filter, seed);
    check_run(memory_cases, memory_case_count, filter, seed);
    check_run(datagram_cases, datagram_case_count, filter, seed);
    certificates_free();
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    mbedtls_psa_crypto_free();
#endif
    printf("%d passed, %d failed (mbedTLS %s, seed %llu, %ld blocks left)\n", check_passed(), check_failed(), MBEDTLS_VERSION_STRING, (unsigned long long)seed, heap_blocks());
    return check_failed() == 0 && check_passed() > 0 && heap_blocks() == 0 ? 0 : 1;
}
