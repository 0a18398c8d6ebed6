"""What results say, by product, in captured forms."""

import json
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi import Account, CallbackRefused, Charge, Party, RefusalReason, parse_result
from mpesa_pochi.clock import NAIROBI

JOHN = Party(number="254708374149", name="John Doe")


def result(parameters, references=()):
    listed = [{"Key": key, "Value": value} for key, value in parameters.items() if value is not ...]
    empty = [{"Key": key} for key, value in parameters.items() if value is ...]
    body = {
        "Result": {
            "ResultType": 0,
            "ResultCode": 0,
            "ResultDesc": "The service request is processed successfully.",
            "OriginatorConversationID": "51c2-4d77-b0a4-9e8f7a6b5c4d1607",
            "ConversationID": "AG_20260714_0100100305k2v9q8t1zx",
            "TransactionID": "UGE030AB13",
            "ResultParameters": {"ResultParameter": listed + empty},
            "ReferenceData": {
                "ReferenceItem": [
                    dict(zip(("Key", "Value"), pair, strict=False)) for pair in references
                ]
            },
        }
    }
    return parse_result(json.dumps(body).encode())


PAYOUT = {
    "TransactionAmount": 10,
    "TransactionReceipt": "UGE030AB12",
    "ReceiverPartyPublicName": "254708374149 - John Doe",
    "TransactionCompletedDateTime": "14.07.2026 09:15:42",
    "B2CUtilityAccountAvailableFunds": 500120.5,
    "B2CWorkingAccountAvailableFunds": 90000,
    "B2CRecipientIsRegisteredCustomer": "Y",
    "B2CChargesPaidAccountAvailableFunds": -2420,
}


def test_a_payout():
    found = result(PAYOUT).payout()
    assert (found.amount, found.receipt, found.receiver) == (Decimal(10), "UGE030AB12", JOHN)
    assert found.registered is True
    assert found.completed_at == datetime(2026, 7, 14, 9, 15, 42, tzinfo=NAIROBI)
    assert found.utility_balance == Decimal("500120.5")
    assert (found.working_balance, found.charges_balance) == (Decimal(90000), Decimal(-2420))


def test_of_a_payout_only_the_amount_must_be_there():
    found = result({"TransactionAmount": "10.00"}).payout()
    assert (str(found.amount), found.receipt) == ("10.00", "UGE030AB13")
    assert (found.receiver, found.registered, found.completed_at) == (None, None, None)
    with pytest.raises(CallbackRefused) as caught:
        result(PAYOUT | {"TransactionAmount": ...}).payout()
    assert caught.value.reason is RefusalReason.MISSING_FIELD


@pytest.mark.parametrize(
    ("written", "party"),
    [
        ("254708374149 - John Doe", JOHN),
        ("0708374149 - John Doe", JOHN),
        (
            "0110374149 - WANJIKU O'BRIEN NJERI",
            Party(number="254110374149", name="WANJIKU O'BRIEN NJERI"),
        ),
        ("600992 - Safaricom Daraja - 992", Party(number="600992", name="Safaricom Daraja - 992")),
        ("254708374149", Party(number="254708374149", name="")),
        ("Nobody", Party(number="Nobody", name="")),
        (600992, Party(number="600992", name="")),
    ],
)
def test_a_party_is_a_number_and_a_name(written, party):
    assert result(PAYOUT | {"ReceiverPartyPublicName": written}).payout().receiver == party


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (20260714091542, datetime(2026, 7, 14, 9, 15, 42, tzinfo=NAIROBI)),
        ("20260714091542", datetime(2026, 7, 14, 9, 15, 42, tzinfo=NAIROBI)),
        ("14.07.2026 09:15:42", datetime(2026, 7, 14, 9, 15, 42, tzinfo=NAIROBI)),
    ],
)
def test_a_moment_is_nairobis_however_it_is_written(written, moment):
    found = result(PAYOUT | {"TransactionCompletedDateTime": written}).payout().completed_at
    assert found == moment
    assert found.utcoffset() == NAIROBI.utcoffset(None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TransactionAmount", "ten"),
        ("TransactionAmount", True),
        ("TransactionAmount", 10**13),
        ("TransactionCompletedDateTime", "2026-07-14"),
        ("TransactionCompletedDateTime", 20261399999999),
        ("TransactionCompletedDateTime", "99.99.2026 09:15:42"),
        ("TransactionCompletedDateTime", 7.5),
        ("B2CUtilityAccountAvailableFunds", "many"),
    ],
)
def test_an_impossible_value_is_refused_when_it_is_asked_for(name, value):
    found = result(PAYOUT | {name: value})
    with pytest.raises(CallbackRefused) as caught:
        found.payout()
    assert caught.value.reason is RefusalReason.WRONG_VALUE
    assert name in str(caught.value)


