/*
 * What a handshake costs: connects to a server on this machine, full and resumed in turn, and prints a line for each kind with the bytes on the
 * wire, the calls of tls_pump, the time of the processor, the longest call, and the heap. Between connections the heap must be as it was, to the byte.
 *
 *   tls_cost PORT ALPN CA CERT KEY ROUNDS [WINDOW]
 *
 * PORT is a port of 127.0.0.1 whose server is "localhost"; ALPN, or - for none. The machine's clock is the time. WINDOW 0: another size for each.
 * Output, for programs: kind version wire-in wire-out pumps cpu-us longest-us heap-peak heap-open session
 */
#define _GNU_SOURCE
#include "../core/tls_engine.h"
#include "heap.h"
#include "random.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_WINDOW 8192
#define SESSION_MAX 4096
#define PATIENCE_MS 10000

struct file
{
    uint8_t *bytes;
    int32_t count;
};

struct cost
{
    long connections;
    long version;
    long long wire_in;
    long long wire_out;
    long long pumps;
    long long cpu_ns;
    long long longest_ns;
    long peak;
    long open;
    long session;
};

static struct file ca, cert, key;
static const char *alpn;
static uint16_t port;
static int window;
static uint8_t session[SESSION_MAX];
static int32_t session_length;
static int warm;

static void die(const char *what, long long number)
{
    fprintf(stderr, "tls_cost: %s (%lld)\n", what, number);
    exit(1);
}

static struct file read_file(const char *path)
{
    struct file f = {NULL, 0};
    FILE *in = fopen(path, "rb");
    if (in == NULL)
    {
        die(path, -1);
    }

    fseek(in, 0, SEEK_END);
    f.count = (int32_t)ftell(in);
    rewind(in);
    f.bytes = malloc((size_t)f.count);
    if (f.bytes == NULL || fread(f.bytes, 1, (size_t)f.count, in) != (size_t)f.count)
    {
        die(path, f.count);
    }

    fclose(in);
    return f;
}

static long long now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return ((long long)t.tv_sec * 1000000000) + t.tv_nsec;
}

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    {
        die("cannot connect", port);
    }

    return fd;
}

static void set(int32_t e, int32_t item, const void *bytes, int32_t count)
{
    int32_t error = tls_set(e, item, bytes, count);
    if (error != 0)
    {
        die("tls_set", error);
    }
}

static int32_t begin(int resume)
{
    int32_t e = tls_open();
    tls_set_number(e, TLS_NUM_NOW, (int64_t)time(NULL));
    set(e, TLS_SET_HOST, "localhost", 9);
    set(e, TLS_SET_CA, ca.bytes, ca.count);
    set(e, TLS_SET_CERT, cert.bytes, cert.count);
    set(e, TLS_SET_KEY, key.bytes, key.count);
    if (alpn != NULL)
    {
        set(e, TLS_SET_ALPN, alpn, (int32_t)strlen(alpn));
        tls_set_number(e, TLS_NUM_ALPN_REQUIRED, 1);
    }

    if (resume)
    {
        set(e, TLS_SET_SESSION, session, session_length);
    }

    int32_t error = tls_start(e);
    if (error != 0)
    {
        die("tls_start", error);
    }

    return e;
}

