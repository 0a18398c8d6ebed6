"""Callbacks as OpenAPI describes them: what goes to the URLs that a request names."""

from __future__ import annotations

from typing import Any

from darajasim.operations import operations
from darajasim.operations.business import BusinessOperation
from darajasim.operations.call import JSON_TYPE

_TEXT = {"type": "string"}
_PAIR = {
    "type": "object",
    "properties": {"Key": _TEXT, "Value": {"type": ["string", "number"]}},
    "required": ["Key"],
    "additionalProperties": False,
}
_PAIRS = {"oneOf": [_PAIR, {"type": "array", "items": _PAIR, "minItems": 2}]}
"""One pair stands alone, two or more are a list; a pair without a value has no Value (seen)."""

RESULT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Result": {
            "type": "object",
            "properties": {
                "ResultType": {"type": ["integer", "string"]},
                "ResultCode": {"type": ["integer", "string"]},
                "ResultDesc": _TEXT,
                "OriginatorConversationID": _TEXT,
                "ConversationID": _TEXT,
                "TransactionID": _TEXT,
                "ResultParameters": {
                    "type": "object",
                    "properties": {"ResultParameter": _PAIRS},
                    "required": ["ResultParameter"],
                },
                "ReferenceData": {
                    "type": "object",
                    "properties": {"ReferenceItem": _PAIRS},
                    "required": ["ReferenceItem"],
                },
            },
            "required": [
                "ResultType",
                "ResultCode",
                "ResultDesc",
                "OriginatorConversationID",
                "ConversationID",
                "TransactionID",
            ],
            "additionalProperties": False,
        }
    },
    "required": ["Result"],
    "additionalProperties": False,
}
STK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Body": {
            "type": "object",
            "properties": {
                "stkCallback": {
                    "type": "object",
                    "properties": {
                        "MerchantRequestID": _TEXT,
                        "CheckoutRequestID": _TEXT,
                        "ResultCode": {"type": ["integer", "string"]},
                        "ResultDesc": _TEXT,
                        "CallbackMetadata": {
                            "type": "object",
                            "properties": {
                                "Item": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "Name": _TEXT,
                                            "Value": {"type": ["string", "number"]},
                                        },
                                        "required": ["Name"],
                                        "additionalProperties": False,
                                    },
                                }
                            },
                            "required": ["Item"],
                        },
                    },
                    "required": [
                        "MerchantRequestID",
                        "CheckoutRequestID",
                        "ResultCode",
                        "ResultDesc",
                    ],
                    "additionalProperties": False,
                }
            },
            "required": ["stkCallback"],
        }
    },
    "required": ["Body"],
    "additionalProperties": False,
}
_C2B_FIELDS = (
    "TransactionType",
    "TransID",
    "TransTime",
    "TransAmount",
    "BusinessShortCode",
    "BillRefNumber",
    "InvoiceNumber",
    "OrgAccountBalance",
    "ThirdPartyTransID",
    "MSISDN",
    "FirstName",
)
C2B: dict[str, Any] = {
    "type": "object",
    "description": "Every value is a string; MiddleName and LastName in older payloads.",
    "properties": dict.fromkeys((*_C2B_FIELDS, "MiddleName", "LastName"), _TEXT),
    "required": list(_C2B_FIELDS),
    "additionalProperties": False,
}
EXPRESS_FIELDS = ("resultCode", "resultDesc", "amount", "requestId")
B2B_EXPRESS: dict[str, Any] = {
    "type": "object",
    "properties": dict.fromkeys(
        (
            *EXPRESS_FIELDS,
            "resultType",
            "conversationID",
            "transactionId",
            "status",
            "paymentReference",
        ),
        _TEXT,
    ),
    "required": list(EXPRESS_FIELDS),
    "additionalProperties": False,
}

_SHARED = {
    "stk": ("StkCallback", STK),
    "result": ("Result", RESULT),
    "timeout": ("Result", RESULT),
    "validation": ("C2BPayment", C2B),
    "confirmation": ("C2BPayment", C2B),
    "b2b_express": ("B2BExpressCallback", B2B_EXPRESS),
}
"""Names and schemas of callbacks whose products do not state any, by what the journal calls them.
"""
_ABOUT = {
    "stk": "How the payment ended.",
    "result": "How the command ended; sent once.",
    "timeout": "The command waited too long. No proof of failure: a result may follow.",
    "validation": "A payment to be accepted or refused within 8 seconds.",
    "confirmation": "A payment that has been made.",
    "b2b_express": "How the prompt ended.",
    "ratiba": "Whether the standing order was made.",
    "bill": "A payment of a bill; sent up to five times, until the answer is 2xx.",
}
_TAKEN = {"2XX": {"description": "Taken."}}
_VALIDATED = {
    "200": {
        "description": 'ResultCode 0 or "0" takes the payment, C2B00011 to C2B00016 refuse it.',
        "content": {
            JSON_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "ResultCode": {"type": ["string", "integer"]},
                        "ResultDesc": _TEXT,
                        "ThirdPartyTransID": _TEXT,
                    },
                    "required": ["ResultCode"],
                }
            }
        },
    }
}


def callbacks(operation: BusinessOperation) -> dict[str, Any]:
    """The callbacks that may follow a request, by what the journal calls them."""
    return {
        kind: {f"{{$request.body#/{field}}}": {"post": _described(operation, kind)}}
        for kind, field in operation.callbacks.items()
    }


def _described(operation: BusinessOperation, kind: str) -> dict[str, Any]:
    name, _schema = _named(operation, kind)
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "summary": _ABOUT[kind],
        "requestBody": {"required": True, "content": {JSON_TYPE: {"schema": schema}}},
        "responses": _VALIDATED if kind == "validation" else _TAKEN,
    }


def _named(operation: BusinessOperation, kind: str) -> tuple[str, Any]:
    """What a callback's schema is called, and the schema; a product's own is stronger."""
    own = operation.callback_schemas.get(kind)
    return _SHARED[kind] if own is None else (f"{kind.capitalize()}Callback", own)


def callback_schemas() -> dict[str, Any]:
    """The schemas of all callbacks by their names."""
    found = (
        _named(operation, kind)
        for operation in operations().values()
        if isinstance(operation, BusinessOperation)
        for kind in operation.callbacks
    )
    return dict(sorted(found, key=lambda named: named[0]))
