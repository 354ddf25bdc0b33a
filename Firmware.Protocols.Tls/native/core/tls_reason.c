/* Why a connection failed: the judgement of the server's certificates at the caller's time, and mbedTLS's errors and the server's alerts as TLS_E_*. */
#include "tls_internal.h"

/* Alerts, RFC 8446 6 and RFC 5246 7.2. */
#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_BAD_CERTIFICATE 42
#define ALERT_CERTIFICATE_UNKNOWN 46
#define ALERT_UNKNOWN_CA 48
#define ALERT_ACCESS_DENIED 49
#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INSUFFICIENT_SECURITY 71
#define ALERT_INAPPROPRIATE_FALLBACK 86
#define ALERT_CERTIFICATE_REQUIRED 116
#define ALERT_NO_APPLICATION_PROTOCOL 120

#define PSA_INSUFFICIENT_MEMORY (-141)

/* Unix seconds of a date of a certificate. Days since 1970 after the civil calendar, whose year is taken to begin in March. */
static int64_t unix_seconds(const mbedtls_x509_time *t)
{
    int64_t year = t->mon <= 2 ? (int64_t)t->year - 1 : t->year;
    int64_t month = (t->mon + 9) % 12;
    int64_t days = (365 * year) + (year / 4) - (year / 100) + (year / 400) + (((153 * month) + 2) / 5) + t->day - 1 - 719468;
    return (((days * 24) + t->hour) * 60 + t->min) * 60 + t->sec;
}

/* Called by mbedTLS for each certificate of the chain. It judges dates by the machine's clock, or not at all, depending on its build: what it
   says of dates is replaced by what the caller's time says. */
int tls_verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    tls_engine *e = context;
    (void)depth;
    int64_t from = unix_seconds(&certificate->valid_from);
    int64_t until = unix_seconds(&certificate->valid_to);
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    if (e->now < from)
    {
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
    }

    if (e->now > until)
    {
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    }

    if (!e->verify_ran)
    {
        e->verify_ran = 1;
        e->valid_from = from;
        e->valid_until = until;
    }
    else
    {
        e->valid_from = from > e->valid_from ? from : e->valid_from;
        e->valid_until = until < e->valid_until ? until : e->valid_until;
    }

    e->verify_flags |= *flags;
    return 0;
}

static int32_t reason_of_flags(uint32_t flags)
{
    if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
    {
        return TLS_E_UNTRUSTED;
    }

    if (flags & MBEDTLS_X509_BADCERT_FUTURE)
    {
        return TLS_E_NOT_YET_VALID;
    }

    if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
    {
        return TLS_E_EXPIRED;
    }

    return flags & MBEDTLS_X509_BADCERT_CN_MISMATCH ? TLS_E_HOST : TLS_E_CERT_UNFIT;
}

static int32_t reason_of_alert(const tls_engine *e, int alert)
{
    int32_t of_client_cert = e->cert == NULL ? TLS_E_CLIENT_CERT_REQUIRED : TLS_E_CLIENT_CERT_REFUSED;
    switch (alert)
    {
    case ALERT_NO_APPLICATION_PROTOCOL:
        return TLS_E_ALPN;
    case ALERT_PROTOCOL_VERSION:
    case ALERT_INAPPROPRIATE_FALLBACK:
        return TLS_E_VERSION;
    case ALERT_INSUFFICIENT_SECURITY:
        return TLS_E_NO_COMMON_CIPHER;
    case ALERT_HANDSHAKE_FAILURE:
        /* servers say this for many things; after a request for a certificate it is about that */
        return e->certificate_asked ? of_client_cert : TLS_E_NO_COMMON_CIPHER;
    case ALERT_CERTIFICATE_REQUIRED:
    case ALERT_UNKNOWN_CA:
    case ALERT_ACCESS_DENIED:
        return of_client_cert;
    default:
        return alert >= ALERT_BAD_CERTIFICATE && alert <= ALERT_CERTIFICATE_UNKNOWN ? of_client_cert : TLS_E_ALERT;
    }
}

int tls_is_memory(int error)
{
    /* mbedTLS adds an error of a lower layer to that of a higher one */
    int low = -(-error & 0x7F);
    int high = -(-error & 0xFF80);
    return error == PSA_INSUFFICIENT_MEMORY || high == MBEDTLS_ERR_SSL_ALLOC_FAILED || high == MBEDTLS_ERR_X509_ALLOC_FAILED || high == MBEDTLS_ERR_PK_ALLOC_FAILED
        || high == MBEDTLS_ERR_PEM_ALLOC_FAILED || high == MBEDTLS_ERR_MD_ALLOC_FAILED || high == -0x4D80 /* ECP */ || high == -0x6180 /* CIPHER */ || low == -0x10 /* MPI */
        || low == -0x6A /* ASN1 */;
}

int32_t tls_reason_of(tls_engine *e, int error)
{
    int open = e->state != TLS_STATE_HANDSHAKE;
    if (tls_is_memory(error))
    {
        return TLS_E_MEMORY;
    }

    switch (error)
    {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
        return reason_of_flags(e->verify_flags);
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        e->alert = e->ssl.MBEDTLS_PRIVATE(in_msg)[1];
        return reason_of_alert(e, e->alert);
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return open ? TLS_E_TRUNCATED : TLS_E_CLOSED_IN_HANDSHAKE;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return TLS_E_CLOSED_IN_HANDSHAKE;
    case TLS_ERR_PROTOCOL_VERSION:
        return TLS_E_VERSION;
    case MBEDTLS_ERR_SSL_BAD_INPUT_DATA:
        /* mbedTLS's word for a record that does not fit into its buffer; the engine itself gives it no bad input */
        return TLS_E_RECORD_TOO_LARGE;
    case MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE:
        /* before 3.6.3: a message of the handshake in several records */
        return TLS_E_UNSUPPORTED;
    case MBEDTLS_ERR_SSL_TIMEOUT:
        return TLS_E_TIMEOUT;
    case TLS_ERR_BAD_CERTIFICATE:
    case MBEDTLS_ERR_SSL_PK_TYPE_MISMATCH:
        return TLS_E_CERT_UNFIT;
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
    case MBEDTLS_ERR_SSL_UNEXPECTED_RECORD:
        return !open && e->ssl.MBEDTLS_PRIVATE(state) <= MBEDTLS_SSL_SERVER_HELLO ? TLS_E_NOT_TLS : TLS_E_BAD_RECORD;
    case MBEDTLS_ERR_SSL_INVALID_MAC:
    case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
        return TLS_E_BAD_RECORD;
#if TLS_MBEDTLS_3
    case MBEDTLS_ERR_SSL_DECODE_ERROR:
    case MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER:
        return TLS_E_BAD_RECORD;
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
    case MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL:
        return error == MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE ? TLS_E_NO_COMMON_CIPHER : TLS_E_ALPN;
#else
    case MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO:
    case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE_REQUEST:
    case MBEDTLS_ERR_SSL_BAD_HS_SERVER_KEY_EXCHANGE:
    case MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO_DONE:
    case MBEDTLS_ERR_SSL_BAD_HS_CHANGE_CIPHER_SPEC:
    case MBEDTLS_ERR_SSL_BAD_HS_FINISHED:
    case MBEDTLS_ERR_SSL_BAD_HS_NEW_SESSION_TICKET:
        return TLS_E_BAD_RECORD;
#endif
    default:
        return TLS_E_INTERNAL;
    }
}
