"""What a recording may hold as it was: words that Daraja's own documents print, nobody's data.

Everything else is replaced; a word that is missing here costs a stand-in, and never leaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from darajasim.core.catalogue import catalogue
from darajasim.core.customer import SANDBOX_MSISDN
from darajasim.core.organisation import SANDBOX_PASSKEY
from darajasim.operations import operations
from darajasim.operations.business import BusinessOperation

_KEYS = """
AccountBalance AccountReference ActionType Amount B2CChargesPaidAccountAvailableFunds
B2CRecipientIsRegisteredCustomer B2CUtilityAccountAvailableFunds B2CWorkingAccountAvailableFunds
BOCompletedTime Balance BillRefNumber BillReferenceNumber Body BusinessShortCode CPI CallBackURL
CallbackMetadata Charge ChargeProfileID CheckoutRequestID CommandID ConfirmationURL
ConversationID CreditPartyCharges CreditPartyName CreditPartyPublicName Currency CustomStoId
CustomerMessage DebitAccountBalance DebitAccountCurrentBalance DebitAccountType
DebitPartyAffectedAccountBalance DebitPartyCharges DebitPartyName DebitPartyPublicName Desc
DetailedMessage EndDate Envelope Fault FinalisedTime FirstName Frequency ID IDNumber IDType
Identifier IdentifierType InitiatedTime Initiator InitiatorAccountCurrentBalance InitiatorName
InvoiceNumber Item Key LastName MSISDN MerchantName MerchantRequestID MiddleName
MpesaReceiptNumber Msisdn Name NominatedNumber Occasion Occassion OffSetValue OrgAccountBalance
OrganizationName OrganizationShortCode OriginalConversationID OriginalTransactionID
OriginatorConversationID OriginatorCoversationID PartyA PartyB Password PhoneNumber QRCode
QueueTimeOutURL QueueTimeoutURL ReasonType ReceiptNo ReceiverParty ReceiverPartyIdentifierType
ReceiverPartyPublicName RecieverIdentifierType RefNo ReferenceData ReferenceItem Remarks
RequestID RequestRefID RequestType Requester Response Description Status ResponseBody
ResponseCode ResponseData ResponseDescription ResponseHeader ResponseMessage ResponseRefID
ResponseStatus ResponseType Result ResultCode ResultDesc ResultParameter ResultParameters
ResultType ResultURL SecurityCredential SenderIdentifierType ShortCode Size StandingOrderName
StartDate Status_Message ThirdPartyTransID Timestamp TransAmount TransCompletedTime TransID
TransTime Transaction TransactionAmount TransactionCompletedDateTime TransactionDate
TransactionDesc TransactionID TransactionReason TransactionReceipt TransactionStatus
TransactionType TrxCode ValidationURL Value access_token accountNumber accountReference
activation_agent activation_date activeTrend advice amount app_key assetName asset_name
billedFullName billedPeriod billedPhoneNumber billreference body bongaPoints callbackUrl
callbackurl code content conversationID conversionRate createdAt created_at customerMessage
customerNumber customer_message dateCreated dates desc description detail dueDate email empty
encodingStyle endDate error errorCode errorMessage errorcode errors expires_in expiry_date
externalReference fault faultactor faultcode faultstring first firstPaymentReminderDate fullName
header iccid id idleTrend imei imsi invoiceItems invoiceName issuePaymentReminderUntil itemName
last lastSwapDate life_cycle_status message metadata msisdn msisdnRegistrationDate name number
numberOfElements offeringId offeringName offeringStatus officialContact offset operation
organizationname outcome pageNo pageNumber pageSize pageable paged paidAmount partnerName
payment paymentDate paymentRef paymentReference phone phoneNumber points pooledTrend
primaryShortCode product product_status query rate reason receipt receiverShortCode reference
reminderScheduleId requestId requestRefID requestRefId rescode resmsg responseBody responseCode
responseData responseDesc responseDescription responseHeader responseMessage responseRefID
result resultCode resultDesc resultType result_code result_text retry searchValue sendReminders
sender shortCode shortcode size sort sorted source standingOrderName startAtIndex startDate
state status statusCode statusDesc stkCallback stopDate subscriberStatus suspendedTrend text
timestamp totalElements totalPages transactionId transactiontype trxDate unpaged unsorted
updated_at value vpnGroup vpn_group
"""
"""Keys of Daraja's requests, answers and callbacks."""
_HTML = """
html head title body h1 h2 h3 p br hr div span center meta charset utf lang en pre b a xml version
encoding UTF soapenv Envelope Fault faultcode faultstring Body application json text plain
"""
_TEXTS = """
Accepted|Completed|Active|Rejected|Success|success|KES|Y|N|Cancelled|Service processing successful.
|Request accepted for processing|Success. Request accepted for processing|OK|ok|Failed|Received
|Accept the service request successfully.|CustomerPayBillOnline|CustomerBuyGoodsOnline
|Pay Bill|Buy Goods|Customer Merchant Payment|Organization Settlement Account
|The service request has been accepted successfully
|The service request has been accepted successsfully
|The service request is processed successfully.
"""
_FREE_WORDS = """
accountreference transactiondesc remarks occasion occassion billrefnumber invoicenumber
thirdpartytransid firstname middlename lastname name description requester reference
paymentreference standingordername accountnumber billreference externalreference invoicename
itemname billedfullname billedperiod officialcontact email idnumber message username partnername
requestrefid customstoid refno originatorconversationid pin desc text access_token password
securitycredential initiator initiatorname app_key
"""
FREE = frozenset(_FREE_WORDS.split())
"""Keys, in lower case, below which a number is somebody's as much as a text is."""
CONTENT_TYPES = ("application/json", "text/html", "text/plain", "text/xml", "application/xml")
SHORTCODES = frozenset({"174379", *map(str, range(600000, 601000))})
"""The public sandbox's."""
PHONES = SANDBOX_MSISDN
PASSKEY = SANDBOX_PASSKEY


