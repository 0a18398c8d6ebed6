"""`darajasim demo`: a shop's whole day in the terminal, with every request and answer."""

from __future__ import annotations

import sys

import click

from darajasim.scenarios import bundled

SCENARIO = "demo"


@click.command()
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Ids, names and chances follow from it."
)
@click.option(
    "--callbacks",
    is_flag=True,
    help="Show every form of a callback instead, and what the validator says of it.",
)
def demo(*, seed: int, callbacks: bool) -> None:
    """Play the whole flow: a token, a push, the prompt, the callback, a refund, the balance, then a
    customer who cancels and one who does not answer.

    Everything happens in this process and in virtual time: nothing is asked of the network.
    """
    if callbacks:
        from darajasim.cli.demo_callbacks import show  # noqa: PLC0415

        sys.exit(0 if show(seed) else 1)
    # The engine, which `--help` does not need.
    from darajasim.harness.report_text import duration  # noqa: PLC0415
    from darajasim.harness.report_transcript import transcript  # noqa: PLC0415
    from darajasim.harness.runner import run_scenario  # noqa: PLC0415
    from darajasim.scenarios import load_file  # noqa: PLC0415

    (scenario,) = load_file(bundled.files()[SCENARIO])
    result = run_scenario(scenario, seed)
    click.echo(scenario.about)
    for line in transcript(result, style=_coloured):
        click.echo(line)
    click.echo()
    for payment in result.payments:
        receipt = f"  receipt {payment.receipt}" if payment.receipt else ""
        click.echo(f"{payment.name:<12} {payment.status:<8} code {payment.code}{receipt}")
    for finding in result.findings:
        click.echo(f"{finding.what}: expected {finding.expected}, found {finding.found}", err=True)
    simulated, real = duration(result.simulated_seconds), result.real_seconds * 1000
    click.echo(f"{simulated} of simulated time in {real:.0f} ms, seed {result.seed}")
    sys.exit(0 if result.passed else 1)


def _coloured(text: str, colour: str) -> str:
    return click.style(text, fg=colour)
