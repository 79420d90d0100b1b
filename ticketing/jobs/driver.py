"""The driver's own connection, for very many short transactions: SQLAlchemy's costs several times what they do."""

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from ticketing.extensions import begin_writing, wait_for_locks
from ticketing.models.prepared import Prepared


class Driver:
    """Takes the place of a Connection for prepared statements. To be used in a `with`, by one thread.

    Nothing listens to what happens here; the errors of statements are SQLAlchemy's.
    """

    def __init__(self, engine: Engine):
        self.dialect = engine.dialect
        self._errors = engine.dialect.dbapi.Error
        self._pooled = engine.raw_connection()
        self._driver = self._pooled.driver_connection
        self._cursor = self._driver.cursor()
        self._is_sqlite = self.dialect.name == "sqlite"

    def __enter__(self) -> "Driver":
        self._wait(False)  # `start` asks again by itself, and sooner
        return self

    def __exit__(self, *_) -> None:
        self._wait(True)
        self._cursor.close()
        self._pooled.close()

    def read(self, query: Prepared, values: dict) -> list[tuple]:
        """All that a query finds, as it is stored, without keeping anybody from writing."""
        self._wait(True)
        try:
            return query.run(values, self).fetchall()
        finally:
            self.rollback()
            self._wait(False)

    def begin(self) -> "_Transaction":
        """For a `with`: what is written in it is committed at its end, and undone by an exception."""
        return _Transaction(self)

    def start(self) -> None:
        if self._is_sqlite:
            begin_writing(self._driver)

    def commit(self) -> None:
        self._driver.commit()

    def rollback(self) -> None:
        self._driver.rollback()

    def _wait(self, patient: bool) -> None:
        if self._is_sqlite:
            wait_for_locks(self._driver, patient)

    def exec_driver_sql(self, sql: str, parameters: tuple | dict | list):
        """The cursor, always the same, after one set of parameters or a list of them."""
        try:
            if isinstance(parameters, list):
                self._cursor.executemany(sql, parameters)
            else:
                self._cursor.execute(sql, parameters)
        except self._errors as problem:
            raise DBAPIError.instance(sql, parameters, problem, self._errors, dialect=self.dialect) from problem
        return self._cursor


class _Transaction:
    __slots__ = ("driver",)

    def __init__(self, driver: Driver):
        self.driver = driver

    def __enter__(self) -> None:
        self.driver.start()

    def __exit__(self, kind: type | None, *_) -> None:
        try:
            if kind is None:
                self.driver.commit()
        finally:
            self.driver.rollback()  # of what an exception has left; after a commit there is nothing
