'use strict'
// The Express shop of examples/ with one thing wrong, by the variable SHOP_BUG. SHOP is its folder.

const path = require('node:path')
const shop = require(path.join(process.env.SHOP, 'shop'))
const { serve } = require(path.join(process.env.SHOP, 'server'))

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// A credit that asks nobody.
function credit (store, payment, said) {
  Object.assign(payment, { status: 'paid', resultCode: '0', receipt: said.receipt })
  payment.credits.push(payment.amount)
  store.save()
}

class CreditsTwice extends shop.Shop {
  async callback (payment, body) {
    this.store.keep(payment, body)
    const said = shop.read(body)
    if (said.code === '0' && payment.checkoutRequestId === said.id) credit(this.store, payment, said)
  }
}

class TwiceAtOnce extends shop.Shop {
  async callback (payment, body) {
    this.store.keep(payment, body)
    const said = shop.read(body)
    if (payment.status === 'pending' && said.code === '0') {
      await pause(300) // whatever else a shop does before it writes
      credit(this.store, payment, said)
    }
  }
}

class NoResponseIsSuccess extends shop.Shop {
  constructor (store, ...rest) {
    super(store, ...rest)
    const settle = store.settle.bind(store)
    store.settle = (payment, end) =>
      settle(payment, { ...end, code: end.code === '1037' ? '0' : end.code })
  }
}

class AnyAmount extends shop.Shop {
  async believe (payment, said) {
    await super.believe(payment, { ...said, amount: payment.amount })
  }
}

class LosesTheEarly extends shop.Shop {
  async callback (payment, body) {
    if (payment.checkoutRequestId !== null) await super.callback(payment, body)
  }
}

class ChargesAgain extends shop.Shop {
  async lookAtCallbacks (payment) {
    if (payment.pushed === 'unknown') this.store.settle(payment, { code: null })
    else await super.lookAtCallbacks(payment)
  }

  // What failed is tried again when somebody looks at it.
  async ask (payment) {
    if (payment.status !== 'failed' || payment.resultCode !== null) return
    payment.checkoutRequestId = await this.push(payment, 'again')
    Object.assign(payment, { status: 'pending', pushed: 'accepted' })
    this.store.save()
  }
}

class Forgets extends shop.Shop {
  async callback () {
    throw new Error('the database was away')
  }
}

class TrustsAnyId extends shop.Shop {
  async believe (payment, said) {
    if (payment.status !== 'pending') return
    this.store.settle(payment, said)
  }
}

const BUGS = {
  'credits-twice-on-a-duplicate': CreditsTwice,
  'credits-twice-at-once': TwiceAtOnce,
  '1037-is-success': NoResponseIsSuccess,
  'any-amount': AnyAmount,
  'loses-the-early-callback': LosesTheEarly,
  'charges-again': ChargesAgain,
  forgets: Forgets,
  'trusts-any-id': TrustsAnyId
}

serve(BUGS[process.env.SHOP_BUG])
