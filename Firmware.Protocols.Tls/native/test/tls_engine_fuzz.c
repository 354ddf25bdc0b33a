/*
 * A fuzz target of the TLS engine; fuzz_driver.c makes a program of it that needs no more than a C compiler:
 *
 *   tls_engine_fuzz [--inputs N] [--seed S] [--first I] [--only KIND]
 *
 * LLVMFuzzerTestOneInput takes a kind, a seed of the windows and the bytes. Kinds: 0 the bytes of a server, recorded and damaged; 1 a live server
 * whose bytes are damaged on the way; 2 what is set; 3 calls in any order, several engines at once.
 *
 * What must hold, besides what AddressSanitizer and link.c look at: it ends; nothing is left of it; a connection is READY only if the handshake
 * that arrived is the one that the server sent, and never with a server that is not trusted; what is read is what the server wrote.
 */
#include <string.h>

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif
#include <mbedtls/md.h>

#include "check.h"
#include "fuzz_corpus.h"
#include "fuzz_mutate.h"
#include "heap.h"
#include "random.h"
#include "tls_engine.h"

#define KINDS 4
#define INPUT_MAX 32768

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void fuzz_prepare(void);
void fuzz_counts(long *became_ready, long *failed);

static struct link links[TLS_ENGINES];
static struct server_memory memory;
static uint8_t given[65536];
static uint8_t expected[65536];
static const char *const mqtt[] = { "mqtt", NULL };
static long ready;
static long failures;

/* Reads all there is; it has to be what the server wrote. */
static int read_all(struct link *l, int already)
{
    uint8_t text[200];
    while ((l->flags & TLS_READABLE) != 0)
    {
        int got = tls_read(l->engine, text, random_between(1, sizeof text));
        l->disturbed = true;
        if (got <= 0)
        {
            CHECK(got == 0 || got == tls_info(l->engine, TLS_INFO_REASON));
            link_pump(l);
            break;
        }

        CHECK(already + got <= (int)sizeof recorded_data);
        EQUAL(0, memcmp(recorded_data + already, text, (size_t)got));
        already += got;
        link_pump(l);
    }

    return already;
}

/* The handshake that the engine took must be the one that was sent. */
static void same_handshake(const struct link *l, const uint8_t *stream, const uint8_t *sent, int sent_count)
{
    int got = handshake_bytes(stream, l->ready_at, given);
    int most = handshake_bytes(sent, sent_count, expected);
    CHECK(got <= most);
    EQUAL(0, memcmp(given, expected, (size_t)got));
}

static void replay(const uint8_t *data, int count)
{
    static uint8_t stream[INPUT_MAX];
    struct link *l = &links[0];
    int which = count > 0 ? data[0] % recording_count : 0;
    uint64_t windows = (uint64_t)random_between(0, 1 << 30);
    data += count > 0;
    count -= count > 0;
    recording_open(l, &recordings[which]);
    random_seed_own(windows);
    l->window_in = random_between(0, 1) * random_between(1, 2000);
    l->window_out = random_between(0, 1) * random_between(1, 2000);
    memcpy(stream, data, (size_t)count);
    queue_put(&l->down, data, count);
    l->ended = random_between(0, 1) == 0;
    int got = 0;
    for (int i = 0; i < 20; i++)
    {
        link_run(l);
        got = read_all(l, got);
    }

    if (l->ready_at > 0)
    {
        ready++;
        CHECK(which != RECORDED_STRANGER);
        same_handshake(l, stream, recordings[which].bytes, recordings[which].handshake);
    }

    failures += (l->flags & TLS_FAILED) != 0;
    CHECK((l->flags & TLS_CLOSED) == 0 || got == (int)sizeof recorded_data);
    CHECK(!l->ended || (l->flags & (TLS_FAILED | TLS_CLOSED)) != 0);
    link_close(l);
}

