/* See fuzz_corpus.h. */
#include "fuzz_corpus.h"

#include <string.h>

#include "check.h"
#include "random.h"
#include "tls_engine.h"

struct recording recordings[RECORDED_COUNT];
int recording_count = TEST_TLS13 ? RECORDED_COUNT : RECORDED_COUNT - 1;
uint8_t recorded_data[600];

static struct link l;
static struct server_memory memory;
static const char *const mqtt[] = { "mqtt", NULL };

void recording_open(struct link *link, const struct recording *recording)
{
    struct client_settings settings = recording->client;
    settings.session = recording->session_count > 0 ? recording->session : NULL;
    settings.session_count = recording->session_count;
    random_seed(RECORDED_SEED);
    link_open(link, &settings, NULL);
}

/* Everything the server sends, in order, while the connection takes its course. */
static void record(struct recording *recording, const struct identity *identity)
{
    struct server_settings settings = { .identity = identity, .client_authority = &authority, .alpn = mqtt, .version = recording->client.version, .tickets = true, .memory = &memory };
    recording_open(&l, recording);
    link_serve(&l, &settings);
    l.tape = recording->bytes;
    link_run(&l);
    recording->handshake = l.sent;
    if ((l.flags & TLS_READY) != 0)
    {
        EQUAL(300, server_write(&l.server, recorded_data, 300));
        EQUAL(300, server_write(&l.server, recorded_data + 300, 300));
        EQUAL(0, mbedtls_ssl_close_notify(&l.server.context));
    }

    recording->count = l.sent;
    CHECK(recording->count < RECORDED_MAX);
}

void recordings_make(void)
{
    struct client_settings usual = { .identity = &client, .alpn = "mqtt", .version = 0x0303 };
    random_seed(RECORDED_SEED);
    random_fill(recorded_data, sizeof recorded_data);
    server_memory_init(&memory);
    for (int i = 0; i < recording_count; i++)
    {
        recordings[i].client = usual;
    }

    record(&recordings[RECORDED_FULL], &good);
    CHECK((l.flags & TLS_READY) != 0);
    struct recording *resumed = &recordings[RECORDED_RESUMED];
    resumed->session_count = tls_get(l.engine, TLS_GET_SESSION, resumed->session, sizeof resumed->session);
    CHECK(resumed->session_count > 0);
    link_close(&l);
    record(resumed, &good);
    EQUAL(1, link_info(&l, TLS_INFO_RESUMED));
    link_close(&l);
    record(&recordings[RECORDED_STRANGER], &stranger);
    EQUAL(TLS_E_UNTRUSTED, link_info(&l, TLS_INFO_REASON));
    link_close(&l);
#if TEST_TLS13
    recordings[RECORDED_13].client.version = 0x0304;
    record(&recordings[RECORDED_13], &good);
    CHECK((l.flags & TLS_READY) != 0);
    link_close(&l);
#endif
    server_memory_free(&memory);
}

int handshake_bytes(const uint8_t *stream, int count, uint8_t *result)
{
    int total = 0;
    for (int at = 0; at + 5 <= count;)
    {
        int length = (stream[at + 3] << 8) | stream[at + 4];
        int there = length < count - at - 5 ? length : count - at - 5;
        if (stream[at] == 22)
        {
            memcpy(result + total, stream + at + 5, (size_t)there);
            total += there;
        }

        at += 5 + there;
    }

    return total;
}
