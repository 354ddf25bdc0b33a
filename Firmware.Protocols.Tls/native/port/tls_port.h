/* What the engine needs of the machine: random bytes, and nothing else. One file for each kind of machine has it. */
#ifndef FIRMWARE_TLS_PORT_H
#define FIRMWARE_TLS_PORT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fills the buffer with bytes that cannot be guessed; mbedTLS's f_rng. Result: 0, or an error of mbedTLS. */
int tls_port_random(void *context, unsigned char *buffer, size_t count);

#ifdef __cplusplus
}
#endif

#endif
