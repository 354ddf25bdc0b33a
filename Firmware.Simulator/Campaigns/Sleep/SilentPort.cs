// For runs of the application without CoAP clients: the campaign of the sleep cycle and the energy command.

using Firmware.Connectivity;
using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>A UDP port on which nothing comes in: nobody asks a Thing that sleeps.</summary>
internal sealed class SilentPort : IDatagramPort, IDatagramTransport
{
    public string Place => "coap://192.168.1.2:5683";

    public string Failure => null!;

    public IDatagramTransport Open() => this;

    public bool HasMoved() => false;

    public bool IsLocal(DatagramAddress peer) => false;

    public int Receive(byte[] buffer, int offset, int count, DatagramAddress from) => 0;

    public int Send(byte[] buffer, int offset, int count, DatagramAddress to) => count;

    public void Close()
    {
    }
}
