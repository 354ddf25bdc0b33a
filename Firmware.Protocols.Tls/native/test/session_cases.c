/* Sessions: exported, imported, resumed, refused. */
#include "cases.h"

#include <string.h>

#include "link.h"
#include "random.h"
#include "tls_engine.h"

static struct link l;
static struct server_memory memory;
static uint8_t session[4096];
static uint8_t other[4096];
static const char *const mqtt[] = { "mqtt", NULL };

static struct client_settings usual_client(int version)
{
    struct client_settings settings = { .identity = &client, .alpn = "mqtt", .version = version };
    return settings;
}

static struct server_settings usual_server(int version, bool tickets)
{
    struct server_settings settings = { .client_authority = &authority, .alpn = mqtt, .version = version, .tickets = tickets, .cache = !tickets, .memory = &memory, .echo = true };
    return settings;
}

/* The session of the open connection; it can be got once. */
static int take(uint8_t *buffer)
{
    CHECK((l.flags & TLS_SESSION) != 0);
    int count = tls_get(l.engine, TLS_GET_SESSION, buffer, sizeof session);
    CHECK(count > 0 && count <= 2048);
    EQUAL(0, tls_get(l.engine, TLS_GET_SESSION, buffer, sizeof session));
    l.disturbed = true;
    CHECK((link_run(&l) & TLS_SESSION) == 0);
    return count;
}

/* A full handshake, and its session. */
static int make(int version, bool tickets)
{
    struct client_settings client_settings = usual_client(version);
    struct server_settings server_settings = usual_server(version, tickets);
    link_open(&l, &client_settings, &server_settings);
    link_handshake(&l);
    EQUAL(0, link_info(&l, TLS_INFO_RESUMED));
    int count = take(session);
    link_close(&l);
    return count;
}

static void offer(struct client_settings client_settings, const struct server_settings *server_settings, int count, bool resumed)
{
    uint8_t echo[5];
    client_settings.session = session;
    client_settings.session_count = count;
    link_open(&l, &client_settings, server_settings);
    l.window_in = random_between(0, 200);
    l.window_out = random_between(0, 200);
    link_handshake(&l);
    EQUAL(resumed, link_info(&l, TLS_INFO_RESUMED));
    CHECK(!resumed || l.wire_in < 700);
    link_send(&l, (const uint8_t *)"hello", 5);
    link_receive(&l, echo, 5);
    EQUAL(0, memcmp(echo, "hello", 5));
    EQUAL(4, tls_get(l.engine, TLS_GET_ALPN, echo, 5));
}

static void resume(int version, bool tickets)
{
    struct client_settings client_settings = usual_client(version);
    struct server_settings server_settings = usual_server(version, tickets);
    server_memory_init(&memory);
    int count = make(version, tickets);

    /* each resumed connection gives the session of the next */
    for (int i = 0; i < 4; i++)
    {
        offer(client_settings, &server_settings, count, true);
        if ((l.flags & TLS_SESSION) != 0)
        {
            count = take(session);
        }

        link_close(&l);
    }

    /* the server remembers nothing: a full handshake */
    server_memory_free(&memory);
    server_memory_init(&memory);
    offer(client_settings, &server_settings, count, false);
    count = take(session);
    link_close(&l);
    offer(client_settings, &server_settings, count, true);
    link_close(&l);
    server_memory_free(&memory);
}

static void with_tickets(int version)
{
    resume(version, true);
}

static void resumed_tickets(void)
{
    each_version(with_tickets);
}

static void resumed_cache(void)
{
    resume(0x0303, false);
}

/* The result of setting these bytes as session on an engine of its own. */
static int import(struct client_settings settings, const uint8_t *data, int count)
{
    int32_t engine = client_open(&settings);
    int result = tls_set(engine, TLS_SET_SESSION, data, count);
    EQUAL(0, tls_close(engine));
    return result;
}

static void corrupt_rows(int version)
{
    struct client_settings settings = usual_client(version);
    server_memory_init(&memory);
    int count = make(version, true);
    server_memory_free(&memory);
    int32_t engine = client_open(&settings);
    memcpy(other, session, sizeof other);
    for (int i = 0; i < count; i++)
    {
        other[i] ^= (uint8_t)(1 << random_between(0, 7));
        EQUAL(TLS_E_SESSION_CORRUPT, tls_set(engine, TLS_SET_SESSION, other, count));
        other[i] = session[i];
        EQUAL(i == 0 ? TLS_E_ARGUMENT : TLS_E_SESSION_CORRUPT, tls_set(engine, TLS_SET_SESSION, other, i));
    }

    EQUAL(TLS_E_SESSION_CORRUPT, tls_set(engine, TLS_SET_SESSION, other, count + 1));
    random_fill(other, sizeof other);
    EQUAL(TLS_E_SESSION_CORRUPT, tls_set(engine, TLS_SET_SESSION, other, sizeof other));

    /* after all these it is as if they had not been */
    EQUAL(0, tls_set(engine, TLS_SET_SESSION, session, count));
    EQUAL(0, tls_start(engine));
    EQUAL(0, tls_close(engine));
}

