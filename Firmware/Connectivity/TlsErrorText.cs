// Why the TLS engine could not connect, in words for the user: what is wrong, and what to do.

using Firmware.Protocols.Tls;

namespace Firmware.Connectivity
{
    /// <summary>Turns the errors of the TLS engine into one line each.</summary>
    public static class TlsErrorText
    {
        /// <summary>Explains a failure.</summary>
        /// <param name="error">One of <see cref="TlsError"/>.</param>
        /// <param name="detail">mbedTLS's own number of it; 0 for none.</param>
        /// <param name="alert">The server's alert; -1 for none.</param>
        /// <param name="host">Whom it was to be connected with.</param>
        /// <param name="alpn">The ALPN protocol that was asked for; null for none.</param>
        /// <param name="date">The device's date, as text.</param>
        /// <returns>One line without full stop.</returns>
        public static string Explain(int error, int detail, int alert, string host, string alpn, string date)
        {
            return Reason(error, host, alpn, date) + Numbers(error, detail, alert);
        }

        private static string Reason(int error, string host, string alpn, string date)
        {
            switch (error)
            {
                case TlsError.TableFull:
                    return "all TLS connections of the image are open: this is a fault of the firmware, restart the device";
                case TlsError.Memory:
                    return "TLS has too little memory: it needs about 40 KB of free native heap during the handshake (docs/mqtt.md)";
                case TlsError.Unsupported:
                    return "the TLS engine of this image was built without something that is needed, such as ALPN: build the image after docs/custom-image.md";
                case TlsError.CaFormat:
                    return "the \"ca\" file cannot be used: it must hold at least one certificate, PEM";
                case TlsError.CertFormat:
                    return "the \"certificate\" file cannot be used: it must be the device's certificate, PEM";
                case TlsError.KeyFormat:
                    return "the \"key\" file cannot be used: it must be the device's private key, PEM, without password";
                case TlsError.KeyMismatch:
                    return "the key does not belong to the certificate: put the two files of the same thing on the device (\"certificate\", \"key\")";
                case TlsError.SessionExpired:
                    return "a certificate that the TLS session was verified with is not valid at the device's date, " + date + ": the next attempt verifies anew";
                case TlsError.Untrusted:
                    return "the certificate of " + host + " comes from an unknown CA: put the CA of the broker into the \"ca\" file";
                case TlsError.Host:
                    return "the certificate of the server is not for " + host + ": check \"endpoint\" in the configuration";
                case TlsError.Expired:
                    return "the certificate of " + host + " is expired at the device's date, " + date + ": renew it, or correct the date";
                case TlsError.NotYetValid:
                    return "the certificate of " + host + " is not yet valid at the device's date, " + date + ": correct the date";
                case TlsError.CertUnfit:
                    return "the certificate of " + host + " cannot be used: weak key or algorithm, wrong key usage, or unreadable";
                case TlsError.Alpn:
                    return host + " does not know the ALPN protocol " + alpn + ": this port does not serve MQTT; use the broker's MQTT port without ALPN";
                case TlsError.Version:
                    return host + " speaks neither TLS 1.2 nor, where this image has it, 1.3: update the broker";
                case TlsError.NoCommonCipher:
                    return host + " and the device have no cipher suite in common: the broker must allow ECDHE with AES-GCM or ChaCha20-Poly1305";
                case TlsError.ClientCertRequired:
                    return host + " wants a client certificate: name \"certificate\" and \"key\" in \"tls\"";
                case TlsError.ClientCertRefused:
                    return host + " refuses the device's certificate: it must be known and active there, and must have come from a CA that the broker trusts";
                case TlsError.NotTls:
                    return "TLS with " + host + " failed: what answers on this port is no TLS; check \"port\"";
                case TlsError.BadRecord:
                    return "TLS with " + host + " failed: what came is damaged, forged or against the protocol";
                case TlsError.RecordTooLarge:
                    return host + " sent a TLS record that is longer than this image can take: send smaller messages, or build the image with larger buffers (docs/custom-image.md)";
                case TlsError.Truncated:
                    return "the connection with " + host + " was cut off";
                case TlsError.ClosedInHandshake:
                    return "TLS with " + host + " failed: it closed the connection in the handshake; check \"port\", and whether the broker knows the device's certificate";
                case TlsError.Alert:
                    return "TLS with " + host + " failed: the server gave up";
                case TlsError.Timeout:
                    return "TLS with " + host + " failed: no answer within " + (Limits.ConnectMs / 1000) + " s; check \"port\" and the network";
                default:
                    return "TLS with " + host + " failed with error " + error + " of the engine: this is a fault of the firmware";
            }
        }

        // for whoever looks it up: RFC 8446 section 6, and mbedTLS's programs/util/strerror
        private static string Numbers(int error, int detail, int alert)
        {
            if (alert >= 0)
            {
                return " (TLS alert " + alert + ")";
            }

            bool isVague = error == TlsError.CertUnfit || error == TlsError.BadRecord || error == TlsError.Internal || error == TlsError.Unsupported || error == TlsError.NotTls;
            return isVague && detail != 0 ? " (mbedTLS -0x" + (-detail).ToString("X4") + ")" : "";
        }
    }
}
