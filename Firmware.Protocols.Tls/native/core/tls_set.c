/* What a connection is to be: tls_set and tls_set_number. An item that is refused leaves what was set before as it was. */
#include "tls_internal.h"
#include "../port/tls_port.h"

#include <string.h>

#define HOST_MAX 253
#define ALPN_NAME_MAX 255

#define PEM_MARK "-----BEGIN"

static void wipe_and_free(void *memory, size_t count)
{
    if (memory != NULL)
    {
        mbedtls_platform_zeroize(memory, count);
        mbedtls_free(memory);
    }
}

static void free_chain(mbedtls_x509_crt *chain)
{
    if (chain != NULL)
    {
        mbedtls_x509_crt_free(chain);
        mbedtls_free(chain);
    }
}

static void free_key(mbedtls_pk_context *key)
{
    if (key != NULL)
    {
        mbedtls_pk_free(key);
        mbedtls_free(key);
    }
}

void tls_free_session(mbedtls_ssl_session *session)
{
    if (session != NULL)
    {
        mbedtls_ssl_session_free(session);
        mbedtls_free(session);
    }
}

void tls_free_settings(tls_engine *e)
{
    mbedtls_free(e->host);
    mbedtls_free(e->alpn);
    free_chain(e->ca);
    free_chain(e->cert);
    free_key(e->key);
    tls_free_session(e->offered);
}

/* The bytes with a NUL behind them. */
static char *copy(const uint8_t *data, int32_t count)
{
    char *result = mbedtls_calloc(1, (size_t)count + 1);
    if (result != NULL)
    {
        memcpy(result, data, (size_t)count);
    }

    return result;
}

static int32_t set_host(tls_engine *e, const uint8_t *data, int32_t count)
{
    if (count > HOST_MAX)
    {
        return TLS_E_ARGUMENT;
    }

    for (int32_t i = 0; i < count; i++)
    {
        if (data[i] <= ' ' || data[i] >= 0x7F)
        {
            return TLS_E_ARGUMENT;
        }
    }

    char *host = copy(data, count);
    if (host == NULL)
    {
        return TLS_E_MEMORY;
    }

    mbedtls_free(e->host);
    e->host = host;
    return 0;
}

static int32_t set_alpn(tls_engine *e, const uint8_t *data, int32_t count)
{
    int32_t names = 0;
    int32_t start = 0;
    for (int32_t i = 0; i <= count; i++)
    {
        if (i < count && data[i] == 0)
        {
            return TLS_E_ARGUMENT;
        }

        if (i == count || data[i] == ',')
        {
            if (i == start || i - start > ALPN_NAME_MAX || ++names > TLS_ALPN_MAX)
            {
                return TLS_E_ARGUMENT;
            }

            start = i + 1;
        }
    }

    char *alpn = copy(data, count);
    if (alpn == NULL)
    {
        return TLS_E_MEMORY;
    }

    mbedtls_free(e->alpn);
    e->alpn = alpn;
    names = 0;
    e->alpn_list[names++] = alpn;
    for (int32_t i = 0; i < count; i++)
    {
        if (alpn[i] == ',')
        {
            alpn[i] = '\0';
            e->alpn_list[names++] = alpn + i + 1;
        }
    }

    e->alpn_list[names] = NULL;
    return 0;
}

/* A copy as mbedTLS's parsers want it: PEM counts the NUL at its end, DER does not. */
static char *copy_for_parser(const uint8_t *data, int32_t count, size_t *length)
{
    char *text = copy(data, count);
    if (text != NULL)
    {
        *length = strstr(text, PEM_MARK) != NULL ? strlen(text) + 1 : (size_t)count;
    }

    return text;
}

static int32_t parse_chain(const uint8_t *data, int32_t count, mbedtls_x509_crt **result, int32_t *skipped, int32_t error_of_format)
{
    size_t length = 0;
    char *text = copy_for_parser(data, count, &length);
    mbedtls_x509_crt *chain = mbedtls_calloc(1, sizeof *chain);
    if (text == NULL || chain == NULL)
    {
        mbedtls_free(text);
        mbedtls_free(chain);
        return TLS_E_MEMORY;
    }

    mbedtls_x509_crt_init(chain);
    int parsed = mbedtls_x509_crt_parse(chain, (const unsigned char *)text, length);
    mbedtls_free(text);
    if (parsed < 0 || chain->raw.len == 0)
    {
        free_chain(chain);
        return tls_is_memory(parsed) ? TLS_E_MEMORY : error_of_format;
    }

    *skipped = parsed;
    *result = chain;
    return 0;
}

static int32_t set_ca(tls_engine *e, const uint8_t *data, int32_t count)
{
    mbedtls_x509_crt *chain = NULL;
    int32_t skipped = 0;
    int32_t error = parse_chain(data, count, &chain, &skipped, TLS_E_CA_FORMAT);
    if (error != 0)
    {
        return error;
    }

    mbedtls_x509_crt **end = &e->ca;
    while (*end != NULL)
    {
        end = &(*end)->next;
    }

    *end = chain;
    e->ca_skipped += skipped;
    return 0;
}

