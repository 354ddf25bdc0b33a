/* See certificates.h. */
#include "certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/oid.h>

#include "random.h"
#include "tls_port.h"

struct identity authority, other_authority, good, wrong_host, expired, not_yet_valid, stranger, unfit, old_middle, below_old, client, client_stranger;

static struct identity *const all[] = {
    &authority, &other_authority, &good, &wrong_host, &expired, &not_yet_valid, &stranger, &unfit, &old_middle, &below_old, &client, &client_stranger,
};

static const char *const authority_name = "CN=Test Authority";
static const char *const other_name = "CN=Other Authority";
static const char *const middle_name = "CN=Old Middle";

static void must(int result, const char *what)
{
    if (result != 0)
    {
        fprintf(stderr, "%s: -0x%04X\n", what, (unsigned)-result);
        exit(2);
    }
}

static void set_serial(mbedtls_x509write_cert *writer, unsigned char serial)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03040000
    must(mbedtls_x509write_crt_set_serial_raw(writer, &serial, 1), "serial");
#else
    mbedtls_mpi number;
    mbedtls_mpi_init(&number);
    must(mbedtls_mpi_lset(&number, serial), "serial");
    must(mbedtls_x509write_crt_set_serial(writer, &number), "serial");
    mbedtls_mpi_free(&number);
#endif
}

static void set_host(mbedtls_x509write_cert *writer, const char *host)
{
    /* SEQUENCE of one dNSName */
    unsigned char names[80];
    size_t count = strlen(host);
    names[0] = 0x30;
    names[1] = (unsigned char)(count + 2);
    names[2] = 0x82;
    names[3] = (unsigned char)count;
    memcpy(names + 4, host, count);
    must(mbedtls_x509write_crt_set_extension(writer, MBEDTLS_OID_SUBJECT_ALT_NAME, MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, names, count + 4), "host");
}

static void make(struct identity *identity, const struct identity *issuer, const char *issuer_name, const char *name, const char *host, const char *from, const char *to)
{
    static unsigned char serial;
    mbedtls_x509write_cert writer;
    mbedtls_pk_init(&identity->key);
    mbedtls_x509_crt_init(&identity->certificate);
    must(mbedtls_pk_setup(&identity->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), "key");
    must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(identity->key), tls_port_random, NULL), "key");
    must(mbedtls_pk_write_key_pem(&identity->key, (unsigned char *)identity->key_pem, sizeof identity->key_pem), "key");
    mbedtls_x509write_crt_init(&writer);
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, identity == &unfit ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&writer, &identity->key);
    mbedtls_x509write_crt_set_issuer_key(&writer, (mbedtls_pk_context *)&issuer->key);
    must(mbedtls_x509write_crt_set_subject_name(&writer, name), "subject");
    must(mbedtls_x509write_crt_set_issuer_name(&writer, issuer_name), "issuer");
    must(mbedtls_x509write_crt_set_validity(&writer, from, to), "validity");
    must(mbedtls_x509write_crt_set_basic_constraints(&writer, host == NULL, -1), "constraints");
    set_serial(&writer, ++serial);
    if (host != NULL && host[0] != 0)
    {
        set_host(&writer, host);
    }

    must(mbedtls_x509write_crt_pem(&writer, (unsigned char *)identity->certificate_pem, sizeof identity->certificate_pem, tls_port_random, NULL), "certificate");
    mbedtls_x509write_crt_free(&writer);
    must(mbedtls_x509_crt_parse(&identity->certificate, (const unsigned char *)identity->certificate_pem, strlen(identity->certificate_pem) + 1), "certificate");
}

void certificates_make(void)
{
    const char *server = "CN=a server";
    make(&authority, &authority, authority_name, authority_name, NULL, "20240101000000", "20491231235959");
    make(&other_authority, &other_authority, other_name, other_name, NULL, "20240101000000", "20491231235959");
    make(&good, &authority, authority_name, server, TEST_HOST, "20240101000000", "20331231235959");
    make(&wrong_host, &authority, authority_name, server, "other.test", "20240101000000", "20331231235959");
    make(&expired, &authority, authority_name, server, TEST_HOST, "20240101000000", "20291231235959");
    make(&not_yet_valid, &authority, authority_name, server, TEST_HOST, "20300101000001", "20491231235959");
    make(&stranger, &other_authority, other_name, server, TEST_HOST, "20240101000000", "20331231235959");
    make(&unfit, &authority, authority_name, server, TEST_HOST, "20240101000000", "20331231235959");
    make(&old_middle, &authority, authority_name, middle_name, NULL, "20240101000000", "20291231235959");
    make(&below_old, &old_middle, middle_name, server, TEST_HOST, "20240101000000", "20331231235959");
    make(&client, &authority, authority_name, "CN=toaster-01", "", "20240101000000", "20491231235959");
    make(&client_stranger, &other_authority, other_name, "CN=toaster-02", "", "20240101000000", "20491231235959");

    /* the server of a chain sends it whole */
    must(mbedtls_x509_crt_parse(&below_old.certificate, (const unsigned char *)old_middle.certificate_pem, strlen(old_middle.certificate_pem) + 1), "chain");
}

void certificates_free(void)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    {
        mbedtls_x509_crt_free(&all[i]->certificate);
        mbedtls_pk_free(&all[i]->key);
    }
}
