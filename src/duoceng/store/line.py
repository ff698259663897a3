"""A line to PostgreSQL: a connection that names its statements instead of saying them anew, and waits for answers, not for the server.

The same few statements are asked over and over. Each is prepared once on a line and then only named, with its values as text;
rows come back through psycopg's own reading of types. A cursor would do the same, at the price of half a settlement.

    one statement    ask ──▶ answer
    several          ask, ask, ask, sync ──▶ answers          one round trip and one transaction: all of them, or none
"""

from collections.abc import Sequence
from itertools import count
from select import POLLIN, POLLOUT, poll
from typing import Any

from psycopg import Connection, OperationalError, RawCursor
from psycopg.abc import Buffer
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

Row = dict[str, Any]
Said = tuple[str, Sequence[object]]  # a statement with `$1`, and its values
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
BYTES = (bytes, memoryview)
NAMED = 256  # statements that a line remembers; where there are more, all are forgotten and named anew


class Line(Connection[Any]):
    """A connection of psycopg. What goes through `run` and `together` is prepared where it comes a second time."""

    def __init__(self, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.prepare_threshold, self.cursor_factory = None, RawCursor
        self._names: dict[str, bytes] = {}
        self._heard: set[str] = set()
        self._numbers = count()
        self._reads = Transformer(self)

    def run(self, sql: str, values: Sequence[object]) -> list[Row]:
        """One statement, and the rows it finds. Raises what psycopg would."""
        name, (words, forms) = self._name_of(sql), said(values)
        if name:
            return self._rows(self.pgconn.exec_prepared(name, words, forms))  # type: ignore[arg-type]
        return self._rows(self.pgconn.exec_params(sql.encode(), words, None, forms))

    def together(self, statements: Sequence[Said]) -> list[list[Row]]:
        """Several statements, in order, as one transaction in one round trip; the rows each finds."""
        named = [(self._name_of(sql), sql.encode(), *said(values)) for sql, values in statements]
        self.pgconn.enter_pipeline_mode()
        try:
            for name, sql, words, forms in named:
                if name:
                    self.pgconn.send_query_prepared(name, words, forms)
                else:
                    self.pgconn.send_query_params(sql, words, None, forms)
            self.pgconn.pipeline_sync()
            answers = [self._answer() for _ in named]
            self._answer(ends=False)
        finally:
            if self.pgconn.status == ConnStatus.OK:
                self.pgconn.exit_pipeline_mode()
        return [self._rows(answer) for answer in answers]

    def _name_of(self, sql: str) -> bytes:
        """The name a statement was prepared under; nothing where it was not heard before."""
        name = self._names.get(sql)
        if name is None and sql in self._heard:
            if len(self._names) >= NAMED:
                self._rows(self.pgconn.exec_(b"DEALLOCATE ALL"))
                self._names.clear()
            name = f"s{next(self._numbers)}".encode()
            self._rows(self.pgconn.prepare(name, sql.encode()))
            self._names[sql] = name
        elif name is None:
            if len(self._heard) >= 2 * NAMED:
                self._heard.clear()
            self._heard.add(sql)
        return name or b""

    def _answer(self, ends: bool = True) -> PGresult:
        """The next answer of several. The wait is ours: libpq's would keep other threads from working."""
        server = self.pgconn
        while server.is_busy():
            waits = poll()
            waits.register(server.socket, POLLIN | (POLLOUT if server.flush() else 0))
            waits.poll()
            server.consume_input()
        found = server.get_result()
        if found is None:
            raise OperationalError("the connection was lost")
        if ends:
            server.get_result()
        return found

    def _rows(self, answer: PGresult) -> list[Row]:
        """The rows of an answer. Raises what is wrong with it."""
        if answer.status not in DONE:
            if self.pgconn.status != ConnStatus.OK:
                raise OperationalError(answer.get_error_message() or "the connection was lost")
            raise error_from_result(answer)
        if not answer.ntuples:
            return []
        self._reads.set_pgresult(answer)
        names = [answer.fname(at).decode() for at in range(answer.nfields)]  # type: ignore[union-attr]
        return [dict(zip(names, row, strict=True)) for row in self._reads.load_rows(0, answer.ntuples, tuple)]


def said(values: Sequence[object]) -> tuple[list[Buffer | None], list[int]]:
    """Values as the server reads them, and which of them are bytes as they are."""
    words: list[Buffer | None] = []
    forms: list[int] = []
    for value in values:
        if isinstance(value, BYTES):
            words.append(value)
            forms.append(1)
        else:
            words.append(None if value is None else str(value).encode())
            forms.append(0)
    return words, forms
