// libas2 as a peer: answers one JSON line with one.
// node libas2_peer.js FOLDER    with ours.pem (certificate), theirs.pem and theirs.key in the folder, libas2 on NODE_PATH

'use strict'
const { readFileSync } = require('fs')
const { createInterface } = require('readline')
const { AS2Composer, AS2Parser } = require('libas2')

const folder = process.argv[2]
const file = name => readFileSync(`${folder}/${name}`, 'utf8')

// Where a receipt is made for an order, MDN terms stand on the other side than where an order is made.
function agreement ({ sign = 'sha-256', encrypt = 'aes256-CBC' }) {
  const mdn = { async: false, signing: 'sha-256' }
  return {
    host: {
      name: 'Peer', id: 'PEER', url: 'http://127.0.0.1/', decrypt: Boolean(encrypt), sign: sign || undefined, mdn,
      certificate: file('theirs.pem'), privateKey: file('theirs.key')
    },
    partner: {
      name: 'Gateway', id: 'GW', url: 'http://127.0.0.1/', file: 'EDIX12', verify: Boolean(sign), encrypt: encrypt || undefined, mdn,
      certificate: file('ours.pem')
    }
  }
}

function wire ({ headers, body }) {
  const lines = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return { headers: lines, body: Buffer.from(body, 'binary').toString('base64') }
}

// Its parser reads text, so what is binary on the line is handed to it as base64, which MIME holds to be the same.
function parsed ({ headers, body }) {
  const packed = headers.some(([name, value]) => /^content-type$/i.test(name) && /pkcs7-mime/i.test(value))
  const content = packed ? body.replace(/.{76}/g, '$&\r\n') : Buffer.from(body, 'base64').toString('latin1')
  const kept = headers.filter(([name]) => !packed || !/^content-transfer-encoding$/i.test(name))
  if (packed) kept.push(['Content-Transfer-Encoding', 'base64'])
  return AS2Parser.parse(kept.map(([name, value]) => `${name}: ${value}\r\n`).join('') + '\r\n' + content)
}

const DO = {
  async build (asked) {
    const content = Buffer.from(asked.payload, 'base64')
    const message = { contentType: 'application/edi-x12', filename: 'order.edi', content }
    const composer = new AS2Composer({ message, agreement: agreement(asked.terms) })
    return wire(await composer.toRequestOptions())
  },
  async receive (asked) {
    const node = await parsed(asked)
    const { contentNode, dispositionNode } = await node.dispositionOut({ agreement: agreement(asked.terms) })
    const receipt = wire(await dispositionNode.buildObject())
    const payload = contentNode ? Buffer.from(contentNode.content).toString('base64') : null
    return { ...receipt, payload }
  },
  async judge (asked) {
    const disposition = await (await parsed(asked)).dispositionIn({ cert: file('ours.pem') })
    const { notification, explanation } = disposition
    return { processed: notification.disposition.processed, mic: notification.receivedContentMic, of: notification.originalMessageId, explanation }
  }
}

async function main () {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line)
    const answer = await DO[asked.do](asked).catch(error => ({ error: String(error && error.stack) }))
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}

main()
