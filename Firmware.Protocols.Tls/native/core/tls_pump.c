/* The work after tls_start: pumping, data both ways, and the end. What the calls do is said in tls_engine.h. */
#include "tls_internal.h"

static size_t pending_output(const tls_engine *e)
{
    return e->ssl.MBEDTLS_PRIVATE(out_left);
}

static int is_readable(const tls_engine *e)
{
    return (e->state == TLS_STATE_OPEN || e->state == TLS_STATE_CLOSED) && mbedtls_ssl_get_bytes_avail(&e->ssl) > 0;
}

/* Puts out what mbedTLS holds ready. While it holds something, its call for an alert does just that, and nothing else of its API does it without
   side effects: mbedtls_ssl_write could encrypt its argument a second time. */
static int flush(tls_engine *e)
{
    return pending_output(e) == 0 ? 0 : mbedtls_ssl_send_alert_message(&e->ssl, MBEDTLS_SSL_ALERT_LEVEL_WARNING, MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY);
}

static void fail(tls_engine *e, int32_t reason, int detail)
{
    e->reason = reason;
    e->detail = detail;
    e->session_ready = 0;
    e->state = TLS_STATE_FAILED;
}

/* What a call of mbedTLS that moves records said. Result: the flags of it. */
static int32_t judge(tls_engine *e, int result)
{
#if TLS_MBEDTLS_3
    if (result == MBEDTLS_ERR_SSL_WANT_WRITE && e->ssl.MBEDTLS_PRIVATE(send_alert))
    {
        /* an error whose alert has not found room; mbedTLS would make another alert of it each time, and never come to the error */
        e->ssl.MBEDTLS_PRIVATE(send_alert) = 0;
        result = e->ssl.MBEDTLS_PRIVATE(alert_reason);
    }
#endif
    switch (result)
    {
    case MBEDTLS_ERR_SSL_WANT_READ:
        return TLS_WANT_IN;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        return 0; /* pending_output tells */
#if defined(MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS)
    case MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS:
        return TLS_MORE;
#endif
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        e->session_ready = 1;
        return TLS_MORE;
#endif
    default:
        fail(e, tls_reason_of(e, result), result);
        return 0;
    }
}

static int has_session(const tls_engine *e)
{
    const mbedtls_ssl_session *session = e->ssl.MBEDTLS_PRIVATE(session);
    if (session == NULL)
    {
        return 0;
    }

#if TLS_MBEDTLS_3 && defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (mbedtls_ssl_get_version_number(&e->ssl) == MBEDTLS_SSL_VERSION_TLS1_3)
    {
        return 0; /* its tickets come later */
    }
#endif
    int has = session->MBEDTLS_PRIVATE(id_len) > 0;
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
    has = has || session->MBEDTLS_PRIVATE(ticket_len) > 0;
#endif
    return has;
}

static void opened_now(tls_engine *e)
{
    e->state = TLS_STATE_OPEN;
#if defined(MBEDTLS_SSL_ALPN)
    if (e->alpn_required && mbedtls_ssl_get_alpn_protocol(&e->ssl) == NULL)
    {
        fail(e, TLS_E_ALPN, 0);
        e->alert_wanted = 120; /* no_application_protocol */
        return;
    }
#endif
    if (e->offered_session && !e->verify_ran && (e->now < e->valid_from || e->now > e->valid_until))
    {
        /* the time was set again since the session was */
        fail(e, TLS_E_SESSION_EXPIRED, 0);
        e->alert_wanted = MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
        return;
    }

    e->session_ready = has_session(e) != 0;
}

static int32_t pump_handshake(tls_engine *e)
{
    /* whether the server asked for a certificate shows in what its step puts out: 3.x hides the flag of it */
    int certificate_step = e->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CLIENT_CERTIFICATE;
    int32_t used = e->out_used;
    int result = mbedtls_ssl_handshake_step(&e->ssl);
    e->certificate_asked |= (uint8_t)(certificate_step && (e->out_used > used || pending_output(e) != 0));
    if (result != 0)
    {
        return judge(e, result);
    }

    if (e->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_HANDSHAKE_OVER)
    {
        opened_now(e);
        return TLS_MORE; /* of what came with the server's last flight */
    }

    return TLS_MORE;
}

static int32_t pump_record(tls_engine *e)
{
    if (is_readable(e))
    {
        return 0;
    }

    /* for no bytes: takes the next record in and leaves its bytes for tls_read */
    int result = mbedtls_ssl_read(&e->ssl, NULL, 0);
    if (is_readable(e))
    {
        return 0;
    }

    if (result == 0)
    {
        /* the end of the stream; but of a record without bytes mbedTLS says the same */
        if (!e->input_ended || e->in_used < e->in_count)
        {
            return TLS_MORE;
        }

        result = MBEDTLS_ERR_SSL_CONN_EOF;
    }

    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
    {
        e->state = TLS_STATE_CLOSED;
        return 0;
    }

    if (result == MBEDTLS_ERR_SSL_WANT_READ && e->in_used > 0 && e->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER)
    {
        /* a ticket of TLS 1.3 has come and mbedTLS keeps it for the next call */
        return TLS_MORE;
    }

    return judge(e, result);
}

