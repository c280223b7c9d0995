import csv
import io
import json

from mmpsearch.app.answers import SearchOptions
from mmpsearch.app.exports import (
    as_appearances_csv,
    as_csv,
    as_json,
    as_report,
    harmless,
)


def asked(service, query_file):
    session = service.viewing.upload(service.sessions.begin(), query_file)
    session = service.choose(session, 0)
    first = service.answer(session, SearchOptions()).result.matches[0]
    return service.answer(service.mark(session, first.id, "same"), SearchOptions())


def test_report_csv_and_json_tell_the_same(filled, query_file):
    answer = asked(filled, query_file)
    content = json.loads(as_json(answer))
    rows = list(csv.DictReader(io.StringIO(as_csv(answer))))
    assert [row["id"] for row in rows] == [str(m["id"]) for m in content["matches"]]
    assert content["matches"][0]["judged"] == rows[0]["judged"] == "same"
    assert content["query"]["path"] == "Straße 😀.png"  # not where it lies
    page = as_report(answer, filled.pictures.read)
    assert page.count('class="match') == len(rows)
    assert "Straße 😀.png" in page and "Refined by 1 judged" in page
    assert "file://" not in page and "<script" not in page
    assert as_appearances_csv(answer).startswith("camera,from,to")


def test_what_may_not_be_shown_is_not_in_the_report(filled, query_file):
    answer = asked(filled, query_file)
    filled.media.folders = ()
    page = as_report(answer, filled.pictures.read)
    assert "cannot be read any more" in page


def test_a_spreadsheet_computes_no_name():
    assert harmless("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0"
    assert harmless("-1+1") == "'-1+1"
    assert harmless(-1.5) == -1.5 and harmless(None) == "" and harmless("a") == "a"
