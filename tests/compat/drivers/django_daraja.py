"""Everything that django-daraja's client does, in a Django of its own with a database in memory."""

import shutil
from pathlib import Path

import django
from channel import (
    CERTIFICATE,
    INITIATOR,
    KEY,
    PASSKEY,
    PASSWORD,
    PAYBILL,
    PAYER,
    PHONE,
    SECRET,
    call,
    callback,
    public_methods,
    reads,
    surface,
    url,
)
from django.conf import settings
from django.core.management import call_command

PAYMENTS = ("business_payment", "salary_payment", "promotion_payment")


def configure():
    """The settings that its documentation asks for."""
    certificates = Path("certs")
    certificates.mkdir()
    shutil.copy(CERTIFICATE, certificates / "sandbox.cer")
    settings.configure(
        BASE_DIR=".",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django_daraja"],
        USE_TZ=True,
        MPESA_ENVIRONMENT="sandbox",
        MPESA_CONSUMER_KEY=KEY,
        MPESA_CONSUMER_SECRET=SECRET,
        MPESA_EXPRESS_SHORTCODE=str(PAYBILL),
        MPESA_SHORTCODE=str(PAYER),
        MPESA_PASSKEY=PASSKEY,
        MPESA_INITIATOR_USERNAME=INITIATOR,
        MPESA_INITIATOR_SECURITY_CREDENTIAL=PASSWORD,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def main():
    configure()
    from django_daraja.mpesa.core import MpesaClient  # needs the settings

    client = MpesaClient()
    surface(public_methods(MpesaClient))
    call("access_token", client.access_token)
    answered("stk_push", client.stk_push, "0722000000", 1, "INV-1", "Shoes", url("/express"))
    paid = callback("/express")
    reads("parse_stk_result", client.parse_stk_result, paid)
    answered("stk_push refused", client.stk_push, "0722000000", 1, "INV-1", "Shoes", "nowhere")
    for shillings, name in enumerate(PAYMENTS, start=20):
        pay = getattr(client, name)
        answered(name, pay, str(PHONE), shillings, "Wages", url(f"/{name}"), "June")
        callback(f"/{name}")
    answered(
        "b2c_payment",
        client.b2c_payment,
        str(PHONE),
        50,
        "Wages",
        url("/b2c_payment"),
        "June",
        "BusinessPayment",
    )
    callback("/b2c_payment")


def answered(name, method, *args):
    """Tell what django-daraja made of the answer, beside the answer itself."""

    def do():
        made = method(*args)
        kept = {key: value for key, value in vars(made).items() if isinstance(value, str)}
        return {"status": made.status_code, "kept": kept, **made.json()}

    call(name, do)


main()
