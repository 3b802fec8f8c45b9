import io

from bsinv.chains.tables.table import Interval, Label, Measured, Table
from rich.console import Console


def test_table_in_three_ways():
    table = Table(
        "Title",
        ("name", "68 % interval"),
        (
            (Label("|V_tb|", "|V_{tb}|"), Measured(1.0, 0.12, 0.12)),
            (Label("a_b"), Interval(-1.0, 1.0)),
            ("100 % & more", 1e-6),
        ),
        ("A note.",),
    )
    assert table.markdown() == (
        "| name | 68 % interval |\n"
        "| :-- | --: |\n"
        "| `\\|V_tb\\|` | 1.00 ± 0.12 |\n"
        "| `a_b` | [-1.0, 1.0] |\n"
        "| 100 % & more | 1 × 10⁻⁶ |\n"
        "\nA note.\n"
    )
    assert table.latex() == (
        "\\begin{tabular}{lr}\n"
        "\\hline\n"
        "name & 68 \\% interval \\\\\n"
        "\\hline\n"
        "$|V_{tb}|$ & $1.00 \\pm 0.12$ \\\\\n"
        "\\texttt{a\\_b} & $[-1.0, 1.0]$ \\\\\n"
        "100 \\% \\& more & $1 \\times 10^{-6}$ \\\\\n"
        "\\hline\n"
        "\\end{tabular}\n"
        "% A note.\n"
    )
    console = Console(file=io.StringIO(), width=80)
    console.print(table.rich())
    printed = console.file.getvalue()
    for text in ("Title", "|V_tb|", "1.00 ± 0.12", "[-1.0, 1.0]", "A note."):
        assert text in printed


def test_powers_of_units_are_superscripts_in_latex():
    table = Table("Title", ("name", "unit"), ((Label("C"), "10^-12 GeV^-2"), ("a^b", "ps^-1")))
    latex = table.latex()
    assert "10$^{-12}$ GeV$^{-2}$" in latex
    assert "ps$^{-1}$" in latex
    assert r"a\textasciicircum{}b" in latex
