// The main command as a process, and its board's HTTP server over real TCP: .NET's HttpClient and WebSocket, and a phone's three wishes: see the sensors,
// switch, hear the doorbell; through a loss of Wi-Fi.

using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Firmware.Simulator;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
[RunsBeside]
public static class WebDoorTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [TestMethod]
    public static void Phone_sees_switches_and_hears_the_doorbell_and_again_after_wifi_was_off()
    {
        string state = Directory.CreateTempSubdirectory("web-door-").FullName;
        string storage = BoardProvisioner.StorageOf(state, "toaster-01");
        Directory.CreateDirectory(storage);
        File.WriteAllText(Path.Combine(storage, "device.json"), "{\"telemetrySeconds\":1,\"wifi\":{\"ssid\":\"virtual\"}}");
        try
        {
            using ChildProcess simulator = new("dotnet",
                Path.Combine(AppContext.BaseDirectory, "Firmware.Simulator.dll"), "--mqtt-port", "0", "--alpn-port", "0", "--https-port", "0", "--coap-port", "0", "--http-port", "0", "--json", "--state", state);
            int port = JsonDocument.Parse(simulator.Lines.Await("\"httpPort\"")).RootElement.GetProperty("httpPort").GetInt32();
            simulator.Lines.Await($"HTTP: serves http://127.0.0.1:{port}");
            using JsonDocument device = JsonDocument.Parse(File.ReadAllText(Path.Combine(storage, "device.json")));
            string token = device.RootElement.GetProperty("http").GetProperty("token").GetString()!;
            Assert.IsFalse(string.Join('\n', simulator.Lines.All).Contains(token, StringComparison.Ordinal), "the token is not printed");

            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = Patience };
            Assert.Contains("<title>", client.GetStringAsync("").Result);
            Assert.AreEqual((int)HttpStatusCode.Unauthorized, (int)Put(client, "on"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using ClientWebSocket events = Listen(port);
            Until(events, "{\"temperature\":21.5");
            Assert.AreEqual((int)HttpStatusCode.NoContent, (int)Put(client, "on"));
            Until(events, "{\"led\":\"on\"");
            simulator.Lines.Await(line => line.Contains("toaster-01/events", StringComparison.Ordinal) && line.Contains("led", StringComparison.Ordinal), "the event over MQTT");
            simulator.Type("button");
            Until(events, "{\"doorbell\":\"pressed\"");
            Assert.AreEqual("{\"led\":\"on\"}", client.GetStringAsync("actuators/led").Result);

            simulator.Type("wifi off");
            simulator.Lines.Await("HTTP: not served");
            simulator.Type("wifi on");
            simulator.Lines.Await(line => line.Contains("HTTP: serves", StringComparison.Ordinal), "served again", simulator.Lines.All.ToList().FindIndex(l => l.Contains("HTTP: not served", StringComparison.Ordinal)));
            Assert.AreEqual("{\"led\":\"on\"}", client.GetStringAsync("actuators/led").Result);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static HttpStatusCode Put(HttpClient client, string command)
    {
        using StringContent content = new(command);
        using HttpResponseMessage response = client.PutAsync("actuators/led", content).Result;
        return response.StatusCode;
    }

    private static ClientWebSocket Listen(int port)
    {
        ClientWebSocket socket = new();
        socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/events"), CancellationToken.None).Wait(Patience);
        return socket;
    }

    private static void Until(ClientWebSocket socket, string start)
    {
        byte[] buffer = new byte[1024];
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            WebSocketReceiveResult got = socket.ReceiveAsync(buffer, limit.Token).Result;
            if (Encoding.UTF8.GetString(buffer, 0, got.Count).StartsWith(start, StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
