/* The stream after the handshake: data both ways, its end, and what damages it. */
#include "cases.h"

#include <string.h>

#include "link.h"
#include "random.h"
#include "tls_engine.h"

static struct link l;
static uint8_t sent[70000];
static uint8_t got[70000];

static void open_with(int version, bool echo)
{
    struct client_settings client_settings = { .version = version };
    struct server_settings server_settings = { .version = version, .echo = echo };
    link_open(&l, &client_settings, &server_settings);
    link_handshake(&l);
}

/* All of it, in as many records as it takes. */
static void server_sends(const uint8_t *data, int count)
{
    while (count > 0)
    {
        int written = server_write(&l.server, data, count);
        CHECK(written > 0);
        data += written;
        count -= written;
    }
}

static void echo_rows(int version)
{
    static const int windows[][2] = { { 0, 0 }, { 1, 1 }, { 3, 4000 }, { 4000, 3 }, { 17, 17 }, { 20000, 20000 } };
    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++)
    {
        open_with(version, true);
        l.window_in = windows[i][0];
        l.window_out = windows[i][1];
        for (int n = 0; n < 12; n++)
        {
            int count = random_between(0, 3) == 0 ? random_between(1, 40) : random_between(1, windows[i][0] == 1 ? 600 : 20000);
            random_fill(sent, (size_t)count);
            memset(got, 0, sizeof got);
            link_send(&l, sent, count);
            link_receive(&l, got, count);
            EQUAL(0, memcmp(sent, got, (size_t)count));
        }

        link_close(&l);
    }
}

static void echoes(void)
{
    each_version(echo_rows);
}

static void record_rows(int version)
{
    open_with(version, false);
    int most = mbedtls_ssl_get_max_out_record_payload(&l.server.context);
    random_fill(sent, sizeof sent);
    EQUAL(most, server_write(&l.server, sent, most));
    EQUAL(23, l.down.bytes[0]);
    EQUAL(l.down.count, 5 + ((l.down.bytes[3] << 8) | l.down.bytes[4]));
    l.window_in = 900;
    link_receive(&l, got, most);
    EQUAL(0, memcmp(sent, got, (size_t)most));
    CHECK((link_run(&l) & (TLS_READABLE | TLS_FAILED)) == 0);
    link_close(&l);
}

static void largest_record(void)
{
    each_version(record_rows);
}

static void held_back(void)
{
    open_with(0x0303, false);
    server_sends(sent, 100);
    server_sends(sent, 200);
    int second = l.down.count / 2;
    CHECK((link_run(&l) & TLS_READABLE) != 0);
    CHECK(l.down.count >= second);
    int left = l.down.count;
    link_run(&l);
    EQUAL(left, l.down.count);
    EQUAL(0, tls_read(l.engine, got, 0));
    link_receive(&l, got, 300);
    EQUAL(0, l.down.count);
    link_close(&l);
}

static void written_once(void)
{
    open_with(0x0303, false);
    EQUAL(0, tls_write(l.engine, sent, 0));
    EQUAL(0, tls_write(l.engine, NULL, 0));
    EQUAL(1000, tls_write(l.engine, sent, 1000));
    EQUAL(0, tls_write(l.engine, sent, 1000));
    l.disturbed = true;
    l.window_out = 1;
    link_run(&l);
    EQUAL(1000, l.server.received);
    CHECK((l.flags & TLS_WRITABLE) != 0);
    int taken = tls_write(l.engine, sent, 60000);
    CHECK(taken > 0 && taken <= 16384);
    l.disturbed = true;
    link_run(&l);
    EQUAL(1000 + taken, l.server.received);
    link_close(&l);
}

static void closed_rows(int version)
{
    for (int window = 0; window < 2; window++)
    {
        open_with(version, false);
        l.window_in = window;
        random_fill(sent, 500);
        server_sends(sent, 500);
        EQUAL(0, mbedtls_ssl_close_notify(&l.server.context));
        l.ended = true;
        link_receive(&l, got, 500);
        EQUAL(0, memcmp(sent, got, 500));
        link_run(&l);
        CHECK((l.flags & (TLS_CLOSED | TLS_FAILED | TLS_READABLE)) == TLS_CLOSED);
        EQUAL(0, tls_read(l.engine, got, 10));
        CHECK(tls_write(l.engine, sent, 1) < 0);
        EQUAL(0, link_info(&l, TLS_INFO_REASON));

        /* and our own end, the other half */
        link_shutdown(&l);
        link_run(&l);
        CHECK(l.server.got_end);
        link_close(&l);
    }
}

static void closed_by_server(void)
{
    each_version(closed_rows);
}

static void shutdown_rows(int version)
{
    for (int window = 0; window < 2; window++)
    {
        open_with(version, false);
        l.window_out = window;
        EQUAL(700, tls_write(l.engine, sent, 700));
        link_shutdown(&l);
        EQUAL(0, tls_shutdown(l.engine));
        CHECK(tls_write(l.engine, sent, 1) < 0);
        link_run(&l);
        EQUAL(700, l.server.received);
        CHECK(l.server.got_end && !l.server.failed);
        CHECK((l.flags & (TLS_FAILED | TLS_WANT_OUT | TLS_WRITABLE)) == 0);
        link_close(&l);
    }
}

static void shut_down(void)
{
    each_version(shutdown_rows);
}

