/*
 * mbedTLS as the engine sees it, 2.28 and 3.6 alike. Every file of the engine includes this first, before any header of mbedTLS.
 *
 * nf-interpreter compiles interop assemblies for the ESP32 without MBEDTLS_CONFIG_FILE: without IDF's configuration the structures here would
 * have other sizes than those in IDF's library.
 */
#ifndef FIRMWARE_TLS_MBEDTLS_INCLUDE_H
#define FIRMWARE_TLS_MBEDTLS_INCLUDE_H

#if defined(ESP_PLATFORM) && !defined(MBEDTLS_CONFIG_FILE)
#define MBEDTLS_CONFIG_FILE "mbedtls/esp_config.h"
#endif

#include <mbedtls/version.h>

#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#define TLS_MBEDTLS_3 (MBEDTLS_VERSION_NUMBER >= 0x03000000)

/* 3.x hides fields that it has no function for. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(field) field
#endif

/* Error numbers that 3.x renamed. */
#if TLS_MBEDTLS_3
#define TLS_ERR_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION
#define TLS_ERR_BAD_CERTIFICATE MBEDTLS_ERR_SSL_BAD_CERTIFICATE
#else
#define TLS_ERR_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION
#define TLS_ERR_BAD_CERTIFICATE MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE
#endif

#endif
