/* Seeded randomness of the tests, and the engine's port (tls_port_random) on it: the same seed gives the same bytes on the wire. PSA, and so
   TLS 1.3, has its own source. */
#ifndef FIRMWARE_TLS_TEST_RANDOM_H
#define FIRMWARE_TLS_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_seed(uint64_t seed);

/* From low to high, both included. */
int random_between(int low, int high);

void random_fill(uint8_t *buffer, size_t count);

#endif
