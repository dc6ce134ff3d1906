"""The Jinja environment: everything escaped, nothing fetched, style and script inside each page and allowed by their hash."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qa_audit import __version__
from qa_audit.reports import words
from qa_audit.reports.slugs import slug
from qa_audit.reports.text import clean, finalize, name, place, shorten

TEMPLATES = files("qa_audit.reports") / "templates"


@cache
def environment() -> Environment:
    """The one environment of all pages."""
    env = Environment(
        loader=PackageLoader("qa_audit.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style, script = _inlined("page.css"), _inlined("page.js")
    env.globals.update(style=style, script=script, policy=_policy(style, script), words=words, slug=slug, version=__version__)
    env.filters.update(shorten=shorten, name=name, clean=clean, place=place)
    return env


def render(template: str, **view: object) -> str:
    """One page."""
    return environment().get_template(template).render(**view)


@cache
def design_key() -> str:
    """A hash of everything that shapes pages besides their content: templates, style, script and this package's code."""
    digest = sha256(__version__.encode())
    here = Path(__file__).parent
    for file in sorted([*here.rglob("*.py"), *here.glob("templates/*")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _inlined(file: str) -> Markup:
    return Markup((TEMPLATES / file).read_text(encoding="utf-8").strip())  # noqa: S704 - a file of this package


def _policy(style: str, script: str) -> str:
    """What a page may do (Content Security Policy): its own style and script, sound from beside it, nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "media-src 'self' file:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
