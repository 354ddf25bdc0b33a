/*
 * Counts the blocks of the heap and makes chosen allocations fail. Works through the linker's --wrap on malloc, calloc, realloc and free, so it
 * sees what the tests, the engine and a static mbedTLS allocate, and not what libc does for itself.
 */
#ifndef FIRMWARE_TLS_TEST_HEAP_H
#define FIRMWARE_TLS_TEST_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Blocks that are allocated now. */
long heap_blocks(void);

/* Bytes in them, as the allocator rounds them up; and the most there were since heap_reset_peak. */
long heap_bytes(void);
long heap_peak(void);
void heap_reset_peak(void);

/* Does not count so many blocks any more: those that a library is known to lose. */
void heap_forgive(long count);

/* Only while it is on are allocations counted by heap_seen, can they fail, and is heap_secret looked for: the harness turns it on around calls of
   the engine, so that its own server is spared. */
void heap_watch(bool on);

/* Allocations that were watched since the last heap_fail_at. */
long heap_seen(void);

/* The n-th watched allocation from now fails, once (or all from there on); 0: none. */
void heap_fail_at(long n);
void heap_fail_from(long n);

/* Looks for these bytes in every watched block that is freed; NULL: does not look. They must stay where they are. */
void heap_secret(const void *secret, size_t count);

/* Blocks that were freed with the secret in them. */
long heap_leaks(void);

#endif
