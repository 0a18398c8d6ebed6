"""A request to every API under the names of the wire, for SDKs whose methods take them so."""

from channel import COLLECTOR, CREDENTIAL, INITIATOR, PAYBILL, PAYER, PHONE, RECEIVER, TILL, url

CUSTOMER = 254722000000
WHO = {"Initiator": INITIATOR, "InitiatorName": INITIATOR, "SecurityCredential": CREDENTIAL}
INVOICES = ("first", "second", "third")


class Bodies:
    """Requests that no other object of another number makes.

    Attributes:
        number: added to amounts, put into references and paths.
        checkout: the id of the push that is asked about.
        receipt: of the payment that is asked about and taken back.
        biller: the shortcode that uses Bill Manager.
    """

    def __init__(self, number):
        self.number = number
        self.checkout = self.receipt = ""
        self.biller = 600990 + number

    def path(self, name):
        """Where the callbacks of a request go."""
        return f"/{self.number}/{name}"

    def urls(self, name):
        return {
            "ResultURL": url(self.path(name)),
            "QueueTimeOutURL": url("/timeout"),
            "Remarks": "OK",
        }

    def request(self, name):
        """The body of this name, without what SDKs add: passwords, commands, credentials."""
        for group in (self.express, self.commands, self.lookups, self.bills, self.sims):
            if name in (found := group()):
                return found[name]
        return OUTSIDE[name]

    def express(self):
        urls = {"ConfirmationURL": url(self.path("confirmation"))}
        urls["ValidationURL"] = url(self.path("validation"))
        return {
            "stk_push": {
                "BusinessShortCode": PAYBILL,
                "TransactionType": "CustomerPayBillOnline",
                "Amount": 100 + self.number,
                "PartyA": CUSTOMER,
                "PartyB": PAYBILL,
                "PhoneNumber": CUSTOMER,
                "CallBackURL": url(self.path("stk_push")),
                "AccountReference": "INV-1",
                "TransactionDesc": "Shoes",
            },
            "stk_query": {"BusinessShortCode": str(PAYBILL), "CheckoutRequestID": self.checkout},
            "c2b_register_url": {
                "ShortCode": str(COLLECTOR),
                "ResponseType": "Completed",
                **urls,
            },
            "c2b_simulate": {
                "ShortCode": COLLECTOR,
                "CommandID": "CustomerPayBillOnline",
                "Amount": 200 + self.number,
                "Msisdn": PHONE,
                "BillRefNumber": "INV-2",
            },
        }

    def commands(self):
        return {
            "b2c": self.payout("b2c", "BusinessPayment"),
            "b2pochi": self.payout("b2pochi", "BusinessPayToPochi"),
            "business_pay_bill": self.transfer("business_pay_bill", RECEIVER),
            "business_buy_goods": self.transfer("business_buy_goods", TILL),
            "b2c_account_top_up": self.transfer("b2c_account_top_up", RECEIVER),
            "top_up_again": self.transfer("top_up_again", RECEIVER),
            "tax_remittance": {
                **self.urls("tax_remittance"),
                "Amount": str(400 + self.number),
                "PartyA": str(PAYER),
                "AccountReference": "PRN1234XN",
            },
            "account_balance": {
                **self.urls("account_balance"),
                "CommandID": "AccountBalance",
                "PartyA": PAYER,
            },
            "transaction_status": {
                **self.urls("transaction_status"),
                "CommandID": "TransactionStatusQuery",
                "TransactionID": self.receipt,
                "PartyA": PAYBILL,
            },
            "reversal": {
                **self.urls("reversal"),
                "CommandID": "TransactionReversal",
                "TransactionID": self.receipt,
                "Amount": 100 + self.number,
                "ReceiverParty": PAYBILL,
            },
        }

    def payout(self, name, command):
        return {
            **self.urls(name),
            "OriginatorConversationID": f"{name}-{self.number}",
            "CommandID": command,
            "Amount": 10 + self.number,
            "PartyA": PAYER,
            "PartyB": PHONE,
        }

    def transfer(self, name, receiver):
        return {
            **self.urls(name),
            "Amount": str(20 + self.number),
            "PartyA": str(PAYER),
            "PartyB": str(receiver),
            "AccountReference": "353353",
        }

    def lookups(self):
        return {
            "dynamic_qr": {
                "MerchantName": "Duka",
                "RefNo": "INV-1",
                "Amount": 250,
                "TrxCode": "PB",
                "CPI": str(PAYBILL),
            },
            "b2b_express": {
                "primaryShortCode": str(TILL),
                "receiverShortCode": str(RECEIVER),
                "amount": str(5 + self.number),
                "paymentRef": "PO-55",
                "callbackUrl": url(self.path("b2b_express")),
                "partnerName": "Vendor",
                "RequestRefID": f"checkout-{self.number}",
            },
            "ratiba": {
                "StandingOrderName": f"Solar kit {self.number}",
                "StartDate": "20970105",
                "EndDate": "20971231",
                "BusinessShortCode": str(PAYBILL),
                "Amount": "450",
                "PartyA": str(CUSTOMER),
                "CallBackURL": url(self.path("ratiba")),
                "AccountReference": "KIT-0042",
                "TransactionDesc": "Solar kit",
                "Frequency": "5",
                "CustomStoId": f"7d1f0a52-0000-4000-8000-00000000000{self.number}",
            },
            "pull_transactions_register": {
                "ShortCode": str(COLLECTOR),
                "NominatedNumber": str(CUSTOMER),
                "CallBackURL": url("/pull"),
            },
            "pull_transactions_query": {
                "ShortCode": str(COLLECTOR),
                "StartDate": "2020-01-01 00:00:00",
                "EndDate": "2099-01-01 00:00:00",
            },
            "imsi_query": {"customerNumber": str(PHONE)},
            "swap": {"customerNumber": str(PHONE)},
            "query_org_info": {"IdentifierType": 4, "Identifier": RECEIVER},
            "lipa_na_bonga_calculate": {"points": "60"},
            "lipa_na_bonga_redeem": {
                "msisdn": str(CUSTOMER + self.number),
                "amount": 12,
                "bongaPoints": 60,
                "conversionRate": 0.2,
                "shortCode": str(COLLECTOR),
                "accountNumber": "PLOT-9",
            },
        }

    def bills(self):
        references = [f"{name}-{self.number}" for name in INVOICES]
        first, *others = ({**INVOICE, "externalReference": name} for name in references)
        return {
            "opt_in": {
                "shortcode": str(self.biller),
                "email": "bills@duka.co.ke",
                "officialContact": "0722000000",
                "sendReminders": "1",
                "callbackurl": url(self.path("bill")),
            },
            "invoice": first,
            "invoices": {"invoices": others},
            "cancel": {"externalReference": references[0]},
            "cancel_many": {
                "externalReferences": [{"externalReference": name} for name in references[1:]]
            },
            "reconciliation": {
                "paymentDate": "2026-01-20",
                "paidAmount": "1500",
                "accountReference": "PLOT-9",
                "transactionId": self.receipt,
                "phoneNumber": "0722000000",
                "fullName": "Achieng O.",
                "invoiceName": "water",
                "externalReference": references[0],
            },
        }

    def sims(self):
        sim = {"msisdn": "254799000001", "vpnGroup": "METERS", "username": "testapi"}
        return {
            "sim": sim,
            "sims": {"vpnGroup": ["METERS"], "pageSize": "10", "username": "testapi"},
            "trends": {
                "vpnGroup": "METERS",
                "startDate": "01-01-2026 00:00:00",
                "stopDate": "31-01-2026 00:00:00",
                "username": "testapi",
            },
            "asset": {**sim, "assetName": "Lorry 4"},
            "suspension": {**sim, "product": "DATA", "operation": "suspend"},
            "search": {"searchValue": sim["msisdn"]},
            "filter": {"startDate": "01-01-2026 00:00:00", "endDate": "31-01-2026 00:00:00"},
            "messages": {"vpnGroup": "METERS"},
            "message": {"msisdn": sim["msisdn"], "message": "reboot", "vpnGroup": "METERS"},
            "message_id": {"id": 1},
        }


