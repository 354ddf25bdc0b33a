/* See link.h. */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "heap.h"
#include "random.h"
#include "tls_engine.h"

/* Rounds in which nothing needs to move before a connection counts as quiet, and pumps in a row that say MORE and move nothing. */
#define QUIET_ROUNDS 3
#define MOST_IDLE 200

void queue_put(struct queue *queue, const uint8_t *data, int count)
{
    CHECK(queue->count + count <= (int)sizeof queue->bytes);
    memcpy(queue->bytes + queue->count, data, (size_t)count);
    queue->count += count;
}

static void queue_drop(struct queue *queue, int count)
{
    queue->count -= count;
    memmove(queue->bytes, queue->bytes + count, (size_t)queue->count);
}

static int server_send(void *context, const unsigned char *data, size_t count)
{
    struct link *link = context;
    int kept = (int)count;
    if (link->cut > 0 && link->sent + kept >= link->cut)
    {
        kept = link->cut - link->sent;
        link->ended = true;
    }

    if (link->tape != NULL)
    {
        memcpy(link->tape + link->sent, data, (size_t)kept);
    }

    queue_put(&link->down, data, kept);
    link->sent += kept;
    return (int)count;
}

static int server_receive(void *context, unsigned char *data, size_t count)
{
    struct queue *up = &((struct link *)context)->up;
    int taken = up->count < (int)count ? up->count : (int)count;
    if (taken == 0)
    {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }

    memcpy(data, up->bytes, (size_t)taken);
    queue_drop(up, taken);
    return taken;
}

static void set_text(int32_t engine, int item, const char *text)
{
    if (text != NULL)
    {
        EQUAL(0, tls_set(engine, item, (const uint8_t *)text, (int32_t)strlen(text)));
    }
}

int32_t client_open(const struct client_settings *settings)
{
    heap_watch(true);
    int32_t engine = tls_open();
    CHECK(engine > 0);
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW, settings->now == 0 ? TEST_NOW : settings->now));
    EQUAL(0, tls_set_number(engine, TLS_NUM_MIN_VERSION, settings->version == 0 ? 0x0303 : settings->version));
    EQUAL(0, tls_set_number(engine, TLS_NUM_MAX_VERSION, settings->version == 0 ? 0x0303 : settings->version));
    if (settings->fragment != 0)
    {
        EQUAL(0, tls_set_number(engine, TLS_NUM_MAX_FRAGMENT, settings->fragment));
    }

    EQUAL(0, tls_set_number(engine, TLS_NUM_ALPN_REQUIRED, settings->alpn_required));
    set_text(engine, TLS_SET_HOST, settings->host == NULL ? TEST_HOST : settings->host);
    set_text(engine, TLS_SET_ALPN, settings->alpn);
    set_text(engine, TLS_SET_CA, (settings->authority == NULL ? &authority : settings->authority)->certificate_pem);
    if (settings->identity != NULL)
    {
        set_text(engine, TLS_SET_CERT, settings->identity->certificate_pem);
        set_text(engine, TLS_SET_KEY, settings->identity->key_pem);
    }

    if (settings->session != NULL)
    {
        EQUAL(settings->session_result, tls_set(engine, TLS_SET_SESSION, settings->session, settings->session_count));
    }

    heap_watch(false);
    return engine;
}

void link_open(struct link *link, const struct client_settings *client_settings, const struct server_settings *server_settings)
{
    memset(link, 0, sizeof *link);
    link->engine = client_open(client_settings);
    heap_watch(true);
    EQUAL(0, tls_start(link->engine));
    heap_watch(false);
    if (server_settings != NULL)
    {
        link_serve(link, server_settings);
    }
}

void link_serve(struct link *link, const struct server_settings *server_settings)
{
    link->has_server = true;
    server_open(&link->server, server_settings, link, server_send, server_receive);
}

void link_close(struct link *link)
{
    heap_watch(true);
    EQUAL(0, tls_close(link->engine));
    heap_watch(false);
    if (link->has_server)
    {
        server_close(&link->server);
    }
}

