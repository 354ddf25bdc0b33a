// When something was measured or happened: messages can leave much later than they arise.

using Firmware.Protocols.Json;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>The member <c>"time"</c> of messages: seconds since 1970, UTC.</summary>
    public static class TimeStamp
    {
        /// <summary>Writes the member into an open object, if the date is set.</summary>
        /// <param name="json">Where to.</param>
        /// <param name="clock">The date.</param>
        public static void Write(JsonWriter json, Clock clock)
        {
            if (clock.IsDateSet)
            {
                json.Name(Words.Time);
                json.Long(clock.UnixSeconds);
            }
        }
    }
}