static void corrupt(void)
{
    each_version(corrupt_rows);
}

static void other_rows(int version)
{
    struct client_settings settings = usual_client(version);
    server_memory_init(&memory);
    int count = make(version, true);
    server_memory_free(&memory);
    EQUAL(0, import(settings, session, count));
    settings.host = "broker.tess";
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings = usual_client(version);
    settings.alpn = "mqtt,http/1.1";
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings.alpn = NULL;
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings = usual_client(version);
    settings.authority = &other_authority;
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings = usual_client(version);
    settings.identity = &client_stranger;
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings.identity = NULL;
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
}

static void of_others(void)
{
    each_version(other_rows);
}

/* good: 2024-01-01T00:00:00Z to 2033-12-31T23:59:59Z */
#define GOOD_FROM 1704067200
#define GOOD_UNTIL 2019686399

static void expired_rows(int version)
{
    struct client_settings settings = usual_client(version);
    struct server_settings server_settings = usual_server(version, true);
    server_memory_init(&memory);
    int count = make(version, true);
    settings.now = GOOD_FROM;
    EQUAL(0, import(settings, session, count));
    settings.now = GOOD_UNTIL;
    EQUAL(0, import(settings, session, count));
    settings.now = GOOD_FROM - 1;
    EQUAL(TLS_E_SESSION_EXPIRED, import(settings, session, count));
    settings.now = GOOD_UNTIL + 1;
    EQUAL(TLS_E_SESSION_EXPIRED, import(settings, session, count));

    /* the dates go with the session through a resumption */
    offer(usual_client(version), &server_settings, count, true);
    if ((l.flags & TLS_SESSION) != 0)
    {
        count = take(session);
    }

    link_close(&l);
    EQUAL(TLS_E_SESSION_EXPIRED, import(settings, session, count));

    /* the clock was set after the session */
    settings = usual_client(version);
    settings.session = session;
    settings.session_count = count;
    link_open(&l, &settings, &server_settings);
    EQUAL(0, tls_set_number(l.engine, TLS_NUM_NOW, GOOD_UNTIL + 1));
    link_run(&l);
    link_failed(&l, TLS_E_SESSION_EXPIRED);
    CHECK(l.server.failed && l.server.error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    link_close(&l);
    server_memory_free(&memory);
}

static void expired_sessions(void)
{
    each_version(expired_rows);
}

static void of_another_version(void)
{
#if TEST_TLS13
    struct client_settings settings = usual_client(0x0304);
    server_memory_init(&memory);
    int count = make(0x0303, true);
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    settings = usual_client(0x0303);
    EQUAL(0, import(settings, session, count));
    count = make(0x0304, true);
    EQUAL(TLS_E_SESSION_OTHER, import(settings, session, count));
    server_memory_free(&memory);
#endif
}

static void order(void)
{
    struct client_settings settings = usual_client(0x0303);
    server_memory_init(&memory);
    int count = make(0x0303, true);
    server_memory_free(&memory);
    int32_t engine = tls_open();
    EQUAL(TLS_E_STATE, tls_set(engine, TLS_SET_SESSION, session, count));
    EQUAL(0, tls_close(engine));
    engine = client_open(&settings);
    EQUAL(TLS_E_STATE, tls_get(engine, TLS_GET_SESSION, other, sizeof other));
    EQUAL(0, tls_set(engine, TLS_SET_SESSION, session, count));
    EQUAL(TLS_E_STATE, tls_set(engine, TLS_SET_HOST, (const uint8_t *)"other.test", 10));
    EQUAL(TLS_E_STATE, tls_set_number(engine, TLS_NUM_MAX_VERSION, 0x0303));
    EQUAL(0, tls_close(engine));
}

static void small_buffer(void)
{
    struct client_settings client_settings = usual_client(0x0303);
    struct server_settings server_settings = usual_server(0x0303, true);
    server_memory_init(&memory);
    for (int count = 0; count < 1000; count += 83)
    {
        link_open(&l, &client_settings, &server_settings);
        link_handshake(&l);
        memset(other, 0xEE, sizeof other);
        int result = tls_get(l.engine, TLS_GET_SESSION, other, count);
        CHECK(result == TLS_E_BUFFER || (result > 0 && result <= count));
        EQUAL(0xEE, other[count]);
        link_close(&l);
    }

    server_memory_free(&memory);
}

const struct test_case session_cases[] = {
    { "A session is resumed with its ticket, until the server forgets it", resumed_tickets },
    { "A session is resumed with its id, until the server forgets it", resumed_cache },
    { "A session with any bit flipped or any end cut off is corrupt", corrupt },
    { "A session with another host, ALPN, CA or client certificate is refused", of_others },
    { "A session is valid as long as the certificates it was verified with", expired_sessions },
    { "A session of a version that is not allowed is refused", of_another_version },
    { "A session is set last and got when there is one", order },
    { "A session that does not fit is an error, and nothing is written beside the buffer", small_buffer },
};
const int session_case_count = sizeof session_cases / sizeof session_cases[0];
