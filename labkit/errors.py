"""The one exception type that a user of labkit meets, and how a library's message is put into it."""


class LabError(Exception):
    """Something that a person can mend, said in two sentences.

    Parameters
    ----------
    problem : str
        One sentence: what is wrong, with the value and the file, line, row or label it stands in.
    remedy : str
        One sentence: what to do about it.

    Notes
    -----
    In IPython only the two sentences are shown, without a traceback. Raise it ``from None`` where
    the cause is a library's exception that may repeat a secret.

    Examples
    --------
    >>> raise LabError("The label 'BUGG' is not in configs/issues.", "Use one of: BUG, DOCUMENTATION.")
    Traceback (most recent call last):
    ...
    labkit.errors.LabError: The label 'BUGG' is not in configs/issues. Use one of: BUG, DOCUMENTATION.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [f"LabError: {self.problem}", f"          {self.remedy}"]


def one_line(error: BaseException) -> str:
    """Return what a library said as one line without a full stop, to stand in a sentence of ours.

    Examples
    --------
    >>> one_line(ValueError("Expected a number,   got 'much'."))
    "Expected a number, got 'much'"
    """
    return " ".join(str(error).split()).rstrip(".")
