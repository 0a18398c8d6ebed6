#!/bin/sh
# The merchant application by itself, in front of the simulator (`darajasim serve`).
# What is set already stays: MPESA_BASE_URL= MPESA_NUMBER=… sh run.sh asks Safaricom's sandbox.
set -eu
export MPESA_BASE_URL="${MPESA_BASE_URL-http://127.0.0.1:8700}"
export MPESA_NUMBER="${MPESA_NUMBER:-174379}"
export MPESA_PASSKEY="${MPESA_PASSKEY:-bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919}"
export MPESA_CONSUMER_KEY="${MPESA_CONSUMER_KEY:-any}"
export MPESA_CONSUMER_SECRET="${MPESA_CONSUMER_SECRET:-any}"
# Where Daraja reports how a payment ended: this server, as Daraja sees it.
export MPESA_POCHI_CALLBACK="${MPESA_POCHI_CALLBACK:-http://127.0.0.1:8000/api/pochi/callback}"
exec python3 -m mpesa_pochi "$@"
