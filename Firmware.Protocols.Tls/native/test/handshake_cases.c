/* The handshake: what makes it succeed, and the reason of every refusal. */
#include "cases.h"

#include <string.h>

#include "link.h"
#include "random.h"
#include "tls_engine.h"

static struct link l;

static const char *const mqtt[] = { "x-amzn-mqtt-ca", NULL };
static const char *const http[] = { "http/1.1", NULL };
static const int ccm[] = { MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CCM, 0 };

/* The windows of the tests: at most so many bytes in and out. */
static const int windows[][2] = { { 0, 0 }, { 1, 1 }, { 5, 700 }, { 700, 5 }, { 64, 64 } };

void each_version(void (*run)(int version))
{
    check_row("TLS 1.2");
    run(0x0303);
#if TEST_TLS13
    check_row("TLS 1.3");
    run(0x0304);
#endif
    check_row(NULL);
}

static void everything(int version)
{
    struct client_settings client_settings = { .identity = &client, .alpn = "x-amzn-http-ca,x-amzn-mqtt-ca", .alpn_required = true, .version = version };
    struct server_settings server_settings = { .client_authority = &authority, .alpn = mqtt, .version = version };
    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++)
    {
        char text[80];
        link_open(&l, &client_settings, &server_settings);
        l.window_in = windows[i][0];
        l.window_out = windows[i][1];
        EQUAL(0, link_info(&l, TLS_INFO_VERSION));
        link_handshake(&l);
        EQUAL(version, link_info(&l, TLS_INFO_VERSION));
        EQUAL(0, link_info(&l, TLS_INFO_RESUMED));
        EQUAL(1, link_info(&l, TLS_INFO_CA_COUNT));
        EQUAL(-1, link_info(&l, TLS_INFO_ALERT));
        EQUAL(strlen(mqtt[0]), tls_get(l.engine, TLS_GET_ALPN, (uint8_t *)text, sizeof text));
        EQUAL(0, memcmp(text, mqtt[0], strlen(mqtt[0])));
        const char *cipher = mbedtls_ssl_get_ciphersuite(&l.server.context);
        EQUAL(strlen(cipher), tls_get(l.engine, TLS_GET_CIPHER, (uint8_t *)text, sizeof text));
        EQUAL(0, memcmp(text, cipher, strlen(cipher)));
        EQUAL(strlen(cipher), tls_get(l.engine, TLS_GET_CIPHER, (uint8_t *)text, (int32_t)strlen(cipher)));
        EQUAL(TLS_E_BUFFER, tls_get(l.engine, TLS_GET_CIPHER, (uint8_t *)text, (int32_t)strlen(cipher) - 1));
        link_close(&l);
    }
}

static void full_handshake(void)
{
    each_version(everything);
}

static void without_alpn(void)
{
    struct client_settings offering = { .alpn = "x-amzn-mqtt-ca" };
    struct client_settings plain = { 0 };
    struct server_settings ignoring = { 0 };
    struct server_settings choosing = { .alpn = mqtt };
    uint8_t text[16];
    link_open(&l, &offering, &ignoring);
    link_handshake(&l);
    EQUAL(0, tls_get(l.engine, TLS_GET_ALPN, text, sizeof text));
    link_close(&l);
    link_open(&l, &plain, &choosing);
    link_handshake(&l);
    EQUAL(0, tls_get(l.engine, TLS_GET_ALPN, NULL, 0));
    link_close(&l);
}

struct refusal
{
    const char *name;
    struct client_settings client;
    struct server_settings server;
    int reason;
    int alert;       /* of the server; -1: it is the client that refuses, and the server hears of it */
};

