"""Numbers as they stand in formulas and drawings."""


def number(value: float) -> str:
    """Three decimals at most, in LaTeX: `4`, `-0.25`, `1.333`, `2.1 \\cdot 10^{-5}`."""
    if value != 0 and not 5e-4 <= abs(value) < 1e5:
        digits, power = f"{value:.1e}".split("e")
        return rf"{digits} \cdot 10^{{{int(power)}}}"
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def factor(value: float) -> str:
    """A number inside a product or a sum: negative ones in brackets."""
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def aligned(*rows: str) -> str:
    """Rows of one formula, aligned at their `&`."""
    return r"\begin{aligned}" + r" \\[0.3em] ".join(rows) + r"\end{aligned}"


def short(value: float) -> str:
    """Two decimals and a real minus sign, for places where LaTeX is not read."""
    return f"{value:.2f}".replace("-", "−")


def low(index: int) -> str:
    """An index below the line, where LaTeX is not read."""
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
