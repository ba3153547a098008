"""How a notebook shows more than one list of texts: lines to copy, and sections; safe with any text."""

from __future__ import annotations

import html
from collections.abc import Sequence

from finops_lib.run.show import Shown, notes


def code(text: str) -> Shown:
    r"""How is a text shown that a reader copies into a file.

    Parameters
    ----------
    text : str
        Lines; nothing in it becomes markup.

    Returns
    -------
    Shown
        HTML that keeps lines, and the text itself.

    Examples
    --------
    >>> code("a = 1\nb = '<b>'").bundle["text/html"]
    '<pre class="mathjax_ignore">a = 1\nb = &#x27;&lt;b&gt;&#x27;</pre>'
    """
    return Shown({"text/plain": text, "text/html": f'<pre class="mathjax_ignore">{html.escape(text)}</pre>'})


def sections(parts: Sequence[tuple[str, Sequence[str]]]) -> Shown:
    """How are several lists shown, each below its title.

    Parameters
    ----------
    parts : sequence of tuple of str and sequence of str
        Title and sentences; nothing in them becomes markup.

    Returns
    -------
    Shown

    Examples
    --------
    >>> found = sections([("a<b", ["So it is."])])
    >>> print(found)
    a<b
    - So it is.
    >>> found.bundle["text/html"][:53]
    '<p class="mathjax_ignore"><strong>a&lt;b</strong></p>'
    """
    lists = [(title, notes(said).bundle) for title, said in parts]
    texts = [f"{title}\n{found['text/plain']}" for title, found in lists]
    pages = [
        f'<p class="mathjax_ignore"><strong>{html.escape(title)}</strong></p>{found["text/html"]}'
        for title, found in lists
    ]
    return Shown({"text/plain": "\n".join(texts), "text/html": "".join(pages)})
