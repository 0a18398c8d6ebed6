// What a driver tells the test that started it, one JSON line each, and what it asks for.
// As channel.py beside it.
'use strict'
const readline = require('readline')

const [recorder, certificate] = process.argv.slice(3, 5)
const heard = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = line => process.stdout.write(JSON.stringify(line) + '\n')

async function call (operation, make) {
  try {
    const answer = await make()
    say({ operation, answered: answer && answer.data !== undefined ? answer.data : answer })
    return answer
  } catch (error) {
    const answer = error.response || error
    const said = answer.data ? JSON.stringify(answer.data) : ''
    const status = answer.status || answer.statusCode || ''
    say({ operation, refused: `${error.message || ''} ${status} ${said}`.trim() })
  }
}

async function callback (path) {
  say({ wait: path })
  return JSON.parse(JSON.parse((await heard.next()).value))
}

module.exports = {
  call,
  callback,
  certificate,
  surface: names => say({ surface: [...names].sort() }),
  url: path => recorder + path,
  KEY: 'key',
  SECRET: 'secret',
  PASSKEY: 'bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919',
  PAYBILL: 174379,
  TILL: 600100,
  PAYER: 600998,
  COLLECTOR: 600997,
  RECEIVER: 600000,
  INITIATOR: 'testapi',
  PASSWORD: 'Safaricom999!*!',
  PHONE: 254708374149,
  CREDENTIAL: process.env.COMPAT_CREDENTIAL
}
