/* See check.h. */
#include "check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "random.h"
#include "tls_engine.h"

static jmp_buf end_of_case;
static bool in_case; /* else a check that fails ends the program, as a fuzzer wants it */
static const char *current_row;
static int passed;
static int failed;

int check_passed(void)
{
    return passed;
}

int check_failed(void)
{
    return failed;
}

void check_row(const char *row)
{
    current_row = row;
}

void check_fail(const char *file, int line, const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    va_list arguments;
    heap_watch(false);
    printf("  %s:%d: ", slash == NULL ? file : slash + 1, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(current_row == NULL ? "\n" : " (%s)\n", current_row);
    fflush(stdout);
    if (!in_case)
    {
        abort();
    }

    longjmp(end_of_case, 1);
}

void check_equal(const char *file, int line, const char *what, long long expected, long long actual)
{
    if (expected != actual)
    {
        check_fail(file, line, "%s: expected %lld, got %lld", what, expected, actual);
    }
}

void check_warm_up(void (*run)(void))
{
    in_case = true;
    if (setjmp(end_of_case) == 0)
    {
        run();
    }

    in_case = false;
}

static bool run_one(const struct test_case *one)
{
    long blocks = heap_blocks();
    if (setjmp(end_of_case) != 0)
    {
        return false;
    }

    one->run();
    EQUAL(0, tls_info(0, TLS_INFO_ENGINES));
    EQUAL(blocks, heap_blocks());
    return true;
}

void check_run(const struct test_case *cases, int count, const char *filter, uint64_t seed)
{
    for (int i = 0; i < count; i++)
    {
        if (filter == NULL || strstr(cases[i].name, filter) != NULL)
        {
            current_row = NULL;
            heap_fail_at(0);
            random_seed(seed);
            in_case = true;
            bool ok = run_one(&cases[i]);
            in_case = false;
            tls_reset();
            printf("%s %s\n", ok ? "ok    " : "FAILED", cases[i].name);
            fflush(stdout);
            passed += ok;
            failed += !ok;
        }
    }
}
