/* Every argument of every call wrong, and calls at the wrong time. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "tls_engine.h"

static struct link l;
static uint8_t buffer[70000];

static void calls_with(int32_t handle)
{
    EQUAL(TLS_E_HANDLE, tls_set(handle, TLS_SET_HOST, (const uint8_t *)"a", 1));
    EQUAL(TLS_E_HANDLE, tls_set_number(handle, TLS_NUM_NOW, 1));
    EQUAL(TLS_E_HANDLE, tls_start(handle));
    EQUAL(TLS_E_HANDLE, tls_pump(handle, buffer, 1, buffer, 1));
    EQUAL(TLS_E_HANDLE, tls_read(handle, buffer, 1));
    EQUAL(TLS_E_HANDLE, tls_write(handle, buffer, 1));
    EQUAL(TLS_E_HANDLE, tls_shutdown(handle));
    EQUAL(TLS_E_HANDLE, tls_end_of_input(handle));
    EQUAL(TLS_E_HANDLE, tls_info(handle, TLS_INFO_REASON));
    EQUAL(TLS_E_HANDLE, tls_get(handle, TLS_GET_ALPN, buffer, 1));
    EQUAL(TLS_E_HANDLE, tls_close(handle));
}

static void handles(void)
{
    int32_t engine = tls_open();
    const int32_t wrong[] = { 0, -1, INT32_MIN, INT32_MAX, engine + 1, engine - 1, engine + TLS_ENGINES, engine - TLS_ENGINES, engine | 0x40000000 };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
        calls_with(wrong[i]);
    }

    EQUAL(0, tls_close(engine));
    calls_with(engine);
    int32_t next = tls_open();
    CHECK(next > 0 && next != engine);
    calls_with(engine);
    EQUAL(0, tls_close(next));
}

static void table(void)
{
    int32_t engines[TLS_ENGINES];
    for (int round = 0; round < 3; round++)
    {
        for (int i = 0; i < TLS_ENGINES; i++)
        {
            EQUAL(i, tls_info(0, TLS_INFO_ENGINES));
            engines[i] = tls_open();
            CHECK(engines[i] > 0);
            for (int k = 0; k < i; k++)
            {
                CHECK(engines[k] != engines[i]);
            }
        }

        EQUAL(TLS_E_TABLE_FULL, tls_open());
        EQUAL(0, tls_close(engines[2]));
        int32_t again = tls_open();
        CHECK(again > 0 && again != engines[2]);
        EQUAL(TLS_E_TABLE_FULL, tls_open());
        tls_reset();
        EQUAL(0, tls_info(0, TLS_INFO_ENGINES));
        calls_with(again);
    }

    tls_reset();
}

static void reset_in_use(void)
{
    struct client_settings client_settings = { .identity = &client };
    struct server_settings server_settings = { 0 };
    link_open(&l, &client_settings, &server_settings);
    link_handshake(&l);
    EQUAL(100, tls_write(l.engine, buffer, 100));
    tls_reset();
    calls_with(l.engine);
    server_close(&l.server);
}

static void items_of_bytes(void)
{
    struct client_settings settings = { 0 };
    int32_t engine = client_open(&settings);
    memset(buffer, 'a', sizeof buffer);
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, 0, buffer, 1));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, -1, buffer, 1));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_SESSION + 1, buffer, 1));
    for (int item = TLS_SET_HOST; item <= TLS_SET_SESSION; item++)
    {
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, item, NULL, 1));
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, item, NULL, 0));
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, item, buffer, 0));
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, item, buffer, -1));
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, item, buffer, INT32_MIN));
    }

    EQUAL(0, tls_set(engine, TLS_SET_HOST, buffer, 253));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_HOST, buffer, 254));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_HOST, (const uint8_t *)"a\0b", 3));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_HOST, (const uint8_t *)"a b", 3));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_HOST, (const uint8_t *)"a\xC3\xA4", 3));
    static const char *const bad[] = { ",", "a,", ",a", "a,,b", "a,b,c,d,e" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        check_row(bad[i]);
        EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_ALPN, (const uint8_t *)bad[i], (int32_t)strlen(bad[i])));
    }

    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_ALPN, (const uint8_t *)"a\0b", 3));
    EQUAL(0, tls_set(engine, TLS_SET_ALPN, (const uint8_t *)"a,b,c,d", 7));
    EQUAL(0, tls_set(engine, TLS_SET_ALPN, buffer, 255));
    EQUAL(TLS_E_ARGUMENT, tls_set(engine, TLS_SET_ALPN, buffer, 256));
    EQUAL(TLS_E_CA_FORMAT, tls_set(engine, TLS_SET_CA, buffer, sizeof buffer));
    EQUAL(TLS_E_CA_FORMAT, tls_set(engine, TLS_SET_CA, (const uint8_t *)client.key_pem, (int32_t)strlen(client.key_pem)));
    EQUAL(TLS_E_CERT_FORMAT, tls_set(engine, TLS_SET_CERT, buffer, sizeof buffer));
    EQUAL(TLS_E_CERT_FORMAT, tls_set(engine, TLS_SET_CERT, (const uint8_t *)client.key_pem, (int32_t)strlen(client.key_pem)));
    EQUAL(TLS_E_KEY_FORMAT, tls_set(engine, TLS_SET_KEY, buffer, sizeof buffer));
    EQUAL(TLS_E_KEY_FORMAT, tls_set(engine, TLS_SET_KEY, (const uint8_t *)client.certificate_pem, (int32_t)strlen(client.certificate_pem)));
    EQUAL(TLS_E_SESSION_CORRUPT, tls_set(engine, TLS_SET_SESSION, buffer, sizeof buffer));
    EQUAL(1, tls_info(engine, TLS_INFO_CA_COUNT));
    EQUAL(0, tls_close(engine));
}

static void formats(void)
{
    /* PEM with a NUL behind it, DER, text around it, several at once, one of which is not readable */
    char text[4000];
    int32_t engine = tls_open();
    EQUAL(0, tls_set(engine, TLS_SET_CA, (const uint8_t *)authority.certificate_pem, (int32_t)strlen(authority.certificate_pem) + 1));
    EQUAL(0, tls_set(engine, TLS_SET_CA, authority.certificate.raw.p, (int32_t)authority.certificate.raw.len));
    EQUAL(2, tls_info(engine, TLS_INFO_CA_COUNT));
    EQUAL(TLS_E_CA_FORMAT, tls_set(engine, TLS_SET_CA, authority.certificate.raw.p, (int32_t)authority.certificate.raw.len - 1));
    strcpy(text, "# comment\n");
    strcat(text, other_authority.certificate_pem);
    strcat(text, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    strcat(text, authority.certificate_pem);
    EQUAL(0, tls_set(engine, TLS_SET_CA, (const uint8_t *)text, (int32_t)strlen(text)));
    EQUAL(4, tls_info(engine, TLS_INFO_CA_COUNT));
    EQUAL(1, tls_info(engine, TLS_INFO_CA_SKIPPED));
    EQUAL(TLS_E_CERT_FORMAT, tls_set(engine, TLS_SET_CERT, (const uint8_t *)text, (int32_t)strlen(text)));
    EQUAL(0, tls_set(engine, TLS_SET_CERT, client.certificate.raw.p, (int32_t)client.certificate.raw.len));
    EQUAL(0, tls_set(engine, TLS_SET_KEY, (const uint8_t *)client.key_pem, (int32_t)strlen(client.key_pem)));
    int count = mbedtls_pk_write_key_der((mbedtls_pk_context *)&client.key, (unsigned char *)text, sizeof text);
    CHECK(count > 0);
    EQUAL(0, tls_set(engine, TLS_SET_KEY, (const uint8_t *)text + sizeof text - count, count));
    EQUAL(0, tls_set(engine, TLS_SET_HOST, (const uint8_t *)TEST_HOST, (int32_t)strlen(TEST_HOST)));
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW, TEST_NOW));
    EQUAL(0, tls_start(engine));
    EQUAL(0, tls_close(engine));
}

