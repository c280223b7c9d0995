import numpy as np

from mmpsearch.app.measured_rates import MeasuredRates
from mmpsearch.gallery import Detections, GalleryIndex


def people(path, vectors):
    count = len(vectors)
    left = 20.0 * np.arange(count)  # side by side
    return Detections(
        boxes=np.stack([left, 0 * left, left + 5, 0 * left + 9], axis=1),
        scores=np.ones(count),
        embeddings=np.array(vectors, np.float32),
        height=9,
        width=90,
        path=path,
    )


def test_rates_are_measured_again_when_the_gallery_has_grown_by_a_tenth():
    """People in one picture are different: their similarity is 0.6."""
    gallery = GalleryIndex()
    pair = [[1, 0], [0.6, 0.8]]
    for number in range(20):
        gallery.add(people(f"/x/{number}.jpg", pair))
    rates = MeasuredRates(gallery)
    first = rates.measured()
    np.testing.assert_allclose(first.different, 0.6, atol=1e-6)
    assert len(first.different) == 20
    gallery.add(people("/x/20.jpg", pair))
    gallery.add(people("/x/21.jpg", pair))
    assert rates.measured() is first  # 44 people of 40 before
    gallery.add(people("/x/22.jpg", pair))
    assert len(rates.measured().different) == 23
    rates.forget()
    gallery.remove(path="/x/22.jpg")
    assert len(rates.measured().different) == 22


def test_a_threshold_needs_enough_different_people():
    rng = np.random.default_rng(0)
    gallery = GalleryIndex()
    for number in range(10):
        gallery.add(people(f"/x/{number}.jpg", [[1, 0], [0.6, 0.8]]))
    rates = MeasuredRates(gallery)
    assert rates.learned_threshold() is None
    for number in range(10, 400):
        angle = rng.uniform(0.9, 1.1)
        pair = [[1, 0], [np.cos(angle), np.sin(angle)]]
        gallery.add(people(f"/x/{number}.jpg", pair))
    threshold = rates.learned_threshold()
    similarities = rates.measured().different
    # three may be one person, found twice; a fourth may not
    assert (similarities >= threshold).sum() == 3
