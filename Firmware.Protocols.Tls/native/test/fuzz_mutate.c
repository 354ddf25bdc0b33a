/* See fuzz_mutate.h. */
#include "fuzz_mutate.h"

#include <string.h>

#include "random.h"

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int insert(uint8_t *data, int count, int capacity, int at, const uint8_t *bytes, int n)
{
    n = least(n, capacity - count);
    memmove(data + at + n, data + at, (size_t)(count - at));
    memcpy(data + at, bytes, (size_t)n);
    return count + n;
}

static int drop(uint8_t *data, int count, int at, int n)
{
    n = least(n, count - at);
    memmove(data + at, data + at + n, (size_t)(count - at - n));
    return count - n;
}

/* The start of a record, chosen among all, if the data are records at all. */
static int any_record(const uint8_t *data, int count)
{
    int chosen = 0;
    int records = 0;
    for (int at = 0; at + 5 <= count; at += 5 + ((data[at + 3] << 8) | data[at + 4]))
    {
        if (random_between(0, records++) == 0)
        {
            chosen = at;
        }
    }

    return chosen;
}

static int record_length(const uint8_t *data, int count, int at)
{
    return at + 5 > count ? count - at : least(count - at, 5 + ((data[at + 3] << 8) | data[at + 4]));
}

/* A record of its own making. */
static int forge(uint8_t *record)
{
    static const uint8_t types[] = { 20, 21, 22, 23, 24 };
    int n = random_between(0, 3) == 0 ? random_between(0, 300) : random_between(0, 4);
    record[0] = types[random_between(0, 4)];
    record[1] = 3;
    record[2] = 3;
    record[3] = (uint8_t)(n >> 8);
    record[4] = (uint8_t)n;
    random_fill(record + 5, (size_t)n);
    if (record[0] == 21 && n >= 2)
    {
        record[5] = (uint8_t)random_between(1, 2);
    }

    return 5 + n;
}

static int once(uint8_t *data, int count, int capacity, const uint8_t *other, int other_count)
{
    uint8_t record[512];
    uint8_t copy[16384];
    int at = random_between(0, count - 1);
    int start = any_record(data, count);
    switch (random_between(0, 13))
    {
    case 0:
    case 1:
        data[at] ^= (uint8_t)(1 << random_between(0, 7));
        return count;
    case 2:
        random_fill(data + at, 1);
        return count;
    case 3:
        return at;
    case 4:
        return drop(data, count, at, random_between(1, 40));
    case 5:
        return drop(data, count, start, record_length(data, count, start));
    case 6:
    case 7:
    {
        int n = record_length(data, count, start);
        memcpy(copy, data + start, (size_t)n);
        return insert(data, count, capacity, random_between(0, 1) == 0 ? start : any_record(data, count), copy, n);
    }
    case 8:
        random_fill(record, 40);
        return insert(data, count, capacity, at, record, random_between(1, 40));
    case 9:
        return insert(data, count, capacity, start, record, forge(record));
    case 10:
    {
        /* a length: of a record or of a message in it */
        int place = start + 3 + (random_between(0, 2) * 2);
        if (place + 2 <= count)
        {
            int delta = random_between(-3, 3);
            int value = random_between(0, 1) == 0 ? ((data[place] << 8) | data[place + 1]) + delta : random_between(0, 65535);
            data[place] = (uint8_t)(value >> 8);
            data[place + 1] = (uint8_t)value;
        }

        return count;
    }
    case 11:
        if (other_count > 0)
        {
            int from = any_record(other, other_count);
            return insert(data, count, capacity, start, other + from, record_length(other, other_count, from));
        }

        return count;
    case 12:
        if (other_count > 0)
        {
            /* the rest of the other */
            int from = random_between(0, other_count - 1);
            int n = least(other_count - from, capacity - at);
            memcpy(data + at, other + from, (size_t)n);
            return at + n;
        }

        return count;
    default:
    {
        /* one record as two, which changes nothing, if it was plain */
        int n = record_length(data, count, start);
        if (n > 6 && start + n <= count && count + 5 <= capacity)
        {
            int first = random_between(1, n - 6);
            memcpy(record, data + start, 5);
            data[start + 3] = (uint8_t)(first >> 8);
            data[start + 4] = (uint8_t)first;
            record[3] = (uint8_t)((n - 5 - first) >> 8);
            record[4] = (uint8_t)(n - 5 - first);
            return insert(data, count, capacity, start + 5 + first, record, 5);
        }

        return count;
    }
    }
}

int mutate(uint8_t *data, int count, int capacity, const uint8_t *other, int other_count)
{
    for (int i = random_between(0, 3); i >= 0 && count > 0; i--)
    {
        count = once(data, count, capacity, other, other_count);
    }

    return count;
}