static void numbers(void)
{
    static const struct { int item; int64_t bad[6]; } rows[] = {
        { TLS_NUM_MIN_VERSION, { 0, 0x0302, 0x0305, -1, 0x10303, INT64_MAX } },
        { TLS_NUM_MAX_VERSION, { 0, 0x0302, 0x0305, -1, 0x100000303, INT64_MIN } },
        { TLS_NUM_MAX_FRAGMENT, { -1, 1, 511, 8192, 0x100000200, INT64_MAX } },
        { TLS_NUM_ALPN_REQUIRED, { -1, 2, 256, 0x100000000, INT64_MIN, INT64_MAX } },
        { TLS_NUM_DATAGRAM, { -1, 2, 256, 0x100000001, INT64_MIN, INT64_MAX } },
        { TLS_NUM_NOW_MS, { -1, -2, -3, INT64_MIN, INT64_MIN, INT64_MIN } },
        { TLS_NUM_MTU, { -1, 0, 1, 65536, INT64_MIN, INT64_MAX } },
        { 0, { 0, 1, -1, 2, INT64_MIN, INT64_MAX } },
        { -1, { 0, 1, -1, 2, INT64_MIN, INT64_MAX } },
        { TLS_NUM_MTU + 1, { 0, 1, -1, 2, INT64_MIN, INT64_MAX } },
    };
    int32_t engine = tls_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        for (int k = 0; k < 6; k++)
        {
            EQUAL(TLS_E_ARGUMENT, tls_set_number(engine, rows[i].item, rows[i].bad[k]));
        }
    }

    int ops = (int)tls_set_number(engine, TLS_NUM_ECP_OPS, 0);
    CHECK(ops == 0 || ops == TLS_E_UNSUPPORTED);
    EQUAL(ops == 0 ? TLS_E_ARGUMENT : TLS_E_UNSUPPORTED, tls_set_number(engine, TLS_NUM_ECP_OPS, -1));
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW, INT64_MIN));
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW, INT64_MAX));
    EQUAL(0, tls_close(engine));
}

