"""Shapes for the pages: matplotlib draws them, and what comes out is a small inline SVG without words or colours.

Words stand around a chart in HTML, where they wrap, translate and can be read aloud; colours come from the style sheet by
the kind of each shape, so that one drawing serves light, dark and print. A chart stretches to the width it is given.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D, IdentityTransform
from numpy.typing import NDArray

SVG = "{http://www.w3.org/2000/svg}"
POINTS_PER_INCH = 72
POINTS = IdentityTransform()
"""Marks are placed in points before they are drawn, so that what is drawn needs no rounding."""


class Chart:
    """A drawing area of `width` × `height` points over x from 0 to `x_max` and y from 0 to `y_max`."""

    def __init__(self, width: float, height: float, *, x_max: float, y_max: float) -> None:
        self._size = width, height
        self._scale = Affine2D().scale(width / x_max, height / y_max)
        self._figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)
        self._marks: dict[str, tuple[str, str, str]] = {}

    def boxes(
        self, kind: str, stretches: Iterable[tuple[float, float]], bottom: float, top: float, *, link: str = "", title: str = ""
    ) -> None:
        """Boxes from start to end of each stretch, all one shape."""
        corners = [point for a, b in stretches for point in ((a, bottom), (a, top), (b, top), (b, bottom), (a, bottom))]
        if corners:
            codes = [Outline.MOVETO, *[Outline.LINETO] * 3, Outline.CLOSEPOLY] * (len(corners) // 5)
            self._mark(PathPatch(Outline(self._place(corners), codes), transform=POINTS), kind, link=link, title=title)

    def band(self, kind: str, xs: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> None:
        """The area between two lines."""
        edge = [*zip(xs, highs, strict=True), *zip(reversed(xs), reversed(lows), strict=True)]
        self._mark(PathPatch(Outline(self._place([*edge, edge[0]]), closed=True), transform=POINTS), kind)

    def line(self, kind: str, xs: Sequence[float], ys: Sequence[float]) -> None:
        """An open line through the points."""
        self._mark(Line2D(*self._place([*zip(xs, ys, strict=True)]).T, transform=POINTS), kind)

    def dot(self, kind: str, x: float, y: float, *, radius: float = 3.0, link: str = "", title: str = "") -> None:
        """A round mark of `radius` points at (x, y)."""
        ((across, up),) = self._place([(x, y)])
        circle = Outline.circle((float(across), float(up)), radius)
        rounded = Outline(np.round(np.asarray(circle.vertices), 1), circle.codes)
        self._mark(PathPatch(rounded, transform=POINTS), kind, link=link, title=title)

    def svg(self, *, stretch: bool = True) -> Markup:
        """The chart; hidden from screen readers, which read the words beside it."""
        shapes = "".join(self._shape(group) for group in self._drawn().iter(f"{SVG}g") if group.get("id") in self._marks)
        width, height = self._size
        ratio = ' preserveAspectRatio="none"' if stretch else ""
        return Markup(f'<svg viewBox="0 0 {width:g} {height:g}"{ratio} aria-hidden="true" focusable="false">{shapes}</svg>')  # noqa: S704

    def _place(self, points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Where the points lie in the drawing, to a tenth of a point: [n, 2]."""
        return np.asarray(np.round(self._scale.transform(points), 1), dtype=np.float64)

    def _mark(self, artist: Artist, kind: str, *, link: str = "", title: str = "") -> None:
        name = f"mark{len(self._marks)}"
        artist.set_gid(name)
        self._figure.add_artist(artist)
        self._marks[name] = kind, link, title

    def _drawn(self) -> ET.Element:
        drawing = io.StringIO()
        FigureCanvasSVG(self._figure).print_svg(drawing, metadata={"Date": None})  # type: ignore[no-untyped-call]
        return ET.fromstring(drawing.getvalue())  # noqa: S314 - drawn two lines above

    def _shape(self, group: ET.Element) -> str:
        kind, link, title = self._marks[str(group.get("id"))]
        lines = (" ".join(path.get("d", "").split()) for path in group.iter(f"{SVG}path"))
        inner = f"<title>{escape(title)}</title>" if title else ""
        paths = "".join(f'<path class="{kind}" d="{line}">{inner}</path>' for line in lines)
        return f'<a href="{escape(link)}" tabindex="-1">{paths}</a>' if link else paths
