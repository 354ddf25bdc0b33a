/* The fuzz driver's mutations: what damages a stream of records, as gross and as fine as can be. */
#ifndef FIRMWARE_TLS_TEST_FUZZ_MUTATE_H
#define FIRMWARE_TLS_TEST_FUZZ_MUTATE_H

#include <stdint.h>

/* Changes the bytes in place, a few times; other can be spliced in. Result: the new count, at most capacity. */
int mutate(uint8_t *data, int count, int capacity, const uint8_t *other, int other_count);

#endif
