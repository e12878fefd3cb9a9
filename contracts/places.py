"""Where in a contract file something stands, for the rooms that find fault with a contract after it was loaded."""

from contracts.loader import HOME


def place_of(path: str, word: str) -> str:
    """File and line (`path:line`) of the first place where a contract file says a word as a whole value.

    Args:
        path: as `DatasetContract.path` gives it.

    Returns:
        The path alone where there is no such file or no such word.
    """
    try:
        lines = (HOME.parent / path).read_text("utf-8").splitlines()
    except OSError:
        return path
    for number, line in enumerate(lines, 1):
        if word in line.replace(",", " ").replace("}", " ").split():
            return f"{path}:{number}"
    return path
