/* DTLS: the engine against mbedTLS's DTLS server over a network that loses, doubles and reorders datagrams, on a clock of its own. */
#include "cases.h"

#include <string.h>

#include "heap.h"
#include "link.h"
#include "network.h"
#include "random.h"
#include "tls_engine.h"

#if defined(MBEDTLS_SSL_PROTO_DTLS)

struct timer
{
    int64_t intermediate;
    int64_t final; /* -1: not set */
};

static struct timer server_timer;
static struct server server;
static struct server_memory memory;
static int longest; /* the MTU */
static int32_t engine;
static int flags;

static int server_send(void *context, const unsigned char *data, size_t count)
{
    (void)context;
    network_send(false, data, (int)count);
    return (int)count;
}

static int server_receive(void *context, unsigned char *data, size_t count)
{
    (void)context;
    struct datagram *d = network_arrived(true);
    if (d == NULL)
    {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }

    CHECK(d->count <= (int)count);
    if (server.ready && d->count > 13 && d->bytes[0] == 22 && d->bytes[4] == 0 && d->bytes[13] == 1)
    {
        /* a late copy of the hello: mbedTLS's server takes it for a client that begins anew on the same port */
        d->used = false;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }

    memcpy(data, d->bytes, (size_t)d->count);
    d->used = false;
    return d->count;
}

static void set_timer(void *context, uint32_t intermediate, uint32_t final)
{
    struct timer *timer = context;
    timer->intermediate = network.now_ms + intermediate;
    timer->final = final == 0 ? -1 : network.now_ms + final;
}

static int get_timer(void *context)
{
    struct timer *timer = context;
    return timer->final < 0 ? -1 : timer->final <= network.now_ms ? 2 : timer->intermediate <= network.now_ms ? 1 : 0;
}

static bool pump(void)
{
    uint8_t out[DATAGRAM_MAX];
    struct datagram *d = network_arrived(false);
    heap_watch(true);
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW_MS, network.now_ms));
    int64_t result = tls_pump(engine, d == NULL ? NULL : d->bytes, d == NULL ? 0 : d->count, out, sizeof out);
    heap_watch(false);
    CHECK(result >= 0);
    int consumed = (int)(result >> 16 & 0xFFFF);
    int produced = (int)(result & 0xFFFF);
    bool moved = consumed > 0 || produced > 0 || (int)(result >> 32) != flags || (result >> 32 & TLS_MORE) != 0;
    flags = (int)(result >> 32);
    CHECK(consumed == 0 || consumed == d->count);
    CHECK(produced <= longest);
    if (consumed > 0)
    {
        d->used = false;
    }

    if (produced > 0)
    {
        network_send(true, out, produced);
    }

    return moved;
}

/* The next time at which something happens; -1: never. */
static int64_t next_event(void)
{
    int64_t next = tls_info(engine, TLS_INFO_TIMER_MS);
    if (server_timer.final >= 0 && !server.failed && (next < 0 || server_timer.final < next))
    {
        next = server_timer.final;
    }

    int64_t arrival = network_next(!server.failed);
    if (arrival >= 0 && (next < 0 || arrival < next))
    {
        next = arrival;
    }

    return next;
}

/* Runs both sides and the clock until the engine has this flag, at most four minutes. */
static bool until(int flag, bool has_server)
{
    int64_t end = network.now_ms + 240000;
    int quiet = 0;
    for (int rounds = 0; rounds < 100000; rounds++)
    {
        quiet = pump() ? 0 : quiet + 1;
        if (has_server)
        {
            server_step(&server);
            CHECK(!server.failed || network.damage > 0);
        }

        if ((flags & (flag | TLS_FAILED)) != 0)
        {
            return (flags & flag) != 0;
        }

        if (quiet > 2 && network_arrived(false) == NULL && (!has_server || server.failed || network_arrived(true) == NULL))
        {
            int64_t next = next_event();
            if (next < 0 || next > end)
            {
                return false;
            }

            network.now_ms = next > network.now_ms ? next : network.now_ms + 1;
            quiet = 0;
        }
    }

    check_fail(__FILE__, __LINE__, "it does not end");
}

static void begin(int mtu)
{
    struct client_settings client_settings = { .identity = &client };
    struct server_settings server_settings = { .datagram = true, .client_authority = &authority, .memory = &memory, .echo = true };
    network_clear();
    network.now_ms = random_between(0, 1000000);
    network.sent = flags = 0;
    longest = mtu;
    server_timer.final = -1;
    engine = client_open(&client_settings);
    EQUAL(0, tls_set_number(engine, TLS_NUM_DATAGRAM, 1));
    EQUAL(0, tls_set_number(engine, TLS_NUM_MTU, mtu));
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW_MS, network.now_ms));
    EQUAL(0, tls_start(engine));
    server_memory_init(&memory);
    server_open(&server, &server_settings, NULL, server_send, server_receive);
    mbedtls_ssl_set_timer_cb(&server.context, &server_timer, set_timer, get_timer);
    mbedtls_ssl_set_mtu(&server.context, (uint16_t)mtu);
}

static void end(void)
{
    EQUAL(0, tls_close(engine));
    server_close(&server);
    server_memory_free(&memory);
}