static const struct refusal refusals[] = {
    { "the server ignores ALPN", { .alpn = "x-amzn-mqtt-ca", .alpn_required = true }, { 0 }, TLS_E_ALPN, -1 },
    { "no common ALPN", { .alpn = "x-amzn-mqtt-ca" }, { .alpn = http }, TLS_E_ALPN, 120 },
    { "no common ALPN, required", { .alpn = "x-amzn-mqtt-ca", .alpn_required = true }, { .alpn = http }, TLS_E_ALPN, 120 },
    { "a stranger's certificate", { 0 }, { .identity = &stranger }, TLS_E_UNTRUSTED, -1 },
    { "an authority that is not ours", { .authority = &other_authority }, { 0 }, TLS_E_UNTRUSTED, -1 },
    { "another host", { 0 }, { .identity = &wrong_host }, TLS_E_HOST, -1 },
    { "an expired certificate", { 0 }, { .identity = &expired }, TLS_E_EXPIRED, -1 },
    { "an expired certificate of the chain", { 0 }, { .identity = &below_old }, TLS_E_EXPIRED, -1 },
    { "an authority that has expired", { .now = 2524608001 }, { .identity = &not_yet_valid }, TLS_E_EXPIRED, -1 },
    { "a certificate that is not yet valid", { 0 }, { .identity = &not_yet_valid }, TLS_E_NOT_YET_VALID, -1 },
    { "a clock that stands at 1970", { .now = 1 }, { 0 }, TLS_E_NOT_YET_VALID, -1 },
    { "a certificate signed with SHA-1", { 0 }, { .identity = &unfit }, TLS_E_CERT_UNFIT, -1 },
};

static void refusal_rows(int version)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
    {
        struct refusal row = refusals[i];
        check_row(row.name);
        row.client.version = row.server.version = version;
        for (size_t w = 0; w < 2; w++)
        {
            link_open(&l, &row.client, &row.server);
            l.window_in = windows[w][0];
            l.window_out = windows[w][1];
            link_run(&l);
            link_failed(&l, row.reason);
            EQUAL(row.alert, link_info(&l, TLS_INFO_ALERT));
            CHECK(l.server.failed);
            /* in TLS 1.3 mbedTLS 3.6 sends this alert without the keys that it already has: its server hears of it as damage */
            if (version == 0x0303 && (row.alert < 0) != (l.server.error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE))
            {
                check_fail(__FILE__, __LINE__, "TLS 0x%04X: the server heard -0x%04X", version, (unsigned)-l.server.error);
            }

            link_close(&l);
        }
    }
}

static void refused(void)
{
    each_version(refusal_rows);
}

static void certificates_at_the_edge(void)
{
    /* expired: to 2029-12-31T23:59:59Z; not_yet_valid: from 2030-01-01T00:00:01Z */
    struct client_settings last = { .now = TEST_NOW - 1 };
    struct client_settings first = { .now = TEST_NOW + 1 };
    struct server_settings old = { .identity = &expired };
    struct server_settings new = { .identity = &not_yet_valid };
    link_open(&l, &last, &old);
    link_handshake(&l);
    link_close(&l);
    link_open(&l, &first, &new);
    link_handshake(&l);
    link_close(&l);
}

#if TEST_TLS13
static void refused_version(const struct client_settings *client_settings, const struct server_settings *server_settings, int reason)
{
    link_open(&l, client_settings, server_settings);
    link_run(&l);
    link_failed(&l, reason);
    link_close(&l);
}
#endif

/* What the server says to the first flight, whatever it is. */
static void answered(const uint8_t *answer, int count, int reason, int alert)
{
    struct client_settings client_settings = { 0 };
    link_open(&l, &client_settings, NULL);
    link_run(&l);
    queue_put(&l.down, answer, count);
    link_run(&l);
    link_failed(&l, reason);
    EQUAL(alert, link_info(&l, TLS_INFO_ALERT));
    link_close(&l);
}

static void versions(void)
{
    /* a server hello of TLS 1.1 */
    static const uint8_t old_hello[] = "\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr\x00\xc0\x2b\x00";
    static const uint8_t alert[] = "\x15\x03\x03\x00\x02\x02\x46";
    answered(old_hello, sizeof old_hello - 1, TLS_E_VERSION, -1);
    answered(alert, sizeof alert - 1, TLS_E_VERSION, 70);
#if TEST_TLS13
    struct client_settings old_client = { .version = 0x0303 };
    struct client_settings new_client = { .version = 0x0304 };
    struct server_settings old_server = { .version = 0x0303 };
    struct server_settings new_server = { .version = 0x0304 };
    refused_version(&old_client, &new_server, TLS_E_VERSION);
    /* it looks for a cipher suite first */
    refused_version(&new_client, &old_server, TLS_E_NO_COMMON_CIPHER);
#endif
}

