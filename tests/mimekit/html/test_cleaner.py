"""The body through nh3: that it is asked for what we mean."""

from __future__ import annotations

import pytest

from mimekit.html._cleaner import clean
from mimekit.html._guard import Guard
from mimekit.html._resources import Resources


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p align=left onclick=x>a<b>c", '<p align="left">a<b>c</b></p>', id="usual"),
        pytest.param("<script>a</script><style>b</style>c<!-- d -->", "c", id="usual-cleaned"),
        pytest.param("<form><button>a</button></form><o:p>b</o:p>", "ab", id="usual-unwrapped"),
        pytest.param("<a href=https://u>a</a>", '<a href="https://u" rel="noopener noreferrer">a</a>', id="usual-link"),
        pytest.param("<a href=#a>b</a>", '<a href="#a" rel="noopener noreferrer">b</a>', id="usual-place"),
        pytest.param("<img src=cid:a alt=b>", '<img src="a.png" alt="b">', id="usual-image"),
        pytest.param("<img src='data:image/png,a'>", '<img src="data:image/png,a">', id="usual-data"),
        pytest.param("<pre>\na</pre>", "<pre>a</pre>", id="usual-pre"),
        pytest.param("<pre wrap>\n\na</pre>", '<pre wrap="">\n\na</pre>', id="usual-pre-with-empty-line"),
        pytest.param("<p title='<pre>\n'>a", '<p title="&lt;pre&gt;\n">a</p>', id="hostile-pre"),
        pytest.param("<td background=http://u>a", "a", id="odd-cell"),
        pytest.param("<svg><style><g/src=x></style></svg>a", "a", id="hostile-svg"),
        pytest.param("<math><mi//xlink:href='data:x'>a</math>b", "b", id="hostile-math"),
    ],
)
def test_what_stays(html: str, expected: str) -> None:
    """Elements and attributes that are allowed, well-formed; alone it holds against all attacks."""
    assert clean(html, Guard(Resources({"cid:a": "a.png"}.get), str)) == expected
