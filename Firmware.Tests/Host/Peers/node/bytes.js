// What client.js and server.js share.

'use strict'

/** The size exponent of a block of so many bytes (RFC 7959 2.2). */
exports.szx = bytes => {
  const exponent = Math.log2(bytes) - 4
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > 6) {
    throw new Error(`${bytes} is no block size`)
  }

  return exponent
}

/** An option's uint: the shortest big-endian form (RFC 7252 3.2). */
exports.uint = value => {
  const bytes = []
  for (; value > 0; value = Math.floor(value / 256)) {
    bytes.unshift(value % 256)
  }

  return Buffer.from(bytes)
}

/** Lines of 16 bytes, each with its own offset, so that a block in the wrong place is seen. */
exports.pattern = size => {
  let text = ''
  for (let at = 0; at < size; at += 16) {
    text += `at byte ${String(at).padStart(7, '0')}\n`
  }

  return Buffer.from(text.slice(0, size))
}