/* One connection, up to its session, and its end. */
static void connect_once(int resume, struct cost *cost)
{
    static uint8_t in[LONGEST_WINDOW];
    static uint8_t out[LONGEST_WINDOW];
    int in_size = window != 0 ? window : random_between(1, LONGEST_WINDOW);
    int out_size = window != 0 ? window : random_between(1, LONGEST_WINDOW);
    int32_t in_count = 0;
    int fd = dial();
    long before = heap_bytes();
    heap_reset_peak();
    long long cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
    int32_t e = begin(resume);
    long long deadline = now_ns(CLOCK_MONOTONIC) + ((long long)PATIENCE_MS * 1000000);
    int32_t flags = 0;
    while ((flags & (TLS_READY | TLS_FAILED)) != TLS_READY || (flags & (TLS_WANT_OUT | TLS_SESSION)) != TLS_SESSION)
    {
        long long start = now_ns(CLOCK_THREAD_CPUTIME_ID);
        int64_t result = tls_pump(e, in, in_count, out, out_size);
        long long took = now_ns(CLOCK_THREAD_CPUTIME_ID) - start;
        cost->longest_ns = took > cost->longest_ns ? took : cost->longest_ns;
        if (result < 0)
        {
            die("tls_pump", result);
        }

        flags = (int32_t)(result >> 32);
        int32_t used = (int32_t)(result >> 16) & 0xFFFF;
        int32_t made = (int32_t)result & 0xFFFF;
        memmove(in, in + used, (size_t)(in_count - used));
        in_count -= used;
        cost->pumps++;
        if (flags & TLS_FAILED)
        {
            die("the connection failed", tls_info(e, TLS_INFO_REASON));
        }

        for (int32_t sent = 0; sent < made;)
        {
            ssize_t n = send(fd, out + sent, (size_t)(made - sent), MSG_NOSIGNAL);
            if (n <= 0)
            {
                die("cannot send", n);
            }

            sent += (int32_t)n;
        }

        cost->wire_out += made;
        if ((flags & TLS_WANT_IN) && in_count == 0)
        {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            poll(&wait, 1, PATIENCE_MS);
            ssize_t n = recv(fd, in, (size_t)in_size, 0);
            if (n <= 0)
            {
                tls_end_of_input(e);
            }
            else
            {
                in_count = (int32_t)n;
                cost->wire_in += n;
            }
        }

        if (now_ns(CLOCK_MONOTONIC) > deadline)
        {
            die("no end of the handshake, or no session", flags);
        }
    }

    cost->cpu_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    cost->connections++;
    cost->version = (long)tls_info(e, TLS_INFO_VERSION);
    if (tls_info(e, TLS_INFO_RESUMED) != resume)
    {
        die(resume ? "the server did not resume the session" : "the server resumed what was not offered", resume);
    }

    cost->open = heap_bytes() - before;
    session_length = tls_get(e, TLS_GET_SESSION, session, SESSION_MAX);
    cost->session = session_length;
    if (session_length <= 0)
    {
        die("tls_get", session_length);
    }

    cost->peak = heap_peak() - before > cost->peak ? heap_peak() - before : cost->peak;
    tls_shutdown(e);
    int64_t last = tls_pump(e, in, 0, out, LONGEST_WINDOW);
    send(fd, out, (size_t)last & 0xFFFF, MSG_NOSIGNAL);
    tls_close(e);

    /* mbedTLS 3 keeps the tables of PSA that its first connection made */
    if (heap_bytes() != before && warm)
    {
        die("bytes of the heap were not given back", heap_bytes() - before);
    }

    warm = 1;
    close(fd);
}

static void print(const char *kind, const struct cost *c)
{
    printf("%s 0x%04lx %lld %lld %lld %lld %lld %ld %ld %ld\n", kind, (unsigned long)c->version, c->wire_in / c->connections, c->wire_out / c->connections, c->pumps / c->connections,
        c->cpu_ns / c->connections / 1000, c->longest_ns / 1000, c->peak, c->open, c->session);
}

int main(int argc, char **argv)
{
    if (argc < 7)
    {
        fprintf(stderr, "usage: tls_cost PORT ALPN CA CERT KEY ROUNDS [WINDOW]\n");
        return 2;
    }

    port = (uint16_t)atoi(argv[1]);
    alpn = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
    ca = read_file(argv[3]);
    cert = read_file(argv[4]);
    key = read_file(argv[5]);
    int rounds = atoi(argv[6]);
    window = argc > 7 ? atoi(argv[7]) : 2048;
    if (rounds < 1 || window < 0 || window > LONGEST_WINDOW)
    {
        die("ROUNDS from 1, WINDOW from 0 to 8192", window);
    }

    random_seed(1);
    struct cost first = {0}, full = {0}, resumed = {0};
    connect_once(0, &first);
    for (int i = 0; i < rounds; i++)
    {
        connect_once(0, &full);
        connect_once(1, &resumed);
    }

    print("full", &full);
    print("resumed", &resumed);
    free(ca.bytes);
    free(cert.bytes);
    free(key.bytes);
    return 0;
}