@cache
def known_keys() -> frozenset[str]:
    """Keys that may stand in a file."""
    found = set(_KEYS.split()) | {"Response Description", "Response Status"}
    for operation in _business():
        found |= {each.name for each in operation.fields}
        found |= set(_properties(operation.answer_schema))
    return frozenset(found)


@cache
def texts() -> frozenset[str]:
    """Values that may stand in a file: texts and codes of the catalogue, words of the fields."""
    found = {each.strip() for each in _TEXTS.replace("\n", "").split("|")}
    for row in catalogue().rows:
        found |= {row.code, *row.texts}
    for operation in _business():
        for each in operation.fields:
            found |= {str(value) for value in each.check.schema.get("enum", ())}
    return frozenset(found)


@cache
def words() -> frozenset[str]:
    """Words that may stand in a body that is no JSON."""
    written = " ".join([_HTML, *(text for row in catalogue().rows for text in row.texts)])
    return frozenset(re.findall(r"[A-Za-z]+", written)) | frozenset(_HTML.split())


_DATES = re.compile(
    r"(?P<y>20[0-4]\d)(?P<s>[-.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?([01]\d|2[0-3]):?[0-5]\d:?[0-5]\d)?(?:\.\d{1,6})?(?:Z|\+03:?00)?"
    r"|(0[1-9]|[12]\d|3[01])[.-](0[1-9]|1[0-2])[.-]20[0-4]\d( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?",
    re.ASCII,
)


def is_date(text: str) -> bool:
    """Whether a text is a date or a moment, as Daraja writes them, and nothing else."""
    return _DATES.fullmatch(text) is not None


def stays(text: str) -> bool:
    """Whether a text is one of Daraja's own, or a magic value of the simulator."""
    return text in texts() or catalogue().magic_refusal(text) is not None


def phone_stays(msisdn: str) -> bool:
    """Whether a number is nobody's: the sandbox's test number, or one with a magic result."""
    return msisdn == PHONES or catalogue().magic_result(msisdn) is not None


def _business() -> Iterator[BusinessOperation]:
    return (each for each in operations().values() if isinstance(each, BusinessOperation))


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "properties" and isinstance(value, Mapping):
                yield from value
            yield from _properties(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _properties(value)
