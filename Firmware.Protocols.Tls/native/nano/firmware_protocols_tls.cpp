// The table by which nanoCLR finds the native half of Firmware.Protocols.Tls: one entry for each method of the assembly, in the order of its metadata, and
// the checksum of their names, which must be the one in the assembly that is deployed. A test of this project recomputes both from the sources and says
// what has to stand here; with the checksum, the version here and in AssemblyNativeVersion is raised.

#include "firmware_protocols_tls.h"

typedef Library_firmware_protocols_tls_Firmware_Protocols_Tls_TlsEngine TlsEngine;

static const CLR_RT_MethodHandler method_lookup[] =
{
    TlsEngine::Open___STATIC__I4,
    TlsEngine::Reset___STATIC__VOID,
    TlsEngine::Close___STATIC__I4__I4,
    TlsEngine::Set___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4,
    TlsEngine::SetNumber___STATIC__I4__I4__I4__I8,
    TlsEngine::Start___STATIC__I4__I4,
    TlsEngine::Pump___STATIC__I8__I4__SZARRAY_U1__I4__I4__SZARRAY_U1__I4__I4,
    TlsEngine::Read___STATIC__I4__I4__SZARRAY_U1__I4__I4,
    TlsEngine::Write___STATIC__I4__I4__SZARRAY_U1__I4__I4,
    TlsEngine::Shutdown___STATIC__I4__I4,
    TlsEngine::EndOfInput___STATIC__I4__I4,
    TlsEngine::Info___STATIC__I8__I4__I4,
    TlsEngine::Get___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4,
};

const CLR_RT_NativeAssemblyData g_CLR_AssemblyNative_Firmware_Protocols_Tls =
{
    "Firmware.Protocols.Tls",
    0x158A7D36,
    method_lookup,
    { 1, 0, 0, 0 }
};
