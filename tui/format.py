"""How seconds and dollars are worded, everywhere."""

from __future__ import annotations


def seconds(duration_s: float) -> str:
    """A duration: "0.4 s", "5 s", "12 s", "3 min 5 s"."""
    if 0 < duration_s < 0.1:  # noqa: PLR2004  # shorter than anybody waits
        return "under 0.1 s"
    if duration_s < 9.95:  # noqa: PLR2004  # from here on a tenth says nothing
        return f"{duration_s:.1f}".removesuffix(".0") + " s"
    whole = round(duration_s)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004  # two minutes


def dollars(cost_usd: float) -> str:
    """An amount with enough digits to be told from nothing: "$1.20", "$0.0031", "under $0.0001"; free is "$0"."""
    if cost_usd == 0:
        return "$0"
    if cost_usd < 0.0001:  # noqa: PLR2004  # a hundredth of a cent
        return "under $0.0001"
    return f"${cost_usd:.2f}" if cost_usd >= 0.1 else f"${cost_usd:.4f}"  # noqa: PLR2004  # from a dime on a cent is enough
