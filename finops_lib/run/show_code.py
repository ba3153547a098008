"""How a notebook shows a text that is copied: as it is, line by line, and safe with any text in it."""

from __future__ import annotations

import html

from finops_lib.run.show import Shown


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
    "<pre class=\"mathjax_ignore\">a = 1\nb = &#x27;&lt;b&gt;&#x27;</pre>"
    """
    return Shown({"text/plain": text, "text/html": f'<pre class="mathjax_ignore">{html.escape(text)}</pre>'})
