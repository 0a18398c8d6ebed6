'use strict'
// Payments from the order to the credit, with the public SDK mpesa-node.

const crypto = require('node:crypto')

// Result codes of a query that are an end; the others may still change.
const ENDED = new Set(['0', '1', '17', '1001', '1019', '1025', '1032', '1037', '2001', '8006', '9999'])
const INVALID_TOKEN = '404.001.03'
// What an errorCode of Daraja's looks like: an answer with one is a no for certain.
const DARAJAS_OWN = /^\d{3}\.\d{3}\.\d{2,4}$/

class Shop {
  constructor (store, daraja, url) {
    this.store = store
    this.daraja = daraja
    this.url = url
  }

  // What came before we were stopped.
  async resume () {
    for (const payment of this.store.openPayments()) {
      if (payment.pushed === 'asking') this.store.pushed(payment, 'unknown')
      await this.lookAtCallbacks(payment)
    }
  }

  // Ask a customer for money. The payment is written down first: its callback may overtake
  // Daraja's answer, and the answer may never come.
  async pay (order) {
    const payment = this.store.order(crypto.randomBytes(16).toString('base64url'), order)
    let id = null
    try {
      id = await this.push(payment, order.description)
    } catch (error) {
      if (isRefusal(error)) this.store.settle(payment, { code: null })
    }
    // Without an id the customer may be typing the PIN all the same. Never push again: a callback
    // will tell.
    if (payment.status === 'pending') this.store.pushed(payment, id ? 'accepted' : 'unknown', id)
    await this.lookAtCallbacks(payment)
    return payment
  }

  // One push; Daraja's id of it. The callback URL is the payment's own, and nobody can guess it.
  async push (payment, description) {
    const url = `${this.url}/callbacks/${payment.id}/${payment.token}`
    const { phone, amount, reference } = payment
    const ask = () => this.daraja.lipaNaMpesaOnline(phone, amount, url, reference, description)
    const answer = await withGoodToken(ask)
    return answer.data?.CheckoutRequestID ?? null
  }

  // Take a callback: stored before it is answered, whatever it says.
  async callback (payment, body) {
    this.store.keep(payment, body)
    await this.lookAtCallbacks(payment)
  }

  // Let the callbacks that came for a payment end it. One that overtook Daraja's answer is looked
  // at when the answer has come.
  async lookAtCallbacks (payment) {
    if (payment.pushed === 'asking') return
    for (const body of this.store.kept(payment)) {
      const said = read(body)
      if (said) await this.believe(payment, said)
    }
  }

  // End the payment if this callback is about it; ask Daraja where it alone does not do.
  async believe (payment, said) {
    const known = payment.checkoutRequestId
    if (payment.status === 'paid' && known === said.id && said.code === '0') {
      this.store.addReceipt(payment, said.receipt) // a query has settled it, without
    }
    if (payment.status !== 'pending' || (known !== null && known !== said.id)) return
    const agrees = said.code !== '0' ||
      (said.amount === payment.amount && (said.phone === null || said.phone === payment.phone))
    if (known !== null && agrees) this.store.settle(payment, said)
    else if (this.store.free(payment, said.id)) await this.confirm(payment, said.id, agrees ? said.receipt : null)
  }

  // Somebody wants to know how a payment stands: ask Daraja, if there is an id to ask for.
  async ask (payment) {
    if (payment.status === 'pending' && payment.checkoutRequestId) {
      await this.confirm(payment, payment.checkoutRequestId)
    }
  }

  // Ask Daraja how a push ended, and believe that.
  async confirm (payment, checkoutRequestId, receipt = null, left = 2) {
    let code
    try {
      const answer = await withGoodToken(() => this.daraja.lipaNaMpesaQuery(checkoutRequestId))
      code = String(answer.data?.ResultCode)
    } catch (error) {
      if (isRefusal(error) || left === 0) return // not known yet
      return await this.confirm(payment, checkoutRequestId, receipt, left - 1) // a question is harmless
    }
    if (ENDED.has(code)) this.store.settle(payment, { code, receipt, checkoutRequestId })
  }
}

// Ask again when Daraja does not know the token, or when none came: either way nothing was taken.
// The SDK fetches a new one each time.
async function withGoodToken (ask, left = 2) {
  try {
    return await ask()
  } catch (error) {
    if (left === 0 || !(error.noToken || error.response?.data?.errorCode === INVALID_TOKEN)) throw error
    return await withGoodToken(ask, left - 1)
  }
}

// Whether Daraja said no, or was never asked because it gave no token. A broken connection or a
// page of some proxy's is no answer.
function isRefusal (error) {
  if (error.noToken) return true
  const answer = error.response
  if (!answer) return false
  return DARAJAS_OWN.test(answer.data?.errorCode ?? '') || (answer.status >= 400 && answer.status < 500)
}

// What a callback says; null when it is none.
function read (body) {
  try {
    const stk = JSON.parse(body).Body.stkCallback
    const items = stk.CallbackMetadata?.Item ?? []
    const value = (name) => items.find((each) => each.Name === name)?.Value ?? null
    const phone = value('PhoneNumber')
    return {
      id: String(stk.CheckoutRequestID),
      code: String(stk.ResultCode),
      amount: value('Amount'),
      phone: phone === null ? null : String(phone),
      receipt: value('MpesaReceiptNumber')
    }
  } catch {
    return null
  }
}

module.exports = { Shop, read }
