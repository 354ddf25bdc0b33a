// The calls of TlsEngine.Nano.cs on nanoCLR: arguments from the managed stack, arrays checked, then the C engine. Nothing here keeps a pointer into the
// managed heap: it is valid during the call only. Wrong arrays throw, as everywhere in .NET; all else is a number that the engine returns.

#include "firmware_protocols_tls.h"

#include "../core/tls_engine.h"

typedef Library_firmware_protocols_tls_Firmware_Protocols_Tls_TlsEngine TlsEngine;

// The bytes of an array argument with its offset and count, which are the two arguments behind it.
static HRESULT Window(CLR_RT_StackFrame &stack, int argument, uint8_t *&bytes, int32_t &count)
{
    NANOCLR_HEADER();

    CLR_RT_HeapBlock_Array *array = stack.ArgN(argument).DereferenceArray();
    int32_t offset = stack.ArgN(argument + 1).NumericByRefConst().s4;
    FAULT_ON_NULL_ARG(array);
    count = stack.ArgN(argument + 2).NumericByRefConst().s4;

    // as unsigned numbers, so that a sum cannot overflow
    if (offset < 0 || count < 0 || (uint32_t)offset > array->m_numOfElements || (uint32_t)count > array->m_numOfElements - (uint32_t)offset)
    {
        NANOCLR_SET_AND_LEAVE(CLR_E_OUT_OF_RANGE);
    }

    // one past the end when count is 0: nobody looks then
    bytes = array->GetFirstElement() + offset;

    NANOCLR_NOCLEANUP();
}

HRESULT TlsEngine::Open___STATIC__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_open());

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Reset___STATIC__VOID(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    tls_reset();

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Close___STATIC__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_close(stack.ArgN(0).NumericByRefConst().s4));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Set___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    uint8_t *bytes = NULL;
    int32_t count = 0;
    NANOCLR_CHECK_HRESULT(Window(stack, 2, bytes, count));

    stack.SetResult_I4(tls_set(stack.ArgN(0).NumericByRefConst().s4, stack.ArgN(1).NumericByRefConst().s4, bytes, count));

    NANOCLR_NOCLEANUP();
}

HRESULT TlsEngine::SetNumber___STATIC__I4__I4__I4__I8(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_set_number(stack.ArgN(0).NumericByRefConst().s4, stack.ArgN(1).NumericByRefConst().s4, stack.ArgN(2).NumericByRefConst().s8));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Start___STATIC__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_start(stack.ArgN(0).NumericByRefConst().s4));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Pump___STATIC__I8__I4__SZARRAY_U1__I4__I4__SZARRAY_U1__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    uint8_t *input = NULL;
    int32_t inputCount = 0;
    uint8_t *output = NULL;
    int32_t outputCount = 0;
    NANOCLR_CHECK_HRESULT(Window(stack, 1, input, inputCount));
    NANOCLR_CHECK_HRESULT(Window(stack, 4, output, outputCount));

    stack.SetResult_I8(tls_pump(stack.ArgN(0).NumericByRefConst().s4, input, inputCount, output, outputCount));

    NANOCLR_NOCLEANUP();
}

HRESULT TlsEngine::Read___STATIC__I4__I4__SZARRAY_U1__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    uint8_t *bytes = NULL;
    int32_t count = 0;
    NANOCLR_CHECK_HRESULT(Window(stack, 1, bytes, count));

    stack.SetResult_I4(tls_read(stack.ArgN(0).NumericByRefConst().s4, bytes, count));

    NANOCLR_NOCLEANUP();
}

HRESULT TlsEngine::Write___STATIC__I4__I4__SZARRAY_U1__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    uint8_t *bytes = NULL;
    int32_t count = 0;
    NANOCLR_CHECK_HRESULT(Window(stack, 1, bytes, count));

    stack.SetResult_I4(tls_write(stack.ArgN(0).NumericByRefConst().s4, bytes, count));

    NANOCLR_NOCLEANUP();
}

HRESULT TlsEngine::Shutdown___STATIC__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_shutdown(stack.ArgN(0).NumericByRefConst().s4));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::EndOfInput___STATIC__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I4(tls_end_of_input(stack.ArgN(0).NumericByRefConst().s4));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Info___STATIC__I8__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    stack.SetResult_I8(tls_info(stack.ArgN(0).NumericByRefConst().s4, stack.ArgN(1).NumericByRefConst().s4));

    NANOCLR_NOCLEANUP_NOLABEL();
}

HRESULT TlsEngine::Get___STATIC__I4__I4__I4__SZARRAY_U1__I4__I4(CLR_RT_StackFrame &stack)
{
    NANOCLR_HEADER();

    uint8_t *bytes = NULL;
    int32_t count = 0;
    NANOCLR_CHECK_HRESULT(Window(stack, 2, bytes, count));

    stack.SetResult_I4(tls_get(stack.ArgN(0).NumericByRefConst().s4, stack.ArgN(1).NumericByRefConst().s4, bytes, count));

    NANOCLR_NOCLEANUP();
}
