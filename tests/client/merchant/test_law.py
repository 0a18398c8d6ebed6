from hypothesis import given
from hypothesis import strategies as st

from mpesa_pochi.merchant.law import Claim, Judgement, PaymentStatus, Source, Standing, Step, decide

RECEIPTS = st.sampled_from(["R1", "R2"])
CLAIMS = st.one_of(
    st.builds(
        Claim,
        source=st.sampled_from(Source),
        paid=st.just(False),
        code=st.sampled_from(["1", "1032"]),
        text=st.just("no"),
    ),
    st.builds(
        Claim,
        source=st.just(Source.QUERY),
        paid=st.just(True),
        code=st.just("0"),
        text=st.just("yes"),
    ),
    st.builds(
        Claim,
        source=st.just(Source.CALLBACK),
        paid=st.just(True),
        code=st.just("0"),
        text=st.just("yes"),
        receipt=RECEIPTS,
    ),
)
OPEN = Standing(PaymentStatus.PENDING)


def after(standing, claim):
    """What the row would say once the ruling has been carried out."""
    ruling = decide(standing, claim)
    match ruling.step:
        case Step.SETTLE:
            return Standing(claim.status, claim.code, claim.receipt, claim.source), ruling
        case Step.COMPLETE:
            settled = (standing.status, standing.result_code, claim.receipt, standing.settled_by)
            return Standing(*settled), ruling
        case _:
            return standing, ruling


@given(st.lists(CLAIMS, max_size=8))
def test_the_first_claim_settles_and_nothing_undoes_it(claims):
    standing, steps = OPEN, []
    for claim in claims:
        before = standing
        standing, ruling = after(standing, claim)
        steps.append(ruling.step)
        if before.status is not PaymentStatus.PENDING:
            assert standing.status is before.status
            assert standing.receipt in ({before.receipt} if before.receipt else {None, "R1", "R2"})
        assert (ruling.step is Step.REVIEW) == bool(ruling.reason)
    assert steps.count(Step.SETTLE) == min(1, len(claims))
    assert steps.count(Step.COMPLETE) <= 1
    if claims:
        assert standing.status is claims[0].status


@given(CLAIMS, CLAIMS)
def test_a_claim_said_again_is_a_duplicate(first, second):
    standing, _ = after(OPEN, first)
    standing, _ = after(standing, second)
    again = decide(standing, first)
    assert again.judgement in {Judgement.DUPLICATE, Judgement.CONFLICT}
    if second.status is first.status and first.receipt == standing.receipt:
        assert again.judgement is Judgement.DUPLICATE


@given(CLAIMS, CLAIMS)
def test_what_contradicts_is_for_a_person(first, second):
    standing, _ = after(OPEN, first)
    ruling = decide(standing, second)
    two_receipts = first.receipt and second.receipt and first.receipt != second.receipt
    contradicts = first.paid != second.paid or bool(two_receipts)
    assert (ruling.step is Step.REVIEW) == contradicts
    if contradicts and second.receipt:
        assert second.receipt in ruling.reason