/* Damages what lies in the queue; the link counts what was sent, and the tape has it as it was. */
static void damage(struct link *l)
{
    if (l->down.count > 0 && l->down.count < 60000)
    {
        l->down.count = mutate(l->down.bytes, l->down.count, 80000, NULL, 0);
    }
}

static void live(int count)
{
    static uint8_t tape[INPUT_MAX * 2];
    struct link *l = &links[0];
    int version = TEST_TLS13 && count % 2 == 1 ? 0x0304 : 0x0303;
    struct client_settings client_settings = { .identity = &client, .alpn = "mqtt", .version = version };
    struct server_settings server_settings = { .identity = random_between(0, 3) == 0 ? &stranger : &good, .client_authority = &authority, .alpn = mqtt, .version = version, .tickets = true, .memory = &memory };
    link_open(l, &client_settings, &server_settings);
    l->tape = tape;
    l->window_in = random_between(0, 1) * random_between(1, 2000);
    int when = random_between(0, 3);
    int got = 0;
    for (int i = 0; i < 40; i++)
    {
        /* at one of the flights, or with the data */
        link_pump(l);
        server_step(&l->server);
        if (l->down.count > 0 && when-- == 0)
        {
            damage(l);
        }
    }

    link_run(l);
    if (l->server.ready && !l->server.failed && !l->server.got_end)
    {
        /* the tape is of the handshake only, and its end is not needed any more */
        l->tape = NULL;
        server_write(&l->server, recorded_data, 300);
        server_write(&l->server, recorded_data + 300, 300);
        mbedtls_ssl_close_notify(&l->server.context);
        if (when >= 0)
        {
            damage(l);
        }
    }

    for (int i = 0; i < 20; i++)
    {
        link_run(l);
        got = read_all(l, got);
    }

    l->ended = true;
    link_run(l);
    got = read_all(l, got);
    link_run(l);
    ready += l->ready_at > 0;
    failures += (l->flags & TLS_FAILED) != 0;
    CHECK(l->ready_at == 0 || server_settings.identity == &good);
    CHECK((l->flags & (TLS_FAILED | TLS_CLOSED)) != 0);
    CHECK((l->flags & TLS_CLOSED) == 0 || got == (int)sizeof recorded_data);
    link_close(l);
}

/* A session's digest made right again, so that what is behind it is read. */
static void mend_session(uint8_t *session, int count)
{
    mbedtls_md_context_t md;
    if (count <= 84)
    {
        return;
    }

    mbedtls_md_init(&md);
    EQUAL(0, mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0));
    mbedtls_md_starts(&md);
    mbedtls_md_update(&md, session, 52);
    mbedtls_md_update(&md, session + 84, (size_t)count - 84);
    mbedtls_md_finish(&md, session + 52);
    mbedtls_md_free(&md);
}

static void set(const uint8_t *data, int count)
{
    static uint8_t bytes[INPUT_MAX];
    struct link *l = &links[0];
    int item = count > 0 ? data[0] % 8 : 1;
    struct client_settings client_settings = { .identity = &client, .alpn = "mqtt", .version = 0x0303 };
    struct server_settings server_settings = { .client_authority = &authority, .alpn = mqtt, .tickets = true, .memory = &memory };
    data += count > 0;
    count -= count > 0;
    memcpy(bytes, data, (size_t)count);
    memset(l, 0, sizeof *l);
    l->engine = client_open(&client_settings);
    if (item == TLS_SET_SESSION && random_between(0, 1) == 0)
    {
        mend_session(bytes, count);
    }

    int result = tls_set(l->engine, item, bytes, count);
    CHECK(result == 0 || (result <= TLS_E_ARGUMENT && result >= TLS_E_SESSION_EXPIRED));
    int started = tls_start(l->engine);
    CHECK(started == 0 || result == 0);
    if (started == 0 && random_between(0, 3) == 0)
    {
        link_serve(l, &server_settings);
        link_run(l);
        ready += (l->flags & TLS_READY) != 0;
        failures += (l->flags & TLS_FAILED) != 0;
    }

    link_close(l);
}