static int32_t set_cert(tls_engine *e, const uint8_t *data, int32_t count)
{
    mbedtls_x509_crt *chain = NULL;
    int32_t skipped = 0;
    int32_t error = parse_chain(data, count, &chain, &skipped, TLS_E_CERT_FORMAT);
    if (error == 0 && skipped > 0)
    {
        free_chain(chain);
        error = TLS_E_CERT_FORMAT;
    }

    if (error == 0)
    {
        free_chain(e->cert);
        e->cert = chain;
    }

    return error;
}

static int32_t set_key(tls_engine *e, const uint8_t *data, int32_t count)
{
    size_t length = 0;
    char *text = copy_for_parser(data, count, &length);
    mbedtls_pk_context *key = mbedtls_calloc(1, sizeof *key);
    int parsed = 0;
    if (text != NULL && key != NULL)
    {
        mbedtls_pk_init(key);
#if TLS_MBEDTLS_3
        parsed = mbedtls_pk_parse_key(key, (const unsigned char *)text, length, NULL, 0, tls_port_random, NULL);
#else
        parsed = mbedtls_pk_parse_key(key, (const unsigned char *)text, length, NULL, 0);
#endif
    }

    int32_t error = text == NULL || key == NULL || tls_is_memory(parsed) ? TLS_E_MEMORY : parsed != 0 ? TLS_E_KEY_FORMAT : 0;
    wipe_and_free(text, (size_t)count);
    if (error != 0)
    {
        free_key(key);
        return error;
    }

    free_key(e->key);
    e->key = key;
    return 0;
}

int32_t tls_set(int32_t engine, int32_t item, const uint8_t *data, int32_t count)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (data == NULL || count < 1 || item < TLS_SET_HOST || item > TLS_SET_SESSION)
    {
        return TLS_E_ARGUMENT;
    }

    /* a session is held against the rest, so nothing changes after it */
    if (e->state != TLS_STATE_SETTING || e->offered != NULL)
    {
        return TLS_E_STATE;
    }

    switch (item)
    {
    case TLS_SET_HOST:
        return set_host(e, data, count);
    case TLS_SET_ALPN:
        return set_alpn(e, data, count);
    case TLS_SET_CA:
        return set_ca(e, data, count);
    case TLS_SET_CERT:
        return set_cert(e, data, count);
    case TLS_SET_KEY:
        return set_key(e, data, count);
    default:
        return tls_session_import(e, data, count);
    }
}

static int32_t set_version(int32_t *version, int64_t value)
{
    if (value != 0x0303 && value != 0x0304)
    {
        return TLS_E_ARGUMENT;
    }

    *version = (int32_t)value;
    return 0;
}

static int32_t set_ecp_ops(int64_t value)
{
#if defined(MBEDTLS_ECP_RESTARTABLE)
    if (value < 0 || value > 0x7FFFFFFF)
    {
        return TLS_E_ARGUMENT;
    }

    mbedtls_ecp_set_max_ops((unsigned)value);
    return 0;
#else
    (void)value;
    return TLS_E_UNSUPPORTED;
#endif
}

int32_t tls_set_number(int32_t engine, int32_t item, int64_t value)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    switch (item)
    {
    case TLS_NUM_NOW:
        e->now = value;
        e->has_now = 1;
        return 0;
    case TLS_NUM_NOW_MS:
        if (value < 0)
        {
            return TLS_E_ARGUMENT;
        }

        e->now_ms = value;
        return 0;
    case TLS_NUM_ECP_OPS:
        return set_ecp_ops(value);
    default:
        break;
    }

    /* a session is held against the versions, too */
    if (e->state != TLS_STATE_SETTING || (e->offered != NULL && (item == TLS_NUM_MIN_VERSION || item == TLS_NUM_MAX_VERSION)))
    {
        return item < TLS_NUM_MIN_VERSION || item > TLS_NUM_MTU ? TLS_E_ARGUMENT : TLS_E_STATE;
    }

    switch (item)
    {
    case TLS_NUM_MIN_VERSION:
        return set_version(&e->min_version, value);
    case TLS_NUM_MAX_VERSION:
        return set_version(&e->max_version, value);
    case TLS_NUM_MAX_FRAGMENT:
        if (value != 512 && value != 1024 && value != 2048 && value != 4096)
        {
            return TLS_E_ARGUMENT;
        }

        e->max_fragment = (int32_t)value;
        return 0;
    case TLS_NUM_ALPN_REQUIRED:
    case TLS_NUM_DATAGRAM:
        if (value != 0 && value != 1)
        {
            return TLS_E_ARGUMENT;
        }

        *(item == TLS_NUM_DATAGRAM ? &e->datagram : &e->alpn_required) = (uint8_t)value;
        return 0;
    case TLS_NUM_MTU:
        if (value < 256 || value > TLS_WINDOW_MAX)
        {
            return TLS_E_ARGUMENT;
        }

        e->mtu = (int32_t)value;
        return 0;
    default:
        return TLS_E_ARGUMENT;
    }
}
