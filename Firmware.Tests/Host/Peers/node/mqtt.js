// MQTT.js over a WebSocket: node mqtt.js URL CA CLIENT_ID TOPIC PAYLOAD
//
// Connects with MQTT 3.1.1 to a signed wss URL that chains to the CA, subscribes to TOPIC, publishes PAYLOAD there with QoS 1 and waits for it to come back.
// Prints one JSON object a line: {"event":"connected"}, {"event":"message","topic","text"}, {"event":"end"} with exit code 0, {"event":"error","message"} with 1.

'use strict'

const mqtt = require('mqtt')
const fs = require('fs')

const [url, ca, clientId, topic, payload] = process.argv.slice(2)
const client = mqtt.connect(url, { protocolVersion: 4, clientId, reconnectPeriod: 0, connectTimeout: 10000, wsOptions: { ca: fs.readFileSync(ca) } })

function print (line) {
  process.stdout.write(JSON.stringify(line) + '\n')
}

function fail (error) {
  print({ event: 'error', message: error.message || String(error) })
  process.exit(1)
}

client.on('error', fail)
client.stream.on('error', fail) // a refused handshake, which the client itself keeps to itself
client.on('message', (from, bytes) => {
  print({ event: 'message', topic: from, text: bytes.toString('utf8') })
  client.end(false, {}, () => print({ event: 'end' }))
})
client.on('connect', () => {
  print({ event: 'connected' })
  client.subscribe(topic, { qos: 1 }, error => error ? fail(error) : client.publish(topic, payload, { qos: 1 }, e => e && fail(e)))
})
setTimeout(() => fail(new Error('nothing within 15 s')), 15000).unref()
