/*
 * Seeded randomness of the tests: one stream for what they choose, one for the engine (tls_port_random), one for the server. So the engine says
 * the same whatever its windows are, and a recorded server fits to it. PSA, and so TLS 1.3, has its own source.
 */
#ifndef FIRMWARE_TLS_TEST_RANDOM_H
#define FIRMWARE_TLS_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_seed(uint64_t seed);

/* Only what the tests choose. */
void random_seed_own(uint64_t seed);

/* From low to high, both included. */
int random_between(int low, int high);

void random_fill(uint8_t *buffer, size_t count);

/* mbedTLS's f_rng of the server. */
int random_server(void *context, unsigned char *buffer, size_t count);

#endif
