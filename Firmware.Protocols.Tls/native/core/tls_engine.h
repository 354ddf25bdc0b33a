/*
 * A TLS client as an engine: bytes in, bytes out. It does no I/O, starts no thread and reads no clock; what it keeps is in a fixed table of
 * engines. TLS 1.2 and 1.3 (where mbedTLS has it), DTLS 1.2, on mbedTLS 2.28 and 3.6.
 *
 * The caller moves bytes between two windows of its own and a socket; tls_pump reads and writes these windows directly, so nothing is staged.
 * A pump does at most one step of the handshake, or one record each way. The order of calls:
 *
 *   tls_open, tls_set*, tls_set_number*, tls_start, tls_pump until TLS_READY, then tls_read / tls_write / tls_pump, tls_shutdown, tls_pump, tls_close
 *
 * All calls come from one thread at a time (on a device: the CLR's). Results below 0 are TLS_E_*. A failure of the connection (TLS_FAILED) is
 * final: tls_info(TLS_INFO_REASON) tells the TLS_E_* of it, and pumping goes on until the last alert is out.
 *
 * Verification of the server cannot be turned off: without a CA, a host name and the time tls_start refuses.
 */
#ifndef FIRMWARE_TLS_ENGINE_H
#define FIRMWARE_TLS_ENGINE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Engines that can be open at once. A PC, on which many virtual boards share the table, is built with more. */
#ifndef TLS_ENGINES
#define TLS_ENGINES 4
#endif

/* Bytes of a window that one pump uses at most: their counts are 16 bits of its result. */
#define TLS_WINDOW_MAX 65535

/* tls_set: bytes. */
#define TLS_SET_HOST 1    /* the server's name: SNI, and compared with its certificate; 1 to 253 bytes */
#define TLS_SET_ALPN 2    /* protocols in order of preference, separated by commas; up to 4 */
#define TLS_SET_CA 3      /* trusted CA certificates, PEM (any number) or DER (one); can be set more than once, and adds */
#define TLS_SET_CERT 4    /* the client's certificate, with its chain if PEM */
#define TLS_SET_KEY 5     /* the private key of the client's certificate, PEM or DER, without password */
#define TLS_SET_SESSION 6 /* what tls_get(TLS_GET_SESSION) gave; after HOST, ALPN, CA, CERT and NOW, since it is held against them */

/* tls_set_number. */
#define TLS_NUM_MIN_VERSION 1   /* 0x0303 TLS 1.2 (the default), 0x0304 TLS 1.3 */
#define TLS_NUM_MAX_VERSION 2   /* as above; the default is the best that mbedTLS has */
#define TLS_NUM_NOW 3           /* seconds since 1970-01-01T00:00:00Z, against which certificates are judged; may be set again at any time */
#define TLS_NUM_MAX_FRAGMENT 4  /* 512, 1024, 2048 or 4096: asks the server for records no longer than this (RFC 6066 4); before mbedTLS 3.6.3 its
                                   certificates must fit into one */
#define TLS_NUM_ALPN_REQUIRED 5 /* 1: a server that picks none of TLS_SET_ALPN is refused */
#define TLS_NUM_ECP_OPS 6       /* basic operations of elliptic curves in one pump, 0 for no limit; for all engines; needs MBEDTLS_ECP_RESTARTABLE */
#define TLS_NUM_DATAGRAM 7      /* 1: DTLS 1.2; a window then holds exactly one datagram */
#define TLS_NUM_NOW_MS 8        /* DTLS: milliseconds of a clock that only goes forward, for retransmissions; set before each pump */
#define TLS_NUM_MTU 9           /* DTLS: the longest datagram to send, bytes */

