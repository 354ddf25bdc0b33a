/* What the files of the engine share: one engine's state. */
#ifndef FIRMWARE_TLS_INTERNAL_H
#define FIRMWARE_TLS_INTERNAL_H

#include "mbedtls_include.h"
#include "tls_engine.h"

#include <stddef.h>

#define TLS_ALPN_MAX 4
#define TLS_BINDING 32

typedef enum tls_state
{
    TLS_STATE_SETTING,   /* before tls_start */
    TLS_STATE_HANDSHAKE, /* pumping the handshake */
    TLS_STATE_OPEN,      /* data both ways */
    TLS_STATE_CLOSED,    /* the server said the end */
    TLS_STATE_SHUT,      /* we said the end */
    TLS_STATE_FAILED     /* only the last alert is pumped out */
} tls_state;

typedef struct tls_engine
{
    int32_t handle;
    tls_state state;
    int32_t reason;
    int detail;
    int alert;

    /* the caller's windows, during tls_pump only */
    const uint8_t *in;
    int32_t in_count;
    int32_t in_used;
    uint8_t *out;
    int32_t out_count;
    int32_t out_used;

    /* what was set */
    char *host;
    char *alpn; /* the names, each ended by a NUL */
    const char *alpn_list[TLS_ALPN_MAX + 1];
    mbedtls_x509_crt *ca;
    mbedtls_x509_crt *cert;
    mbedtls_pk_context *key;
    mbedtls_ssl_session *offered;
    int32_t ca_skipped;
    int32_t min_version;
    int32_t max_version;
    int32_t max_fragment;
    int32_t mtu;
    uint8_t alpn_required;
    uint8_t datagram;

    /* time */
    uint8_t has_now;
    int64_t now;
    int64_t now_ms;
    int64_t timer_intermediate; /* DTLS, on the clock of now_ms; -1 for none */
    int64_t timer_final;

    /* the handshake */
    uint8_t offered_session;
    uint8_t verify_ran;
    uint8_t certificate_asked; /* by the server; not known in DTLS */
    uint8_t session_ready; /* not got yet */
    uint8_t input_ended;
    uint8_t shutdown_wanted;
    uint8_t alert_wanted; /* number of a fatal alert to send as soon as the output is free, 0 for none */
    uint32_t verify_flags;
    int64_t valid_from; /* of all certificates of the chain together, Unix seconds */
    int64_t valid_until;

    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
} tls_engine;

/* tls_engine.c: the engine of a handle, or NULL. */
tls_engine *tls_find(int32_t handle);

/* tls_set.c: frees what tls_set made. */
void tls_free_settings(tls_engine *e);
void tls_free_session(mbedtls_ssl_session *session);

/* tls_bio.c: the windows and the DTLS timer as mbedTLS's callbacks. */
void tls_attach_bio(tls_engine *e);

/* tls_reason.c */
int tls_verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);
int32_t tls_reason_of(tls_engine *e, int error);
int tls_is_memory(int error);

/* tls_session.c */
int32_t tls_session_import(tls_engine *e, const uint8_t *data, int32_t count);
int32_t tls_session_export(tls_engine *e, uint8_t *buffer, int32_t count);

#endif
