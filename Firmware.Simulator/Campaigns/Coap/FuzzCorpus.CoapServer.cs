// Sequences of datagrams that a correct client may send to the server of FuzzCoapServer; message IDs and tokens are set when they are sent.

namespace Firmware.Simulator.Campaigns;

internal static partial class FuzzCorpus
{
    // a value of this length is replaced by the Echo value that the server gave last
    internal const int EchoLength = 12;

    internal static byte[][][] CoapSequences()
    {
        string echo = new('E', EchoLength);
        string block = new('b', 16);
        return
        [
            // GET, conditional GET, duplicate, another method, discovery with a filter and in blocks
            [Message(0, 1, 2, [(11, "text")], ""), Message(0, 1, 2, [(4, "\u0001\u0002\u0003\u0004"), (11, "text")], ""), Message(1, 1, 8, [(11, "text"), (17, "2")], "")],
            [Message(0, 1, 0, [(11, ".well-known"), (11, "core")], ""), Message(0, 1, 0, [(11, ".well-known"), (11, "core"), (23, "\u0010")], ""), Message(1, 1, 1, [(11, ".well-known"), (11, "core"), (15, "href=/la*")], "")],

            // a long body in blocks, early and late negotiation; Echo for larger ones
            [Message(0, 1, 1, [(11, "large")], ""), Message(0, 1, 1, [(11, "large"), (23, "\u0012"), (252, echo)], ""), Message(0, 1, 1, [(11, "large"), (23, "\u0026")], ""), Message(0, 1, 1, [(11, "large"), (23, "\u0006"), (252, echo)], "")],
            [Message(0, 5, 3, [(11, "large"), (12, "*")], "select"), Message(0, 5, 3, [(11, "large"), (12, "*"), (23, "\u0010")], ""), Message(1, 5, 3, [(11, "large"), (12, "*"), (23, "\u0020")], "select")],

            // observers: register, acknowledge, cancel; again under the same token; with blocks; with a condition that will fail
            [Message(0, 1, 4, [(6, ""), (11, "text")], ""), Message(2, 0, 0, [], ""), Message(0, 1, 4, [(6, "\u0001"), (11, "text")], "")],
            [Message(1, 1, 2, [(6, ""), (11, "large"), (23, "\u0001")], ""), Message(3, 0, 0, [], ""), Message(0, 1, 2, [(11, "large"), (23, "\u0011")], "")],
            [Message(0, 1, 1, [(6, ""), (11, "thing")], ""), Message(0, 4, 1, [(11, "thing")], ""), Message(2, 0, 0, [], ""), Message(0, 3, 2, [(5, ""), (11, "thing")], "new")],

            // PUT and POST, once and in blocks, in pieces or put together; conditions; sizes
            [Message(0, 2, 2, [(11, "text")], "1"), Message(0, 2, 2, [(11, "text")], "1"), Message(1, 2, 0, [(11, "text"), (258, "\u0002")], "22")],
            [Message(0, 3, 1, [(11, "upload"), (27, "\u0008")], block), Message(0, 3, 1, [(11, "upload"), (27, "\u0018")], block), Message(0, 3, 1, [(11, "upload"), (27, "\u0020")], "end")],
            [Message(0, 2, 1, [(11, "whole"), (27, "\u0008"), (292, "t")], block), Message(0, 2, 1, [(11, "whole"), (27, "\u0010"), (292, "t")], "end"), Message(0, 2, 1, [(11, "whole"), (23, "\u0010"), (292, "t")], "")],
            [Message(0, 3, 1, [(1, ""), (11, "thing")], "x"), Message(0, 3, 1, [(1, "\u0001\u0002\u0003\u0004"), (11, "thing")], "y"), Message(0, 7, 1, [(11, "whole"), (60, "\u0001\u0000\u0000\u0000")], "z")],
            [Message(0, 2, 1, [(11, "upload"), (27, "P")], block), Message(0, 3, 1, [(11, "upload"), (27, "\u000f")], block), Message(0, 3, 1, [(11, "upload"), (27, "\u0009")], block), Message(0, 3, 1, [(11, "upload"), (27, "\u0018")], block)],

            // separate responses and their acknowledgement, reset, copy
            [Message(0, 1, 3, [(11, "slow")], ""), Message(2, 0, 0, [], ""), Message(0, 2, 4, [(11, "slow")], "9")],
            [Message(1, 2, 3, [(11, "slow")], "5"), Message(0, 1, 3, [(11, "slow")], ""), Message(3, 0, 0, [], ""), Message(0, 2, 0, [(11, "slow"), (27, "")], "1")],

            // ping, proxy, what a server does not expect
            [Message(0, 0, 0, [], ""), Message(0, 1, 1, [(35, "coap://h/x")], ""), Message(0, 0x45, 2, [(12, "")], "t"), Message(1, 0x45, 2, [(12, "")], "t"), Message(2, 0x45, 2, [], "t")],
            [Message(0, 9, 1, [(11, "text")], ""), Message(0, 1, 1, [(9, ""), (11, "text")], ""), Message(1, 1, 1, [(11, "none")], ""), Message(0, 0x21, 0, [], ""), Message(0, 0xE0, 0, [], "")],
        ];
    }
}
