// What a request to AWS is signed with. The bytes are the caller's; nothing here prints them, and neither may anyone else.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Aws
{
    /// <summary>An access key, as IAM or the credential provider of AWS IoT gives it out. Never log its fields.</summary>
    public sealed class AwsCredentials
    {
        /// <summary>The public part, such as AKIA... or ASIA..., ASCII.</summary>
        public readonly byte[] AccessKeyId;

        /// <summary>The secret part, ASCII.</summary>
        public readonly byte[] SecretKey;

        /// <summary>The token of a temporary key, ASCII; empty for a permanent one.</summary>
        public readonly byte[] SessionToken;

        /// <summary>Takes a key over.</summary>
        /// <param name="accessKeyId">The public part, one byte or more; not copied.</param>
        /// <param name="secretKey">The secret part, one byte or more; not copied.</param>
        /// <param name="sessionToken">The session token; null or empty: none. Not copied.</param>
        /// <exception cref="ArgumentException">A part is missing.</exception>
        public AwsCredentials(byte[] accessKeyId, byte[] secretKey, byte[] sessionToken)
        {
            if (accessKeyId == null || accessKeyId.Length == 0 || secretKey == null || secretKey.Length == 0)
            {
                throw new ArgumentException();
            }

            AccessKeyId = accessKeyId;
            SecretKey = secretKey;
            SessionToken = sessionToken == null ? Bytes.Empty : sessionToken;
        }

        /// <summary>Whether the key is a temporary one.</summary>
        public bool HasToken
        {
            get { return SessionToken.Length > 0; }
        }

        /// <summary>Overwrites the secret and the token, for a key that is given up.</summary>
        public void Clear()
        {
            Array.Clear(SecretKey, 0, SecretKey.Length);
            Array.Clear(SessionToken, 0, SessionToken.Length);
        }
    }
}
