/* See network.h. */
#include "network.h"

#include <string.h>

#include "check.h"
#include "random.h"

#define FLYING_MAX 256

struct network network;
static struct datagram flying[FLYING_MAX];

void network_clear(void)
{
    memset(flying, 0, sizeof flying);
}

void network_send(bool to_server, const uint8_t *data, int count)
{
    CHECK(count <= DATAGRAM_MAX);
    network.sent++;
    int copies = random_between(0, 99) < network.loss ? 0 : random_between(0, 99) < network.doubles ? 2 : 1;
    for (int i = 0; i < FLYING_MAX && copies > 0; i++)
    {
        if (!flying[i].used)
        {
            struct datagram *d = &flying[i];
            d->used = true;
            d->to_server = to_server;
            d->at = network.now_ms + (network.late == 0 ? 0 : random_between(0, network.late));
            d->count = count;
            memcpy(d->bytes, data, (size_t)count);
            if (random_between(0, 99) < network.damage)
            {
                d->bytes[random_between(0, count - 1)] ^= (uint8_t)(1 << random_between(0, 7));
            }

            copies--;
        }
    }

    EQUAL(0, copies);
}

struct datagram *network_arrived(bool to_server)
{
    struct datagram *best = NULL;
    for (int i = 0; i < FLYING_MAX; i++)
    {
        if (flying[i].used && flying[i].to_server == to_server && flying[i].at <= network.now_ms && (best == NULL || flying[i].at < best->at))
        {
            best = &flying[i];
        }
    }

    return best;
}

int64_t network_next(bool also_to_server)
{
    int64_t next = -1;
    for (int i = 0; i < FLYING_MAX; i++)
    {
        if (flying[i].used && (also_to_server || !flying[i].to_server) && (next < 0 || flying[i].at < next))
        {
            next = flying[i].at;
        }
    }

    return next;
}
