/*
 * The caller's windows as mbedTLS's transport callbacks, and the caller's clock as its DTLS timer. Outside tls_pump there are no windows: then
 * reading and writing say "not now", which is what keeps tls_read and tls_write free of I/O.
 */
#include "tls_internal.h"

#include <string.h>

static int bio_send(void *context, const unsigned char *data, size_t count)
{
    tls_engine *e = context;
    size_t room = (size_t)(e->out_count - e->out_used);
    if (e->datagram)
    {
        /* one datagram, whole, in one window */
        if (e->out_used > 0 || count > room)
        {
            return MBEDTLS_ERR_SSL_WANT_WRITE;
        }
    }
    else if (count > room)
    {
        count = room;
    }

    if (count == 0)
    {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }

    memcpy(e->out + e->out_used, data, count);
    e->out_used += (int32_t)count;
    return (int)count;
}

static int bio_receive(void *context, unsigned char *buffer, size_t count)
{
    tls_engine *e = context;
    size_t there = (size_t)(e->in_count - e->in_used);
    if (there == 0)
    {
        /* 0 is the end of the stream to mbedTLS */
        return e->input_ended ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    }

    size_t taken = count < there ? count : there;
    memcpy(buffer, e->in + e->in_used, taken);
    e->in_used += (int32_t)(e->datagram ? there : taken);
    return (int)taken;
}

static void timer_set(void *context, uint32_t intermediate_ms, uint32_t final_ms)
{
    tls_engine *e = context;
    e->timer_intermediate = final_ms == 0 ? -1 : e->now_ms + intermediate_ms;
    e->timer_final = final_ms == 0 ? -1 : e->now_ms + final_ms;
}

static int timer_get(void *context)
{
    const tls_engine *e = context;
    if (e->timer_final < 0)
    {
        return -1;
    }

    return e->now_ms >= e->timer_final ? 2 : e->now_ms >= e->timer_intermediate ? 1 : 0;
}

void tls_attach_bio(tls_engine *e)
{
    mbedtls_ssl_set_bio(&e->ssl, e, bio_send, bio_receive, NULL);
    if (e->datagram)
    {
        mbedtls_ssl_set_timer_cb(&e->ssl, e, timer_set, timer_get);
        if (e->mtu != 0)
        {
            mbedtls_ssl_set_mtu(&e->ssl, (uint16_t)e->mtu);
        }
    }
}
