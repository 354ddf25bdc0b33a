# How nf-interpreter finds and builds the native half of Firmware.Protocols.Tls: copy this file to its CMake/Modules, the folder "native" to
# InteropAssemblies/Firmware.Protocols.Tls, and name Firmware.Protocols.Tls in NF_INTEROP_ASSEMBLIES. docs/custom-image.md has the whole way.

set(FIRMWARE_TLS_PATH ${PROJECT_SOURCE_DIR}/InteropAssemblies/Firmware.Protocols.Tls)

list(APPEND Firmware.Protocols.Tls_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/CLR/Core)
list(APPEND Firmware.Protocols.Tls_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/CLR/Include)
list(APPEND Firmware.Protocols.Tls_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/HAL/Include)
list(APPEND Firmware.Protocols.Tls_INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/src/PAL/Include)
list(APPEND Firmware.Protocols.Tls_INCLUDE_DIRS ${FIRMWARE_TLS_PATH}/nano)

# what the machine gives: random bytes
if(RTOS STREQUAL "ESP32" OR ESP_PLATFORM)
    set(FIRMWARE_TLS_PORT tls_port_esp32.c)
else()
    set(FIRMWARE_TLS_PORT tls_port_posix.c)
endif()

set(Firmware.Protocols.Tls_SOURCES
    ${FIRMWARE_TLS_PATH}/nano/firmware_protocols_tls.cpp
    ${FIRMWARE_TLS_PATH}/nano/firmware_protocols_tls_calls.cpp
    ${FIRMWARE_TLS_PATH}/core/tls_bio.c
    ${FIRMWARE_TLS_PATH}/core/tls_engine.c
    ${FIRMWARE_TLS_PATH}/core/tls_pump.c
    ${FIRMWARE_TLS_PATH}/core/tls_reason.c
    ${FIRMWARE_TLS_PATH}/core/tls_session.c
    ${FIRMWARE_TLS_PATH}/core/tls_set.c
    ${FIRMWARE_TLS_PATH}/core/tls_start.c
    ${FIRMWARE_TLS_PATH}/port/${FIRMWARE_TLS_PORT}
)

include(FindPackageHandleStandardArgs)

FIND_PACKAGE_HANDLE_STANDARD_ARGS(INTEROP-Firmware.Protocols.Tls DEFAULT_MSG Firmware.Protocols.Tls_INCLUDE_DIRS Firmware.Protocols.Tls_SOURCES)
