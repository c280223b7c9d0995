"""Renaming of state-dict keys."""

from mmpsearch.models.converters.renaming import compile_template, rename_keys


def test_templates_end_at_dots_and_take_whole_numbers():
    pattern = compile_template("head.{t}.conv")
    assert pattern.match("head.12.conv.weight")["t"] == "12"
    assert pattern.match("head.3.conv")
    for key in ("head.3.conv2.weight", "head.x.conv.weight", "a.head.3.conv", "head.3"):
        assert not pattern.match(key), key
    assert not compile_template("a.b").match("axb")  # a dot is a dot


def test_first_rule_wins_and_the_rest_is_kept():
    rules = [("a.{i}.x", "special.{i}"), ("a.{i}", "b.{i}"), ("a", "c")]
    state = {"a.1.x.w": 1, "a.2.y.w": 2, "a.bias": 3, "d.w": 4}
    renamed, report = rename_keys(state, rules)
    assert renamed == {"special.1.w": 1, "b.2.y.w": 2, "c.bias": 3}
    assert report.renamed["a.2.y.w"] == "b.2.y.w"
    assert report.unmatched == ["d.w"]


def test_several_numbers():
    renamed, _ = rename_keys({"s.3.b.7.w": 0}, [("s.{i}.b.{j}", "{j}.of.{i}")])
    assert renamed == {"7.of.3.w": 0}


def test_ignored_keys_keep_their_reason():
    state = {"a.w": 1, "a.v": 2, "b.w": 3, "c.w": 4}
    renamed, report = rename_keys(
        state, [("b", "b"), ("a", "a")], [("a", "not needed"), ("c", "old")]
    )
    assert renamed == {"b.w": 3}
    assert report.ignored == {"a.w": "not needed", "a.v": "not needed", "c.w": "old"}
    text = str(report)
    assert "1 keys converted, 3 ignored, 0 unknown" in text
    assert "2 keys (not needed)" in text and "1 keys (old)" in text


def test_report_lists_unknown_keys():
    _, report = rename_keys({"x.y": 0}, [])
    assert "  unknown: x.y" in str(report)
