/*
 * Sessions to resume, as bytes. mbedTLS's own form does not say with whom the session was made and what was verified then; a resumed session
 * shows no certificate, so that must come with it:
 *
 *   0   4  "FTS1"
 *   4   8  valid from, Unix seconds, of all certificates of the verified chain together    \  big endian
 *  12   8  valid until                                                                      /
 *  20  32  binding: SHA-256 of host, ALPN, trusted CAs and client certificate
 *  52  32  SHA-256 of all that is before and after
 *  84      mbedTLS's session, which holds the master secret
 */
#include "tls_internal.h"

#include <string.h>

#define HEADER 84
#define AT_FROM 4
#define AT_UNTIL 12
#define AT_BINDING 20
#define AT_DIGEST 52
#define DIGEST 32

static const uint8_t magic[4] = {'F', 'T', 'S', '1'};

static int digest_begin(mbedtls_md_context_t *md)
{
    mbedtls_md_init(md);
    int error = mbedtls_md_setup(md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0);
    return error != 0 ? error : mbedtls_md_starts(md);
}

static void put_seconds(uint8_t *at, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    for (int i = 7; i >= 0; i--)
    {
        at[i] = (uint8_t)bits;
        bits >>= 8;
    }
}

static int64_t get_seconds(const uint8_t *at)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
    {
        bits = (bits << 8) | at[i];
    }

    return (int64_t)bits;
}

/* With each item's length, so that no two sets of items read the same. */
static int add(mbedtls_md_context_t *md, const void *data, size_t count)
{
    uint8_t length[8];
    put_seconds(length, (int64_t)count);
    int error = mbedtls_md_update(md, length, sizeof length);
    return error != 0 || count == 0 ? error : mbedtls_md_update(md, data, count);
}

static int add_chain(mbedtls_md_context_t *md, const mbedtls_x509_crt *chain)
{
    int error = 0;
    for (; chain != NULL && error == 0; chain = chain->next)
    {
        error = add(md, chain->raw.p, chain->raw.len);
    }

    return error != 0 ? error : add(md, NULL, 0);
}

static int binding(const tls_engine *e, uint8_t *result)
{
    mbedtls_md_context_t md;
    int error = digest_begin(&md);
    error = error != 0 ? error : add(&md, e->host, strlen(e->host));
    for (int i = 0; error == 0 && e->alpn_list[i] != NULL; i++)
    {
        error = add(&md, e->alpn_list[i], strlen(e->alpn_list[i]));
    }

    error = error != 0 ? error : add(&md, NULL, 0);
    error = error != 0 ? error : add_chain(&md, e->ca);
    error = error != 0 ? error : add_chain(&md, e->cert);
    error = error != 0 ? error : mbedtls_md_finish(&md, result);
    mbedtls_md_free(&md);
    return error;
}

static int digest(const uint8_t *data, size_t count, uint8_t *result)
{
    mbedtls_md_context_t md;
    int error = digest_begin(&md);
    error = error != 0 ? error : mbedtls_md_update(&md, data, AT_DIGEST);
    error = error != 0 ? error : mbedtls_md_update(&md, data + HEADER, count - HEADER);
    error = error != 0 ? error : mbedtls_md_finish(&md, result);
    mbedtls_md_free(&md);
    return error;
}

/* mbedTLS 3.x would offer the session's version alone, allowed or not. */
static int is_version_allowed(const tls_engine *e, const mbedtls_ssl_session *session)
{
#if TLS_MBEDTLS_3
    int32_t version = (int32_t)session->MBEDTLS_PRIVATE(tls_version);
    return version >= e->min_version && (e->max_version == 0 || version <= e->max_version);
#else
    (void)session;
    return e->min_version < 0x0304;
#endif
}

int32_t tls_session_import(tls_engine *e, const uint8_t *data, int32_t count)
{
    uint8_t computed[DIGEST];
    if (e->host == NULL || e->ca == NULL || !e->has_now)
    {
        return TLS_E_STATE;
    }

    if (count <= HEADER || memcmp(data, magic, sizeof magic) != 0)
    {
        return TLS_E_SESSION_CORRUPT;
    }

    if (digest(data, (size_t)count, computed) != 0)
    {
        return TLS_E_MEMORY;
    }

    if (memcmp(computed, data + AT_DIGEST, DIGEST) != 0)
    {
        return TLS_E_SESSION_CORRUPT;
    }

    if (binding(e, computed) != 0)
    {
        return TLS_E_MEMORY;
    }

    if (memcmp(computed, data + AT_BINDING, TLS_BINDING) != 0)
    {
        return TLS_E_SESSION_OTHER;
    }

    int64_t from = get_seconds(data + AT_FROM);
    int64_t until = get_seconds(data + AT_UNTIL);
    if (e->now < from || e->now > until)
    {
        return TLS_E_SESSION_EXPIRED;
    }

    mbedtls_ssl_session *session = mbedtls_calloc(1, sizeof *session);
    if (session == NULL)
    {
        return TLS_E_MEMORY;
    }

    mbedtls_ssl_session_init(session);
    int error = mbedtls_ssl_session_load(session, data + HEADER, (size_t)count - HEADER);
    if (error != 0)
    {
        mbedtls_ssl_session_free(session);
        mbedtls_free(session);
        return tls_is_memory(error) ? TLS_E_MEMORY : TLS_E_SESSION_CORRUPT;
    }

    if (!is_version_allowed(e, session))
    {
        tls_free_session(session);
        return TLS_E_SESSION_OTHER;
    }

    e->offered = session;
    e->valid_from = from;
    e->valid_until = until;
    return 0;
}

int32_t tls_session_export(tls_engine *e, uint8_t *buffer, int32_t count)
{
    if (!e->session_ready)
    {
        return 0;
    }

    /* each is given once, also when it does not fit: the next full handshake brings another */
    e->session_ready = 0;
    if (count <= HEADER)
    {
        return TLS_E_BUFFER;
    }

    size_t length = 0;
    int error = mbedtls_ssl_session_save(e->ssl.MBEDTLS_PRIVATE(session), buffer + HEADER, (size_t)count - HEADER, &length);
    if (error != 0)
    {
        return error == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL ? TLS_E_BUFFER : tls_is_memory(error) ? TLS_E_MEMORY : TLS_E_INTERNAL;
    }

    memcpy(buffer, magic, sizeof magic);
    put_seconds(buffer + AT_FROM, e->valid_from);
    put_seconds(buffer + AT_UNTIL, e->valid_until);
    if (binding(e, buffer + AT_BINDING) != 0 || digest(buffer, HEADER + length, buffer + AT_DIGEST) != 0)
    {
        return TLS_E_MEMORY;
    }

    return (int32_t)(HEADER + length);
}
