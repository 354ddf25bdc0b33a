/* From what was set to a handshake that can be pumped: tls_start, and the configuration of mbedTLS that never changes. */
#include "tls_internal.h"
#include "../port/tls_port.h"

/* Forward secrecy and AEAD only; AES-128 first, which an ESP32 has in hardware. */
static const int cipher_suites[] = {
#if TLS_MBEDTLS_3
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0};

/* P-256 first: the cheapest that every server has, and the one that ECP_RESTARTABLE covers. */
#if TLS_MBEDTLS_3
static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
#else
static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE};
#endif

static int32_t configure_versions(tls_engine *e)
{
    int32_t least = e->min_version != 0 ? e->min_version : 0x0303;
    int32_t most = e->max_version != 0 ? e->max_version : 0x0304;
#if TLS_MBEDTLS_3 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
    int32_t best = e->datagram ? 0x0303 : 0x0304;
#else
    int32_t best = 0x0303;
#endif
    if (least > most)
    {
        return TLS_E_ARGUMENT;
    }

    if (least > best)
    {
        return TLS_E_UNSUPPORTED;
    }

    most = most > best ? best : most;
#if TLS_MBEDTLS_3
    mbedtls_ssl_conf_min_tls_version(&e->config, (mbedtls_ssl_protocol_version)least);
    mbedtls_ssl_conf_max_tls_version(&e->config, (mbedtls_ssl_protocol_version)most);
#else
    mbedtls_ssl_conf_min_version(&e->config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(&e->config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    (void)most;
#endif
    return 0;
}

static int configure_options(tls_engine *e)
{
    int error = 0;
    mbedtls_ssl_conf_authmode(&e->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_verify(&e->config, tls_verify, e);
    mbedtls_ssl_conf_ca_chain(&e->config, e->ca, NULL);
    mbedtls_ssl_conf_rng(&e->config, tls_port_random, NULL);
    mbedtls_ssl_conf_ciphersuites(&e->config, cipher_suites);
#if TLS_MBEDTLS_3
    mbedtls_ssl_conf_groups(&e->config, groups);
#else
    mbedtls_ssl_conf_curves(&e->config, groups);
#endif
#if TLS_MBEDTLS_3 && defined(MBEDTLS_SSL_PROTO_TLS1_3) && MBEDTLS_VERSION_NUMBER >= 0x03060100
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&e->config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
    if (e->cert != NULL)
    {
        error = mbedtls_ssl_conf_own_cert(&e->config, e->cert, e->key);
    }

    if (error == 0 && e->alpn_list[0] != NULL)
    {
#if defined(MBEDTLS_SSL_ALPN)
        error = mbedtls_ssl_conf_alpn_protocols(&e->config, e->alpn_list);
#else
        error = MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
#endif
    }

    if (error == 0 && e->max_fragment != 0)
    {
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
        unsigned char code = MBEDTLS_SSL_MAX_FRAG_LEN_512;
        for (int32_t length = 512; length < e->max_fragment; length *= 2)
        {
            code++;
        }

        error = mbedtls_ssl_conf_max_frag_len(&e->config, code);
#else
        error = MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
#endif
    }

    return error;
}

static int32_t check_key(tls_engine *e)
{
#if TLS_MBEDTLS_3
    int error = mbedtls_pk_check_pair(&e->cert->pk, e->key, tls_port_random, NULL);
#else
    int error = mbedtls_pk_check_pair(&e->cert->pk, e->key);
#endif
    return error == 0 ? 0 : tls_is_memory(error) ? TLS_E_MEMORY : TLS_E_KEY_MISMATCH;
}

static int32_t failed_start(tls_engine *e, int32_t error)
{
    /* mbedtls_ssl_setup of 3.6 without memory takes the configuration away from a handshake whose end reads it */
    e->ssl.MBEDTLS_PRIVATE(conf) = &e->config;
    mbedtls_ssl_free(&e->ssl);
    mbedtls_ssl_config_free(&e->config);
    mbedtls_ssl_init(&e->ssl);
    mbedtls_ssl_config_init(&e->config);
    return error;
}

int32_t tls_start(int32_t engine)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (e->state != TLS_STATE_SETTING || e->host == NULL || e->ca == NULL || !e->has_now || (e->cert == NULL) != (e->key == NULL) || (e->alpn_required && e->alpn == NULL))
    {
        return TLS_E_STATE;
    }

    /* costs as much as half a handshake; a session was made with this very certificate, when the key was checked */
    int32_t refused = e->cert != NULL && e->offered == NULL ? check_key(e) : 0;
    if (refused != 0)
    {
        return refused;
    }

    int error = mbedtls_ssl_config_defaults(&e->config, MBEDTLS_SSL_IS_CLIENT, e->datagram ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (error == 0)
    {
        refused = configure_versions(e);
        if (refused != 0)
        {
            return failed_start(e, refused);
        }

        error = configure_options(e);
    }

    error = error != 0 ? error : mbedtls_ssl_setup(&e->ssl, &e->config);
    error = error != 0 ? error : mbedtls_ssl_set_hostname(&e->ssl, e->host);
    if (error == 0 && e->offered != NULL)
    {
        error = mbedtls_ssl_set_session(&e->ssl, e->offered);
    }

    if (error != 0)
    {
        e->detail = error;
        return failed_start(e, tls_is_memory(error) ? TLS_E_MEMORY : error == MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE ? TLS_E_UNSUPPORTED : TLS_E_INTERNAL);
    }

    e->offered_session = e->offered != NULL;
    tls_free_session(e->offered);
    e->offered = NULL;
    tls_attach_bio(e);
    e->state = TLS_STATE_HANDSHAKE;
    return 0;
}
