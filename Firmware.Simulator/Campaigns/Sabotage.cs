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

    /// <summary>CoAP: the link gives copies of requests a new message ID, so that handlers run twice.</summary>
    CoapRunsTwice,

    /// <summary>CoAP: the server forgets its tables every few seconds, as one would whose memory of requests is too short.</summary>
    CoapForgets,

    /// <summary>CoAP: a copy of a request is answered with other bytes than the first one.</summary>
    CoapAnswersOtherwise,

    /// <summary>CoAP: the resource is notified with the value before the newest.</summary>
    CoapStaleNotification,

    /// <summary>CoAP: the resource does not count its changes, so that nobody is notified.</summary>
    CoapMissesNotification,

    /// <summary>CoAP: a byte of a block of an answer is another one.</summary>
    CoapWrongBlock,

    /// <summary>CoAP: a block of an upload is taken with another byte in it.</summary>
    CoapWrongUpload,

    /// <summary>CoAP: the server takes any address for proved.</summary>
    CoapAmplifies,

    /// <summary>CoAP: the server has NSTART 8.</summary>
    CoapCrowds,

    /// <summary>CoAP: the server has MAX_RETRANSMIT 6.</summary>
    CoapPersists,

    /// <summary>CoAP: the server is called late.</summary>
    CoapLateLoop,

    /// <summary>CoAP: the link allocates when the server reads: as a server would that allocates per message.</summary>
    CoapAllocates,

    /// <summary>Sleep: the broker acknowledges one reading in a hundred and throws it away.</summary>
    SleepBrokerLoses,

    /// <summary>Sleep: a power cut inside a write damages both slots.</summary>
    SleepTearsBothSlots,

    /// <summary>Sleep: the clock of the chip loses five seconds in each sleep after a connection.</summary>
    SleepClockDrifts,

    /// <summary>Sleep: a toast begins that nobody asked for.</summary>
    SleepForgesToast,

    /// <summary>Sleep: the firmware's budget for a connection is five times as long as configured.</summary>
    SleepIgnoresBudget,

    /// <summary>Sleep: the broker does not hear DISCONNECT.</summary>
    SleepLosesDisconnect,

    /// <summary>Sleep: on one connection in twenty nothing is acknowledged, without any fault that would explain it.</summary>
    SleepEatsAcknowledgements,

    /// <summary>Sleep: the firmware connects half as often as configured.</summary>
    SleepConnectsSeldom,
}
