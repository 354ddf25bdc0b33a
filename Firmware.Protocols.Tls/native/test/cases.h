/* The cases of tls_engine_test.c, by subject. */
#ifndef FIRMWARE_TLS_TEST_CASES_H
#define FIRMWARE_TLS_TEST_CASES_H

#include "check.h"

extern const struct test_case handshake_cases[];
extern const int handshake_case_count;
extern const struct test_case stream_cases[];
extern const int stream_case_count;
extern const struct test_case session_cases[];
extern const int session_case_count;
extern const struct test_case argument_cases[];
extern const int argument_case_count;
extern const struct test_case memory_cases[];
extern const int memory_case_count;
extern const struct test_case datagram_cases[];
extern const int datagram_case_count;

/* Allocation failures: every one (true), or a seeded choice of them that is quick. */
extern bool every_allocation;

/* Runs it for each version of TLS that the library has. */
void each_version(void (*run)(int version));

#endif