INVOICE = {
    "billedFullName": "Achieng O.",
    "billedPhoneNumber": "0722000000",
    "billedPeriod": "January 2097",
    "invoiceName": "water",
    "dueDate": "2097-01-31",
    "accountReference": "PLOT-9",
    "amount": "1500",
}
OUTSIDE = {
    "bill_manager": {},
    "iot_manage": {"CommandID": "CheckStatus", "ICCID": "89254", "InitiatorName": INITIATOR}
    | {"SecurityCredential": "none"},
    "mobile_center_fetch_offers": {"msisdn": str(CUSTOMER)},
    "mobile_center_purchase": dict.fromkeys(
        (
            "offeringId",
            "accountId",
            "price",
            "resourceAmount",
            "validity",
            "msisdn",
            "transactionId",
        ),
        "1",
    ),
    "mobile_center_status": {"id": "1", "serviceAccountId": "1"},
    "age_on_network": {"customerNumber": str(CUSTOMER)},
    "mobile_number_validation": {
        "shortCode": str(PAYBILL),
        "msisdn": str(CUSTOMER),
        "idType": "01",
        "idNumber": "1",
    },
    "b2c_hakikisha": {
        "header": {},
        "body": {"msisdn": str(CUSTOMER), "shortcode": str(PAYER)},
    },
}
"""Requests to APIs that no public document tells the answers of; the simulator has none of them."""
