// The native half of TlsEngine.Nano.cs for nanoCLR: the names that nanoFramework's metadata processor gives its calls.
#ifndef FIRMWARE_PROTOCOLS_TLS_H
#define FIRMWARE_PROTOCOLS_TLS_H

#include <nanoCLR_Interop.h>
#include <nanoCLR_Runtime.h>

struct Library_firmware_protocols_tls_Firmware_Protocols_Tls_TlsEngine
{
    NANOCLR_NATIVE_DECLARE(Open___STATIC__I4);
    NANOCLR_NATIVE_DECLARE(Reset___STATIC__VOID);
    NANOCLR_NATIVE_DECLARE(Close___STATIC__I4__I4);
    NANOCLR_NATIVE_DECLARE(Set___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4);
    NANOCLR_NATIVE_DECLARE(SetNumber___STATIC__I4__I4__I4__I8);
    NANOCLR_NATIVE_DECLARE(Start___STATIC__I4__I4);
    NANOCLR_NATIVE_DECLARE(Pump___STATIC__I8__I4__SZARRAY_U1__I4__I4__SZARRAY_U1__I4__I4);
    NANOCLR_NATIVE_DECLARE(Read___STATIC__I4__I4__SZARRAY_U1__I4__I4);
    NANOCLR_NATIVE_DECLARE(Write___STATIC__I4__I4__SZARRAY_U1__I4__I4);
    NANOCLR_NATIVE_DECLARE(Shutdown___STATIC__I4__I4);
    NANOCLR_NATIVE_DECLARE(EndOfInput___STATIC__I4__I4);
    NANOCLR_NATIVE_DECLARE(Info___STATIC__I8__I4__I4);
    NANOCLR_NATIVE_DECLARE(Get___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4);
};

extern const CLR_RT_NativeAssemblyData g_CLR_AssemblyNative_Firmware_Protocols_Tls;

#endif
