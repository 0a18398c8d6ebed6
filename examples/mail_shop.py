"""A shop that confirms each payment by e-mail, with the hooks of the merchant application.

    set -a; . ./.env; set +a        # the settings of .env.example
    export SHOP_SMTP=127.0.0.1:1025 SHOP_MAIL_FROM=duka@shop.example
    uvicorn examples.mail_shop:shop

The address comes with the order: `{"phone": …, "amount": …, "metadata": {"email": "jane@…"}}`.

A hook is called at least once: after a crash perhaps again, for a payment that it has confirmed
already. So each mail has the payment's id as its Message-ID, by which mail servers know a copy; a
hook that grants access or ships goods looks into its own database for that id first.
"""

import os
import smtplib
from email.message import EmailMessage

from starlette.applications import Starlette
from starlette.routing import Mount

from mpesa_pochi import MpesaPochi, Settings
from mpesa_pochi.merchant import Database, Hooks, PaymentView, create_app
from mpesa_pochi.merchant.mounting import lifespan

SMTP_HOST, _, SMTP_PORT = os.environ.get("SHOP_SMTP", "127.0.0.1:1025").partition(":")
SENDER = os.environ.get("SHOP_MAIL_FROM", "duka@shop.example")


def confirm(payment: PaymentView) -> None:
    """Tell the customer that the money came. It blocks, so it runs in a thread."""
    receipt = f"M-PESA's receipt is {payment.receipt}." if payment.receipt else ""
    send(payment, "Asante! We have your payment", f"KES {payment.amount} has come. {receipt}")


def regret(payment: PaymentView) -> None:
    """Tell the customer that nothing was paid."""
    send(payment, "Your payment did not go through", "You were not charged. Please try again.")


def send(payment: PaymentView, subject: str, text: str) -> None:
    address = payment.metadata.get("email")
    if not address:
        return  # nobody to tell
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, address, subject
    mail["Message-ID"] = f"<payment-{payment.payment_id}@{SENDER.partition('@')[2]}>"
    mail.set_content(f"{text}\nYour order: {payment.reference}\n")
    with smtplib.SMTP(SMTP_HOST, int(SMTP_PORT), timeout=10) as server:
        server.send_message(mail)  # what it raises is tried again later


pochi = create_app(
    MpesaPochi(Settings.from_env()),
    Database(),
    require_callback_token=True,
    hooks=Hooks(on_success=confirm, on_failure=regret),
)
shop = Starlette(routes=[Mount("/", pochi)], lifespan=lifespan(pochi))
