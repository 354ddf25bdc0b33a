// The resources that the ETSI CoAP plugtests ask of a server (test descriptions TD_COAP_CORE, LINK, BLOCK and OBS), so that any client can be tried
// against this one. What the descriptions leave open is decided here:
//   /test           DELETE removes it, PUT creates it again; POST always creates /location1/location2/location3
//   /separate       answers after three seconds
//   /obs...         change every five seconds; what is PUT to /obs stays for one such period, and a deleted /obs comes back after one
//   /obs-pumping    is by turns short and too long for one message
//   /large-create   keeps up to three creations, then the oldest gives way
// The links are those of TD_COAP_LINK_02 to 09: /link1 to /link3 differ in rt and if, the large ones have sz, /path lists what is below it.

using Firmware.Features.Coap;
using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Plugtest;

/// <summary>The plugtest resources of one server. Whoever reaches it may change them.</summary>
public sealed class PlugtestProfile : ICoapAccess, ICoapGuests
{
    /// <summary>How long a large body may be, bytes.</summary>
    public const int LargeBytes = 4096;

    private readonly List<PeriodicResource> _periodic = [];

    /// <summary>When <see cref="Poll"/> wants to be called next, on the clock of Poll.</summary>
    public long NextDeadlineMs => _periodic.Count == 0 ? long.MaxValue : _periodic.Min(resource => resource.NextMs);

    /// <summary>Creates the resources.</summary>
    /// <param name="nowMs">The time; the first changes come a period later.</param>
    /// <returns>What a <see cref="CoapServer"/> takes.</returns>
    public CoapResource[] CreateResources(long nowMs)
    {
        StoredResource located = new("location1/location2/location3", null);
        CreatedResource[] created = [.. Enumerable.Range(1, 3).Select(i => new CreatedResource($"large-create/{i}", i))];
        StoredResource[] below = [.. Enumerable.Range(1, 3).Select(i => new StoredResource($"path/sub{i}", $"/path/sub{i}", isListed: false))];
        _periodic.Clear();
        _periodic.Add(new PeriodicResource("obs", nowMs, confirms: true));
        _periodic.Add(new PeriodicResource("obs-non", nowMs, confirms: false));
        _periodic.Add(new LargePeriodicResource("obs-large", nowMs, isPumping: false));
        _periodic.Add(new LargePeriodicResource("obs-pumping", nowMs, isPumping: true));
        return
        [
            new CreatingResource("test", located),
            located,
            new SeparateResource(),
            new StoredResource("seg1/seg2/seg3", "three segments"),
            new QueryResource(),
            new StoredResource("validate", "first content", sendsETag: true),
            new StoredResource("create1", null),
            new LocationQueryResource(),
            new MultiFormatResource(),
            new LargeResource(),
            new LargeUpdateResource(),
            new LargeCreateResource(created),
            .. created,
            new LargePostResource(),
            .. _periodic,
            new StoredResource("link1", "a link", "Type1 Type2", "If1"),
            new StoredResource("link2", "a link", "Type2 Type3", "If2"),
            new StoredResource("link3", "a link", "Type1 Type3", "foo"),
            new PathResource(below),
            .. below,
        ];
    }

    /// <summary>Lets the observable resources change when it is time.</summary>
    /// <param name="nowMs">The time in milliseconds.</param>
    public void Poll(long nowMs)
    {
        for (int i = 0; i < _periodic.Count; i++)
        {
            _periodic[i].Poll(nowMs);
        }
    }

    /// <summary>Lets everything pass: a plugtest server is there to be changed.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Null.</returns>
    public byte[]? Refuse(CoapRequest request) => null;
}
