/* See random.h. The generator is splitmix64. */
#include "random.h"

#include "tls_port.h"

static uint64_t state;

static uint64_t next(uint64_t *from)
{
    uint64_t value = *from += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

void random_seed(uint64_t seed)
{
    state = seed;
}

int random_between(int low, int high)
{
    return low + (int)(next(&state) % (uint64_t)(high - low + 1));
}

void random_fill(uint8_t *buffer, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        buffer[i] = (uint8_t)next(&state);
    }
}

int tls_port_random(void *context, unsigned char *buffer, size_t count)
{
    (void)context;
    random_fill(buffer, count);
    return 0;
}
