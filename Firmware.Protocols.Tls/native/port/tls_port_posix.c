/* Random bytes on a PC: the kernel's. */
#define _DEFAULT_SOURCE
#include "tls_port.h"

#include <errno.h>
#include <sys/random.h>

#include <mbedtls/entropy.h>

int tls_port_random(void *context, unsigned char *buffer, size_t count)
{
    (void)context;
    while (count > 0)
    {
        ssize_t got = getrandom(buffer, count, 0);
        if (got < 0)
        {
            if (errno == EINTR)
            {
                continue;
            }

            return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
        }

        buffer += got;
        count -= (size_t)got;
    }

    return 0;
}
