// The reader of commands on a table: what is understood, what is refused and why, and that hostile input neither throws nor is taken for a command.
// In vectors ' stands for ". A result is written as "ACTUATOR ACTION [sSECONDS] [pPERCENT] [#ID | #NUMBERn]".

using Firmware.Features;
using Firmware.Protocols.Io;
using Firmware.Tests.Json;
using Firmware.Things;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Features
{
    [TestClass]
    public static class CommandReaderTests
    {
        // payloads stand somewhere in the receive buffer, never at its start
        private const int Before = 7;

        private static readonly Resource Led = new Item("led", true);
        private static readonly Resource Light = new Item("light", true);
        private static readonly CommandReader Reader = new CommandReader(
            new ResourceTree(new Resource[] { Led, Light, new Item("toaster", true), new Item("temperature", false) }));

        [DataRow("{'led':'on'}", "led on")]
        [DataRow("{'led':'off'}", "led off")]
        [DataRow("{'led':'toggle'}", "led toggle")]
        [DataRow("{'light':'dim'}", "light dim")]
        [DataRow("{'light':'dim','percent':30}", "light dim p30")]
        [DataRow("{'percent':30,'light':'dim'}", "light dim p30")]
        [DataRow("{'light':30}", "light level p30")]
        [DataRow("{'light':0}", "light level p0")]
        [DataRow("{'light':-1}", "light level p-1")] // out of range is the actuator's word
        [DataRow("{'toaster':'on'}", "toaster on")]
        [DataRow("{'toaster':'on','seconds':90}", "toaster on s90")]
        [DataRow("{'seconds':90,'toaster':'on'}", "toaster on s90")]
        [DataRow("{'toaster':'on','seconds':0}", "toaster on s0")]
        [DataRow("{'toaster':'on','seconds':-5}", "toaster on s-5")]
        [DataRow("{'toaster':'on','seconds':2147483647}", "toaster on s2147483647")]
        [DataRow("{'led':'on','id':'a1'}", "led on #a1")]
        [DataRow("{'id':'a1','led':'on'}", "led on #a1")]
        [DataRow("{'led':'on','id':42}", "led on #42n")]
        [DataRow("{'led':'on','id':-1}", "led on #-1n")]
        [DataRow("{'led':'on','id':0}", "led on #0n")]
        [DataRow(" \r\n{ \t'led' : 'on' } \n", "led on")]
        [DataRow("{'l\\u0065d':'on'}", "led on")] // an escaped name is the same name [RFC 8259, 8.3]
        [DataRow("{'led':'on','id':'\\u0041\\u00e9'}", "led on #A\u00e9")]
        [DataRow("{'led':'on','id':'0123456789012345678901234567890123456789'}", "led on #0123456789012345678901234567890123456789")]
        public static void Understands(string json, string expected)
        {
            Assert.AreEqual(expected, ReadJson(json));
        }

        // not JSON, or not a JSON object
        [DataRow("", "not a JSON object")]
        [DataRow(" ", "not a JSON object")]
        [DataRow("on", "not a JSON object")]
        [DataRow("'on'", "not a JSON object")]
        [DataRow("null", "not a JSON object")]
        [DataRow("42", "not a JSON object")]
        [DataRow("[]", "not a JSON object")]
        [DataRow("[{'led':'on'}]", "not a JSON object")]
        [DataRow("{", "not a JSON object")]
        [DataRow("{'led':'on'", "not a JSON object")]
        [DataRow("{'led':'on'}}", "not a JSON object")]
        [DataRow("{'led':'on'}{'led':'off'}", "not a JSON object")]
        [DataRow("{'led':'on'} x", "not a JSON object")]
        [DataRow("{'led':'on',}", "not a JSON object")]
        [DataRow("{led:'on'}", "not a JSON object")]
        [DataRow("{'led' 'on'}", "not a JSON object")]
        [DataRow("{'led':on}", "not a JSON object")]
        [DataRow("{'led':'o\nn'}", "not a JSON object")] // a control character in a string [RFC 8259, 7]
        [DataRow("{'led':'\\ud800'}", "not a JSON object")] // half a surrogate pair
        [DataRow("{'led':'\\q'}", "not a JSON object")]
        [DataRow("{'led':01}", "not a JSON object")]
        [DataRow("{'led':{'a':{'b':{'c':{'d':{'e':1}}}}}}", "not a JSON object")] // deeper than Limits.JsonDepth

        // nobody, or more than one, is meant
        [DataRow("{}", "no actuator")]
        [DataRow("{'seconds':5}", "no actuator")]
        [DataRow("{'id':'a'}", "no actuator")]
        [DataRow("{'led':'on','light':'on'}", "one command is for one actuator")]
        [DataRow("{'led':'on','led':'off'}", "given twice")]
        [DataRow("{'led':'on','l\\u0065d':'off'}", "given twice")]

        // names are exact
        [DataRow("{'temperature':'on'}", "unknown member")]
        [DataRow("{'lamp':'on'}", "unknown member")]
        [DataRow("{'LED':'on'}", "unknown member")]
        [DataRow("{'led ':'on'}", "unknown member")]
        [DataRow("{'le':'on'}", "unknown member")]
        [DataRow("{'ledd':'on'}", "unknown member")]
        [DataRow("{'':'on'}", "unknown member")]
        [DataRow("{'toaster':'on','second':5}", "unknown member")]
        [DataRow("{'toaster':'on','second':[1,{'a':[2]}]}", "unknown member")]

        // actions
        [DataRow("{'led':'ON'}", "unknown action")]
        [DataRow("{'led':''}", "unknown action")]
        [DataRow("{'led':'on '}", "unknown action")]
        [DataRow("{'led':true}", "unknown action")]
        [DataRow("{'led':null}", "unknown action")]
        [DataRow("{'led':{}}", "unknown action")]
        [DataRow("{'led':{'state':'on'}}", "unknown action")]
        [DataRow("{'led':['on']}", "unknown action")]
        [DataRow("{'light':1.5}", "unknown action")]
        [DataRow("{'light':1e1}", "unknown action")]
        [DataRow("{'light':2147483648}", "unknown action")]
        [DataRow("{'light':-2147483648}", "unknown action")] // stands for "not given" inside
        [DataRow("{'light':99999999999999999999999999}", "unknown action")]

        // numbers
        [DataRow("{'toaster':'on','seconds':'5'}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':1.5}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':1e1}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':null}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':true}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':[5]}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':{'a':5}}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':2147483648}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':-2147483648}", "seconds must be a whole number")]
        [DataRow("{'toaster':'on','seconds':4294967301}", "seconds must be a whole number")] // 5, if it wraps
        [DataRow("{'toaster':'on','seconds':18446744073709551621}", "seconds must be a whole number")]
        [DataRow("{'light':'dim','percent':'30'}", "percent must be a whole number")]
        [DataRow("{'light':'dim','percent':4294967326}", "percent must be a whole number")]
        [DataRow("{'toaster':'on','seconds':5,'seconds':9}", "given twice")]
        [DataRow("{'light':'dim','percent':5,'percent':9}", "given twice")]
        [DataRow("{'light':30,'percent':9}", "given twice")]
        [DataRow("{'percent':9,'light':30}", "given twice")]

        // identifiers
        [DataRow("{'led':'on','id':''}", "id must be")]
        [DataRow("{'led':'on','id':true}", "id must be")]
        [DataRow("{'led':'on','id':null}", "id must be")]
        [DataRow("{'led':'on','id':1.5}", "id must be")]
        [DataRow("{'led':'on','id':2147483648}", "id must be")]
        [DataRow("{'led':'on','id':['a']}", "id must be")]
        [DataRow("{'led':'on','id':{'a':'b'}}", "id must be")]
        [DataRow("{'led':'on','id':'01234567890123456789012345678901234567890'}", "id must be")] // 41 bytes
        [DataRow("{'led':'on','id':'a','id':'b'}", "given twice")]
        [DataRow("{'led':'on','id':'a','id':1}", "given twice")]
        public static void Refuses(string json, string reason)
        {
            string result = ReadJson(json);
            Assert.StartsWith("! ", result);
            Assert.Contains(reason, result);
        }

        [DataRow("{'id':7,'led':'fly'}", "led", "#7n")]
        [DataRow("{'led':'fly','id':7}", "led", "#7n")]
        [DataRow("{'lamp':'on','id':'x'}", "", "#x")]
        [DataRow("{'lamp':{'a':[1,2]},'id':'x','led':'on'}", "led", "#x")]
        [DataRow("{'toaster':'on','seconds':{},'id':'x'}", "toaster", "#x")]
        public static void Refused_command_keeps_its_identifier_for_the_answer(string json, string target, string id)
        {
            Assert.StartsWith("! ", ReadJson(json));
            Assert.AreEqual(target, Reader.Target == null ? "" : Text(Reader.Target.Name));
            Assert.AreEqual(id, Id());
        }

        [DataRow("on", "led on")]
        [DataRow("off", "led off")]
        [DataRow("toggle", "led toggle")]
        [DataRow("dim", "led dim")]
        [DataRow("0", "led level p0")]
        [DataRow("100", "led level p100")]
        [DataRow(" 100\n", "led level p100")]
        public static void Understands_bare_commands(string payload, string expected)
        {
            Assert.AreEqual(expected, ReadBare(payload));
        }

        [DataRow("")]
        [DataRow(" ")]
        [DataRow("on ")]
        [DataRow("ON")]
        [DataRow("onoff")]
        [DataRow("o")]
        [DataRow("'on'")]
        [DataRow("{'led':'on'}")]
        [DataRow("[1]")]
        [DataRow("1.5")]
        [DataRow("1 2")]
        [DataRow("1x")]
        [DataRow("4294967297")] // 1, if it wraps
        [DataRow("true")]
        public static void Refuses_other_bare_commands(string payload)
        {
            Assert.Contains("! unknown action", ReadBare(payload));
        }

        [TestMethod]
        public static void Every_truncation_of_a_command_is_refused()
        {
            string json = "{'toaster':'on','seconds':90,'id':'a\\u0041'}";
            for (int length = 0; length < json.Length; length++)
            {
                Assert.Contains("not a JSON object", ReadJson(json.Substring(0, length)));
            }

            Assert.AreEqual("toaster on s90 #aA", ReadJson(json));
        }

        [TestMethod]
        public static void Mutations_never_throw_and_never_turn_a_refusal_into_another_actuator()
        {
            byte[] clean = JsonText.Quoted("{'led':'on','id':1}");
            byte[] mutant = new byte[clean.Length];
            for (int i = 0; i < clean.Length; i++)
            {
                for (int value = 0; value < 256; value++)
                {
                    clean.CopyTo(mutant, 0);
                    mutant[i] = (byte)value;
                    byte[] reason = Reader.ReadJson(mutant, 0, mutant.Length);
                    Assert.IsTrue(reason != null || Reader.Target == Led, "byte " + i + " = " + value);
                }
            }
        }

        [TestMethod]
        public static void Nothing_of_a_command_is_left_for_the_next()
        {
            Assert.AreEqual("toaster on s90 #aA", ReadJson("{'toaster':'on','seconds':90,'id':'aA'}"));
            Assert.AreEqual("light dim p5", ReadJson("{'light':'dim','percent':5}"));
            Assert.AreEqual("led on", ReadJson("{'led':'on'}"));
            Assert.AreEqual("! no actuator is named; name one, such as {\"led\":\"on\"}", ReadJson("{}"));
            Assert.IsNull(Reader.Target);
            Assert.AreEqual(0, Reader.IdLength);
        }

        [TestMethod]
        public static void Bytes_beyond_the_payload_are_not_read()
        {
            byte[] buffer = JsonText.Quoted("xx{'led':'on'}}}");
            Assert.IsNull(Reader.ReadJson(buffer, 2, buffer.Length - 4));
            Assert.IsNotNull(Reader.ReadJson(buffer, 2, buffer.Length - 3));
        }

        private static string ReadJson(string json)
        {
            byte[] payload = JsonText.Quoted(json);
            byte[] buffer = InTheMiddle(payload);
            return Describe(Reader.ReadJson(buffer, Before, payload.Length));
        }

        private static string ReadBare(string text)
        {
            byte[] payload = JsonText.Quoted(text);
            byte[] buffer = InTheMiddle(payload);
            return Describe(Reader.ReadBare(Led, buffer, Before, payload.Length));
        }

        private static byte[] InTheMiddle(byte[] payload)
        {
            byte[] buffer = new byte[Before + payload.Length + Before];
            for (int i = 0; i < buffer.Length; i++)
            {
                buffer[i] = (byte)'}';
            }

            payload.CopyTo(buffer, Before);
            return buffer;
        }

        private static string Describe(byte[] reason)
        {
            if (reason != null)
            {
                return "! " + Text(reason);
            }

            Command command = Reader.Command;
            string text = Text(Reader.Target.Name) + " " + Name(command.Action);
            text += command.Seconds != Command.NotGiven ? " s" + command.Seconds : "";
            text += command.Percent != Command.NotGiven ? " p" + command.Percent : "";
            return Reader.IdLength > 0 ? text + " " + Id() : text;
        }

        private static string Id()
        {
            return Reader.IdLength == 0 ? "" : "#" + System.Text.Encoding.UTF8.GetString(Reader.Id, 0, Reader.IdLength) + (Reader.IdIsNumber ? "n" : "");
        }

        private static string Name(CommandAction action)
        {
            switch (action)
            {
                case CommandAction.On:
                    return "on";
                case CommandAction.Off:
                    return "off";
                case CommandAction.Toggle:
                    return "toggle";
                case CommandAction.Dim:
                    return "dim";
                case CommandAction.Level:
                    return "level";
                default:
                    return "nothing";
            }
        }

        private static string Text(byte[] utf8)
        {
            return System.Text.Encoding.UTF8.GetString(utf8, 0, utf8.Length);
        }

        private sealed class Item : Resource
        {
            private readonly bool _isActuator;

            internal Item(string name, bool isActuator)
                : base(name, name)
            {
                _isActuator = isActuator;
            }

            public override bool IsActuator
            {
                get { return _isActuator; }
            }

            protected override void Describe(ResourceState state, long nowMs)
            {
            }
        }
    }
}