/* One call of one engine, sensible or not. */
static void any_call(struct link *l, int64_t *now)
{
    uint8_t text[500];
    int n = random_between(0, sizeof text);
    switch (random_between(0, 11))
    {
    case 0:
        tls_write(l->engine, recorded_data, n);
        break;
    case 1:
        tls_read(l->engine, text, n);
        break;
    case 2:
        tls_get(l->engine, random_between(-1, 4), text, n);
        break;
    case 3:
        tls_info(l->engine, random_between(-1, 12));
        break;
    case 4:
        tls_set_number(l->engine, random_between(-1, 11), random_between(0, 5000));
        *now = TEST_NOW;
        tls_set_number(l->engine, TLS_NUM_NOW, *now);
        break;
    case 5:
        tls_set(l->engine, random_between(-1, 8), recorded_data, n);
        break;
    case 6:
        tls_start(l->engine);
        break;
    case 7:
        if (random_between(0, 9) == 0 && tls_shutdown(l->engine) == 0)
        {
            l->shut = true;
        }

        break;
    case 8:
        if (random_between(0, 19) == 0)
        {
            l->ended = true;
        }

        break;
    case 9:
        if (l->server.ready && !l->server.failed && l->down.count < 40000)
        {
            server_write(&l->server, recorded_data, random_between(1, sizeof recorded_data));
        }

        break;
    case 10:
        if (random_between(0, 29) == 0)
        {
            damage(l);
        }

        break;
    default:
        l->window_in = random_between(0, 3000);
        l->window_out = random_between(0, 3000);
        break;
    }

    l->disturbed = true;
}

static void calls(int count)
{
    bool open[TLS_ENGINES] = { false };
    int64_t now = TEST_NOW;
    for (int i = 0; i < 100 + count % 200; i++)
    {
        int place = random_between(0, TLS_ENGINES - 1);
        struct link *l = &links[place];
        if (!open[place])
        {
            int version = TEST_TLS13 && random_between(0, 1) == 1 ? 0x0304 : 0x0303;
            struct client_settings client_settings = { .identity = &client, .alpn = "mqtt", .version = version };
            struct server_settings server_settings = { .client_authority = &authority, .alpn = mqtt, .version = version, .tickets = true, .memory = &memory, .echo = true };
            link_open(l, &client_settings, &server_settings);
            open[place] = true;
        }
        else if (random_between(0, 59) == 0)
        {
            ready += l->ready_at > 0;
            failures += (l->flags & TLS_FAILED) != 0;
            link_close(l);
            open[place] = false;
        }
        else
        {
            any_call(l, &now);
            link_pump(l);
            if (l->down.count < 100000)
            {
                server_step(&l->server);
            }
        }
    }

    for (int i = 0; i < TLS_ENGINES; i++)
    {
        if (open[i])
        {
            link_close(&links[i]);
        }
    }
}

void fuzz_prepare(void)
{
    static bool done;
    if (!done)
    {
        done = true;
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
        CHECK(psa_crypto_init() == PSA_SUCCESS);
#endif
        random_seed(1);
        certificates_make();
        recordings_make();
        server_memory_init(&memory);
    }
}

/* How the connections so far went. */
void fuzz_counts(long *became_ready, long *failed)
{
    *became_ready = ready;
    *failed = failures;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_prepare();
    if (size < 5 || size > INPUT_MAX)
    {
        return 0;
    }

    int count = (int)size - 5;
    uint64_t seed = data[1] | (uint64_t)data[2] << 8 | (uint64_t)data[3] << 16 | (uint64_t)data[4] << 24;
    long blocks = heap_blocks();
    random_seed(seed);
    switch (data[0] % KINDS)
    {
    case 0:
        replay(data + 5, count);
        break;
    case 1:
        live(count);
        break;
    case 2:
        set(data + 5, count);
        break;
    default:
        calls(count);
        break;
    }

    EQUAL(0, tls_info(0, TLS_INFO_ENGINES));
    EQUAL(blocks, heap_blocks());
    return 0;
}
