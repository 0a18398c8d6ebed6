"""A target file: what an application is started with, asked and read by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from darajasim.harness.target import leaves as own
from darajasim.scenarios.complaint import Complaint
from darajasim.scenarios.model import leaves
from darajasim.scenarios.model.part import Part, optional, refuse_together, required
from darajasim.scenarios.nodes import Mapping, Scalar
from darajasim.scenarios.vocabulary import Vocabulary


class ReadyPart(Part):
    title: ClassVar[str] = "`ready`"

    url: own.PlainUrl | None = optional(
        "Answers when it is ready (else: its port takes).", "/health"
    )
    status: own.Statuses | None = optional("What it then answers (200).", "200")
    within: leaves.Seconds | None = optional("How long that may take (30s).", "30s")


class StopPart(Part):
    title: ClassVar[str] = "`stop`"

    signal: own.SignalName | None = optional("What asks it to stop (TERM).", "TERM")
    within: leaves.Seconds | None = optional("How long it may take (5s); then it is killed.", "5s")


class StartPart(Part):
    title: ClassVar[str] = "`start`"

    command: own.Command = required("The program and its arguments.", "[python, shop.py]")
    folder: leaves.Text | None = optional("Where it runs, from the target file (its folder).", ".")
    environment: own.Environment | None = optional("Variables beside those of this process.")
    ready: ReadyPart | None = optional("How to know that it is ready.")
    stop: StopPart | None = optional("How it is stopped.")
    fresh: leaves.Flag | None = optional(
        "Whether each scenario has one of its own (false).", "true"
    )


class DarajaPart(Part):
    title: ClassVar[str] = "`daraja`"

    port: own.Port | None = optional("Where the simulator listens (a free port).", "8700")
    shortcode: leaves.Shortcode | None = optional("The application's (174379).", "174379")
    passkey: leaves.Text | None = optional("The application's (the sandbox's).")
    consumer_key: leaves.Text | None = optional("The application's (merchant).", "merchant")
    consumer_secret: leaves.Text | None = optional("The application's (secret).", "secret")


class PaidFindPart(Part):
    title: ClassVar[str] = "`find` of `pay`"

    payment: own.Where = required("The application's own id of the payment.", "id")
    checkout_request_id: own.Where | None = optional("Daraja's.", "checkout_request_id")
    status: own.Where | None = optional("How it stands, for the report.", "status")


class PayPart(Part):
    title: ClassVar[str] = "`pay`"

    method: own.Method | None = optional("HTTP's (POST).", "POST")
    url: own.OrderUrl = required("Where a payment is started.", "/payments")
    headers: own.Headers | None = optional("Headers of the request.")
    json_: own.OrderJson | None = optional(
        "The body, as JSON.", '{phone: "${phone}"}', alias="json"
    )
    form: own.OrderForm | None = optional("The body, as a form.", '{phone: "${phone}"}')
    find: PaidFindPart = required("Where in the answer the ids are.", "{payment: id}")
    failed: own.Statuses | None = optional(
        "HTTP statuses that say that it failed at once, and that nothing is kept of it.", "[402]"
    )

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(node, "json", "form")


class FindPart(Part):
    title: ClassVar[str] = "`find` of `status`"

    status: own.Where = required("How it stands, in the application's own word.", "status")
    code: own.Where | None = optional("M-PESA's result code.", "result_code")
    receipt: own.Where | None = optional("M-PESA's receipt.", "receipt")
    amount: own.Where | None = optional("Whole shillings.", "amount")
    checkout_request_id: own.Where | None = optional("Daraja's id.", "checkout_request_id")
    credits: own.Where | None = optional(
        "The amounts credited for it, in shillings: a list.", "credits.*.amount"
    )


class MeansPart(Part):
    title: ClassVar[str] = "`means`"

    pending: own.Words | None = optional("Its words for not known yet.", "[pending]")
    success: own.Words = required("Its words for paid.", "[paid]")
    failed: own.Words = required("Its words for not paid, for ever.", "[failed]")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        seen: dict[str, str] = {}
        for name, entry in node.entries.items():
            items = getattr(entry.value, "items", (entry.value,))
            for item in items if isinstance(items, tuple) else ():
                word = item.text if isinstance(item, Scalar) else ""
                if word and seen.setdefault(word, name) != name:
                    message = f"`{word}` cannot mean both {seen[word]} and {name}"
                    yield Complaint(message, "each word once", at=(name,), on_key=True)


class StatusPart(Part):
    title: ClassVar[str] = "`status`"

    method: own.Method | None = optional("HTTP's (GET).", "GET")
    url: own.PaymentUrl = required("Where it says how a payment stands.", "/payments/${payment}")
    headers: own.Headers | None = optional("Headers of the request.")
    find: FindPart = required("Where in the answer the values are.", "{status: status}")
    means: MeansPart | None = optional("What its words mean.")


class QueryPart(Part):
    title: ClassVar[str] = "`query`"

    method: own.Method | None = optional("HTTP's (POST).", "POST")
    url: own.PaymentUrl = required("What makes it ask Daraja.", "/payments/${payment}/query")
    headers: own.Headers | None = optional("Headers of the request.")
    json_: own.PaymentJson | None = optional("The body, as JSON.", alias="json")
    form: own.PaymentForm | None = optional("The body, as a form.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        yield from refuse_together(node, "json", "form")


class CallbacksPart(Part):
    title: ClassVar[str] = "`callbacks`"

    url: own.PlainUrl = required("Where it shows the callbacks that it stored.", "/callbacks")
    headers: own.Headers | None = optional("Headers of the request.")
    find: own.Where = required("Their bodies, as text or as JSON.", "*.body")


class PatiencePart(Part):
    title: ClassVar[str] = "`patience`"

    answer: leaves.Seconds | None = optional(
        "Real time for an answer of the application (30s).", "30s"
    )
    scenario: leaves.Seconds | None = optional("Real time for one scenario (120s).", "120s")
    rest: leaves.Seconds | None = optional(
        "Real time in which nothing is on its way before the simulated clock goes on (20ms).",
        "20ms",
    )


class TargetFile(Part):
    title: ClassVar[str] = "a target"

    target: leaves.Slug = required("The application's name.", "my-shop")
    about: leaves.Sentence | None = optional("One sentence: what it is.", "What it is.")
    url: own.BaseUrl = required("Where it listens.", "http://127.0.0.1:${app.port}")
    callback_base: own.BaseUrl | None = optional(
        "What its callback URLs begin with (`url`).", "http://127.0.0.1:${app.port}"
    )
    daraja: DarajaPart | None = optional("The Daraja that it is to meet.")
    start: StartPart | None = optional("How it is started; without it, it runs already.")
    pay: PayPart = required("How a payment is started.", "{url: /payments, …}")
    status: StatusPart = required("How a payment stands.", "{url: '/payments/${payment}', …}")
    query: QueryPart | None = optional("How it is made to ask Daraja.")
    callbacks: CallbacksPart | None = optional("Where it shows the callbacks that it stored.")
    patience: PatiencePart | None = optional("How long things may take, in real time.")

    @classmethod
    def complaints(cls, node: Mapping, vocabulary: Vocabulary) -> Iterator[Complaint]:  # noqa: ARG003
        daraja, started = node.get("daraja"), "start" in node.entries
        fixed = isinstance(daraja, Mapping) and "port" in daraja.entries
        if not started and not fixed:
            yield Complaint(
                "an application that runs already must know where Daraja is",
                "`start`, or `daraja: {port: 8700}`",
                advice="add `start` with the command, or fix the port and point the application "
                "at http://127.0.0.1:8700",
                on_key=True,
            )
        for name in ("url", "callback_base"):
            value = node.get(name)
            if not started and isinstance(value, Scalar) and "${app.port}" in value.text:
                yield Complaint(
                    "`${app.port}` is the port of an application that is started here",
                    "`start`, or the port itself",
                    value.text,
                    at=(name,),
                )
