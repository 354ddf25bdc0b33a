// The device half of TcpPort: nothing but the platform's sockets.

namespace Firmware.Connectivity
{
    public sealed partial class TcpPort
    {
        private partial void Attach()
        {
        }

        private partial void Detach()
        {
        }
    }
}
