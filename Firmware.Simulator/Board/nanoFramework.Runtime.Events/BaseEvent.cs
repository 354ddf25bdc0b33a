// nanoFramework.Runtime.Events: only the base class that pin events derive from.

namespace nanoFramework.Runtime.Events;

/// <summary>Base of the runtime's events.</summary>
public class BaseEvent
{
    /// <summary>Where the event comes from.</summary>
    public ushort Source;

    /// <summary>Kind of event.</summary>
    public byte Message;
}
