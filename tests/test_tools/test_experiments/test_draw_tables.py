"""Tables come from result files and stand where they belong."""

from .scripts import load

METRICS = {"mAP": 0.5, "top1": 0.6, "det_ap": 0.7, "det_recall": 0.8}


def test_table_is_drawn_from_the_file():
    tables, summary = load("draw_tables"), load("training_runs").summarise
    results = {
        "rows": [
            summary("colour_histogram", [METRICS], METRICS),
            summary("spnet_scratch", [METRICS, {**METRICS, "mAP": 0.7}], METRICS),
        ],
        "seeds": [0, 1],
        "command": "run",
        "commit": "abc",
        "machine": "a machine",
        "minutes": 3.2,
    }
    table = tables.draw(results)
    assert "| colour histogram on ground-truth boxes | 0.500 | 0.600 |" in table
    assert "| SPNet from scratch | 0.600 ± 0.141 |" in table
    page = tables.replace_block("a\n<!-- t -->old<!-- /t -->\nb", "t", table)
    assert page.startswith("a\n<!-- t -->\n| method") and page.endswith("\nb")
    assert tables.replace_block(page, "t", table) == page


def test_committed_tables_are_up_to_date(monkeypatch):
    module = load("draw_tables")
    monkeypatch.setattr("sys.argv", ["draw_tables.py", "--check"])
    assert module.main() == 0
