"""Keys whose values differ from run to run: ids, receipts, times, balances, names."""

from __future__ import annotations

_VOLATILE_WORDS = """
merchantrequestid checkoutrequestid conversationid originatorconversationid
originatorcoversationid originalconversationid requestid requestrefid responserefid
transactionid transid transactionreceipt mpesareceiptnumber receiptno transaction
thirdpartytransid originaltransactionid access_token paymentreference reference id qrcode
externalreference refno reminderscheduleid timestamp transactiondate transtime
transactioncompleteddatetime bocompletedtime finalisedtime initiatedtime transcompletedtime
trxdate datecreated paymentdate lastswapdate activation_date createdat updated_at created_at
balance orgaccountbalance accountbalance debitaccountbalance debitaccountcurrentbalance
initiatoraccountcurrentbalance debitpartyaffectedaccountbalance b2cutilityaccountavailablefunds
b2cworkingaccountavailablefunds b2cchargespaidaccountavailablefunds firstname middlename
lastname receiverpartypublicname creditpartyname creditpartypublicname debitpartyname
app_key appkey imsi imei iccid expiry_date msisdnregistrationdate
debitpartypublicname organizationname organizationpublicname msisdn billedfullname fullname
"""
VOLATILE = frozenset(_VOLATILE_WORDS.split())


def is_volatile(key: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether values below a key say nothing when they differ. `more`: further keys, lower-case."""
    return key.lower() in VOLATILE or key.lower() in more
