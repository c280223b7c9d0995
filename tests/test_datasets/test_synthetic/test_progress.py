import io

from rich.console import Console

from mmpsearch.datasets.synthetic.progress import ProgressLine


def test_a_log_gets_the_first_and_the_last_line():
    out = io.StringIO()
    with ProgressLine("drawing", Console(file=out)) as progress:
        for done in range(4):
            progress(done, 3)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("drawing: 0/3") and lines[-1].startswith("drawing: 3/3")
    assert len(lines) == 2


def test_a_terminal_gets_a_bar():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    with ProgressLine("drawing", console) as progress:
        progress(2, 3)
        progress(3, 3)
    assert "3/3" in out.getvalue()
