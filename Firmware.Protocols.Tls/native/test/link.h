/*
 * A connection between an engine and a server of the tests: two queues of bytes, and windows of random sizes between them and the engine. Each
 * window is a block of its own with exactly the bytes it should have, so AddressSanitizer sees a step beside it.
 */
#ifndef FIRMWARE_TLS_TEST_LINK_H
#define FIRMWARE_TLS_TEST_LINK_H

#include "server.h"

struct queue
{
    uint8_t bytes[262144];
    int count;
};

struct link
{
    int32_t engine;
    struct server server;
    bool has_server;  /* else the test itself is the peer, through the queues */
    struct queue up;  /* towards the server */
    struct queue down;
    int window_in;    /* windows have from 1 to so many bytes; 0: windows are large and always the same */
    int window_out;
    bool ended;       /* the server's stream ends with what is in the queue */
    int cut;          /* the server's stream is cut after so many bytes; 0: not */
    int sent;         /* by the server */
    uint8_t *tape;    /* gets what the server sends; NULL: nothing does */
    bool shut;        /* link_shutdown was called */
    int flags;        /* of the last pump */
    int ready_at;     /* bytes consumed when it became ready, 0 before */
    bool disturbed;   /* something else was called since */
    long pumps;
    long wire_in;
    long wire_out;
};

/* What an engine is given. Zero: TEST_HOST, the authority, TEST_NOW, TLS 1.2, no client certificate, no ALPN. */
struct client_settings
{
    const char *host;
    const char *alpn;
    const struct identity *authority;
    const struct identity *identity;
    const struct identity *key; /* of another identity */
    int64_t now;
    int version;                /* 0x0303 (0: this) or 0x0304 */
    int fragment;
    bool alpn_required;
    const uint8_t *session;
    int session_count;
    int session_result; /* what setting the session should give */
};

void queue_put(struct queue *queue, const uint8_t *data, int count);

/* Opens an engine and sets all; not started. */
int32_t client_open(const struct client_settings *settings);

/* A started engine, with a server or (NULL) without. */
void link_open(struct link *link, const struct client_settings *client_settings, const struct server_settings *server_settings);
/* The server of an engine that the caller has started. */
void link_serve(struct link *link, const struct server_settings *server_settings);

void link_close(struct link *link);

/* One pump. True if something moved. */
bool link_pump(struct link *link);

/* Until nothing moves any more on either side. The result is the flags. */
int link_run(struct link *link);

/* As above, and the handshake has to be done on both sides. */
void link_handshake(struct link *link);

/* Sends all of it, pumping. */
void link_send(struct link *link, const uint8_t *data, int count);

/* Receives exactly so many bytes, pumping, in reads of random sizes. */
void link_receive(struct link *link, uint8_t *data, int count);

/* Says the end. */
void link_shutdown(struct link *link);

/* The connection has to have failed for this reason, and stays so. */
void link_failed(struct link *link, int reason);

int64_t link_info(struct link *link, int item);

#endif
