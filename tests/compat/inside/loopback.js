// Loaded before a driver by `node --require`: Safaricom's hosts are the simulator here, in this
// process only, below the SDK. Any other host that is not this machine cannot be found.
'use strict'
const dns = require('dns')
const net = require('net')

const DARAJA = ['sandbox.safaricom.co.ke', 'api.safaricom.co.ke']
const HERE = ['localhost', '127.0.0.1', '::1']
const PORT = Number(process.env.COMPAT_PORT)

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (options && DARAJA.includes(options.host)) options.port = PORT
  return connect.apply(this, args)
}

const lookup = dns.lookup
dns.lookup = function (host, options, done) {
  const callback = typeof options === 'function' ? options : done
  if (!DARAJA.includes(host) && !HERE.includes(host)) {
    return callback(new Error(`${host} is not this machine`))
  }
  return lookup.call(dns, '127.0.0.1', options, done)
}
