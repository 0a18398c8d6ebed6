"""Seeded requests that range from valid to absurd. All of them are well-formed HTTP."""

import json
from random import Random
from urllib.parse import quote

from support.caller import GRANT, OAUTH_PATH, basic, query_body
from support.commands import example
from support.daraja import PUSH_PATH, QUERY_PATH, push_body

STRANGE = [
    "null", "true", "false", "0", "-1", "1", "1.0", "1.5", "-0", "-0.0", "1e2", "1E-7", "1e400",
    "-1e99999", "0.1e1", "9" * 30, "9" * 4_000, "9" * 5_000, "1." + "0" * 4_400, "NaN", "Infinity",
    "-Infinity", "01", "+1", "0x1F", ".5", "5.", "1_000", "[]", "{}", "[[]]", '[{"a":[null]}]',
    '{"$ne":null}', '""', '" "', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uD83D\\uDE00"',
    '"\U0001f600"', '"٢٥٤٧٢٢٠٠٠٠٠٠"', '"１"', '"\u202e174379"', '"é"', '"\\r\\nX-Injected: yes"',
    '"\\n\\t\\b\\f"', '"</script>"', '"\' OR 1=1 --"', '"${jndi:ldap://x}"', '"%s%n%x"', '"{0}"',
    '"../../etc/passwd"', '"nan"', '"inf"', '"1e5"', '"0001"', '"\\"', '"unclosed', "'single'",
    "undefined", "",
]  # fmt: skip
NAMES = [
    "BusinessShortCode",
    "Amount",
    "amount",
    "Password",
    "__proto__",
    "",
    "a" * 300,
    "é",
    "\\n",
]
URLS = [
    "ftp://127.0.0.1/", "http://", "http://[", "http://[::1", "http://127.0.0.1:99999/",
    "http://127.0.0.1:-1/", "http://127.0.0.1:0/", "//127.0.0.1/", "http:///x", "javascript:1",
    "http://a b/", "http://127.0.0.1\\n/", "HTTP://127.0.0.1/", "http://user:pass@127.0.0.1/",
    "http://127.0.0.1/%00?%zz#f", "http://169.254.169.254/latest", "http://0.0.0.0:1/",
    "http://[::ffff:10.0.0.1]/", "http://127.0.0.1:9/" + "a" * 2_030, "http://127.1/" + "a" * 3_000,
    "https://127.0.0.1:9/", "http://2130706433:9/", "http://0177.0.0.1:9/", "http://[::1%25lo]:9/",
    "http://127.0.0.1:９/", "http://xn--/", "http://.../", "http://-/",
]  # fmt: skip
TYPES = [
    "application/json", "application/json", "application/json", "Application/JSON; charset=utf-8",
    "application/json;charset=utf-16", "application/x-www-form-urlencoded", "text/plain", "",
    "é;;;", "multipart/form-data; boundary=x", "application/json, text/html",
]  # fmt: skip
QUERY_STRINGS = [
    "", "?", "?grant_type", "?grant_type=", "?grant_type=client_credentials%20",
    "?grant_type=client_credentials&grant_type=password", "?GRANT_TYPE=client_credentials",
    "?grant_type=%ff%fe", "?grant_type=%", "?grant_type=%u0041", "?" + "&" * 500, "?%00=%00",
    "?" + "a=b&" * 300 + GRANT[1:], "?grant_type=" + "x" * 8_000, "?=&=&;;",
    GRANT + "%0d%0aX-Injected:%20yes",
]  # fmt: skip
CREDENTIALS = [
    basic("ERR-unknown-credentials"), basic("ERR-nothing"), basic("", ""), "Basic", "Basic ",
    "Basic  ???", "Basic é", "Basic bm9jb2xvbg==", "Basic bm9jb2xvbg", "Basic /w==",
    "basic  " + basic()[6:], "Bearer abc", "Digest x", "", "Basic " + "A" * 20_000,
    basic() + " " + basic(),
]  # fmt: skip
VISIBLE = [chr(code) for code in range(0x21, 0x7F)]
HEADER_VALUE = [*VISIBLE, " ", "\t", *map(chr, range(0x80, 0x100))]
ALPHABETS = [range(0x80), range(0x20, 0x2FF), range(0xD700, 0xE000), range(0x1F000, 0x1FFFF)]


