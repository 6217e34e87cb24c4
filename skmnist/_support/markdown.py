"""Tables in Markdown, for the pages that are made from tables of the package."""


def markdown_table(rows, align="---"):
    """Return a table in Markdown.

    Parameters
    ----------
    rows : list of list of str
        The cells; the first row is the head.
    align : str, default="---"
        How the columns but the first are aligned: ``"---:"`` to the right.

    Returns
    -------
    table : str
        The lines of the table.
    """
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    rule = "|".join(["---", *(align for _ in rows[0][1:])])
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
