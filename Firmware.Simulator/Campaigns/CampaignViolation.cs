// A rule that was broken in a campaign. Thrown by the models, never through the code under test.

namespace Firmware.Simulator.Campaigns;

/// <summary>The oracle's verdict: something happened that must not.</summary>
internal class CampaignViolation : Exception
{
    internal CampaignViolation(string message)
        : base(message)
    {
    }
}

/// <summary>The engine allocated. The runtime does so now and then by itself (compiling, first use of a type), so it counts only if the same seed does it again.</summary>
internal sealed class AllocationViolation(string message) : CampaignViolation(message);
