// The client's exchanges and observations in short; every rule of it is tested in Host/Coap/Client*Test.

using System;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Coap
{
    [TestClass]
    public static class CoapClientTests
    {
        private static Desk _desk;

        // RFC 7252 4.2
        [TestMethod]
        public static void Repeats_with_doubling_waits_and_gives_up()
        {
            Begin(false);
            long wait = _desk.Pass();
            Assert.IsTrue(wait >= 2000 && wait <= 3000);
            for (int i = 1; i <= 4; i++)
            {
                Assert.AreEqual(i + 1, _desk.Sent);
                Assert.AreEqual(wait << i, _desk.Pass());
            }

            Assert.AreEqual(5, _desk.Sent);
            Assert.AreEqual((int)CoapClientError.Timeout, (int)_desk.Error);
        }

        // 4.5, 5.2.2, 5.3.2
        [TestMethod]
        public static void Takes_a_separate_response_once_and_none_with_another_token()
        {
            Begin(false);
            _desk.Answer("60 00 id");
            _desk.Answer("44 45 09 09 00 00 00 00");
            Assert.AreEqual(CoapType.Rst, (_desk.Out[0] >> 4) & 3);
            for (int i = 1; i <= 2; i++)
            {
                _desk.Answer("44 45 12 34 token FF 'hi'");
                Assert.AreEqual("60 00 12 34", PacketText.Hex(_desk.Out, 0, _desk.Length));
                Assert.AreEqual(1, _desk.Answers);
            }

            Assert.AreEqual(4, _desk.Sent);
            Assert.AreEqual(2, _desk.Payload);
        }

        // RFC 7641 3.4
        [DataRow("05", "06", true)]
        [DataRow("05", "05", false)]
        [DataRow("FF FF FF", "01", true)]
        [DataRow("05", "80 00 05", false)]
        public static void Takes_newer_notifications(string last, string next, bool isTaken)
        {
            Begin(true);
            _desk.Answer("64 45 id token 6" + ((last.Length + 1) / 3) + last);
            _desk.Answer("54 45 01 01 token 6" + ((next.Length + 1) / 3) + next);
            Assert.AreEqual(isTaken ? 2 : 1, _desk.Answers);
        }

        private static void Begin(bool isObserving)
        {
            _desk = new Desk();
            _desk.Begin(isObserving);
        }

        // the client with its socket
        private sealed class Desk : IDatagramTransport, ICoapClientHandler
        {
            internal readonly byte[] Out = new byte[128];
            internal int Length;
            internal int Sent;
            internal int Answers;
            internal int Payload;
            internal CoapClientError Error;

            private readonly byte[] _request = new byte[16];
            private readonly CoapEndpoint _endpoint = new CoapEndpoint(new CoapParameters(), new Random(), 128, 1, 128, 1, 1);
            private readonly CoapClient _client;
            private byte[] _next;
            private long _now;

            internal Desk()
            {
                _client = new CoapClient(_endpoint, 1);
            }

            internal void Begin(bool isObserving)
            {
                CoapClientRequest request = new CoapClientRequest(this);
                request.Destination.SetIPv4(1, 2, 3, 4, 5);
                request.Observe = isObserving;
                _endpoint.Open(this, 0);
                Assert.IsTrue(_client.Begin(request, 0) > 0);
                _endpoint.Poll(0);
                Array.Copy(Out, 0, _request, 0, 8);
            }

            internal long Pass()
            {
                long before = _now;
                _now = _endpoint.NextDeadlineMs;
                _endpoint.Poll(_now);
                return _now - before;
            }

            // "id" and "token" stand for the request's
            internal void Answer(string text)
            {
                int id = text.IndexOf("id");
                text = id < 0 ? text : text.Substring(0, id) + PacketText.Hex(_request, 2, 2) + text.Substring(id + 2);
                int token = text.IndexOf("token");
                text = token < 0 ? text : text.Substring(0, token) + PacketText.Hex(_request, 4, 4) + text.Substring(token + 5);
                _next = PacketText.Parse(text);
                _endpoint.Poll(_now);
            }

            public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
            {
                if (_next == null)
                {
                    return 0;
                }

                int length = _next.Length;
                from.SetIPv4(1, 2, 3, 4, 5);
                Array.Copy(_next, 0, buffer, offset, length);
                _next = null;
                return length;
            }

            public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
            {
                Array.Copy(buffer, offset, Out, 0, count);
                Length = count;
                Sent++;
                return count;
            }

            public void Close()
            {
            }

            public void Answered(CoapClientResponse response, long nowMs)
            {
                Answers++;
                Payload = response.PayloadLength;
            }

            public void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs)
            {
                Error = error;
            }
        }
    }
}
