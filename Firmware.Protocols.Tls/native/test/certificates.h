/* Certificates of the tests, made at start (P-256): two certificate authorities and what they signed. */
#ifndef FIRMWARE_TLS_TEST_CERTIFICATES_H
#define FIRMWARE_TLS_TEST_CERTIFICATES_H

#include <mbedtls/version.h>

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

/* The name of the good server, and the time of the tests: 2030-01-01T00:00:00Z, so that the machine's clock cannot help. */
#define TEST_HOST "broker.test"
#define TEST_NOW 1893456000

struct identity
{
    mbedtls_x509_crt certificate;
    mbedtls_pk_context key;
    char certificate_pem[1200];
    char key_pem[400];
};

extern struct identity authority;       /* trusted by client and server; 2024 to 2049 */
extern struct identity other_authority; /* a stranger */
extern struct identity good;            /* TEST_HOST, 2024 to 2033 */
extern struct identity wrong_host;      /* other.test */
extern struct identity expired;         /* 2024 to 2029 */
extern struct identity not_yet_valid;   /* 2031 to 2049 */
extern struct identity stranger;        /* TEST_HOST, of the other authority */
extern struct identity unfit;           /* TEST_HOST, signed with SHA-1 */
extern struct identity old_middle;      /* an authority below ours, expired at TEST_NOW */
extern struct identity below_old;       /* TEST_HOST, of the old one */
extern struct identity client;          /* the client's, 2024 to 2049 */
extern struct identity client_stranger; /* the client's, of the other authority */

void certificates_make(void);
void certificates_free(void);

#endif