static void truncated_rows(int version)
{
    open_with(version, false);
    link_run(&l);
    server_sends(sent, 300);
    l.ended = true;
    link_receive(&l, got, 300);
    link_run(&l);
    link_failed(&l, TLS_E_TRUNCATED);
    link_close(&l);

    /* within a record */
    open_with(version, false);
    server_sends(sent, 300);
    l.down.count -= 20;
    l.ended = true;
    link_run(&l);
    link_failed(&l, TLS_E_TRUNCATED);
    link_close(&l);
}

static void truncated(void)
{
    each_version(truncated_rows);
}

static void empty_rows(int version)
{
    for (int count = 1; count <= 3; count++)
    {
        open_with(version, false);
        for (int i = 0; i < count; i++)
        {
            EQUAL(0, server_write(&l.server, sent, 0));
        }

        CHECK(l.down.count > 0);
        link_run(&l);
        EQUAL(0, link_info(&l, TLS_INFO_REASON));
        EQUAL(0, l.down.count);
        server_sends(sent, 10);
        link_receive(&l, got, 10);
        link_close(&l);
    }
}

static void empty_records(void)
{
    each_version(empty_rows);
}

static void damaged_rows(int version)
{
    static const uint8_t large[] = { 23, 3, 3, 0xFF, 0xFF, 1, 2, 3 };
    static const uint8_t text[] = "HTTP/1.1 400 Bad Request";
    for (int i = 0; i < 30; i++)
    {
        open_with(version, false);
        link_run(&l);
        server_sends(sent, 100);
        l.down.bytes[random_between(5, l.down.count - 1)] ^= (uint8_t)(1 << random_between(0, 7));
        link_run(&l);
        link_failed(&l, TLS_E_BAD_RECORD);
        CHECK(l.server.failed && l.server.error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
        link_close(&l);
    }

    open_with(version, false);
    link_run(&l);
    queue_put(&l.down, text, sizeof text);
    link_run(&l);
    link_failed(&l, TLS_E_BAD_RECORD);
    link_close(&l);

    open_with(version, false);
    link_run(&l);
    queue_put(&l.down, large, sizeof large);
    link_run(&l);
    CHECK(link_info(&l, TLS_INFO_REASON) == TLS_E_RECORD_TOO_LARGE || link_info(&l, TLS_INFO_REASON) == TLS_E_BAD_RECORD);
    link_close(&l);

    /* a record that was there before */
    open_with(version, false);
    link_run(&l);
    server_sends(sent, 100);
    queue_put(&l.down, l.down.bytes, l.down.count);
    link_receive(&l, got, 100);
    link_run(&l);
    link_failed(&l, TLS_E_BAD_RECORD);
    link_close(&l);
}

static void damaged(void)
{
    each_version(damaged_rows);
}

static void alert_rows(int version)
{
    open_with(version, false);
    EQUAL(0, mbedtls_ssl_send_alert_message(&l.server.context, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR));
    link_run(&l);
    link_failed(&l, TLS_E_ALERT);
    EQUAL(MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, link_info(&l, TLS_INFO_ALERT));
    link_close(&l);
}

static void alerted(void)
{
    each_version(alert_rows);
}

static void renegotiation(void)
{
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    open_with(0x0303, true);
    mbedtls_ssl_conf_renegotiation(&l.server.configuration, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_conf_renegotiation_enforced(&l.server.configuration, MBEDTLS_SSL_RENEGOTIATION_NOT_ENFORCED);
    EQUAL(0, mbedtls_ssl_renegotiate(&l.server.context));
    CHECK(l.down.count > 0);
    link_run(&l);
    EQUAL(0, link_info(&l, TLS_INFO_REASON));
    EQUAL(0, l.down.count);
    link_send(&l, sent, 300);
    link_receive(&l, got, 300);
    link_close(&l);
#endif
}

static void fragments(void)
{
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
    for (int fragment = 512; fragment <= 4096; fragment *= 2)
    {
        struct client_settings client_settings = { .fragment = fragment };
        struct server_settings server_settings = { 0 };
        link_open(&l, &client_settings, &server_settings);
        link_handshake(&l);
        server_sends(sent, 10000);
        for (int at = 0; at < l.down.count;)
        {
            int record = (l.down.bytes[at + 3] << 8) | l.down.bytes[at + 4];
            CHECK(record <= fragment + 64 && (record > fragment / 2 || at + 5 + record == l.down.count));
            at += 5 + record;
        }

        link_receive(&l, got, 10000);
        CHECK(tls_write(l.engine, sent, 10000) <= fragment);
        link_close(&l);
    }
#endif
}

const struct test_case stream_cases[] = {
    { "What is sent comes back, with windows of every size", echoes },
    { "The largest record passes in one piece", largest_record },
    { "What is not read is held back, and no more is taken in", held_back },
    { "What is written is sent once, however small the window", written_once },
    { "The server's end in order comes after its data", closed_by_server },
    { "Our end in order comes after what is still to go out", shut_down },
    { "A stream that ends without close_notify is truncated, and its data can be read", truncated },
    { "Empty records do no harm", empty_records },
    { "Damaged, repeated, oversized records and text fail, and the server hears of it", damaged },
    { "An alert of the server is told with its number", alerted },
    { "A server that wants to negotiate anew is told no and goes on", renegotiation },
    { "The server keeps to the longest fragment", fragments },
};
const int stream_case_count = sizeof stream_cases / sizeof stream_cases[0];
