/* What the fuzz target begins with: recorded servers, whose bytes fit the engine as long as its random bytes are those of the recording. */
#ifndef FIRMWARE_TLS_TEST_FUZZ_CORPUS_H
#define FIRMWARE_TLS_TEST_FUZZ_CORPUS_H

#include "link.h"

enum
{
    RECORDED_FULL,     /* TLS 1.2, client certificate, ALPN, data and the end */
    RECORDED_RESUMED,  /* the same with a session */
    RECORDED_STRANGER, /* a server that must not be trusted */
    RECORDED_13,       /* TLS 1.3, of which a replay fits only to the server hello */
    RECORDED_COUNT
};

#define RECORDED_SEED 42
#define RECORDED_MAX 16384

struct recording
{
    struct client_settings client;
    uint8_t bytes[RECORDED_MAX];
    int count;
    int handshake;        /* bytes that belong to it */
    uint8_t session[4096];
    int session_count;
};

extern struct recording recordings[RECORDED_COUNT];
extern int recording_count; /* without TLS 1.3 one less */

/* The server's data in each recording. */
extern uint8_t recorded_data[600];

void recordings_make(void);

/* The engine of a recording, and no server. */
void recording_open(struct link *link, const struct recording *recording);

/* The bytes of the handshake in a stream of records, without their headers. Result: their count. */
int handshake_bytes(const uint8_t *stream, int count, uint8_t *result);

#endif
