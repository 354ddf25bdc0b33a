/* The driver of tls_engine_fuzz.c: seeded inputs, mutated from what was recorded. Left out of a build with a fuzzer's own driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_corpus.h"
#include "fuzz_mutate.h"
#include "random.h"

#define INPUT_MAX 32768

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void fuzz_prepare(void);
void fuzz_counts(long *became_ready, long *failed);

static uint64_t seed = 1;

/* What can be set, to begin with: the item before the bytes. */
static int to_set(uint8_t *data)
{
    static const struct { int item; const char *text; } texts[] = {
        { 1, TEST_HOST }, { 2, "mqtt,x-amzn-mqtt-ca,http/1.1" }, { 3, authority.certificate_pem }, { 3, other_authority.certificate_pem }, { 4, client.certificate_pem }, { 5, client.key_pem },
    };
    int choice = random_between(0, 9);
    const uint8_t *from = recordings[RECORDED_RESUMED].session;
    int count = recordings[RECORDED_RESUMED].session_count;
    data[0] = 6;
    if (choice < 6)
    {
        data[0] = (uint8_t)texts[choice].item;
        from = (const uint8_t *)texts[choice].text;
        count = (int)strlen(texts[choice].text);
    }
    else if (choice == 6)
    {
        data[0] = (uint8_t)random_between(3, 4);
        from = client.certificate.raw.p;
        count = (int)client.certificate.raw.len;
    }

    memcpy(data + 1, from, (size_t)count);
    return 1 + mutate(data + 1, count, INPUT_MAX - 6, NULL, 0);
}

static int to_replay(uint8_t *data)
{
    int which = random_between(0, recording_count - 1);
    int other = random_between(0, recording_count - 1);
    const struct recording *recording = &recordings[which];
    data[0] = (uint8_t)which;
    memcpy(data + 1, recording->bytes, (size_t)recording->count);

    /* one in sixteen is as it was */
    return 1 + (random_between(0, 15) == 0 ? recording->count : mutate(data + 1, recording->count, INPUT_MAX - 6, recordings[other].bytes, recordings[other].count));
}

int main(int count, char **arguments)
{
    static uint8_t data[INPUT_MAX];
    long inputs = 1000;
    long first = 0;
    int only = -1;
    for (int i = 1; i + 1 < count; i += 2)
    {
        if (strcmp(arguments[i], "--inputs") == 0)
        {
            inputs = strtol(arguments[i + 1], NULL, 10);
        }
        else if (strcmp(arguments[i], "--seed") == 0)
        {
            seed = strtoull(arguments[i + 1], NULL, 10);
        }
        else if (strcmp(arguments[i], "--first") == 0)
        {
            first = strtol(arguments[i + 1], NULL, 10);
        }
        else if (strcmp(arguments[i], "--only") == 0)
        {
            only = (int)strtol(arguments[i + 1], NULL, 10);
        }
    }

    if (count % 2 == 0 || inputs < 1)
    {
        fprintf(stderr, "usage: %s [--inputs N] [--seed S] [--first I] [--only KIND]\n", arguments[0]);
        return 2;
    }

    fuzz_prepare();
    for (long i = first; i < first + inputs; i++)
    {
        /* each input can be had alone: --first and its number, --inputs 1 */
        random_seed(seed * 1000003u + (uint64_t)i);
        int kind = random_between(0, 19);
        data[0] = (uint8_t)(only >= 0 ? only : kind < 14 ? 0 : kind < 16 ? 1 : kind < 19 ? 2 : 3);
        random_fill(data + 1, 4);
        int size = data[0] == 0 ? to_replay(data + 5) : data[0] == 2 ? to_set(data + 5) : random_between(0, 1000);
        if (i % 100 == 0)
        {
            fprintf(stderr, "from input %ld of seed %llu\n", i, (unsigned long long)seed);
        }

        LLVMFuzzerTestOneInput(data, (size_t)size + 5);
    }

    long ready;
    long failed;
    fuzz_counts(&ready, &failed);
    printf("%ld inputs, seed %llu: %ld connections became ready, %ld failed (mbedTLS %s)\n", inputs, (unsigned long long)seed, ready, failed, MBEDTLS_VERSION_STRING);
    return 0;
}
