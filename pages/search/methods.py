"""How settings are proposed and which trials are stopped early: the inputs, two sentences and the formula of each, the plan."""

import pandas as pd
import streamlit as st

from pages.components.panels import bound, explain, inputs
from pages.components.text import count
from training.search.brackets import plan
from training.search.settings import Proposals, Rule, Stopping
from training.search.space import Space

PROPOSALS: dict[str, Proposals] = {"Random": "random", "TPE": "tpe", "Grid": "grid"}
RULES: dict[str, Rule] = {"Hyperband": "hyperband", "Successive halving": "halving", "Never": "none"}

PROPOSED: dict[Proposals, tuple[str, ...]] = {
    "random": (
        "Random search draws every setting by itself, so that twenty trials try twenty values of each, where a grid tries "
        "three. With $n$ trials it finds one of the best 5 % with a probability that depends on nothing else.",
        r"P = 1 - 0.95^{\,n} \quad (n = 59:\ 0.95)",
    ),
    "tpe": (
        "TPE (tree-structured Parzen estimator) splits the trials so far into good ones and others, and estimates how "
        "dense each lie. It proposes what is likely among the good and unlikely among the others.",
        r"x^{*} = \arg\max_x\ \frac{l(x)}{g(x)}",
    ),
    "grid": (
        "A grid tries every combination of a few values of each setting. It is easy to read and grows with every setting: "
        "most of its trials differ only in settings that hardly matter.",
        r"n = k_1 \cdot k_2 \cdots k_d",
    ),
}

STOPPED: dict[Rule, tuple[str, ...]] = {
    "none": ("Every trial is trained to its last epoch, however bad it looks.", r"\text{cost} = n \cdot R"),
    "halving": (
        "Successive halving trains many configurations for a few epochs, keeps the best one in η, and trains those η times as "
        "long, until one is left with all epochs. What is bad early costs little; what is good late may be lost.",
        r"n_i = \lfloor n\,\eta^{-i} \rfloor",
        r"r_i = r\,\eta^{i}",
    ),
    "hyperband": (
        "Nobody knows how early one can tell, so Hyperband runs successive halving several times: brackets that begin with "
        "many configurations and few epochs, and brackets that begin with few and many.",
        r"n = \left\lceil \tfrac{s_{max}+1}{s+1}\,\eta^{s} \right\rceil",
        r"n_i = \lfloor n\,\eta^{-i} \rfloor",
        r"r_i = R\,\eta^{\,i-s}",
    ),
}


def choose_proposals(space: Space | None) -> tuple[Proposals, int]:
    """How settings are proposed, and the points of a grid's ranges."""
    chosen = PROPOSALS[
        st.segmented_control("Settings are proposed", list(PROPOSALS), default="Random", required=True, **bound("proposals"))
        or "Random"
    ]
    points = 3
    if chosen == "grid":
        points = int(st.number_input("Points of a range", 2, 50, 3, width=170, **bound("points")))
        if space:
            st.caption(f"The grid has {count(space.grid_size(points), 'combination')}.")
    return chosen, points


def choose_stopping() -> Stopping:
    """Which trials are stopped early."""
    rule = RULES[
        st.segmented_control("Trials are stopped early", list(RULES), default="Hyperband", required=True, **bound("stop"))
        or "Hyperband"
    ]
    if rule == "none":
        return Stopping(rule=rule)
    fields = Stopping.model_fields
    with inputs():
        first = st.number_input(
            "First look, epochs (r)", 1, 500, 1, width=170, help=fields["first"].description, **bound("first")
        )
        factor = st.number_input("Keep one in (η)", 2, 10, 3, width=140, help=fields["factor"].description, **bound("factor"))
    return Stopping(rule=rule, first=int(first), factor=int(factor))


def show_methods(proposals: Proposals, stopping: Stopping, epochs: int) -> None:
    """What was chosen, explained, with the plan of its brackets."""
    left, right = st.columns(2, gap="large")
    with left:
        explain(*PROPOSED[proposals])
    with right:
        explain(*STOPPED[stopping.rule])
    show_plan(stopping, epochs)


def show_plan(stopping: Stopping, epochs: int, reached: list[int] | None = None) -> None:
    """Configurations × epochs of every bracket.

    Args:
        reached: epochs of each trial so far, to count those that got as far.
    """
    rungs = plan(stopping, epochs)
    if not rungs:
        return
    brackets = list(dict.fromkeys(rung.bracket for rung in rungs))
    table = pd.DataFrame("", index=range(max(brackets) + 1), columns=[f"s = {s}" for s in brackets])
    for rung in rungs:
        table.loc[rung.number, f"s = {rung.bracket}"] = f"{rung.configurations} × {rung.epochs}"
    st.markdown("**Plan**: configurations × epochs each, $n_i \\times r_i$, at look $i$ of bracket $s$")
    st.table(table.rename(index=lambda i: f"i = {i}"), width="content")
    begun = sum(rung.configurations for rung in rungs if rung.number == 0)
    text = f"{count(begun, 'configuration')} in {count(len(brackets), 'bracket')} (Li et al. 2018)."
    if reached is not None:
        looks = sorted({rung.epochs for rung in rungs})
        text += " What happened: " + ", ".join(
            f"{count(sum(one >= look for one in reached), 'trial')} got to {count(look, 'epoch')}" for look in looks
        )
        text += "."
    st.caption(
        f"{text} No trial waits for another (ASHA, Li et al. 2020): each is compared with those that came before it, so the "
        "plan holds on the average, and the first trials go far."
    )