class Garbage:
    """Requests drawn from one seed.

    Attributes:
        inbox: a URL that accepts callbacks.
        bearer: a token that is good.
        issued: checkout request ids that the simulator gave out.
    """

    def __init__(self, seed: object, *, inbox: str, bearer: str) -> None:
        self._random = Random(str(seed))
        self.inbox = inbox
        self.bearer = bearer
        self.issued = ["ws_CO_111020261405093708374149"]

    def push(self) -> bytes:
        phone = 254_700_000_000 + self._random.randrange(100_000_000)
        valid = push_body(PhoneNumber=phone, PartyA=phone, CallBackURL=self.inbox)
        return self._post(PUSH_PATH, valid)

    def query(self) -> bytes:
        return self._post(QUERY_PATH, query_body(self._random.choice(self.issued)))

    def business(self, path: str) -> bytes:
        """A request to any path whose example is stated, with URLs that lead to the inbox."""
        valid = {
            name: self.inbox if str(value).startswith("http://merchant/") else value
            for name, value in example(path).items()
        }
        return self._post(path, valid)

    def oauth(self) -> bytes:
        draw = self._random
        query = self._query_string()
        headers = self._junk_headers()
        kind = draw.random()
        if kind < 0.9:
            headers.append(("Authorization", self._credentials()))
        if kind < 0.05:
            headers.append(("Authorization", self._credentials()))
        body = self._noise(200) if draw.random() < 0.1 else None
        return self._request("GET", OAUTH_PATH + query, headers, body)

    def _query_string(self) -> str:
        draw = self._random
        match draw.randrange(6):
            case 0:
                junk = "".join(draw.choices(VISIBLE, k=draw.randrange(40)))
                return "?" + junk.replace("#", "%")
            case 1:
                return "?" + quote(self._text(), errors="ignore")
            case 2:
                return draw.choice(QUERY_STRINGS)
            case _:
                return GRANT

    def _credentials(self) -> str:
        draw = self._random
        match draw.randrange(8):
            case 0:
                return basic(self._plain(), self._plain())
            case 1:
                return "Basic " + self._visible(9)
            case 2 | 3:
                return draw.choice(CREDENTIALS)
            case _:
                return basic()

    def _post(self, path: str, valid: dict) -> bytes:
        draw = self._random
        headers = self._junk_headers()
        kind = draw.random()
        if kind < 0.9:
            headers.append(("Authorization", f"Bearer {self.bearer}"))
        elif kind < 0.95:
            headers.append(("Authorization", draw.choice(["Bearer", "Bearer x", "bearer \t", "é"])))
        media = TYPES[0] if draw.random() < 0.85 else draw.choice(TYPES)
        headers.append(("Content-Type", media))
        return self._request("POST", path, headers, self._body(valid))

    def _request(self, method: str, path: str, headers: list, body: bytes | None) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: daraja"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None and self._random.random() < 0.1:
            lines.append("Transfer-Encoding: chunked")
            body = self._chunked(body)
        elif body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")

    def _chunked(self, body: bytes) -> bytes:
        made = bytearray()
        while body:
            size = self._random.randrange(1, len(body) + 1)
            extension = self._random.choice(["", ";a=b"])
            made += f"{size:x}{extension}\r\n".encode() + body[:size] + b"\r\n"
            body = body[size:]
        return bytes(made + b"0\r\n\r\n")

    def _body(self, valid: dict) -> bytes:
        draw = self._random
        kind = draw.randrange(20)
        pairs = [(key, json.dumps(value)) for key, value in valid.items()]
        if kind < 10:
            for _ in range(draw.choice([1, 1, 1, 2, 3])):
                place = draw.randrange(len(pairs))
                pairs[place] = (pairs[place][0], self._value(pairs[place][0]))
        elif kind < 13:
            self._reshape(pairs)
        text = "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"
        raw = text.encode("utf-8", "surrogatepass")
        return raw if kind < 14 else self._damaged(raw)

    def _reshape(self, pairs: list) -> None:
        """Fields gone, twice, misnamed or added."""
        draw = self._random
        place = draw.randrange(len(pairs))
        name, value = pairs[place]
        match draw.randrange(4):
            case 0:
                del pairs[place]
            case 1:
                pairs.append((name, self._value(name)))
            case 2:
                pairs[place] = (draw.choice([name.lower(), name.upper(), f" {name}"]), value)
            case _:
                pairs.insert(place, (draw.choice(NAMES), self._value(name)))

    def _value(self, name: str) -> str:
        draw = self._random
        if name == "CallBackURL" and draw.random() < 0.6:
            return f'"{draw.choice(URLS)}"'
        match draw.randrange(6):
            case 0:
                return json.dumps(self._text())
            case 1:
                depth = draw.choice([3, 60, 400, draw.randrange(900, 1_010), 2_000, 20_000])
                return draw.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth])
            case 2:
                return json.dumps(draw.choice([f"ERR-{self._plain()}", "ERR-quota", "ERR-"]))
            case _:
                return draw.choice(STRANGE)

    def _damaged(self, raw: bytes) -> bytes:
        draw = self._random
        match draw.randrange(8):
            case 0:
                return raw[: draw.randrange(len(raw))]
            case 1:
                place = draw.randrange(len(raw))
                return raw[:place] + self._noise(3) + raw[place + 1 :]
            case 2:
                return b"\xef\xbb\xbf" + raw
            case 3:
                return raw.decode("utf-8", "replace").encode(draw.choice(["utf-16", "utf-32"]))
            case 4:
                return raw + draw.choice([raw, b"\x00", b" \r\n\t", b"]", b"//"])
            case 5:
                return draw.choice(STRANGE).encode("utf-8", "surrogatepass")
            case 6:
                return self._noise(2_000)
            case _:
                return b"[" * draw.choice([10, 900, 50_000])

    def _junk_headers(self) -> list[tuple[str, str]]:
        draw = self._random
        made = []
        if draw.random() < 0.3:
            for _ in range(draw.choice([1, 2, 40])):
                name = "X-" + "".join(draw.choices("abcXYZ019-_!#$%&'*+.^`|~", k=8))
                made.append((name, self._visible(draw.choice([0, 10, 200]))))
        if draw.random() < 0.01:
            made.append(("X-Long", "a" * draw.choice([8_192, 60_000])))
        if draw.random() < 0.05:
            made.append(("X-Darajasim-Namespace", f"team-{draw.randrange(20)}"))
        if draw.random() < 0.05:
            made.append(("Accept", self._visible(30)))
        return made

    def _visible(self, length: int) -> str:
        """Bytes that a header may carry, those beyond ASCII too."""
        return "".join(self._random.choices(HEADER_VALUE, k=length)).strip()

    def _plain(self) -> str:
        return "".join(
            self._random.choices("abcdefghijklmnop-:é€\n\0", k=self._random.randrange(9))
        )

    def _text(self) -> str:
        draw = self._random
        length = draw.choice([0, 1, 5, 14, 40, 200, 5_000])
        return "".join(map(chr, draw.choices(draw.choice(ALPHABETS), k=length)))

    def _noise(self, most: int) -> bytes:
        return self._random.randbytes(self._random.randrange(most))
