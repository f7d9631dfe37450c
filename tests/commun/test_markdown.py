"""Markdown typed by administrateurs: its titles take their place in any page."""

import re

import pytest

from commun.markdown import render_markdown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Un\n\n## Deux", ["h3", "h4"]),
        ("## Un\n\n## Encore", ["h3", "h3"]),
        ("## Un\n\n#### Deux\n\n## Encore", ["h3", "h4", "h3"]),
        ("# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5", ["h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_titles_begin_at_h3_and_skip_no_level(text, expected):
    assert re.findall(r"<(h\d)>", render_markdown(text)) == expected
