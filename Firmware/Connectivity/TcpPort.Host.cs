// The host half of TcpPort: a cut of the virtual board's power closes the port.

using System;
using Firmware.Simulator.Board;

namespace Firmware.Connectivity
{
    public sealed partial class TcpPort
    {
        private IDisposable _powerLost;

        private partial void Attach()
        {
            _powerLost = VirtualBoard.Current.OnPowerLost(_listener.Close);
        }

        private partial void Detach()
        {
            _powerLost.Dispose();
        }
    }
}
