// The Thing's entry in a CoRE resource directory (RFC 9176): the client of the directory on the door's own endpoint, so that the directory takes
// the server's address and port from the datagrams (section 5, base left out), and what is told about it on the console.
// There only with "coap": {"directory": ...}; its buffers are in Limits.

using System;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Settings;

namespace Firmware.Features.Coap
{
    /// <summary>Keeps the Thing registered while the endpoint is open, and takes it out of the directory at the end. Driven by <see cref="CoapDoor"/>.</summary>
    public sealed class DirectoryEntry
    {
        // what was told last: one of these, or the code of an answer; codes are larger than any error
        private const int Nothing = 0;
        private const int IsRegistered = 1;
        private const int IsSilent = 2;
        private const int IsOdd = 3;

        private readonly string _thingName;
        private readonly int _lifetimeSeconds;
        private readonly string _place;
        private int _told;
        private bool _mayBeKnown;

        /// <summary>Creates the entry with its client; nothing is sent yet.</summary>
        /// <param name="configuration">The thing's name, the directory's address, and how long it remembers.</param>
        /// <param name="endpoint">The endpoint that serves the Thing.</param>
        /// <param name="server">Its links are registered.</param>
        /// <param name="random">Jitter and tokens.</param>
        public DirectoryEntry(DeviceConfiguration configuration, CoapEndpoint endpoint, CoapServer server, Random random)
        {
            _thingName = configuration.ThingName;
            _lifetimeSeconds = configuration.CoapLifetimeSeconds;
            _place = PlaceOf(configuration.CoapDirectory);
            CoapDirectoryOptions options = new CoapDirectoryOptions
            {
                EndpointName = configuration.ThingName,
                LifetimeSeconds = configuration.CoapLifetimeSeconds,
                DiscoveryBytes = Limits.CoapDirectoryLinks,
                LocationBytes = Limits.CoapLocation,
            };
            options.Directory.Set(configuration.CoapDirectory);
            Client = new CoapDirectoryClient(new CoapClient(endpoint, Limits.CoapRequests), server, random, options);
        }

        /// <summary>The client, for its state and counts.</summary>
        public CoapDirectoryClient Client { get; }

        /// <summary>When <see cref="Poll"/> wants to be called next; only while the endpoint is open.</summary>
        public long NextDeadlineMs
        {
            get { return Client.NextDeadlineMs; }
        }

        /// <summary>After <see cref="Leave"/>: true once the directory has answered, or there is nothing to wait for.</summary>
        public bool HasLeft
        {
            get { return Client.State == CoapDirectoryState.Off; }
        }

        /// <summary>The endpoint has a socket, the first one or another one: the address may have changed.</summary>
        /// <param name="nowMs">The time.</param>
        public void Enter(long nowMs)
        {
            if (Client.State == CoapDirectoryState.Off)
            {
                Client.Start(nowMs);
            }
            else
            {
                Client.Renew(nowMs);
            }
        }

        /// <summary>Asks what is due, and tells what has come of it. Call it after the endpoint's Poll, while that is open.</summary>
        /// <param name="nowMs">The time.</param>
        public void Poll(long nowMs)
        {
            Client.Poll(nowMs);
            int what = Standing();
            if (what == Nothing || what == _told)
            {
                return;
            }

            _told = what;
            Tell(what);
        }

        /// <summary>Takes the Thing out of the directory; go on polling the endpoint until <see cref="HasLeft"/>, or give up.</summary>
        /// <param name="nowMs">The time.</param>
        public void Leave(long nowMs)
        {
            Client.Delete(nowMs);
            _mayBeKnown = Client.State != CoapDirectoryState.Off;
        }

        /// <summary>Tells how leaving ended. Call it before the endpoint is closed.</summary>
        public void TellLeft()
        {
            if (!_mayBeKnown)
            {
                return;
            }

            // 4.04: it had forgotten the Thing already
            bool isGone = HasLeft && Client.LastError == CoapClientError.None && (CoapCode.IsSuccess(Client.LastCode) || Client.LastCode == CoapCode.NotFound);
            if (isGone)
            {
                Log.Info("CoAP: removed from the directory " + _place);
            }
            else
            {
                Log.Warning("CoAP: the directory " + _place + " has not confirmed the removal; it forgets " + _thingName + " by itself, within " + _lifetimeSeconds + " s");
            }
        }

        private static string PlaceOf(DatagramAddress address)
        {
            byte[] bytes = address.Address;
            return bytes[0] + "." + bytes[1] + "." + bytes[2] + "." + bytes[3] + ":" + address.Port;
        }

        private int Standing()
        {
            if (Client.State == CoapDirectoryState.Registered)
            {
                return IsRegistered;
            }

            if (Client.State != CoapDirectoryState.Waiting)
            {
                return Nothing;
            }

            switch (Client.LastError)
            {
                case CoapClientError.None:
                    return Client.LastCode;
                case CoapClientError.Closed:
                case CoapClientError.NotOpen:
                    // the door says that the board has no network
                    return Nothing;
                case CoapClientError.Timeout:
                case CoapClientError.NoResponse:
                case CoapClientError.Reset:
                    return IsSilent;
                default:
                    return IsOdd;
            }
        }

        private void Tell(int what)
        {
            switch (what)
            {
                case IsRegistered:
                    Log.Info("CoAP: registered with the directory " + _place + " as " + _thingName + ", for " + _lifetimeSeconds + " s at a time");
                    break;
                case IsSilent:
                    Log.Warning("CoAP: the directory " + _place + " does not answer; is it running, and is \"coap\": {\"directory\": ...} its address? It is asked again");
                    break;
                case IsOdd:
                    Log.Warning("CoAP: the directory " + _place + " answers what cannot be used (error " + (int)Client.LastError + "); is it one after RFC 9176? It is asked again");
                    break;
                default:
                    Log.Warning("CoAP: the directory " + _place + (CoapCode.IsSuccess(what) ? " does not say where the entry is, in " + Limits.CoapLocation + " bytes of Location-Path" : " refuses with " + (what >> 5) + "." + ((what & 31) < 10 ? "0" : string.Empty) + (what & 31))
                        + "; look at its log. It is asked again");
                    break;
            }
        }
    }
}
