/* See random.h. The generator is splitmix64. */
#include "random.h"

#include "tls_port.h"

static uint64_t own;
static uint64_t engine;
static uint64_t server;

static uint64_t next(uint64_t *state)
{
    uint64_t value = *state += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static void fill(uint64_t *state, uint8_t *buffer, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        buffer[i] = (uint8_t)next(state);
    }
}

void random_seed(uint64_t seed)
{
    own = seed;
    engine = ~seed;
    server = seed ^ 0x5555555555555555u;
}

void random_seed_own(uint64_t seed)
{
    own = seed;
}

int random_between(int low, int high)
{
    return low + (int)(next(&own) % (uint64_t)(high - low + 1));
}

void random_fill(uint8_t *buffer, size_t count)
{
    fill(&own, buffer, count);
}

int random_server(void *context, unsigned char *buffer, size_t count)
{
    (void)context;
    fill(&server, buffer, count);
    return 0;
}

int tls_port_random(void *context, unsigned char *buffer, size_t count)
{
    (void)context;
    fill(&engine, buffer, count);
    return 0;
}
