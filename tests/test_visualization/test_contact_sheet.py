import numpy as np

from mmpsearch.visualization.contact_sheet import (
    CAPTION,
    CELL,
    GAP,
    HEADER,
    MARGIN,
    SheetRow,
    draw_contact_sheet,
)


def test_every_row_shows_its_pictures():
    red, blue = (np.full((40, 20, 3), c, np.uint8) for c in ((0, 0, 200), (200, 0, 0)))
    rows = [SheetRow("hall/1", ["frames 1 to 5"], [red] * 2), SheetRow("x", [], [blue])]
    sheet = draw_contact_sheet(rows, "hall", columns=3)
    assert sheet.shape[1] == 2 * MARGIN + CAPTION + 3 * (CELL[0] + GAP)
    pitch = CELL[1] + 2 * GAP
    left, middle = MARGIN + CAPTION + CELL[0] // 2, HEADER + pitch // 2
    assert sheet[middle, left].tolist() == [0, 0, 200]
    assert sheet[middle, left + CELL[0] + GAP].tolist() == [0, 0, 200]
    assert sheet[middle + pitch, left].tolist() == [200, 0, 0]
    assert not (sheet[:, left + CELL[0] + GAP][-pitch // 2] == [200, 0, 0]).all()
    caption = sheet[HEADER : HEADER + pitch, MARGIN : MARGIN + CAPTION]
    assert (caption < 100).any()  # letters


def test_pictures_beyond_the_columns_are_left_out():
    crops = [np.zeros((4, 2, 3), np.uint8)] * 5
    sheet = draw_contact_sheet([SheetRow("a", [], crops)], "t", columns=2)
    assert sheet.shape[1] == 2 * MARGIN + CAPTION + 2 * (CELL[0] + GAP)
