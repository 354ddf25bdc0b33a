// node-coap as a server: node server.js PORT   (0: any free port of 127.0.0.1)
//
//   /hello          "Hello, world"
//   /large          4096 bytes of the pattern (bytes.js), in blocks
//   /large-update   PUT in blocks, GET gives what was put
//   /echo           POST gives the payload back
//   /obs            observable: "tick 1", "tick 2", ... every 100 ms, or ?ms=N, for as long as it is observed
//   /separate       the answer comes after 300 ms, or ?ms=N: first an empty ACK, then a Confirmable response
//   everything else 4.04
//
// Prints one JSON object a line: {"event":"listening","port"}, then {"event":"request","method","path","length"} and {"event":"observe-end"}.
// Ends when standard input ends.

'use strict'

const coap = require('coap')
const { pattern } = require('./bytes')

let stored = Buffer.from('nothing was put')

function print (line) {
  process.stdout.write(JSON.stringify(line) + '\n')
}

function observe (response, everyMs) {
  let tick = 1
  response.write(`tick ${tick}`)
  const timer = setInterval(() => response.write(`tick ${++tick}`), everyMs)
  response.on('finish', () => {
    clearInterval(timer)
    print({ event: 'observe-end', ticks: tick })
  })
}

const server = coap.createServer({ type: 'udp4' }, (request, response) => {
  const [path, query] = request.url.split('?')
  const ms = Number((/(?:^|&)ms=(\d+)/.exec(query || '') || [])[1] || 0)
  print({ event: 'request', method: request.method, path, length: request.payload.length })
  response.on('error', error => print({ event: 'error', message: error.message }))
  switch (request.method + ' ' + path) {
    case 'GET /hello':
      response.setOption('Content-Format', 'text/plain')
      response.end('Hello, world')
      break
    case 'GET /large':
      response.end(pattern(4096))
      break
    case 'GET /large-update':
      response.end(stored)
      break
    case 'PUT /large-update':
      stored = request.payload
      response.code = '2.04'
      response.end()
      break
    case 'POST /echo':
      response.code = '2.04'
      response.end(request.payload)
      break
    case 'GET /obs':
      if (request.headers.Observe === 0) observe(response, ms || 100)
      else response.end('tick 0')
      break
    case 'GET /separate':
      setTimeout(() => response.end('late'), ms || 300)
      break
    default:
      response.code = '4.04'
      response.end()
  }
})

server.on('error', error => {
  print({ event: 'error', message: error.message })
  process.exit(1)
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => print({ event: 'listening', port: server._sock.address().port }))
process.stdin.on('end', () => process.exit(0)).resume()
