/* A network of datagrams between an engine and a server, with a clock of its own; it loses, doubles, damages and reorders as it is told. */
#ifndef FIRMWARE_TLS_TEST_NETWORK_H
#define FIRMWARE_TLS_TEST_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#define DATAGRAM_MAX 2048

struct network
{
    int64_t now_ms;
    int loss;    /* of 100 */
    int doubles; /* of 100 */
    int damage;  /* of 100: a flipped bit */
    int late;    /* milliseconds at most, which reorders */
    int sent;
};

struct datagram
{
    bool used; /* false: it is not there any more */
    bool to_server;
    int64_t at; /* when it arrives */
    int count;
    uint8_t bytes[DATAGRAM_MAX];
};

extern struct network network;

/* Nothing is on the way. */
void network_clear(void);

void network_send(bool to_server, const uint8_t *data, int count);

/* The one that arrived first; NULL: none has. */
struct datagram *network_arrived(bool to_server);

/* When the next arrives, or arrived, on the way to the engine or, if wanted, to the server; -1: none is on the way. */
int64_t network_next(bool also_to_server);

#endif