/* Flags of tls_pump, in bits 32 and up of its result. */
#define TLS_WANT_IN 1   /* nothing goes on without more input */
#define TLS_WANT_OUT 2  /* the output window was too small for what has to go out: empty it and pump again */
#define TLS_READY 4     /* the handshake is done and the server verified */
#define TLS_READABLE 8  /* tls_read has something */
#define TLS_WRITABLE 16 /* tls_write takes something */
#define TLS_CLOSED 32   /* the server said the end in order (close_notify) */
#define TLS_FAILED 64   /* the connection has failed, see TLS_INFO_REASON */
#define TLS_SESSION 128 /* there is a session to get that was not got yet */
#define TLS_MORE 256    /* pump again at once, there is work that needs no I/O */

/* tls_info: numbers. */
#define TLS_INFO_LIBRARY 1    /* mbedTLS's version, 0x021C0300 for 2.28.3; the engine does not matter */
#define TLS_INFO_REASON 2     /* why it failed: TLS_E_*, 0 if it has not */
#define TLS_INFO_DETAIL 3     /* mbedTLS's own error number of it, 0 if none */
#define TLS_INFO_ALERT 4      /* the alert of the server that ended it (RFC 8446 6), -1 if none came */
#define TLS_INFO_VERSION 5    /* 0x0303, 0x0304, 0xFEFD for DTLS 1.2; 0 before it is known */
#define TLS_INFO_RESUMED 6    /* 1: a session was resumed, the certificate was not shown again */
#define TLS_INFO_CA_COUNT 7   /* CA certificates that can be used */
#define TLS_INFO_CA_SKIPPED 8 /* CA certificates that mbedTLS could not read */
#define TLS_INFO_TIMER_MS 9   /* DTLS: when to pump next at the latest, on the clock of TLS_NUM_NOW_MS; -1 never */
#define TLS_INFO_ENGINES 10   /* engines that are open; the engine does not matter */

/* tls_get: bytes; the result is their count. */
#define TLS_GET_ALPN 1    /* the protocol that was agreed on, 0 bytes if none */
#define TLS_GET_CIPHER 2  /* mbedTLS's name of the cipher suite */
#define TLS_GET_SESSION 3 /* the session to offer next time, a secret; each can be got once, 0 bytes if there is none */

/* Errors of use: the caller's. */
#define TLS_E_HANDLE (-1)      /* no such engine, or it was closed */
#define TLS_E_ARGUMENT (-2)    /* no such item, or a value that it cannot have */
#define TLS_E_STATE (-3)       /* not at this point: set after start, start without CA, host or time, read before ready */
#define TLS_E_TABLE_FULL (-4)  /* all engines are open */
#define TLS_E_MEMORY (-5)      /* the heap has no room; what was there before is as it was */
#define TLS_E_UNSUPPORTED (-6) /* this mbedTLS was built without it */
#define TLS_E_BUFFER (-7)      /* the result does not fit into the buffer */

/* Errors of what was set. */
#define TLS_E_CA_FORMAT (-10)       /* no usable CA certificate in it */
#define TLS_E_CERT_FORMAT (-11)     /* not a certificate */
#define TLS_E_KEY_FORMAT (-12)      /* not a private key, or one with a password */
#define TLS_E_KEY_MISMATCH (-13)    /* the key is not that of the certificate */
#define TLS_E_SESSION_CORRUPT (-14) /* not a session, damaged, or of another build of mbedTLS */
#define TLS_E_SESSION_OTHER (-15)   /* a session with another host, ALPN, CA or client certificate */
#define TLS_E_SESSION_EXPIRED (-16) /* a certificate that the session was verified with is not valid now */

/* The server's certificate. */
#define TLS_E_UNTRUSTED (-20)     /* no chain to a trusted CA */
#define TLS_E_HOST (-21)          /* it is for another host */
#define TLS_E_EXPIRED (-22)       /* a certificate of the chain is expired at TLS_NUM_NOW */
#define TLS_E_NOT_YET_VALID (-23) /* a certificate of the chain is not yet valid at TLS_NUM_NOW: often a wrong clock */
#define TLS_E_CERT_UNFIT (-24)    /* weak algorithm or key, wrong key usage, or unreadable */

