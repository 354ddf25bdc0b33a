// Writes the messages: requests and responses (RFC 9112, 3 and 4). Field by field into one buffer; what does not fit, and a value that would break out of its line,
// is told once, at the end. Chunked bodies are left out: a device knows how long its answers are.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Writes one message at a time into a caller's buffer. Long-lived; allocates nothing after construction.</summary>
    /// <remarks>First line, fields, then <see cref="Body"/>, <see cref="EndHead"/> or <see cref="EndHeadWithLength"/>; then ask whether it has <see cref="Overflowed"/>.</remarks>
    public sealed class HttpWriter
    {
        private static readonly byte[] RequestVersion = Bytes.FromString(" HTTP/1.1\r\n");
        private static readonly byte[] ResponseVersion = Bytes.FromString("HTTP/1.1 ");
        private static readonly byte[] Colon = { (byte)':', (byte)' ' };
        private static readonly byte[] EndOfLine = { (byte)'\r', (byte)'\n' };

        private readonly ByteWriter _out = new ByteWriter();
        private readonly HttpDate _date = new HttpDate();

        /// <summary>What is written with: for a target between <see cref="BeginRequest"/> and <see cref="EndRequestLine"/>, and for whole field lines.</summary>
        public ByteWriter Out
        {
            get { return _out; }
        }

        /// <summary>How many bytes were written; of no use if it has <see cref="Overflowed"/>.</summary>
        public int Length
        {
            get { return _out.Length; }
        }

        /// <summary>Something did not fit, or may not be sent. Sticky until a Reset; what is in the buffer must not be sent.</summary>
        public bool Overflowed
        {
            get { return _out.Overflowed; }
        }


        /// <summary>Starts a message in another place.</summary>
        /// <param name="buffer">The caller's buffer.</param>
        /// <param name="offset">Where to put the first byte.</param>
        /// <param name="capacity">The most bytes.</param>
        public void Reset(byte[] buffer, int offset, int capacity)
        {
            _out.Reset(buffer, offset, capacity);
        }

        /// <summary>Writes a status line.</summary>
        /// <param name="status">The status, 100 to 599.</param>
        public void Response(int status)
        {
            _out.Raw(ResponseVersion);
            _out.Padded(status, 3);
            _out.Byte((byte)' ');
            HttpStatus.WriteReason(_out, status);
            _out.Raw(EndOfLine);
        }

        /// <summary>Writes a request line.</summary>
        /// <param name="method">The method.</param>
        /// <param name="buffer">The buffer of the target.</param>
        /// <param name="offset">The first byte of the target, encoded as it is to be sent.</param>
        /// <param name="length">Its length.</param>
        public void Request(byte[] method, byte[] buffer, int offset, int length)
        {
            BeginRequest(method);
            if (length == 0 || !HttpSyntax.IsPathAndQuery(buffer, offset, offset + length))
            {
                _out.Fail();
            }

            _out.Raw(buffer, offset, length);
            EndRequestLine();
        }

        /// <summary>Writes a request line's beginning; the caller writes the target into <see cref="Out"/>.</summary>
        /// <param name="method">The method.</param>
        public void BeginRequest(byte[] method)
        {
            _out.Raw(method);
            _out.Byte((byte)' ');
        }

        /// <summary>Ends a request line.</summary>
        public void EndRequestLine()
        {
            _out.Raw(RequestVersion);
        }

        /// <summary>Writes a field.</summary>
        /// <param name="field">Its number in <see cref="HttpField"/>.</param>
        /// <param name="value">Its value; with a control character the message fails.</param>
        public void Field(int field, byte[] value)
        {
            Field(field, value, 0, value.Length);
        }

        /// <summary>Writes a field.</summary>
        /// <param name="field">Its number in <see cref="HttpField"/>.</param>
        /// <param name="value">The buffer of the value; with a control character the message fails.</param>
        /// <param name="offset">The value's first byte.</param>
        /// <param name="length">The value's length.</param>
        public void Field(int field, byte[] value, int offset, int length)
        {
            BeginField(field);
            int end = offset + length;
            for (int i = offset; i < end; i++)
            {
                if (!HttpSyntax.IsValue(value[i]))
                {
                    _out.Fail();
                }
            }

            _out.Raw(value, offset, length);
            _out.Raw(EndOfLine);
        }

        /// <summary>Writes a field that is a number.</summary>
        /// <param name="field">Its number in <see cref="HttpField"/>.</param>
        /// <param name="value">Its value.</param>
        public void NumberField(int field, long value)
        {
            BeginField(field);
            _out.Decimal(value);
            _out.Raw(EndOfLine);
        }

        /// <summary>Writes the field Date.</summary>
        /// <param name="unixSeconds">The time, UTC. A server without a clock leaves the field out (RFC 9110, 6.6.1).</param>
        public void DateField(long unixSeconds)
        {
            BeginField(HttpField.Date);
            _date.Write(_out, unixSeconds);
            _out.Raw(EndOfLine);
        }

        /// <summary>Begins a field whose value the caller writes into <see cref="Out"/>; then comes <see cref="EndField"/>.</summary>
        /// <param name="field">Its number in <see cref="HttpField"/>.</param>
        public void BeginField(int field)
        {
            _out.Raw(HttpField.Name(field));
            _out.Raw(Colon);
        }

        /// <summary>Ends a field that <see cref="BeginField"/> began.</summary>
        public void EndField()
        {
            _out.Raw(EndOfLine);
        }

        /// <summary>Ends the head of a message that can have no body: a GET, a 1xx, 204 or 304.</summary>
        public void EndHead()
        {
            _out.Raw(EndOfLine);
        }

        /// <summary>Writes Content-Length and ends the head: of the answer to HEAD, or if the body is sent from elsewhere.</summary>
        /// <param name="length">The length of the body.</param>
        public void EndHeadWithLength(int length)
        {
            NumberField(HttpField.ContentLength, length);
            _out.Raw(EndOfLine);
        }

        /// <summary>Writes Content-Length, ends the head and writes the body.</summary>
        /// <param name="buffer">The buffer of the body.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length, 0 or more.</param>
        public void Body(byte[] buffer, int offset, int length)
        {
            EndHeadWithLength(length);
            _out.Raw(buffer, offset, length);
        }
    }
}
