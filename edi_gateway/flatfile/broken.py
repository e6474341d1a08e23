"""A line of a file that cannot be taken apart."""


class Broken(Exception):
    """A line that cannot be taken apart. Units: `column` counts characters from one."""

    def __init__(self, code: str, column: int, value: str = "", **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.value = value
        self.detail = detail
