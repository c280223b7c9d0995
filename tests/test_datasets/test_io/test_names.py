from mmpsearch.datasets.io.names import numbered


def test_numbers_sort_by_value_and_texts_by_letter():
    assert numbered(["10", "9", "-1", ""]) == {"9": 0, "10": 1, "": -1, "-1": -1}
    assert numbered(["b", "10", "9"]) == {"10": 0, "9": 1, "b": 2, "": -1, "-1": -1}


def test_empty_cells_of_other_programs_are_nobody():
    found = numbered(["NaN", "<NA>", "None", "7"])
    assert found == {"7": 0, "NaN": -1, "<NA>": -1, "None": -1, "": -1, "-1": -1}
