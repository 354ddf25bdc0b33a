/* See server.h. */
#include "server.h"

#include <string.h>

#include "check.h"
#include "random.h"

void server_memory_init(struct server_memory *memory)
{
    mbedtls_ssl_ticket_init(&memory->tickets);
    mbedtls_ssl_cache_init(&memory->cache);
    mbedtls_ssl_cookie_init(&memory->cookies);
    EQUAL(0, mbedtls_ssl_ticket_setup(&memory->tickets, random_server, NULL, MBEDTLS_CIPHER_AES_256_GCM, 86400));
    EQUAL(0, mbedtls_ssl_cookie_setup(&memory->cookies, random_server, NULL));
}

void server_memory_free(struct server_memory *memory)
{
    mbedtls_ssl_ticket_free(&memory->tickets);
    mbedtls_ssl_cache_free(&memory->cache);
    mbedtls_ssl_cookie_free(&memory->cookies);
}

void server_open(struct server *server, const struct server_settings *settings, void *io, mbedtls_ssl_send_t *send, mbedtls_ssl_recv_t *receive)
{
    mbedtls_ssl_config *configuration = &server->configuration;
    const struct identity *identity = settings->identity == NULL ? &good : settings->identity;
    int minor = (settings->version == 0 ? 0x0303 : settings->version) & 0xFF;
    memset(server, 0, sizeof *server);
    server->settings = *settings;
    mbedtls_ssl_config_init(configuration);
    mbedtls_ssl_init(&server->context);
    EQUAL(0, mbedtls_ssl_config_defaults(configuration, MBEDTLS_SSL_IS_SERVER, settings->datagram ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(configuration, random_server, NULL);
    mbedtls_ssl_conf_min_version(configuration, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_max_version(configuration, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    EQUAL(0, mbedtls_ssl_conf_own_cert(configuration, (mbedtls_x509_crt *)&identity->certificate, (mbedtls_pk_context *)&identity->key));
    if (settings->client_authority != NULL)
    {
        mbedtls_ssl_conf_ca_chain(configuration, (mbedtls_x509_crt *)&settings->client_authority->certificate, NULL);
        mbedtls_ssl_conf_authmode(configuration, MBEDTLS_SSL_VERIFY_REQUIRED);
    }

    if (settings->alpn != NULL)
    {
        EQUAL(0, mbedtls_ssl_conf_alpn_protocols(configuration, (const char **)(uintptr_t)settings->alpn));
    }

    if (settings->ciphers != NULL)
    {
        mbedtls_ssl_conf_ciphersuites(configuration, settings->ciphers);
    }

    if (settings->tickets)
    {
        mbedtls_ssl_conf_session_tickets_cb(configuration, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &settings->memory->tickets);
    }

    if (settings->cache)
    {
        mbedtls_ssl_conf_session_cache(configuration, &settings->memory->cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    }

    if (settings->datagram)
    {
        mbedtls_ssl_conf_dtls_cookies(configuration, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &settings->memory->cookies);
    }

    EQUAL(0, mbedtls_ssl_setup(&server->context, configuration));
    if (settings->datagram)
    {
        EQUAL(0, mbedtls_ssl_set_client_transport_id(&server->context, (const unsigned char *)"client", 6));
    }

    mbedtls_ssl_set_bio(&server->context, io, send, receive, NULL);
}

void server_close(struct server *server)
{
    mbedtls_ssl_free(&server->context);
    mbedtls_ssl_config_free(&server->configuration);
}

static bool waits(int result)
{
    return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void fail(struct server *server, int result)
{
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
    {
        server->got_end = true;
        return;
    }

    server->failed = true;
    server->error = result;
}

void server_step(struct server *server)
{
    while (!server->failed && !server->got_end)
    {
        int result;
        if (!server->ready)
        {
            result = mbedtls_ssl_handshake(&server->context);
            server->ready = result == 0;
        }
        else if (server->echo_count > 0)
        {
            result = mbedtls_ssl_write(&server->context, server->echo, (size_t)server->echo_count);
            if (result > 0)
            {
                server->echo_count -= result;
                memmove(server->echo, server->echo + result, (size_t)server->echo_count);
            }
        }
        else
        {
            result = mbedtls_ssl_read(&server->context, server->echo, sizeof server->echo);
            if (result == 0)
            {
                /* no input at all: the queue never gives 0 */
                result = MBEDTLS_ERR_SSL_INTERNAL_ERROR;
            }

            if (result > 0)
            {
                server->received += result;
                server->echo_count = server->settings.echo ? result : 0;
            }
        }

        if (waits(result))
        {
            return;
        }

        if (result == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED)
        {
            /* the cookie is on its way; the next hello begins anew */
            EQUAL(0, mbedtls_ssl_session_reset(&server->context));
            EQUAL(0, mbedtls_ssl_set_client_transport_id(&server->context, (const unsigned char *)"client", 6));
            continue;
        }

        if (result < 0)
        {
            fail(server, result);
        }
    }
}

int server_write(struct server *server, const uint8_t *data, int count)
{
    return mbedtls_ssl_write(&server->context, data, (size_t)count);
}
