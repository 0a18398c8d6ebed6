"""`darajasim pay`: a customer of a running simulator pays from the phone."""

from __future__ import annotations

import click

from darajasim.cli.remote import Remote, remote_options


@click.command()
@click.argument("phone")
@click.argument("amount", type=int)
@click.option("--to", "shortcode", default="174379", show_default=True, help="Paybill or till.")
@click.option("--reference", default="", help="The account number that the customer types.")
@remote_options
def pay(  # noqa: PLR0917  # click passes options by name
    phone: str, amount: int, shortcode: str, reference: str, url: str, namespace: str | None
) -> None:
    """Let a customer pay an organisation from the phone's menu (C2B), in whole shillings."""
    asked = {"phone": phone, "amount": amount, "shortcode": shortcode, "reference": reference}
    subject = Remote(url, namespace).post("pay", asked)["subject"]
    click.echo(subject)
    click.echo(f"darajasim journal --subject {subject} tells what became of it.", err=True)
