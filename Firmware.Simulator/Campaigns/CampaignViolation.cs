// A rule that was broken in a campaign. Thrown by the models, never through the code under test.

namespace Firmware.Simulator.Campaigns;

/// <summary>The oracle's verdict: something happened that must not.</summary>
internal sealed class CampaignViolation : Exception
{
    internal CampaignViolation(string message)
        : base(message)
    {
    }
}
