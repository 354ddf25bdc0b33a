/* The smallest test runner: a case is a sentence and a function; the first check that fails ends its case. */
#ifndef FIRMWARE_TLS_TEST_CHECK_H
#define FIRMWARE_TLS_TEST_CHECK_H

#include <stdbool.h>
#include <stdint.h>

struct test_case
{
    const char *name;
    void (*run)(void);
};

/* Runs those whose name contains the filter (NULL: all); prints one line for each. After each the heap must hold as many blocks as before. */
void check_run(const struct test_case *cases, int count, const char *filter, uint64_t seed);

/* Runs it for what libraries allocate once and keep. */
void check_warm_up(void (*run)(void));

/* What the cases so far came to. */
int check_passed(void);
int check_failed(void);

/* Added to the messages of a table's rows; NULL for none. */
void check_row(const char *row);

/* Ends the case. */
void check_fail(const char *file, int line, const char *format, ...) __attribute__((noreturn, format(printf, 3, 4)));

void check_equal(const char *file, int line, const char *what, long long expected, long long actual);

#define EQUAL(expected, actual) check_equal(__FILE__, __LINE__, #actual, (long long)(expected), (long long)(actual))
#define CHECK(condition) ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, "not so: %s", #condition))

#define RUN_CASES(cases, filter, seed) check_run(cases, (int)(sizeof(cases) / sizeof((cases)[0])), filter, seed)

#endif
