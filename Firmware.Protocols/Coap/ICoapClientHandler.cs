// Where the client delivers what it gets. A handler for each request rather than events that are pulled: several features share one client, each
// hands in its own request objects and is called for these alone; and one Poll may take several datagrams, whose payloads nobody has to keep.

namespace Firmware.Protocols.Coap
{
    /// <summary>Takes the answers to requests. Called from <see cref="CoapEndpoint.Poll"/> or Close; may begin and cancel requests, must not block.</summary>
    public interface ICoapClientHandler
    {
        /// <summary>Takes a response, or one block of it, or a notification.</summary>
        /// <param name="response">Code, options and payload as a view; valid until this returns. With <see cref="CoapClientResponse.IsLast"/> and without <see cref="CoapClientResponse.IsObserving"/> the request has ended and may be begun again.</param>
        /// <param name="nowMs">The time.</param>
        void Answered(CoapClientResponse response, long nowMs);

        /// <summary>Tells that a request has ended without a response, or before the last block of it.</summary>
        /// <param name="request">The request; may be begun again.</param>
        /// <param name="error">Why.</param>
        /// <param name="detail">A number that belongs to <paramref name="error"/>: see there.</param>
        /// <param name="nowMs">The time.</param>
        void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs);
    }

    /// <summary>Gives the body of a request piece by piece, so that it is never held whole.</summary>
    public interface ICoapBodySource
    {
        /// <summary>Copies a part of the body. A part may be asked for again, as long as the request is under way: the body must not change meanwhile.</summary>
        /// <param name="offset">Where the part begins in the body, bytes.</param>
        /// <param name="buffer">Where to copy it.</param>
        /// <param name="bufferOffset">The first byte to write.</param>
        /// <param name="count">How many bytes are wanted.</param>
        /// <returns>How many bytes were copied; fewer than <paramref name="count"/> only at the end of the body. Less than 0: the body cannot be given.</returns>
        int Read(int offset, byte[] buffer, int bufferOffset, int count);
    }
}
