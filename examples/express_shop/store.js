'use strict'
// What the shop remembers, in one JSON file: payments with their credits, and every callback as it
// came. Every change is one synchronous step that ends with the file replaced as a whole, so that
// nothing comes between looking and changing, and a kill leaves the state before or after.

const fs = require('node:fs')

class Store {
  constructor (path) {
    this.path = path
    this.state = { next: 1, payments: {}, callbacks: [] }
    if (fs.existsSync(path)) this.state = JSON.parse(fs.readFileSync(path, 'utf8'))
  }

  save () {
    const next = `${this.path}.new`
    const file = fs.openSync(next, 'w')
    fs.writeSync(file, JSON.stringify(this.state))
    fs.fsyncSync(file)
    fs.closeSync(file)
    fs.renameSync(next, this.path)
  }

  order (token, { phone, amount, reference }) {
    const payment = {
      id: this.state.next++,
      token,
      phone: String(phone),
      amount: Number(amount),
      reference: String(reference),
      status: 'pending',
      pushed: 'asking',
      checkoutRequestId: null,
      resultCode: null,
      receipt: null,
      credits: []
    }
    this.state.payments[payment.id] = payment
    this.save()
    return payment
  }

  payment (id) {
    return this.state.payments[id] ?? null
  }

  openPayments () {
    return Object.values(this.state.payments).filter((each) => each.status === 'pending')
  }

  pushed (payment, outcome, checkoutRequestId = null) {
    payment.pushed = outcome
    payment.checkoutRequestId ??= checkoutRequestId
    this.save()
  }

  keep (payment, body) {
    this.state.callbacks.push({ payment: payment.id, body })
    this.save()
  }

  kept (payment = null) {
    const all = this.state.callbacks
    return (payment ? all.filter((each) => each.payment === payment.id) : all).map((each) => each.body)
  }

  // Add the receipt to a payment that was settled without one.
  addReceipt (payment, receipt) {
    if (payment.receipt !== null) return
    payment.receipt = receipt
    this.save()
  }

  // Whether no other payment has this id of Daraja's.
  free (payment, checkoutRequestId) {
    return Object.values(this.state.payments).every(
      (each) => each.id === payment.id || each.checkoutRequestId !== checkoutRequestId
    )
  }

  // End a payment that is still pending, and credit it if it was paid; once.
  settle (payment, { code, receipt = null, checkoutRequestId = null }) {
    if (payment.status !== 'pending') return
    const paid = code === '0'
    payment.status = paid ? 'paid' : 'failed'
    payment.resultCode = code
    payment.receipt = paid ? receipt : null
    payment.checkoutRequestId ??= checkoutRequestId
    if (paid) payment.credits.push(payment.amount)
    this.save()
  }
}

module.exports = { Store }