/* Alerts that had to wait until the output was free. */
static void say_pending(tls_engine *e)
{
    if (pending_output(e) != 0)
    {
        return;
    }

    if (e->alert_wanted != 0)
    {
        unsigned char alert = e->alert_wanted;
        e->alert_wanted = 0;
        mbedtls_ssl_send_alert_message(&e->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert);
    }
    else if (e->shutdown_wanted)
    {
        e->shutdown_wanted = 0;
        mbedtls_ssl_close_notify(&e->ssl);
    }
}

static int32_t flags_of(const tls_engine *e)
{
    int32_t flags = 0;
    int open = e->state == TLS_STATE_OPEN || e->state == TLS_STATE_CLOSED || e->state == TLS_STATE_SHUT;
    flags |= pending_output(e) != 0 || e->alert_wanted || e->shutdown_wanted ? TLS_WANT_OUT : 0;
    flags |= open ? TLS_READY : 0;
    flags |= is_readable(e) ? TLS_READABLE : 0;
    flags |= e->state == TLS_STATE_OPEN && pending_output(e) == 0 ? TLS_WRITABLE : 0;
    flags |= e->state == TLS_STATE_CLOSED ? TLS_CLOSED : 0;
    flags |= e->state == TLS_STATE_FAILED ? TLS_FAILED : 0;
    flags |= e->session_ready ? TLS_SESSION : 0;
    return flags;
}

int64_t tls_pump(int32_t engine, const uint8_t *in, int32_t in_count, uint8_t *out, int32_t out_count)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (in_count < 0 || in_count > TLS_WINDOW_MAX || out_count < 0 || out_count > TLS_WINDOW_MAX || (in == NULL && in_count > 0) || (out == NULL && out_count > 0))
    {
        return TLS_E_ARGUMENT;
    }

    if (e->state == TLS_STATE_SETTING)
    {
        return TLS_E_STATE;
    }

    e->in = in;
    e->in_count = in_count;
    e->in_used = 0;
    e->out = out;
    e->out_count = out_count;
    e->out_used = 0;

    int32_t flags = 0;
    flush(e);
    if (pending_output(e) == 0 || e->state == TLS_STATE_OPEN)
    {
        if (e->state == TLS_STATE_HANDSHAKE)
        {
            flags = pump_handshake(e);
        }
        else if (e->state == TLS_STATE_OPEN)
        {
            flags = pump_record(e);
        }

        say_pending(e);
    }

    flags |= flags_of(e);
    int64_t result = ((int64_t)flags << 32) | ((int64_t)e->in_used << 16) | e->out_used;
    e->in = NULL;
    e->out = NULL;
    e->in_count = e->in_used = e->out_count = e->out_used = 0;
    return result;
}

/* What a call for data answers where there can be none: the reason of the failure, or 0 at the end in order. */
static int32_t no_data(const tls_engine *e)
{
    return e->state == TLS_STATE_FAILED ? e->reason : e->state == TLS_STATE_CLOSED || e->state == TLS_STATE_SHUT ? 0 : TLS_E_STATE;
}

int32_t tls_read(int32_t engine, uint8_t *buffer, int32_t count)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (count < 0 || (buffer == NULL && count > 0))
    {
        return TLS_E_ARGUMENT;
    }

    if (!is_readable(e))
    {
        return e->state == TLS_STATE_OPEN ? 0 : no_data(e);
    }

    if (count == 0)
    {
        return 0;
    }

    /* decrypted already: this cannot touch the windows */
    int result = mbedtls_ssl_read(&e->ssl, buffer, (size_t)count);
    if (result >= 0)
    {
        return result;
    }

    judge(e, result);
    return e->state == TLS_STATE_FAILED ? e->reason : 0;
}

int32_t tls_write(int32_t engine, const uint8_t *data, int32_t count)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (count < 0 || (data == NULL && count > 0))
    {
        return TLS_E_ARGUMENT;
    }

    if (e->state != TLS_STATE_OPEN)
    {
        return e->state == TLS_STATE_FAILED ? e->reason : TLS_E_STATE;
    }

    if (count == 0 || pending_output(e) != 0)
    {
        return 0;
    }

    int most = mbedtls_ssl_get_max_out_record_payload(&e->ssl);
    if (most < 0)
    {
        judge(e, most);
        return e->reason;
    }

    /* without a window the record stays in mbedTLS's buffer, and mbedTLS says "want write" of a record that it has taken */
    int32_t taken = count < most ? count : most;
    int result = mbedtls_ssl_write(&e->ssl, data, (size_t)taken);
    if (result > 0 || pending_output(e) != 0)
    {
        return taken;
    }

    judge(e, result);
    return e->state == TLS_STATE_FAILED ? e->reason : 0;
}

int32_t tls_shutdown(int32_t engine)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    if (e->state == TLS_STATE_SHUT)
    {
        return 0;
    }

    if (e->state != TLS_STATE_OPEN && e->state != TLS_STATE_CLOSED)
    {
        return TLS_E_STATE;
    }

    e->state = TLS_STATE_SHUT;
    e->shutdown_wanted = 1;
    return 0;
}

int32_t tls_end_of_input(int32_t engine)
{
    tls_engine *e = tls_find(engine);
    if (e == NULL)
    {
        return TLS_E_HANDLE;
    }

    e->input_ended = 1;
    return 0;
}