static void echo_one(void)
{
    uint8_t data[200];
    uint8_t got[200];
    int count = random_between(1, sizeof data);
    random_fill(data, (size_t)count);

    /* the application repeats what is lost */
    for (int attempt = 0; attempt < 60; attempt++)
    {
        EQUAL(count, tls_write(engine, data, count));
        if (until(TLS_READABLE, true))
        {
            EQUAL(count, tls_read(engine, got, sizeof got));
            EQUAL(0, memcmp(data, got, (size_t)count));
            return;
        }

        EQUAL(0, tls_info(engine, TLS_INFO_REASON));
    }

    check_fail(__FILE__, __LINE__, "no echo");
}

static void quiet_network(void)
{
    network.loss = network.doubles = network.late = 0;
    for (int mtu = 300; mtu <= 1400; mtu += 550)
    {
        begin(mtu);
        CHECK(until(TLS_READY, true));
        EQUAL(0xFEFD, tls_info(engine, TLS_INFO_VERSION));
        for (int i = 0; i < 10; i++)
        {
            echo_one();
        }

        EQUAL(0, tls_shutdown(engine));
        pump();
        pump();
        server_step(&server);
        CHECK(server.got_end);
        end();
    }
}

static void bad_network(void)
{
    for (int i = 0; i < 25; i++)
    {
        network.loss = random_between(0, 30);
        network.doubles = random_between(0, 30);
        network.late = random_between(0, 300);
        begin(random_between(300, 1400));
        CHECK(until(TLS_READY, true));

        /* the server's last flight can have been lost on the way to it: then it asks again */
        echo_one();
        echo_one();
        end();
    }
}

static void nobody(void)
{
    network.loss = 100;
    network.doubles = network.late = 0;
    begin(1400);
    int64_t start = network.now_ms;
    CHECK(!until(TLS_READY, false));
    CHECK((flags & TLS_FAILED) != 0);
    EQUAL(TLS_E_TIMEOUT, tls_info(engine, TLS_INFO_REASON));
    CHECK(network.sent >= 5 && network.sent <= 8);
    CHECK(network.now_ms - start > 30000 && network.now_ms - start <= 130000);
    EQUAL(-1, tls_info(engine, TLS_INFO_TIMER_MS));
    end();
}

static void timers(void)
{
    network.loss = 100;
    network.doubles = network.late = 0;
    begin(1400);
    for (int i = 1; i < 5; i++)
    {
        while (pump())
        {
        }

        EQUAL(i, network.sent);
        network.now_ms = tls_info(engine, TLS_INFO_TIMER_MS) - 1;
        pump();
        EQUAL(i, network.sent);
        network.now_ms++;
        pump();
        EQUAL(i + 1, network.sent);
    }

    end();
}

static void strange(void)
{
    /* datagrams that are not of the connection are dropped, whenever they come */
    network.loss = network.doubles = network.late = 0;
    begin(1400);
    for (int i = 0; i < 200; i++)
    {
        uint8_t data[300];
        int count = random_between(1, sizeof data);
        random_fill(data, (size_t)count);
        if (random_between(0, 1) == 0)
        {
            memcpy(data, "\x17\xFE\xFD\0\1", count < 5 ? (size_t)count : 5);
        }

        network_send(false, data, count);
        pump();
        server_step(&server);
    }

    CHECK(until(TLS_READY, true));
    echo_one();
    end();
}

static void damaged(void)
{
    /* each connection works, or fails with a reason: the server's, or ours */
    int ready = 0;
    network.loss = network.doubles = 5;
    network.late = 20;
    for (int i = 0; i < 40; i++)
    {
        network.damage = random_between(1, 20);
        begin(random_between(300, 1400));
        bool done = until(TLS_READY, true);
        EQUAL(!done && (flags & TLS_FAILED) != 0, tls_info(engine, TLS_INFO_REASON) != 0);
        CHECK(done || server.failed || (flags & TLS_FAILED) != 0);
        if (done)
        {
            /* from here on damage is loss */
            ready++;
            echo_one();
        }

        end();
    }

    network.damage = 0;
    CHECK(ready > 0 && ready < 40);
}

static void window(void)
{
    /* a window that is too small for the datagram: it waits, and is sent whole */
    uint8_t out[DATAGRAM_MAX];
    network.loss = network.doubles = network.late = 0;
    begin(1400);
    for (int i = 0; i < 5; i++)
    {
        int64_t result = tls_pump(engine, NULL, 0, out, 20);
        EQUAL(0, result & 0xFFFF);
    }

    CHECK((tls_pump(engine, NULL, 0, out, 20) >> 32 & TLS_WANT_OUT) != 0);

    /* and one that is longer than any buffer goes whole */
    static uint8_t huge[40000];
    pump();
    EQUAL(sizeof huge, tls_pump(engine, huge, sizeof huge, out, sizeof out) >> 16 & 0xFFFF);
    CHECK(until(TLS_READY, true));
    end();
}

const struct test_case datagram_cases[] = {
    { "DTLS: a handshake with cookie and an echo over a quiet network", quiet_network },
    { "DTLS: handshakes and echoes over networks that lose, double and reorder", bad_network },
    { "DTLS: nobody answers, which is a timeout", nobody },
    { "DTLS: the first flight is sent again at the very time that the timer says", timers },
    { "DTLS: datagrams of strangers are dropped", strange },
    { "DTLS: damaged datagrams fail a handshake, and are lost after it", damaged },
    { "DTLS: a datagram waits for a window that holds it", window },
};
const int datagram_case_count = sizeof datagram_cases / sizeof datagram_cases[0];

#else

const struct test_case datagram_cases[] = { { NULL, NULL } };
const int datagram_case_count = 0;

#endif
