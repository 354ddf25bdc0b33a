/* See heap.h. */
#define _GNU_SOURCE
#include "heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t count);
void *__real_calloc(size_t items, size_t count);
void *__real_realloc(void *block, size_t count);
void __real_free(void *block);
void *__wrap_malloc(size_t count);
void *__wrap_calloc(size_t items, size_t count);
void *__wrap_realloc(void *block, size_t count);
void __wrap_free(void *block);

static long blocks;
static long total;
static long peak;
static bool watched;
static long seen;
static long fail_first;
static bool fail_rest;
static const void *secret;
static size_t secret_count;
static long leaks;

long heap_blocks(void)
{
    return blocks;
}

void heap_forgive(long count)
{
    blocks -= count;
}

long heap_bytes(void)
{
    return total;
}

long heap_peak(void)
{
    return peak;
}

void heap_reset_peak(void)
{
    peak = total;
}

void heap_watch(bool on)
{
    watched = on;
}

long heap_seen(void)
{
    return seen;
}

void heap_fail_at(long n)
{
    seen = 0;
    fail_first = n;
    fail_rest = false;
}

void heap_fail_from(long n)
{
    heap_fail_at(n);
    fail_rest = true;
}

void heap_secret(const void *bytes, size_t count)
{
    secret = bytes;
    secret_count = count;
    leaks = 0;
}

long heap_leaks(void)
{
    return leaks;
}

static bool fails(void)
{
    if (!watched)
    {
        return false;
    }

    seen++;
    return fail_first > 0 && (fail_rest ? seen >= fail_first : seen == fail_first);
}

static void *count_in(void *block)
{
    if (block != NULL)
    {
        total += (long)malloc_usable_size(block);
        peak = total > peak ? total : peak;
    }

    return block;
}

void *__wrap_malloc(size_t count)
{
    void *block = count_in(fails() ? NULL : __real_malloc(count));
    blocks += block != NULL;
    return block;
}

void *__wrap_calloc(size_t items, size_t count)
{
    void *block = count_in(fails() ? NULL : __real_calloc(items, count));
    blocks += block != NULL;
    return block;
}

void *__wrap_realloc(void *block, size_t count)
{
    long before = block == NULL ? 0 : (long)malloc_usable_size(block);
    void *moved = fails() ? NULL : __real_realloc(block, count);
    total -= moved == NULL ? 0 : before;
    blocks += moved != NULL && block == NULL;
    return count_in(moved);
}

void __wrap_free(void *block)
{
    if (block != NULL)
    {
        blocks--;
        total -= (long)malloc_usable_size(block);
        if (watched && secret != NULL && memmem(block, malloc_usable_size(block), secret, secret_count) != NULL)
        {
            leaks++;
        }
    }

    __real_free(block);
}
