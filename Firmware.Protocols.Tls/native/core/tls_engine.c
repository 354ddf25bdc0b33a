/* The table of engines, and what can be asked of one. What the calls do is said in tls_engine.h. */
#include "tls_internal.h"

#include <string.h>

#if TLS_MBEDTLS_3
#include <psa/crypto.h>
#endif

/* A handle is a number that counts up, times the size of the table, plus the place in it: one that was closed is not taken for its successor. */
static tls_engine *engines[TLS_ENGINES];
static int32_t opened;

tls_engine *tls_find(int32_t handle)
{
    tls_engine *e = handle > 0 ? engines[handle % TLS_ENGINES] : NULL;
    return e != NULL && e->handle == handle ? e : NULL;
}

int32_t tls_open(void)
{
    int32_t place = 0;
    while (place < TLS_ENGINES && engines[place] != NULL)
    {
        place++;
    }

    if (place == TLS_ENGINES)
    {
        return TLS_E_TABLE_FULL;
    }

#if TLS_MBEDTLS_3
    /* TLS 1.3 is built on PSA; more than once does no harm */
    if (psa_crypto_init() != PSA_SUCCESS)
    {
        return TLS_E_MEMORY;
    }
#endif
    tls_engine *e = mbedtls_calloc(1, sizeof *e);
    if (e == NULL)
    {
        return TLS_E_MEMORY;
    }

    opened = opened == (0x7FFFFFFF / TLS_ENGINES) - 1 ? 1 : opened + 1;
    e->handle = (opened * TLS_ENGINES) + place;
    e->alert = -1;
    e->timer_intermediate = -1;
    e->timer_final = -1;
    mbedtls_ssl_init(&e->ssl);
    mbedtls_ssl_config_init(&e->config);
    engines[place] = e;
    return e->handle;
}

int32_t tls_close(int32_t engine)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    engines[engine % TLS_ENGINES] = NULL;
    mbedtls_ssl_free(&e->ssl);
    mbedtls_ssl_config_free(&e->config);
    tls_free_settings(e);
    mbedtls_platform_zeroize(e, sizeof *e);
    mbedtls_free(e);
    return 0;
}

void tls_reset(void)
{
    for (int32_t i = 0; i < TLS_ENGINES; i++)
    {
        if (engines[i] != NULL)
        {
            tls_close(engines[i]->handle);
        }
    }
}

static int64_t version_of(const tls_engine *e)
{
    if (e->state == TLS_STATE_SETTING || e->state == TLS_STATE_HANDSHAKE || e->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER)
    {
        return 0;
    }

    if (e->datagram)
    {
        return 0xFEFD;
    }

#if TLS_MBEDTLS_3
    return (int64_t)mbedtls_ssl_get_version_number(&e->ssl);
#else
    return 0x0300 | e->ssl.minor_ver;
#endif
}

static int32_t engines_open(void)
{
    int32_t count = 0;
    for (int32_t i = 0; i < TLS_ENGINES; i++)
    {
        count += engines[i] != NULL;
    }

    return count;
}

static int32_t certificates(const mbedtls_x509_crt *chain)
{
    int32_t count = 0;
    for (; chain != NULL; chain = chain->next)
    {
        count++;
    }

    return count;
}

int64_t tls_info(int32_t engine, int32_t item)
{
    if (item == TLS_INFO_LIBRARY)
    {
        return MBEDTLS_VERSION_NUMBER;
    }

    if (item == TLS_INFO_ENGINES)
    {
        return engines_open();
    }

    const tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    switch (item)
    {
    case TLS_INFO_REASON:
        return e->reason;
    case TLS_INFO_DETAIL:
        return e->detail;
    case TLS_INFO_ALERT:
        return e->alert;
    case TLS_INFO_VERSION:
        return version_of(e);
    case TLS_INFO_RESUMED:
        return e->offered_session && !e->verify_ran && version_of(e) != 0;
    case TLS_INFO_CA_COUNT:
        return certificates(e->ca);
    case TLS_INFO_CA_SKIPPED:
        return e->ca_skipped;
    case TLS_INFO_TIMER_MS:
        return e->timer_final;
    default:
        return TLS_E_ARGUMENT;
    }
}

static int32_t give(const char *text, uint8_t *buffer, int32_t count)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length > (size_t)count)
    {
        return TLS_E_BUFFER;
    }

    if (length > 0)
    {
        memcpy(buffer, text, length);
    }

    return (int32_t)length;
}

int32_t tls_get(int32_t engine, int32_t item, uint8_t *buffer, int32_t count)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (count < 0 || (buffer == NULL && count > 0) || item < TLS_GET_ALPN || item > TLS_GET_SESSION)
    {
        return TLS_E_ARGUMENT;
    }

    if (version_of(e) == 0)
    {
        return TLS_E_STATE;
    }

    switch (item)
    {
    case TLS_GET_ALPN:
#if defined(MBEDTLS_SSL_ALPN)
        return give(mbedtls_ssl_get_alpn_protocol(&e->ssl), buffer, count);
#else
        return 0;
#endif
    case TLS_GET_CIPHER:
        return give(mbedtls_ssl_get_ciphersuite(&e->ssl), buffer, count);
    default:
        return tls_session_export(e, buffer, count);
    }
}
