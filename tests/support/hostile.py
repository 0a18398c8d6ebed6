"""Texts that would do something where they are shown as they are."""

HOSTILE = (
    "</pre></details><script>alert(1)</script>",
    '"><img src=http://evil.test/x onerror=alert(1)>',
    "&amp;&lt;",
    "]]>",
    "\x1b[2J\x1b]0;owned\x07",
    "\x00\x08\x7f\x9b",
    "\ud800 alone",
    "\ufffe\uffff",
    "right\u202eto left",
    "\n::error file=a::injected",
    "\r\n##[add-mask]x",
    "| a | b |\n```\n# Head",
    "[link](http://evil.test) @everyone `code`",
    "%0A::warning::x",
)
