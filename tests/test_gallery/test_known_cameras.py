import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Detections, GalleryIndex
from mmpsearch.gallery.known_cameras import require_cameras


def test_a_camera_that_nobody_knows_is_refused():
    gallery = GalleryIndex()
    store = gallery.store
    gallery.add(
        Detections(
            boxes=np.array([[0, 0, 5, 9]]),
            scores=np.ones(1),
            embeddings=np.ones((1, 2)),
            height=9,
            width=9,
            path="/x/a.jpg",
            camera="door",
        )
    )
    require_cameras(store, ["door"])
    require_cameras(store, [])
    with pytest.raises(GalleryError, match="no camera 'dor' in the gallery; .* door"):
        require_cameras(store, ["door", "dor"])
