"""The courier that calls merchants over real HTTP: one attempt a letter, never an exception.

Written on asyncio protocols and httptools, because a client library delivers a tenth of it and
cannot misbehave on purpose.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Iterable

from darajasim.core.courier import UNFINISHED_SECONDS, Letter, Receipt
from darajasim.delivery.connection import Connection, NoAnswerError
from darajasim.delivery.pool import Pool
from darajasim.delivery.targets import AllowList, Resolver, Target, TargetRefusedError

ANSWER_SECONDS = 30.0
"""How long a merchant may take to answer, in real seconds (guessed)."""
CONNECT_SECONDS = 10.0


class HttpCourier:
    """Delivers callbacks over HTTP/1.1.

    Args:
        allow_hosts: hosts besides loopback that may be called.
        answer_seconds: how long a merchant may take to answer.
    """

    def __init__(
        self, allow_hosts: Iterable[str] = (), *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._resolver = Resolver(AllowList(allow_hosts))
        self._answer_seconds = answer_seconds
        self._pools: defaultdict[tuple[str, int, bool], Pool] = defaultdict(Pool)
        self._tls: ssl.SSLContext | None = None

    async def send(self, letter: Letter, *, within: float | None = None) -> Receipt:
        """POST the letter once.

        Args:
            within: real seconds that the merchant may take to answer (None: answer_seconds).
        """
        patience = self._answer_seconds if within is None else within
        if letter.promised is not None:
            patience = min(patience, UNFINISHED_SECONDS)
        try:
            target = await self._resolver.target(letter.url)
        except TargetRefusedError as error:
            return Receipt(None, error=str(error))
        pool = self._pools[target.host, target.port, target.tls]
        async with pool.slots:
            try:
                request = request_bytes(target, letter)
                if letter.promised is not None:
                    status, head = await self._alone(target, request, patience)
                else:
                    status, head = await self._exchange(pool, target, request, patience)
            except NoAnswerError as error:
                return Receipt(None, error=str(error))
            except OSError as error:
                return Receipt(None, error=f"cannot connect to {target.authority}: {error}")
        return Receipt(status, head.decode("utf-8", "replace"))

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool in self._pools.values():
            pool.close()

    async def _exchange(
        self, pool: Pool, target: Target, request: bytes, patience: float
    ) -> tuple[int, bytes]:
        kept = pool.take()
        connection = kept or await self._connect(target)
        try:
            answer = await connection.exchange(request, within=patience)
        except BaseException:
            connection.close()
            if kept is not None:
                pool.doubt()
            raise
        pool.give(connection)
        return answer

    async def _alone(self, target: Target, request: bytes, patience: float) -> tuple[int, bytes]:
        """On a connection that nothing else goes over: the merchant may wait for the rest."""
        connection = await self._connect(target)
        try:
            return await connection.exchange(request, within=patience)
        finally:
            connection.close()

    async def _connect(self, target: Target) -> Connection:
        loop = asyncio.get_running_loop()
        failure: OSError | None = None
        for address in target.addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    _transport, connection = await loop.create_connection(
                        Connection,
                        address,
                        target.port,
                        ssl=self._tls_context() if target.tls else None,
                        server_hostname=target.host if target.tls else None,
                    )
            except TimeoutError:
                failure = OSError(f"no connection within {CONNECT_SECONDS:g} s")
            except OSError as error:
                failure = error
            else:
                return connection
        raise failure or OSError("no address")

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def request_bytes(target: Target, letter: Letter) -> bytes:
    """The letter as HTTP/1.1."""
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in letter.headers.items()]
    length = len(letter.body) if letter.promised is None else letter.promised
    lines += [f"Content-Length: {length}", "Connection: keep-alive", "", ""]
    return "\r\n".join(lines).encode("latin-1") + letter.body
