// node-coap as a client: node client.js PORT OPERATION [JSON]
//
// OPERATION is get, post, put, delete, fetch, patch, ipatch, observe or discover; JSON refines it:
//   path, query         "/a/b", "x=1&y=2"
//   payload | size      text, or that many bytes of the pattern that server.js has at /large
//   non                 true: Non-confirmable
//   token               hexadecimal
//   format, accept      Content-Format numbers
//   block1, block2      sizes in bytes; node-coap splits a payload only if block1 is given
//   options             { "ETag": "01ab", "Echo": ["00"] }: names or numbers, values in hexadecimal
//   count               observe: notifications to wait for; others: requests one after the other from the same port
//   cancel              observe: "deregister" (Observe = 1), "forget" (closed without a word, the socket stays open for lingerMs)
//   lingerMs, waitMs    how long a forgotten observation is listened to; how long answers are waited for
//   group               discover: the multicast group, joined on the loopback interface
//
// Prints one JSON object a line: {"event":"response","code","options","length","text"}, with opaque options in hexadecimal and the others as
// node-coap reads them; {"event":"notification","code","observe","length","text"}; and at the end {"event":"end"} or
// {"event":"error","message"}. Exit code 0 with "end", 1 with "error".

'use strict'

const coap = require('coap')
const dgram = require('dgram')
const { szx, uint, pattern } = require('./bytes')

const [port, operation, json] = [Number(process.argv[2]), process.argv[3], JSON.parse(process.argv[4] || '{}')]
const waitMs = json.waitMs || 10000
const requests = operation === 'observe' || operation === 'discover' ? 1 : json.count || 1
let socket
let agent

// as bytes: node-coap's own reading of an ETag as text loses some
coap.registerOption('ETag', value => value, value => value)

function print (line) {
  process.stdout.write(JSON.stringify(line) + '\n')
}

function finish (error) {
  print(error ? { event: 'error', message: error.message || String(error) } : { event: 'end' })
  // an acknowledgement may still be on its way to the socket
  setTimeout(() => process.exit(error ? 1 : 0), 20)
}

function tell (event, response, payload) {
  if (event === 'notification') {
    // only the headers are those of the newest one
    print({ event, code: response.code, observe: response.headers.Observe, length: payload.length, text: payload.toString('utf8') })
    return
  }

  const options = {}
  for (const option of response._packet.options) {
    const value = Buffer.isBuffer(option.value) ? option.value.toString('hex') : option.value
    options[option.name] = options[option.name] === undefined ? value : [].concat(options[option.name], value)
  }

  print({ event, code: response.code, options, length: payload.length, text: payload.toString('utf8') })
}

function makeRequest () {
  const request = coap.request({
    agent,
    hostname: operation === 'discover' ? json.group || '224.0.1.187' : '127.0.0.1',
    port,
    method: operation === 'observe' || operation === 'discover' ? 'GET' : operation === 'ipatch' ? 'iPATCH' : operation.toUpperCase(),
    pathname: json.path || (operation === 'discover' ? '/.well-known/core' : '/'),
    query: json.query,
    confirmable: !json.non,
    observe: operation === 'observe',
    token: json.token ? Buffer.from(json.token, 'hex') : undefined,
    multicast: operation === 'discover',
    multicastTimeout: waitMs
  })
  if (json.format !== undefined) request.setOption('Content-Format', uint(json.format))
  if (json.accept !== undefined) request.setOption('Accept', uint(json.accept))
  if (json.block1) request.setOption('Block1', Buffer.of(szx(json.block1)))
  if (json.block2) request.setOption('Block2', Buffer.of(szx(json.block2)))
  for (const [name, values] of Object.entries(json.options || {})) {
    request.setOption(name, [].concat(values).map(value => Buffer.from(value, 'hex')))
  }

  request.on('error', finish)
  request.on('timeout', finish)
  return request
}

function observe (response) {
  let seen = 0
  response.on('data', payload => {
    tell('notification', response, payload)
    if (++seen !== (json.count || 3)) {
      return
    }

    response.removeAllListeners('data')
    response.on('data', () => {})
    response.close(json.cancel !== 'forget')
    setTimeout(finish, json.lingerMs || 500)
  })
}

function run (left) {
  const request = makeRequest()
  request.on('response', response => {
    if (operation === 'observe' && typeof response.close === 'function') {
      observe(response)
      return
    }

    tell('response', response, response.payload)
    if (operation !== 'discover') {
      if (left > 1) run(left - 1)
      else finish()
    }
  })
  request.end(json.size ? pattern(json.size) : json.payload)
}

setTimeout(() => finish(operation === 'discover' ? null : new Error(`no answer within ${waitMs} ms`)), waitMs)
socket = dgram.createSocket('udp4')
socket.bind(0, '127.0.0.1', () => {
  if (operation === 'discover') {
    socket.setMulticastInterface('127.0.0.1')
    socket.setMulticastLoopback(true)
  }

  agent = new coap.Agent({ type: 'udp4', socket })
  run(requests)
})