BALANCE = (
    "Working Account|KES|700.00|700.00|0.00|0.00&Utility Account|KES|2280.00|2280.00|0.00|0.00"
    "&Charges Paid Account|KES|-15.00|-15.00|0.00|0.00&Merchant Account|KES|0.00|0.00|0.00|0.00"
    "&Organization Settlement Account|KES|0.00|0.00|0.00|0.00"
)


def test_balances():
    accounts = result(
        {
            "ActionType": "AccountBalance",
            "AccountBalance": BALANCE,
            "BOCompletedTime": 20260825140947,
        }
    ).balances()
    assert [account.name for account in accounts] == [
        "Working Account",
        "Utility Account",
        "Charges Paid Account",
        "Merchant Account",
        "Organization Settlement Account",
    ]
    assert accounts[0] == Account(
        name="Working Account",
        currency="KES",
        current=Decimal("700.00"),
        available=Decimal("700.00"),
        reserved=Decimal("0.00"),
        uncleared=Decimal("0.00"),
    )
    assert str(accounts[2].current) == "-15.00"


def test_the_first_number_is_the_sum_of_the_others():
    text = "Working Account|KES|346568.83|6186.83|340382.00|0.00"
    (account,) = result({"AccountBalance": text}).balances()
    assert account.current == account.available + account.reserved + account.uncleared
    assert account.available == Decimal("6186.83")


@pytest.mark.parametrize(
    "text",
    [
        "Working",
        "Working|KES|1",
        "Working|KES|1|2|3|x",
        f"&{BALANCE}",
        "|KES|1|1|1|1",
    ],
)
def test_balances_that_cannot_be_read_are_refused(text):
    with pytest.raises(CallbackRefused) as caught:
        result({"AccountBalance": text}).balances()
    assert caught.value.reason is RefusalReason.WRONG_VALUE


def test_an_ampersand_at_the_end_ends_nothing():
    assert len(result({"AccountBalance": f"{BALANCE}&"}).balances()) == 5


def test_no_balances_are_not_an_empty_list():
    with pytest.raises(CallbackRefused, match="AccountBalance"):
        result({"ActionType": "AccountBalance"}).balances()


ACCOUNTS = st.lists(
    st.builds(
        Account,
        name=st.text(
            st.characters(exclude_characters="|&\0", exclude_categories=["Cs"]),
            min_size=1,
            max_size=30,
        ),
        currency=st.sampled_from(["KES", "USD"]),
        current=st.decimals(-(10**9), 10**9, places=2),
        available=st.decimals(-(10**9), 10**9, places=2),
        reserved=st.decimals(0, 10**9, places=2),
        uncleared=st.decimals(0, 10**9, places=2),
    ),
    min_size=1,
    max_size=6,
)


@given(ACCOUNTS)
def test_balances_are_read_as_they_were_written(accounts):
    text = "&".join(
        f"{a.name}|{a.currency}|{a.current:.2f}|{a.available:.2f}|{a.reserved:.2f}|{a.uncleared:.2f}"
        for a in accounts
    )
    assert result({"AccountBalance": text}).balances() == tuple(accounts)


def test_an_account_whose_name_has_an_ampersand():
    text = "Food & Drink Account|KES|1.00|1.00|0.00|0.00&Utility Account|KES|2.00|2.00|0.00|0.00"
    names = [account.name for account in result({"AccountBalance": text}).balances()]
    assert names == ["Food & Drink Account", "Utility Account"]


STATUS = {
    "DebitPartyName": "254708374149 - John Doe",
    "CreditPartyName": "600000 - Test Org",
    "OriginatorConversationID": "11223-4455667-1",
    "InitiatedTime": 20260714091500,
    "CreditPartyCharges": ...,
    "DebitAccountType": "MMF Account For Customer",
    "TransactionReason": ...,
    "ReasonType": "Pay Bill Online",
    "TransactionStatus": "Completed",
    "FinalisedTime": 20260714091502,
    "Amount": 100,
    "ConversationID": "AG_20260714_010010010aaaabbbbcccc",
    "ReceiptNo": "UGE030AB12",
}


def test_a_status():
    found = result(STATUS).status()
    assert (found.status, found.completed, found.receipt) == ("Completed", True, "UGE030AB12")
    assert found.amount == 100
    assert (found.debit_party, found.credit_party) == (
        JOHN,
        Party(number="600000", name="Test Org"),
    )
    assert found.initiated_at == datetime(2026, 7, 14, 9, 15, tzinfo=NAIROBI)
    assert found.finalised_at == datetime(2026, 7, 14, 9, 15, 2, tzinfo=NAIROBI)
    assert (found.reason_type, found.transaction_reason) == ("Pay Bill Online", None)
    assert found.debit_account_type == "MMF Account For Customer"
    assert (found.debit_charges, found.credit_charges) == ((), ())
    assert found.originator_conversation_id == "11223-4455667-1"
    assert found.conversation_id == "AG_20260714_010010010aaaabbbbcccc"


