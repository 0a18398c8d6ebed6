// Everything that mpesa-node's class does.
'use strict'
const Mpesa = require('mpesa-node')
const daraja = require('channel')

const { call, callback, url } = daraja
const CUSTOMER = 254722000000

async function main () {
  const mpesa = new Mpesa({
    consumerKey: daraja.KEY,
    consumerSecret: daraja.SECRET,
    environment: 'sandbox',
    shortCode: daraja.COLLECTOR,
    initiatorName: daraja.INITIATOR,
    lipaNaMpesaShortCode: daraja.PAYBILL,
    lipaNaMpesaShortPass: daraja.PASSKEY,
    securityCredential: daraja.PASSWORD,
    certPath: daraja.certificate
  })
  const own = Object.getOwnPropertyNames(Mpesa.prototype)
  daraja.surface(own.filter(name => name !== 'constructor'))

  await call('oAuth', () => mpesa.oAuth())
  const pushed = await call('lipaNaMpesaOnline', () =>
    mpesa.lipaNaMpesaOnline(CUSTOMER, 100, url('/express'), 'INV-1'))
  const paid = await callback('/express')
  const items = paid.Body.stkCallback.CallbackMetadata.Item
  const receipt = items.find(item => item.Name === 'MpesaReceiptNumber').Value
  await call('lipaNaMpesaQuery', () => mpesa.lipaNaMpesaQuery(pushed.data.CheckoutRequestID))

  await call('c2bRegister', () => mpesa.c2bRegister(url('/confirmation'), url('/validation')))
  await call('c2bSimulate', () => mpesa.c2bSimulate(daraja.PHONE, 10, 'INV-2'))
  await callback('/confirmation')

  const { PAYER, PHONE, RECEIVER, PAYBILL } = daraja
  const urls = path => [url('/timeout'), url(path)]
  await call('b2c', () => mpesa.b2c(PAYER, PHONE, 11, ...urls('/b2c')))
  await callback('/b2c')
  await call('b2b', () => mpesa.b2b(PAYER, RECEIVER, 12, ...urls('/b2b-default')))
  await callback('/b2b-default')
  await call('b2b BusinessPayBill', () => mpesa.b2b(PAYER, RECEIVER, 13, ...urls('/b2b'),
    4, 4, null, 'BusinessPayBill', '353353'))
  await callback('/b2b')
  await call('accountBalance', () => mpesa.accountBalance(PAYER, 4, ...urls('/balance')))
  await callback('/balance')
  await call('transactionStatus', () =>
    mpesa.transactionStatus(receipt, PAYBILL, 4, ...urls('/status')))
  await callback('/status')
  await call('reversal', () => mpesa.reversal(receipt, 100, ...urls('/reversal'), PAYBILL))
  await callback('/reversal')
}

main().then(() => process.exit(0))
