// Everything that mpesa-api's class does.
'use strict'
const { Mpesa } = require('mpesa-api')
const daraja = require('channel')

const { call, callback, url } = daraja
const { COLLECTOR, INITIATOR, KEY, PASSKEY, PASSWORD, PAYBILL, PAYER, PHONE, SECRET } = daraja
const CUSTOMER = '254722000000'
const UNFINISHED = ['constructor', 'authenticate', 'generateSecurityCredential']

async function main () {
  const mpesa = new Mpesa({
    clientKey: KEY,
    clientSecret: SECRET,
    initiatorPassword: PASSWORD,
    certificatePath: daraja.certificate
  }, 'sandbox')
  const own = Object.getOwnPropertyNames(Mpesa.prototype)
  daraja.surface(own.filter(name => !UNFINISHED.includes(name)))

  const push = {
    BusinessShortCode: PAYBILL,
    Amount: 100,
    PartyA: CUSTOMER,
    PartyB: PAYBILL,
    PhoneNumber: CUSTOMER,
    CallBackURL: url('/express'),
    AccountReference: 'INV-1',
    passKey: PASSKEY
  }
  await call('lipaNaMpesaOnline by default', () => mpesa.lipaNaMpesaOnline(push))
  const TransactionType = 'CustomerPayBillOnline'
  const pushed = await call('lipaNaMpesaOnline', () =>
    mpesa.lipaNaMpesaOnline({ ...push, TransactionType }))
  const paid = await callback('/express')
  const items = paid.Body.stkCallback.CallbackMetadata.Item
  const TransactionID = items.find(item => item.Name === 'MpesaReceiptNumber').Value
  await call('lipaNaMpesaQuery', () => mpesa.lipaNaMpesaQuery({
    BusinessShortCode: PAYBILL, passKey: PASSKEY, CheckoutRequestID: pushed.CheckoutRequestID
  }))

  await call('c2bRegister', () => mpesa.c2bRegister({
    ShortCode: COLLECTOR,
    ResponseType: 'Completed',
    ConfirmationURL: url('/confirmation'),
    ValidationURL: url('/validation')
  }))
  await call('c2bSimulate', () => mpesa.c2bSimulate({
    ShortCode: COLLECTOR, CommandID: 'CustomerPayBillOnline', Amount: 10, Msisdn: PHONE
  }))
  await callback('/confirmation')

  const asked = path => ({ Initiator: INITIATOR, QueueTimeOutURL: url('/timeout'), ResultURL: url(path) })
  await call('b2c', () => mpesa.b2c({
    ...asked('/b2c'), CommandID: 'BusinessPayment', Amount: 11, PartyA: PAYER, PartyB: PHONE
  }))
  await callback('/b2c')
  await call('accountBalance', () => mpesa.accountBalance({ ...asked('/balance'), PartyA: PAYER }))
  await callback('/balance')
  await call('transactionStatus', () => mpesa.transactionStatus({
    ...asked('/status'), TransactionID, PartyA: PAYBILL, IdentifierType: 4
  }))
  await callback('/status')
  await call('reversal', () => mpesa.reversal({
    ...asked('/reversal'), TransactionID, Amount: 100, ReceiverParty: PAYBILL
  }))
  await callback('/reversal')
}

main().then(() => process.exit(0))
