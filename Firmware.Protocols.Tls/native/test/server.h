/* mbedTLS's own server as the engine's peer, in the same process: it takes and gives bytes through the queues of the link. */
#ifndef FIRMWARE_TLS_TEST_SERVER_H
#define FIRMWARE_TLS_TEST_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/version.h>

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>

#include "certificates.h"

/* Both sides, or only the library, can be without TLS 1.3. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define TEST_TLS13 1
#else
#define TEST_TLS13 0
#endif

/* What servers remember from one connection to the next. */
struct server_memory
{
    mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_cache_context cache;
    mbedtls_ssl_cookie_ctx cookies;
};

/* Zero is a server of TLS 1.2 with the good certificate that asks for none and remembers nothing. */
struct server_settings
{
    const struct identity *identity;
    const struct identity *client_authority; /* asks for a client certificate of it, and insists */
    const char *const *alpn;                 /* its protocols, the last NULL */
    int version;                             /* 0x0303 (0: this), 0x0304; others as the library has them */
    const int *ciphers;                      /* the last 0 */
    struct server_memory *memory;
    bool tickets;
    bool cache;
    bool datagram;
    bool echo;                               /* what it gets it sends back */
};

struct server
{
    mbedtls_ssl_config configuration;
    mbedtls_ssl_context context;
    struct server_settings settings;
    uint8_t echo[16384];
    int echo_count;
    bool ready;
    bool failed;
    bool got_end; /* the client's close_notify */
    int error;    /* mbedTLS's */
    long received;
};

void server_memory_init(struct server_memory *memory);
void server_memory_free(struct server_memory *memory);

/* Opens it; io is given to the two functions, which are those of mbedtls_ssl_set_bio. */
void server_open(struct server *server, const struct server_settings *settings, void *io, mbedtls_ssl_send_t *send, mbedtls_ssl_recv_t *receive);
void server_close(struct server *server);

/* Goes on as far as it can without more input. */
void server_step(struct server *server);

/* Sends at most one record; the result is mbedTLS's. */
int server_write(struct server *server, const uint8_t *data, int count);

#endif
