// nanoFramework.M2Mqtt.Core 5.1: versions of SSL and TLS.

namespace nanoFramework.M2Mqtt;

/// <summary>Version of SSL or TLS.</summary>
public enum MqttSslProtocols
{
    /// <summary>None named.</summary>
    None = 0,

    /// <summary>SSL 3.0.</summary>
    SSLv3 = 1,

    /// <summary>TLS 1.0.</summary>
    TLSv1_0 = 2,

    /// <summary>TLS 1.1.</summary>
    TLSv1_1 = 3,

    /// <summary>TLS 1.2.</summary>
    TLSv1_2 = 4,

    /// <summary>TLS 1.3.</summary>
    TLSv1_3 = 5,
}
