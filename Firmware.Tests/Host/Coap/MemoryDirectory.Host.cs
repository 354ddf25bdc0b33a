// A resource directory of the tests (RFC 9176 sections 4.3 and 5) behind the port in memory: it keeps entries, and answers in the very moment.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Tests.Host.Application;

namespace Firmware.Tests.Host.Coap;

/// <summary>What a directory knows of an endpoint.</summary>
internal sealed record DirectoryRecord(string Name, int LifetimeSeconds, string Links, long FromMs);

/// <summary>The directory at 192.168.1.9:5683.</summary>
internal sealed class MemoryDirectory
{
    internal const string Place = "192.168.1.9:5683";

    private readonly Appliance _appliance;
    private readonly List<CoapReply> _asked = [];
    private readonly DatagramAddress _address = Address();
    private int _lastId;

    internal MemoryDirectory(Appliance appliance)
    {
        _appliance = appliance;
        appliance.Port.Left = Take;
    }

    /// <summary>Whether it lets requests fall.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>The code that every request is answered with; 0: as it should be.</summary>
    internal int Refuses { get; set; }

    /// <summary>Called before a request is answered.</summary>
    internal Action<CoapReply>? Before { get; set; }

    /// <summary>The entries by their path.</summary>
    internal Dictionary<string, DirectoryRecord> Entries { get; } = [];

    /// <summary>Every request, copies included, with its time: "POST rd/1 ep=...".</summary>
    internal string[] Asked
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked.Select(Text)];
            }
        }
    }

    internal CoapReply[] Messages
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked];
            }
        }
    }

    internal static DatagramAddress Address()
    {
        DatagramAddress address = new();
        address.SetIPv4(192, 168, 1, 9, 5683);
        return address;
    }

    private static string Text(CoapReply request) =>
        $"{(request.Code == CoapCode.Get ? "GET" : request.Code == CoapCode.Post ? "POST" : request.Code == CoapCode.Delete ? "DELETE" : "?")} {PathOf(request)} {string.Join('&', request.Texts(CoapOption.UriQuery))}".TrimEnd();

    private static string PathOf(CoapReply request) => string.Join('/', request.Texts(CoapOption.UriPath));

    private void Take(SentDatagram datagram)
    {
        if (datagram.To != Place)
        {
            return;
        }

        CoapReply request = new(datagram.Bytes, datagram.AtMs, datagram.To);
        lock (_asked)
        {
            _asked.Add(request);
        }

        Before?.Invoke(request);
        if (IsSilent)
        {
            return;
        }

        CoapDatagram answer = Refuses != 0 ? Answer(request, Refuses) : Answer(request);
        _appliance.Port.Put(answer.ToBytes(), _address);
    }

    private static CoapDatagram Answer(CoapReply request, int code) => new(CoapType.Ack, code, request.MessageId, request.Token);

    private CoapDatagram Answer(CoapReply request)
    {
        string path = PathOf(request);
        switch (Text(request).Split(' ')[0])
        {
            case "GET" when path == ".well-known/core":
                return Answer(request, CoapCode.Content).Payload("</catalogue>;rt=\"core.rd\";ct=40,</find>;rt=\"core.rd-lookup-res\";ct=40", CoapFormat.Link);
            case "POST" when path == "catalogue":
                Dictionary<string, string> query = request.Texts(CoapOption.UriQuery).ToDictionary(q => q.Split('=')[0], q => q.Split('=')[1]);
                string id = Entries.FirstOrDefault(e => e.Value.Name == query["ep"]).Key?.Split('/')[1] ?? $"{++_lastId}";
                Entries["catalogue/" + id] = new DirectoryRecord(query["ep"], int.Parse(query["lt"], System.Globalization.CultureInfo.InvariantCulture), request.Text, request.AtMs);
                return Answer(request, CoapCode.Created).Option(CoapOption.LocationPath, "catalogue"u8.ToArray()).Option(CoapOption.LocationPath, System.Text.Encoding.UTF8.GetBytes(id));
            case "POST" when Entries.TryGetValue(path, out DirectoryRecord? entry):
                Entries[path] = entry with { FromMs = request.AtMs };
                return Answer(request, CoapCode.Changed);
            case "DELETE" when Entries.Remove(path):
                return Answer(request, CoapCode.Deleted);
            default:
                return Answer(request, CoapCode.NotFound);
        }
    }
}
