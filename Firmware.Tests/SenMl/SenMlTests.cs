// SenMlReader and SenMlWriter over examples of RFC 8428, section 5.1, and of RFC 8790, section 3. In vectors ' stands for ".

using System.Text;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using Firmware.Tests.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.SenMl
{
    [TestClass]
    public static class SenMlTests
    {
        private static readonly SenMlReader Reader = new SenMlReader(new JsonReader(), 40, 8);
        private static readonly byte[] Letters = JsonText.Bytes("-i#Stfd0");

        // a record: its name, a letter for the kind with the value, @ if it has a time, u if it has a unit
        [DataRow("[{'n':'urn:dev:ow:10e2073a01080063','u':'Cel','v':23.1}]", "urn:dev:ow:10e2073a01080063 #u|")]
        [DataRow("[{'bn':'urn:a_','bt':1.276020076e+09,'bu':'A','bver':5,'n':'voltage','u':'V','v':120},{'n':'c','t':-5,'v':1.0}]", "urn:a_voltage i120@u|urn:a_c i1@u|")]
        [DataRow("[{'n':'a','vb':true},{'vs':'\\u0041\\n','n':'b'},{'n':'c','vd':'aGkgCg'},{'n':'d','vb':false},{'n':'e','s':1}]", "a t|b SA\n|c d|d f|e -|")]
        [DataRow("[{'bn':'2001:db8::2/3311/0/','n':'5850'},{'n':'5851'}]", "2001:db8::2/3311/0/5850 -|2001:db8::2/3311/0/5851 -|")]
        [DataRow("[{'bn':'x/','n':'a','v':null},{'bn':'y'}]", "x/a 0|y -|")]
        [DataRow("[{'n':'a','v':5,'bv':-7},{'n':'b','v':2147483647},{'n':'c'},{'n':'d','bv':2.5,'v':1}]", "a i-2|b i2147483640|c i-7|d #|")]
        [DataRow("[{'n':'a','v':2147483648,'x':[{}],'a_b':1},{'n':'b','v':1e3}]", "a #|b #|")]
        public static void Reads_packs(string pack, string trace)
        {
            byte[] text = JsonText.Quoted(pack);
            Assert.AreEqual(trace, Trace(text, text.Length));
            Assert.IsTrue(Reader.Error == SenMlError.None && !Reader.Next());
            for (int cut = 0; cut < text.Length; cut++)
            {
                Trace(text, cut);
                Assert.AreEqual((int)SenMlError.NotJson, (int)Reader.Error);
            }
        }

        [DataRow("[{'n':'a'}]]", (int)SenMlError.NotJson)]
        [DataRow("[{'n':'a','v':1,'x':[,]}]", (int)SenMlError.NotJson)]
        [DataRow("{'n':'a'}", (int)SenMlError.NotAPack)]
        [DataRow("[]", (int)SenMlError.NotAPack)]
        [DataRow("[{'n':'a'},1]", (int)SenMlError.NotAPack)]
        [DataRow("[{'n':1}]", (int)SenMlError.WrongType)]
        [DataRow("[{'n':'a','v':'1'}]", (int)SenMlError.WrongType)]
        [DataRow("[{'n':'a','vb':1}]", (int)SenMlError.WrongType)]
        [DataRow("[{'n':'a','t':null}]", (int)SenMlError.WrongType)]
        [DataRow("[{'n':'a','n':'a'}]", (int)SenMlError.Duplicate)]
        [DataRow("[{'n':'a','v':1,'vs':''}]", (int)SenMlError.Duplicate)]
        [DataRow("[{'n':'a','x_':1}]", (int)SenMlError.MustUnderstand)]
        [DataRow("[{'n':'a','x\\u005f':1}]", (int)SenMlError.MustUnderstand)]
        [DataRow("[{'n':'a','a2345678901234567_':1}]", (int)SenMlError.MustUnderstand)]
        [DataRow("[{'n':'a','bver':11}]", (int)SenMlError.UnknownVersion)]
        [DataRow("[{'v':1}]", (int)SenMlError.BadName)]
        [DataRow("[{'n':'/a'}]", (int)SenMlError.BadName)]
        [DataRow("[{'n':'a,'}]", (int)SenMlError.BadName)]
        [DataRow("[{'bn':'a2345678901234567890','n':'a23456789012345678901'}]", (int)SenMlError.NameTooLong)]
        [DataRow("[{'n':'a','vs':'123456789'}]", (int)SenMlError.TextTooLong)]
        public static void Refuses_packs(string pack, int error)
        {
            byte[] text = JsonText.Quoted(pack);
            Trace(text, text.Length);
            Assert.AreEqual(error, (int)Reader.Error);
            Assert.IsTrue(!Reader.Next() && Reader.NameLength == 0);
        }

        [TestMethod]
        public static void Writes_packs()
        {
            byte[] buffer = new byte[160];
            JsonWriter json = new JsonWriter(buffer);
            SenMlWriter writer = new SenMlWriter(json);
            writer.BeginPack();
            writer.BeginRecord();
            writer.BaseName(JsonText.Bytes("a/"));
            writer.Name(JsonText.Bytes("b"));
            writer.Unit(JsonText.Bytes("Cel"));
            writer.Value(23100, 3);
            writer.Time(-5);
            writer.EndRecord();
            writer.BeginRecord();
            writer.StringValue(JsonText.Bytes("\""));
            writer.EndRecord();
            writer.BeginRecord();
            writer.BooleanValue(true);
            writer.EndRecord();
            writer.EndPack();
            byte[] expected = JsonText.Quoted("[{'bn':'a/','n':'b','u':'Cel','v':23.1,'t':-5},{'vs':'\\''},{'vb':true}]");
            Assert.AreEqual(Encoding.UTF8.GetString(expected, 0, expected.Length), Encoding.UTF8.GetString(buffer, 0, json.Length));
            Assert.AreEqual("a/b #@u|a/ S\"|a/ t|", Trace(buffer, json.Length));
        }

        private static string Trace(byte[] text, int length)
        {
            string trace = string.Empty;
            Reader.Reset(text, 0, length);
            while (Reader.Next())
            {
                trace += Encoding.UTF8.GetString(Reader.Name, 0, Reader.NameLength) + " " + (char)Letters[(int)Reader.Kind];
                trace += Reader.Kind == SenMlValueKind.Number ? Reader.Number.ToString() : Encoding.UTF8.GetString(Reader.Text, 0, Reader.TextLength);
                trace += (Reader.HasTime ? "@" : string.Empty) + (Reader.HasUnit ? "u|" : "|");
            }

            return trace;
        }
    }
}