static void ciphers(void)
{
    struct client_settings client_settings = { 0 };
    struct server_settings server_settings = { .ciphers = ccm };
    link_open(&l, &client_settings, &server_settings);
    link_run(&l);
    link_failed(&l, TLS_E_NO_COMMON_CIPHER);
    EQUAL(40, link_info(&l, TLS_INFO_ALERT));
    link_close(&l);
}

#if TEST_TLS13
void mbedtls_ssl_set_outbound_transform(mbedtls_ssl_context *context, mbedtls_ssl_transform *transform);
#endif

/* Runs until the server has refused the client's certificate, and lets it say so. */
static void refuse_client(const struct client_settings *client_settings, const struct server_settings *server_settings, int reason, int alert)
{
    link_open(&l, client_settings, server_settings);
    for (int i = 0; i < 100 && !l.server.failed; i++)
    {
        /* the client first, as far as it can: in TLS 1.3 it is ready before the server has read its certificate */
        for (int k = 0; k < 30; k++)
        {
            link_pump(&l);
        }

        server_step(&l.server);
    }

    CHECK(l.server.failed);
#if TEST_TLS13
    if (server_settings->version == 0x0304)
    {
        /* RFC 8446 has the alert go out under the application's keys; mbedTLS 3.6's server uses those of the handshake still */
        CHECK((l.flags & TLS_READY) != 0);
        l.down.count = 0;
        mbedtls_ssl_set_outbound_transform(&l.server.context, l.server.context.MBEDTLS_PRIVATE(transform_application));
    }
#endif
    if (l.down.count == 0)
    {
        /* mbedTLS 2.28's server only ends the connection; this is what others say */
        EQUAL(0, mbedtls_ssl_send_alert_message(&l.server.context, MBEDTLS_SSL_ALERT_LEVEL_FATAL, (unsigned char)alert));
    }

    link_run(&l);
    link_failed(&l, reason);
    CHECK(link_info(&l, TLS_INFO_ALERT) > 0);
    link_close(&l);
}

static void client_certificate_rows(int version)
{
    struct client_settings none = { .version = version };
    struct client_settings foreign = { .identity = &client_stranger, .version = version };
    struct server_settings server_settings = { .client_authority = &authority, .version = version };
    refuse_client(&none, &server_settings, TLS_E_CLIENT_CERT_REQUIRED, version == 0x0303 ? 40 : 116);
    refuse_client(&foreign, &server_settings, TLS_E_CLIENT_CERT_REFUSED, 48);
}

static void client_certificates(void)
{
    each_version(client_certificate_rows);
}

static void cut_rows(int version)
{
    struct client_settings client_settings = { .identity = &client, .alpn = mqtt[0], .version = version };
    struct server_settings server_settings = { .client_authority = &authority, .alpn = mqtt, .version = version };
    link_open(&l, &client_settings, &server_settings);
    link_handshake(&l);
    int whole = (int)l.wire_in;
    link_close(&l);

    /* TLS 1.3 is ready before the server's last bytes are there */
    int most = version == 0x0304 ? whole / 2 : whole - 1;
    for (int cut = 1; cut < most; cut += random_between(1, most / 20))
    {
        link_open(&l, &client_settings, &server_settings);
        l.cut = cut;
        l.window_in = random_between(0, 300);
        link_run(&l);
        link_failed(&l, TLS_E_CLOSED_IN_HANDSHAKE);
        link_close(&l);
    }
}

static void cut_short(void)
{
    each_version(cut_rows);
}

static void not_tls(void)
{
    static const char *const texts[] = { "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n", "\x20\x02\x00\x05", "220 mail ESMTP\r\n", "\x80\x2e\x01\x03\x01\x00\x15\x00\x00" };
    struct client_settings client_settings = { 0 };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    {
        check_row(texts[i]);
        link_open(&l, &client_settings, NULL);
        link_run(&l);
        int count = i == 2 ? 4 : (int)strlen(texts[i]);
        queue_put(&l.down, (const uint8_t *)texts[i], count);
        l.ended = true;
        link_run(&l);
        link_failed(&l, count < 5 ? TLS_E_CLOSED_IN_HANDSHAKE : TLS_E_NOT_TLS);
        link_close(&l);
    }
}