@pytest.mark.parametrize("said", ["Initiated", "Pending Authorized", "Cancelled", "Declined"])
def test_asking_can_succeed_where_the_transaction_did_not(said):
    found = result(STATUS | {"TransactionStatus": said})
    assert found.succeeded
    assert not found.status().completed


def test_a_status_of_2017_has_spaces_and_charges():
    old = {
        "TransactionStatus": "Completed",
        "Conversation ID": "AG_1",
        "Originator Conversation ID": "1-2-1",
        "DebitPartyCharges": "Fee For B2C Payment|KES|22.40",
        "FinalizedTime": "20170714091502",
        "Amount": "100.00",
    }
    found = result(old).status()
    assert (found.conversation_id, found.originator_conversation_id) == ("AG_1", "1-2-1")
    assert found.debit_charges == (
        Charge(name="Fee For B2C Payment", currency="KES", amount=Decimal("22.40")),
    )
    assert found.finalised_at.year == 2017
    assert str(found.amount) == "100.00"


def test_a_status_without_one_is_refused():
    with pytest.raises(CallbackRefused, match="TransactionStatus"):
        result({"Amount": 1}).status()


def test_a_reversal():
    found = result(
        {
            "DebitAccountBalance": "Utility Account|KES|7722.62|7722.62|0.00|0.00",
            "Amount": 1,
            "TransCompletedTime": 20260714091542,
            "OriginalTransactionID": "UGE030AB12",
            "Charge": 0,
            "CreditPartyPublicName": "254708374149 - John Doe",
            "DebitPartyPublicName": "600992 - Test Org",
        }
    ).reversal()
    assert (found.receipt, found.original_receipt) == ("UGE030AB13", "UGE030AB12")
    assert (found.amount, found.charge) == (1, 0)
    assert found.debit_accounts[0].available == Decimal("7722.62")
    assert (found.credit_party, found.debit_party.number) == (JOHN, "600992")
    assert found.completed_at.minute == 15


def test_a_reversal_of_2017_says_nothing_but_that_it_is_done():
    found = result({}).reversal()
    assert (found.receipt, found.amount, found.debit_accounts) == ("UGE030AB13", None, ())


MAP = "{Amount={CurrencyCode=KES, MinimumAmount=19997900, BasicAmount=199979.00}}"
B2B = {
    "Currency": "KES",
    "ReceiverPartyPublicName": "600000 - Test Biller",
    "DebitPartyCharges": ...,
    "TransCompletedTime": 20260714091542,
    "DebitPartyAffectedAccountBalance": "Working Account|KES|199979.00|199979.00|0.00|0.00",
    "Amount": 21,
    "DebitAccountCurrentBalance": MAP,
    "InitiatorAccountCurrentBalance": MAP,
}


def test_a_b2b_payment():
    references = [("BillReferenceNumber", 353353), ("Occassion",)]
    found = result(B2B, references).b2b()
    assert (found.amount, found.currency, found.receipt) == (21, "KES", "UGE030AB13")
    assert found.receiver == Party(number="600000", name="Test Biller")
    assert str(found.debit_balance) == str(found.initiator_balance) == "199979.00"
    assert found.affected_accounts[0].current == Decimal("199979.00")
    assert (found.charges, found.reference) == ((), "353353")
    assert found.completed_at.hour == 9


def test_a_till_may_say_almost_nothing():
    sparse = {
        name: B2B[name]
        for name in ("Currency", "DebitAccountCurrentBalance", "InitiatorAccountCurrentBalance")
    }
    found = result(sparse).b2b()
    assert (found.amount, found.receiver, found.completed_at) == (None, None, None)
    assert (found.receipt, found.reference) == ("UGE030AB13", None)
    assert found.debit_balance == Decimal("199979.00")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (MAP, "199979.00"),
        ("{Amount={BasicAmount=199979.00, MinimumAmount=19997900, CurrencyCode=KES}}", "199979.00"),
        ("{Amount={CurrencyCode=KES, MinimumAmount=-242050}}", "-2420.50"),
        ("{Amount={BasicAmount=-0.50}}", "-0.50"),
        ("{}", "None"),
        ("{Amount={}}", "None"),
        ("nonsense", "None"),
    ],
)
def test_a_balance_written_as_a_java_map(text, amount):
    assert str(result(B2B | {"DebitAccountCurrentBalance": text}).b2b().debit_balance) == amount


def test_the_documented_name_of_the_debit_balance_is_taken_too():
    documented = {"DebitAccountBalance": MAP, "Amount": "190.00"}
    found = result(documented).b2b()
    assert (str(found.debit_balance), str(found.amount)) == ("199979.00", "190.00")


def test_several_charges_are_joined_by_an_ampersand():
    text = (
        "Disbursement of Funds Charge|KES|0.00&Disbursement of Funds Charge by Receiver|KES|77.00"
    )
    charges = result(B2B | {"DebitPartyCharges": text}).b2b().charges
    assert [str(charge.amount) for charge in charges] == ["0.00", "77.00"]
