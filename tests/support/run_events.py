"""The events of a run whose results are given; what is real time in them is replaced."""

from dataclasses import replace

from darajasim.harness.run_events import RunEnded, RunStarted, ScenarioEnded, ScenarioStarted


def events(*results, seed=1, unplayed=0):
    """As the stream has them."""
    titles = tuple(result.scenario.name for result in results)
    yield RunStarted(seed, 1, len(results) + unplayed, titles)
    for number, (title, result) in enumerate(zip(titles, results, strict=True), 1):
        yield ScenarioStarted(number, title, result.scenario)
        yield ScenarioEnded(number, title, replace(result, real_seconds=0.0123))
    passed = sum(result.passed for result in results)
    simulated = sum(result.simulated_seconds for result in results)
    yield RunEnded(seed, passed, len(results) - passed, unplayed, simulated, 2.3456)


def document(report, *results, **options):
    """What a report makes of a run, as text."""
    for event in events(*results, **options):
        report.take(event)
    return report.document().decode()
