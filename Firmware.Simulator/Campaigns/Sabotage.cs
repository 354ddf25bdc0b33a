// Faults outside the model, one at a time: each must be reported, or the oracle proves nothing.

namespace Firmware.Simulator.Campaigns;

/// <summary>A deliberate fault that no correct client can make good for.</summary>
public enum Sabotage
{
    /// <summary>None: the campaign must pass.</summary>
    None = 0,

    /// <summary>The broker acknowledges one QoS 1 message in a hundred and throws it away.</summary>
    BrokerLosesAcknowledged,

    /// <summary>The broker sends one QoS 2 message in fifty a second time, under a new packet identifier.</summary>
    BrokerDeliversTwice,

    /// <summary>The broker swaps two queued messages of one topic now and then.</summary>
    BrokerReorders,

    /// <summary>The link clears the DUP flag of every PUBLISH that the device sends again.</summary>
    LinkClearsDup,

    /// <summary>The link flips a bit of a payload now and then, which TLS and TCP never do.</summary>
    LinkFlipsBits,

    /// <summary>The link allocates when the client reads: as a client would that allocates per packet.</summary>
    ReadAllocates,

    /// <summary>The client gets time limits of an hour: as a client would that hangs on a silent link.</summary>
    EndlessPatience,

    /// <summary>The client's deadline is answered an hour late: as a client would that lets its keepalive lapse.</summary>
    LateLoop,
}