bool link_pump(struct link *link)
{
    int in_count = link->window_in == 0 ? 16384 : random_between(1, link->window_in);
    int out_count = link->window_out == 0 ? 16384 : random_between(1, link->window_out);
    if (in_count > link->down.count)
    {
        in_count = link->down.count;
    }

    /* no window at all is a window of no bytes */
    uint8_t *in = in_count == 0 ? NULL : malloc((size_t)in_count);
    uint8_t *out = malloc((size_t)out_count);
    if (in != NULL)
    {
        memcpy(in, link->down.bytes, (size_t)in_count);
    }

    heap_watch(true);
    if (link->ended && link->down.count == 0)
    {
        EQUAL(0, tls_end_of_input(link->engine));
    }

    int64_t result = tls_pump(link->engine, in, in_count, out, out_count);
    heap_watch(false);
    link->pumps++;
    CHECK(result >= 0);
    int flags = (int)(result >> 32);
    int consumed = (int)(result >> 16 & 0xFFFF);
    int produced = (int)(result & 0xFFFF);
    CHECK(consumed <= in_count && produced <= out_count);
    CHECK((flags & ~(TLS_WANT_IN | TLS_WANT_OUT | TLS_READY | TLS_READABLE | TLS_WRITABLE | TLS_CLOSED | TLS_FAILED | TLS_SESSION | TLS_MORE)) == 0);
    CHECK((flags & TLS_WRITABLE) == 0 || (flags & TLS_READY) != 0);
    CHECK((flags & TLS_READABLE) == 0 || (flags & TLS_READY) != 0);
    CHECK((link->flags & TLS_FAILED) == 0 || (flags & TLS_FAILED) != 0);
    EQUAL((flags & TLS_FAILED) != 0, tls_info(link->engine, TLS_INFO_REASON) != 0);

    /* without input and output a connection that says nothing of these is stuck; and what waits for input does nothing without */
    CHECK(link->shut || consumed + produced > 0 || (flags & (TLS_WANT_IN | TLS_MORE | TLS_WANT_OUT | TLS_READABLE | TLS_CLOSED | TLS_FAILED)) != 0);
    bool waited = (link->flags & TLS_WANT_IN) != 0 && (link->flags & (TLS_WANT_OUT | TLS_MORE)) == 0 && !link->disturbed && !link->ended;
    CHECK(!waited || in_count > 0 || (produced == 0 && flags == link->flags));
    link->disturbed = false;
    queue_put(&link->up, out, produced);
    queue_drop(&link->down, consumed);
    link->wire_in += consumed;
    link->wire_out += produced;
    if (link->ready_at == 0 && (flags & TLS_READY) != 0)
    {
        link->ready_at = (int)link->wire_in;
    }

    bool moved = consumed > 0 || produced > 0 || flags != link->flags || (flags & TLS_MORE) != 0;
    link->flags = flags;
    free(in);
    free(out);
    return moved;
}

int link_run(struct link *link)
{
    int quiet = 0;
    int idle = 0;
    while (quiet < QUIET_ROUNDS)
    {
        long wire = link->wire_in + link->wire_out;
        int down = link->down.count;
        bool moved = link_pump(link);
        if (link->has_server)
        {
            server_step(&link->server);
        }

        bool wired = wire != link->wire_in + link->wire_out || down != link->down.count;
        quiet = moved || wired ? 0 : quiet + 1;
        idle = wired ? 0 : idle + 1;
        CHECK(idle < MOST_IDLE);
    }

    return link->flags;
}

void link_handshake(struct link *link)
{
    int flags = link_run(link);
    if ((flags & TLS_FAILED) != 0)
    {
        check_fail(__FILE__, __LINE__, "the handshake failed: reason %d, detail -0x%04X, alert %d, server -0x%04X", (int)link_info(link, TLS_INFO_REASON),
            (unsigned)-link_info(link, TLS_INFO_DETAIL), (int)link_info(link, TLS_INFO_ALERT), (unsigned)-link->server.error);
    }

    CHECK((flags & TLS_READY) != 0);
    CHECK((flags & TLS_WRITABLE) != 0);
    CHECK(link->server.ready && !link->server.failed);
}

void link_send(struct link *link, const uint8_t *data, int count)
{
    for (int idle = 0; count > 0; idle++)
    {
        int piece = count > 4096 ? random_between(1, count) : count;
        heap_watch(true);
        link->disturbed = true;
        int taken = tls_write(link->engine, data, piece);
        heap_watch(false);
        CHECK(taken >= 0 && taken <= piece);
        data += taken;
        count -= taken;
        idle = link_pump(link) || taken > 0 ? 0 : idle;
        CHECK(idle < MOST_IDLE);
        if (link->has_server)
        {
            server_step(&link->server);
        }
    }
}

void link_receive(struct link *link, uint8_t *data, int count)
{
    for (int idle = 0; count > 0; idle++)
    {
        if ((link->flags & TLS_READABLE) != 0)
        {
            int piece = random_between(1, count);
            heap_watch(true);
            link->disturbed = true;
            int got = tls_read(link->engine, data, piece);
            heap_watch(false);
            CHECK(got >= 0 && got <= piece);
            data += got;
            count -= got;
            idle = got > 0 ? 0 : idle;
        }

        idle = link_pump(link) ? 0 : idle;
        CHECK(idle < MOST_IDLE);
        if (link->has_server)
        {
            server_step(&link->server);
        }
    }
}

void link_shutdown(struct link *link)
{
    heap_watch(true);
    EQUAL(0, tls_shutdown(link->engine));
    heap_watch(false);
    link->shut = true;
    link->disturbed = true;
}

void link_failed(struct link *link, int reason)
{
    uint8_t byte;
    CHECK((link->flags & (TLS_FAILED | TLS_SESSION | TLS_READY)) == TLS_FAILED);
    EQUAL(reason, link_info(link, TLS_INFO_REASON));
    CHECK(tls_write(link->engine, (const uint8_t *)"x", 1) < 0);
    CHECK(tls_read(link->engine, &byte, 1) < 0);
    link_run(link);
    EQUAL(reason, link_info(link, TLS_INFO_REASON));
}

int64_t link_info(struct link *link, int item)
{
    return tls_info(link->engine, item);
}