static void windows(void)
{
    struct client_settings client_settings = { 0 };
    link_open(&l, &client_settings, NULL);
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, NULL, 1, buffer, 1));
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, buffer, 1, NULL, 1));
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, buffer, -1, buffer, 1));
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, buffer, 1, buffer, -1));
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, buffer, TLS_WINDOW_MAX + 1, buffer, 1));
    EQUAL(TLS_E_ARGUMENT, tls_pump(l.engine, buffer, 1, buffer, TLS_WINDOW_MAX + 1));

    /* no windows at all: nothing goes on, and nothing is lost */
    for (int i = 0; i < 20; i++)
    {
        CHECK(tls_pump(l.engine, NULL, 0, NULL, 0) >= 0);
    }

    CHECK((tls_pump(l.engine, NULL, 0, NULL, 0) >> 32 & TLS_WANT_OUT) != 0);
    int64_t result = tls_pump(l.engine, NULL, 0, buffer, TLS_WINDOW_MAX);
    CHECK((result & 0xFFFF) > 100);
    EQUAL(22, buffer[0]);
    EQUAL((result & 0xFFFF), 5 + ((buffer[3] << 8) | buffer[4]));
    link_close(&l);
}

static void data(void)
{
    struct client_settings client_settings = { 0 };
    struct server_settings server_settings = { 0 };
    link_open(&l, &client_settings, &server_settings);
    link_handshake(&l);
    EQUAL(TLS_E_ARGUMENT, tls_write(l.engine, NULL, 1));
    EQUAL(TLS_E_ARGUMENT, tls_write(l.engine, buffer, -1));
    EQUAL(TLS_E_ARGUMENT, tls_read(l.engine, NULL, 1));
    EQUAL(TLS_E_ARGUMENT, tls_read(l.engine, buffer, -1));
    EQUAL(0, tls_read(l.engine, buffer, 100));
    EQUAL(TLS_E_ARGUMENT, tls_get(l.engine, TLS_GET_CIPHER, NULL, 100));
    EQUAL(TLS_E_ARGUMENT, tls_get(l.engine, TLS_GET_CIPHER, buffer, -1));
    EQUAL(TLS_E_ARGUMENT, tls_get(l.engine, 0, buffer, 100));
    EQUAL(TLS_E_ARGUMENT, tls_get(l.engine, TLS_GET_SESSION + 1, buffer, 100));
    EQUAL(TLS_E_BUFFER, tls_get(l.engine, TLS_GET_CIPHER, buffer, 3));
    EQUAL(TLS_E_BUFFER, tls_get(l.engine, TLS_GET_CIPHER, NULL, 0));
    EQUAL(TLS_E_ARGUMENT, tls_info(l.engine, -1));
    EQUAL(TLS_E_ARGUMENT, tls_info(l.engine, TLS_INFO_ENGINES + 1));
    EQUAL(MBEDTLS_VERSION_NUMBER, tls_info(0, TLS_INFO_LIBRARY));
    EQUAL(TLS_E_STATE, tls_set(l.engine, TLS_SET_HOST, (const uint8_t *)"a", 1));
    EQUAL(TLS_E_STATE, tls_set_number(l.engine, TLS_NUM_MTU, 1000));
    EQUAL(0, tls_set_number(l.engine, TLS_NUM_NOW, TEST_NOW + 1));
    EQUAL(TLS_E_STATE, tls_start(l.engine));
    link_close(&l);
}

static void set_text(int32_t engine, int item, const char *text)
{
    EQUAL(0, tls_set(engine, item, (const uint8_t *)text, (int32_t)strlen(text)));
}