/* What the two could not agree on. */
#define TLS_E_ALPN (-30)                 /* the server does not know the protocol, or ignores ALPN */
#define TLS_E_VERSION (-31)              /* no common version of TLS */
#define TLS_E_NO_COMMON_CIPHER (-32)     /* no common cipher suite or group, or whatever else the server calls handshake_failure */
#define TLS_E_CLIENT_CERT_REQUIRED (-33) /* the server wants a client certificate and none was set */
#define TLS_E_CLIENT_CERT_REFUSED (-34)  /* the server refuses the client certificate; in TLS 1.3 this comes after TLS_READY */

/* The stream. */
#define TLS_E_NOT_TLS (-40)             /* the first bytes of the server are not TLS */
#define TLS_E_BAD_RECORD (-41)          /* damaged, forged or against the protocol */
#define TLS_E_RECORD_TOO_LARGE (-42)    /* a record longer than the buffers of this build */
#define TLS_E_TRUNCATED (-43)           /* the stream ended without close_notify */
#define TLS_E_CLOSED_IN_HANDSHAKE (-44) /* the stream ended within the handshake */
#define TLS_E_ALERT (-45)               /* another alert of the server, see TLS_INFO_ALERT */
#define TLS_E_INTERNAL (-46)            /* another error of mbedTLS, see TLS_INFO_DETAIL */
#define TLS_E_TIMEOUT (-47)             /* DTLS: the server did not answer */

/* Opens an engine. Result: its handle, above 0, or TLS_E_TABLE_FULL, TLS_E_MEMORY. */
int32_t tls_open(void);

/* Closes all engines, whoever has their handles: for a start of managed code that follows another in the same run of the machine. */
void tls_reset(void);

/* Frees the engine and overwrites its secrets. Says nothing to the server: tls_shutdown does. Result: 0 or TLS_E_HANDLE. */
int32_t tls_close(int32_t engine);

/* Sets TLS_SET_*, before tls_start. The bytes are copied or parsed. Result: 0 or an error; after an error the item is not set. */
int32_t tls_set(int32_t engine, int32_t item, const uint8_t *data, int32_t count);

/* Sets TLS_NUM_*. NOW, NOW_MS and ECP_OPS at any time, the others before tls_start. Result: 0 or an error. */
int32_t tls_set_number(int32_t engine, int32_t item, int64_t value);

/* Ends the setting. Result: 0, or an error that names what is missing; it can be set and started again. */
int32_t tls_start(int32_t engine);

/* Does one piece of work on the two windows. Result: flags << 32 | bytes consumed << 16 | bytes produced, or an error of use. */
int64_t tls_pump(int32_t engine, const uint8_t *in, int32_t in_count, uint8_t *out, int32_t out_count);

/* Takes decrypted bytes. Result: their count, 0 for nothing now, or an error. */
int32_t tls_read(int32_t engine, uint8_t *buffer, int32_t count);

/* Encrypts bytes, at most one record; the next pumps put them out. Result: how many were taken, 0 for none now (pump first), or an error. */
int32_t tls_write(int32_t engine, const uint8_t *data, int32_t count);

/* Says the end in order; the next pumps put it out. Result: 0 or an error. */
int32_t tls_shutdown(int32_t engine);

/* Tells the engine that its peer's stream has ended: what was not read yet can be read, and an end without close_notify is found out. */
int32_t tls_end_of_input(int32_t engine);

/* Tells TLS_INFO_*. Result: the number, or an error (INFO_ALERT and INFO_TIMER_MS: -1 is "none"). */
int64_t tls_info(int32_t engine, int32_t item);

/* Copies TLS_GET_*. Result: the count of bytes, or an error. */
int32_t tls_get(int32_t engine, int32_t item, uint8_t *buffer, int32_t count);

#ifdef __cplusplus
}
#endif

#endif
