"""ReLU and pooling, on numbers and on the picture; and what pooling does to a moved face."""

import numpy as np
import streamlit as st

from pages.components.panels import bound, explain, inputs, picture, show_errors
from pages.convolution_lab.common import draw_row, grid_html, source_picture
from recognition.inspection.drawing import as_picture, colourise
from recognition.inspection.sliding_window import Sliding
from training.course.convolution import KERNELS, Grid, Pooling, convolve, filter_picture, moved_maps, pool, relu, translate
from training.course.worked_examples import EXAMPLES, POOLED

GRIDS: dict[str, Grid] = {
    "Course 1": POOLED["first"],
    "Course 2": POOLED["second"],
    "Course 3": POOLED["third"],
    "Digits after the vertical edge kernel": convolve(EXAMPLES["digits"].grid, EXAMPLES["digits"].kernel),
}
HOW: dict[str, Pooling] = {"Max": "max", "Average": "average", "Min": "min"}
EDGE = KERNELS["Vertical edge"]

WIDTH = 165
"""Of a picture in the translation demo, in pixels of the screen: two fit beside each other on a phone."""


def panel() -> None:
    explain(
        "ReLU keeps what a filter found and sets everything negative to 0. Pooling then keeps one number of "
        "each window, so the map shrinks and the next layer sees more of the face; neither has anything to "
        "learn.",
        r"\text{ReLU}(x) = \max(0, x)",
        r"\text{max-pooling: } \max_{m, n}\, I(si + m,\, sj + n)",
    )
    with inputs():
        name = st.selectbox("Numbers", list(GRIDS), width=300, **bound("numbers"))
        how = HOW[st.selectbox("Pooling", list(HOW), width=130, **bound("pooling"))]
        size = int(st.number_input("Size", 1, 8, 2, width=130, **bound("pool_size")))
        stride = int(st.number_input("Stride", 0, 8, 2, width=130, **bound("pool_stride")))
    with show_errors():
        _numbers(GRIDS[name], how, size, stride)
        _on_the_picture(how, size, stride)


def _numbers(grid: Grid, how: Pooling, size: int, stride: int) -> None:
    positive = relu(grid)
    pooled = pool(positive, size, stride, how)
    windows: dict[str, set[tuple[int, int]]] = {"window": set(), "odd": set()}
    for row in range(pooled.shape[0]):
        for column in range(pooled.shape[1]):
            style = "window" if (row + column) % 2 == 0 else "odd"
            windows[style] |= {(row * stride + m, column * stride + n) for m in range(size) for n in range(size)}
    # Overlapping windows can't be told apart by colour.
    marks = windows if stride >= size else {}
    results = {
        style: {
            (r, c) for r in range(pooled.shape[0]) for c in range(pooled.shape[1]) if ((r + c) % 2 == 0) == (style == "window")
        }
        for style in windows
    }
    draw_row(
        grid_html(grid, "Map"),
        "→",
        grid_html(positive, "After ReLU", marks=marks),
        "→",
        grid_html(pooled, f"After {size}×{size} {how}-pooling", marks=results if marks else {}),
    )
    warning = Sliding(size, stride).warning(len(grid))
    if warning:
        st.warning(warning, icon=":material/straighten:")


def _on_the_picture(how: Pooling, size: int, stride: int) -> None:
    image = source_picture()
    edges = filter_picture(image, EDGE, Sliding(len(EDGE)))
    positive = relu(edges)
    pooled = pool(positive, size, stride, how)
    # The few strongest edges may burn out, so that the others can be seen.
    top = max(float(np.quantile(positive, 0.995)), 1e-9)
    st.markdown("**The same on the picture**, with the vertical edge kernel")
    one, two, three = st.columns(3, gap="medium")
    with one:
        picture(as_picture(edges, centre=0.5), f"Edges, {edges.shape[1]}×{edges.shape[0]}", "edges")
    with two:
        picture(as_picture(positive / top), f"After ReLU, {positive.shape[1]}×{positive.shape[0]}", "relu")
    with three:
        picture(
            as_picture(pooled / top),
            f"After pooling, {pooled.shape[1]}×{pooled.shape[0]}",
            "pooled",
            side=320,
        )


def translation() -> None:
    explain(
        "Move the picture by some pixels: single cells of the feature map change at once, those of a pooled "
        "map much less, because each stands for a whole neighbourhood. After a few poolings a small move is "
        "hardly noticed.",
        r"\text{likeness}(A, B) = \frac{\sum A \cdot B}{\lVert A \rVert\, \lVert B \rVert}",
    )
    one, two = st.columns(2)
    right = int(one.slider("Pixels to the right", -24, 24, 3, **bound("right")))
    down = int(two.slider("Pixels down", -24, 24, 0, **bound("down")))
    with show_errors():
        image = source_picture()
        moved = translate(image, right, down)
        stages = moved_maps(image, EDGE, right, down)
        # A row that wraps: two beside each other on a phone, where columns would make a very long page.
        with st.container(horizontal=True):
            with st.container(width=WIDTH):
                st.markdown("**Picture**")
                picture(image, "before", "unmoved", side=320)
                picture(moved, "after", "moved", side=320)
            for stage in stages:
                # The few strongest edges may burn out, so that the others can be seen.
                top = max(float(np.quantile(stage.before, 0.995)), 1e-9)
                height, width = stage.before.shape
                with st.container(width=WIDTH):
                    st.markdown(f"**{stage.name.capitalize().replace('relu', 'ReLU')}**")
                    picture(colourise(stage.before, "magma", (0, top)), f"{width}×{height}", f"before_{height}", side=320)
                    picture(colourise(stage.after, "magma", (0, top)), f"{width}×{height}", f"after_{height}", side=320)
                    st.metric("Likeness", f"{np.clip(stage.likeness, 0, 1):.0%}")
