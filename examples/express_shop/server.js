'use strict'
// A small shop that is paid by M-Pesa Express, with Express and mpesa-node. Run it: node server.js

const crypto = require('node:crypto')
const express = require('express')
const Mpesa = require('mpesa-node')
const { Shop } = require('./shop')
const { Store } = require('./store')

function createApp (shop) {
  const app = express()
  const shown = ({ token, pushed, ...payment }) => payment
  const found = (request, response) => {
    const payment = shop.store.payment(request.params.id)
    if (!payment) response.status(404).json({ error: 'no such payment' })
    return payment
  }

  app.get('/health', (_request, response) => response.json({ status: 'ok' }))

  app.post('/payments', express.urlencoded({ extended: false }), async (request, response) => {
    response.status(201).json(shown(await shop.pay(request.body)))
  })

  app.get('/payments/:id', (request, response) => {
    const payment = found(request, response)
    if (payment) response.json(shown(payment))
  })

  app.post('/payments/:id/query', async (request, response) => {
    const payment = found(request, response)
    if (!payment) return
    await shop.ask(payment)
    response.json(shown(payment))
  })

  const text = express.text({ type: () => true })
  app.post('/callbacks/:id/:token', text, async (request, response) => {
    const payment = found(request, response)
    if (!payment) return
    if (!same(payment.token, request.params.token)) {
      response.status(404).json({ error: 'no such payment' })
      return
    }
    await shop.callback(payment, typeof request.body === 'string' ? request.body : '')
    response.json({ ResultCode: 0, ResultDesc: 'Accepted' })
  })

  // In a shop of yours, for the bookkeeper only.
  app.get('/callbacks', (_request, response) => response.json(shop.store.kept()))

  return app
}

function same (one, other) {
  const [a, b] = [one, other].map((text) => crypto.createHash('sha256').update(text).digest())
  return crypto.timingSafeEqual(a, b)
}

function darajaFromEnvironment () {
  const daraja = new Mpesa({
    consumerKey: process.env.MPESA_CONSUMER_KEY,
    consumerSecret: process.env.MPESA_CONSUMER_SECRET,
    environment: process.env.MPESA_ENVIRONMENT ?? 'sandbox',
    lipaNaMpesaShortCode: process.env.MPESA_SHORTCODE,
    lipaNaMpesaShortPass: process.env.MPESA_PASSKEY
  })
  // The SDK waits for a token for ever, and does not say that it was the token that did not come.
  const oAuth = daraja.oAuth.bind(daraja)
  daraja.oAuth = () => within(5000, oAuth()).catch((error) => {
    throw Object.assign(error, { noToken: true })
  })
  if (process.env.MPESA_BASE_URL) daraja.baseURL = process.env.MPESA_BASE_URL
  return daraja
}

function within (milliseconds, promise) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

async function serve (Kind = Shop) {
  const store = new Store(process.env.SHOP_STATE ?? 'shop.json')
  const shop = new Kind(store, darajaFromEnvironment(), process.env.SHOP_URL)
  await shop.resume()
  createApp(shop).listen(Number(process.env.PORT ?? 5000), '127.0.0.1')
}

module.exports = { createApp, serve }

if (require.main === module) serve()
