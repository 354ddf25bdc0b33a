// Chromium on the board's page: node browser.js CHROMIUM URL TOKEN
//
// A person with a phone: sees the temperature, is refused without the token, enters it, switches the toaster on, dims the light, hears the doorbell, sees the
// temperature become 31 and switches the toaster off. Whoever runs it presses the doorbell after {"event":"light"} and warms the sensor after
// {"event":"doorbell"}. Prints one JSON object a line: {"event",...} for each step, {"event":"console","text"} for whatever the browser has to say,
// {"event":"request","origin"} for each origin that the page asks, the first time; {"event":"end"} with exit code 0, {"event":"error","message"} with 1.

'use strict'

const { chromium } = require('playwright-core')

const [executablePath, url, token] = process.argv.slice(2)
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'] // the browser itself has nobody else to ask either

function print (line) {
  process.stdout.write(JSON.stringify(line) + '\n')
}

async function use (page) {
  const origins = new Set()
  const asked = address => {
    const origin = new URL(address).protocol + '//' + new URL(address).host
    if (!origins.has(origin)) {
      origins.add(origin)
      print({ event: 'request', origin })
    }
  }
  page.on('request', request => asked(request.url()))
  page.on('websocket', socket => asked(socket.url()))
  page.on('console', message => print({ event: 'console', text: message.text() }))
  page.on('pageerror', error => print({ event: 'console', text: error.message }))
  page.setDefaultTimeout(15000)

  // waits until an element's text fits, and gives the text
  const text = async (id, pattern) => {
    const found = await page.waitForFunction(([id, pattern]) => {
      const element = document.getElementById(id)
      return element && new RegExp(pattern).test(element.textContent) && element.textContent
    }, [id, pattern])
    return found.jsonValue()
  }

  await page.goto(url)
  print({ event: 'shown', name: await text('name', '^(?!Thing$)'), state: await text('state', '^connected$'), temperature: await text('v-temperature', '.') })

  await page.click('#toaster-on')
  print({ event: 'refused', text: await text('log', 'refused: .') })

  await page.fill('#token', token)
  await page.click('#use')
  await page.click('#toaster-on')
  print({ event: 'toaster', text: await text('v-toaster', '^on ') })

  await page.click('#light-dim')
  print({ event: 'light', text: await text('v-light', '^30$') })

  print({ event: 'doorbell', text: await text('log', 'doorbell') })
  print({ event: 'temperature', text: await text('v-temperature', '^31') })

  await page.click('#toaster-off')
  print({ event: 'toaster', text: await text('v-toaster', '^off') })
}

async function run () {
  const browser = await chromium.launch({ executablePath, args })
  try {
    await use(await browser.newPage({ viewport: { width: 390, height: 844 } }))
  } finally {
    await browser.close()
  }
  print({ event: 'end' })
}

run().catch(error => {
  print({ event: 'error', message: error.message || String(error) })
  process.exit(1)
})