/* A hello in pieces that no hello has: what the engine says to it has to fit through the smallest window. */
static void strange_answers(void)
{
    static const struct { const char *bytes; int count; } answers[] = {
        { "\x17\x03\x03\x00\x01\xc3", 6 },
        { "\x14\x03\x03\x00\x01\x07", 6 },
        { "\x16\x03\x03\x00\x04\x0e\x00\x00\x00", 9 },
        { "\x16\x03\x03\x00\x06\x02\x00\x00\x02\x03\x03", 11 },
        { "\x15\x03\x03\x00\x01\x02", 6 },
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0] * 4; i++)
    {
        struct client_settings client_settings = { .version = TEST_TLS13 && i % 2 == 1 ? 0x0304 : 0x0303 };
        link_open(&l, &client_settings, NULL);
        link_run(&l);
        l.up.count = 0;
        l.window_out = i % 4 / 2;
        queue_put(&l.down, (const uint8_t *)answers[i / 4].bytes, answers[i / 4].count);
        link_run(&l);
        CHECK((l.flags & TLS_FAILED) != 0);
        CHECK(l.up.count == 7 || l.up.count == 0);
        link_close(&l);
    }
}

static void in_small_steps(void)
{
    struct client_settings client_settings = { .identity = &client };
    struct server_settings server_settings = { .client_authority = &authority };
    long pumps[2] = { 0, 0 };
    for (int i = 0; i < 2; i++)
    {
        link_open(&l, &client_settings, &server_settings);
        if (tls_set_number(l.engine, TLS_NUM_ECP_OPS, i * 1000) == 0)
        {
            link_handshake(&l);
            EQUAL(0, tls_set_number(l.engine, TLS_NUM_ECP_OPS, 0));
            pumps[i] = l.pumps;
        }

        link_close(&l);
    }

    CHECK(pumps[0] == 0 || pumps[1] > pumps[0] + 5);
}

static void closed_at_once(void)
{
    struct client_settings client_settings = { 0 };
    link_open(&l, &client_settings, NULL);
    l.ended = true;
    link_run(&l);
    link_failed(&l, TLS_E_CLOSED_IN_HANDSHAKE);
    link_close(&l);
}

/* Flips a bit of the server's first flight, but not of the version in a record's header, which nothing rests on. */
static void flip_rows(int version)
{
    struct client_settings client_settings = { .version = version };
    struct server_settings server_settings = { .version = version };
    for (int i = 0; i < 60; i++)
    {
        link_open(&l, &client_settings, &server_settings);
        while (l.down.count == 0)
        {
            link_pump(&l);
            server_step(&l.server);
        }

        int place = random_between(0, l.down.count - 1);
        int record = 0;
        while (record + 5 + ((l.down.bytes[record + 3] << 8) | l.down.bytes[record + 4]) <= place)
        {
            record += 5 + ((l.down.bytes[record + 3] << 8) | l.down.bytes[record + 4]);
        }

        place += place == record + 1 ? 2 : place == record + 2 ? 1 : 0;
        l.down.bytes[place] ^= (uint8_t)(1 << random_between(0, 7));
        link_run(&l);

        /* it failed, or it waits for the rest of a record that is said to be longer */
        l.ended = true;
        link_run(&l);
        CHECK((l.flags & TLS_FAILED) != 0);
        CHECK(!l.server.ready);
        link_close(&l);
    }
}

static void flipped(void)
{
    each_version(flip_rows);
}

const struct test_case handshake_cases[] = {
    { "A handshake with client certificate and ALPN succeeds with windows of every size", full_handshake },
    { "ALPN that is not required can be ignored", without_alpn },
    { "Each refusal has its reason, and the other side hears of it", refused },
    { "A certificate is good to its last second and from its first", certificates_at_the_edge },
    { "A server of another version is refused", versions },
    { "A server without a common cipher suite is told apart", ciphers },
    { "A missing and a foreign client certificate are told apart", client_certificates },
    { "A stream that ends within the handshake is told apart at every place", cut_short },
    { "A handshake goes in smaller steps, if mbedTLS was built for it", in_small_steps },
    { "A server that closes before its first byte is told apart", closed_at_once },
    { "What is not TLS is told apart", not_tls },
    { "A strange answer to the hello fails, with one alert at most", strange_answers },
    { "A flipped bit in the server's first flight fails the handshake", flipped },
};
const int handshake_case_count = sizeof handshake_cases / sizeof handshake_cases[0];
