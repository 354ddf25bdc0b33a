// nanoFramework.Hardware.Esp32.EspNativeError: error codes of ESP-IDF.

namespace nanoFramework.Hardware.Esp32;

/// <summary>ESP-IDF's error codes (esp_err_t).</summary>
public enum EspNativeError
{
    /// <summary>No error.</summary>
    OK = 0,

    /// <summary>Failed.</summary>
    FAIL = -1,

    /// <summary>Out of memory.</summary>
    NO_MEM = 257,

    /// <summary>Invalid argument.</summary>
    INVALID_ARG = 258,

    /// <summary>Not possible in this state.</summary>
    INVALID_STATE = 259,

    /// <summary>Invalid size.</summary>
    INVALID_SIZE = 260,

    /// <summary>Not found.</summary>
    NOT_FOUND = 261,

    /// <summary>Not supported.</summary>
    NOT_SUPPORTED = 262,

    /// <summary>Timed out.</summary>
    TIMEOUT = 263,

    /// <summary>Invalid response.</summary>
    INVALID_RESPONSE = 264,

    /// <summary>Wrong checksum.</summary>
    INVALID_CRC = 265,

    /// <summary>Wrong version.</summary>
    INVALID_VERSION = 266,

    /// <summary>Wrong MAC address.</summary>
    INVALID_MAC = 267,

    /// <summary>First of the Wi-Fi errors.</summary>
    WIFI_BASE = 12288,
}