static void missing(void)
{
    int32_t engine = tls_open();
    EQUAL(TLS_E_STATE, tls_start(engine));
    EQUAL(TLS_E_STATE, tls_pump(engine, buffer, 1, buffer, 1));
    EQUAL(TLS_E_STATE, tls_read(engine, buffer, 1));
    EQUAL(TLS_E_STATE, tls_write(engine, buffer, 1));
    EQUAL(TLS_E_STATE, tls_shutdown(engine));
    EQUAL(TLS_E_STATE, tls_get(engine, TLS_GET_ALPN, buffer, 1));
    EQUAL(0, tls_info(engine, TLS_INFO_REASON));
    EQUAL(-1, tls_info(engine, TLS_INFO_ALERT));
    EQUAL(-1, tls_info(engine, TLS_INFO_TIMER_MS));
    set_text(engine, TLS_SET_HOST, TEST_HOST);
    EQUAL(TLS_E_STATE, tls_start(engine));
    set_text(engine, TLS_SET_CA, authority.certificate_pem);
    EQUAL(TLS_E_STATE, tls_start(engine));
    EQUAL(0, tls_set_number(engine, TLS_NUM_NOW, TEST_NOW));
    EQUAL(0, tls_set_number(engine, TLS_NUM_ALPN_REQUIRED, 1));
    EQUAL(TLS_E_STATE, tls_start(engine));
    set_text(engine, TLS_SET_ALPN, "mqtt");
    set_text(engine, TLS_SET_CERT, client.certificate_pem);
    EQUAL(TLS_E_STATE, tls_start(engine));
    set_text(engine, TLS_SET_KEY, client_stranger.key_pem);
    EQUAL(TLS_E_KEY_MISMATCH, tls_start(engine));
    set_text(engine, TLS_SET_KEY, client.key_pem);
    EQUAL(0, tls_set_number(engine, TLS_NUM_MIN_VERSION, 0x0304));
    EQUAL(0, tls_set_number(engine, TLS_NUM_MAX_VERSION, 0x0303));
    EQUAL(TLS_E_ARGUMENT, tls_start(engine));
    EQUAL(0, tls_set_number(engine, TLS_NUM_MAX_VERSION, 0x0304));
    EQUAL(TEST_TLS13 ? 0 : TLS_E_UNSUPPORTED, tls_start(engine));
    EQUAL(0, tls_close(engine));
}

static void started_at_last(void)
{
    /* what was refused does not remain: the corrected engine connects */
    struct client_settings settings = { .identity = &client };
    struct server_settings server_settings = { .client_authority = &authority };
    link_open(&l, &settings, &server_settings);
    EQUAL(0, tls_close(l.engine));
    l.engine = client_open(&settings);
    set_text(l.engine, TLS_SET_KEY, client_stranger.key_pem);
    EQUAL(TLS_E_KEY_MISMATCH, tls_start(l.engine));
    set_text(l.engine, TLS_SET_KEY, client.key_pem);
    set_text(l.engine, TLS_SET_HOST, "other.test");
    set_text(l.engine, TLS_SET_HOST, TEST_HOST);
    EQUAL(0, tls_start(l.engine));
    link_handshake(&l);
    link_close(&l);
}

static void early_data(void)
{
    struct client_settings client_settings = { 0 };
    struct server_settings server_settings = { 0 };
    link_open(&l, &client_settings, &server_settings);
    link_pump(&l);
    EQUAL(TLS_E_STATE, tls_write(l.engine, buffer, 1));
    EQUAL(TLS_E_STATE, tls_read(l.engine, buffer, 1));
    EQUAL(TLS_E_STATE, tls_shutdown(l.engine));
    EQUAL(TLS_E_STATE, tls_get(l.engine, TLS_GET_CIPHER, buffer, 100));
    link_handshake(&l);
    link_close(&l);
}

const struct test_case argument_cases[] = {
    { "A handle that is not one, or was closed, is refused by every call", handles },
    { "The table of engines can be full, and every place is used again", table },
    { "A reset closes engines in the middle of their work", reset_in_use },
    { "Bytes that cannot be an item are refused", items_of_bytes },
    { "Certificates and keys are read in every form", formats },
    { "Numbers that cannot be are refused", numbers },
    { "Windows that cannot be are refused, and no window is a window", windows },
    { "Data that cannot be are refused", data },
    { "A start without all that it needs is refused", missing },
    { "A start that was refused can be mended", started_at_last },
    { "Data before the handshake is done are refused", early_data },
};
const int argument_case_count = sizeof argument_cases / sizeof argument_cases[0];
