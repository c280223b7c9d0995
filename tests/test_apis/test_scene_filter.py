"""A gallery filter network's gallery answers as its evaluation says."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from PIL import Image

from mmpsearch.apis import (
    GalleryIndex,
    InputError,
    PersonSearchInferencer,
    iter_images,
    load_inferencer,
    read_query,
    scene_filter_of,
    search_person,
    update_gallery,
)
from mmpsearch.apis.packed_scene import pack_scene
from mmpsearch.cli.main import main
from mmpsearch.errors import GalleryError
from mmpsearch.evaluation.functional.similarity import Similarities
from mmpsearch.evaluation.metrics import SearchOutputs
from mmpsearch.gallery import Where
from mmpsearch.gallery.records import join
from tests.test_evaluation.search_cases import make_protocol

IMAGES, THRESHOLD = 12, 0.3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pictures of coloured blocks, a config and random weights."""
    folder, rng = tmp_path_factory.mktemp("gfn"), np.random.default_rng(0)
    (folder / "photos").mkdir()
    for number in range(IMAGES):
        blocks = rng.integers(0, 255, (6, 8, 3), np.uint8)
        picture = Image.fromarray(blocks).resize((128, 96), Image.Resampling.NEAREST)
        picture.save(folder / "photos" / f"{number:02}.png")
    config = Config.fromfile("configs/gfn/gfn-tiny_r18_synthetic.py")
    config.test_dataloader.dataset.pipeline = [
        dict(type="mmpsearch.LoadImage"),
        dict(type="mmpsearch.WindowResize", short=96, long=128),
        dict(type="mmpsearch.PackPersonSearchInputs"),
    ]
    config.dump(folder / "gfn.py")
    torch.manual_seed(0)
    with pytest.warns(UserWarning):
        inferencer = PersonSearchInferencer(config, score_threshold=THRESHOLD)
    model, norm = inferencer.model, inferencer.model.fusion.norm
    scenes = [one.scene_embedding for one in inferencer.detect(folder / "photos")]
    with torch.no_grad():  # as trained: the norm leaves what scenes differ in
        norm.running_mean.copy_(torch.from_numpy(np.mean(scenes, axis=0)) / 2)
        norm.running_var.uniform_(1e-4, 2e-4)
        model.search_head.classifier.weight.mul_(30)  # and scores in confidence
    torch.save({"state_dict": model.state_dict()}, folder / "gfn.pth")
    return folder


@pytest.fixture(scope="module")
def inferencer(folder):
    files = (folder / "gfn.py", folder / "gfn.pth")
    return PersonSearchInferencer(*files, score_threshold=THRESHOLD)


@pytest.fixture(scope="module")
def gallery(inferencer, folder):
    assert inferencer.model.search.score_threshold == THRESHOLD
    index = GalleryIndex()
    update_gallery(inferencer, index, folder / "photos")
    return index


@pytest.fixture(scope="module")
def evaluated(inferencer, folder, gallery):
    """Queries, protocol, and what the metric makes of the model's own outputs.

    A person's boxes are detections of three pictures, so that all are found somewhere.
    """
    people = [gallery.store.find(_of(folder, n)) for n in range(IMAGES)]
    images = [[] for _ in range(IMAGES)]
    rng, queries = np.random.default_rng(1), {}
    for person in range(8):
        for image in rng.choice(IMAGES, 3, replace=False).tolist():
            chosen = rng.choice(people[image])
            box = gallery.store.fetch(np.array([chosen])).boxes[0].tolist()
            if not any(box == known for known, _ in images[image]):
                queries.setdefault(person, (image, len(images[image])))
                images[image].append((box, person))
    protocol = make_protocol(images, list(queries.values()))
    queries = [(image, images[image][number][0]) for image, number in queries.values()]
    samples = []
    for number in range(IMAGES):
        (source,) = iter_images(folder / "photos" / f"{number:02}.png")
        own = [n for n, query in enumerate(queries) if query[0] == number]
        boxes = np.array([queries[n][1] for n in own], np.float32).reshape(-1, 4)
        packed = pack_scene(inferencer._pipeline, source, boxes)
        (sample,) = inferencer._predict([packed])
        sample.set_metainfo(dict(img_id=number, img_key=protocol.image_keys[number]))
        sample.query_instances.query_ids = torch.tensor(own, dtype=torch.int64)
        samples.append(sample)
    options = dict(confidence_weighted=True, score_threshold=THRESHOLD)
    dump = folder / "outputs.npz"
    evaluator = Evaluator(
        dict(
            type="mmpsearch.PersonSearchMetric",
            scene_filter=True,
            dump=str(dump),
            **options,
        )
    )
    evaluator.dataset_meta = dict(protocol=protocol)
    evaluator.process(samples)
    return queries, protocol, evaluator.evaluate(IMAGES), SearchOutputs.load(dump)


def _of(folder, number):
    return Where(paths=frozenset([str(folder / "photos" / f"{number:02}.png")]))


def answers(inferencer, folder, gallery, queries, threshold=None):
    """The whole ranking of every query, and how many people were skipped."""
    for image, box in queries:
        picture = folder / "photos" / f"{image:02}.png"
        query = read_query(inferencer, picture, box, scene_filter=True)
        yield search_person(
            gallery,
            query,
            len(gallery),
            one_per_image=False,
            scenes=scene_filter_of(query, threshold),
        )


def test_ranking_and_similarities_are_the_metric_s(
    inferencer, folder, gallery, evaluated
):
    queries, protocol, metrics, outputs = evaluated
    assert metrics["gfn_mAP"] != metrics["mAP"]
    detections = outputs.detections(protocol).above(THRESHOLD)
    scores = outputs.scene_scores(protocol)
    assert np.ptp(scores) > 0.05
    similarities = Similarities(
        outputs.queries(protocol), detections, True, True, scores
    )
    precisions, firsts = [], []
    found = answers(inferencer, folder, gallery, queries)
    for number, result in enumerate(found):
        own = np.flatnonzero(detections.images != queries[number][0])
        expected = similarities.exact(number, own)
        order = np.argsort(-expected, kind="stable")
        got = np.array([match.similarity for match in result.matches])
        np.testing.assert_allclose(got, expected[order], atol=1e-6)
        boxes = np.array([match.box for match in result.matches])
        np.testing.assert_allclose(boxes, detections.boxes[own[order]], atol=1e-3)
        right = [_shows(match, protocol, number) for match in result.matches]
        hits = np.cumsum(right)[right]
        ranks = np.flatnonzero(right) + 1
        start, stop = protocol.positive_offsets[number : number + 2]
        precisions.append((hits / ranks).sum() / (stop - start))
        firsts.append(right[0])
    assert np.mean(precisions) == pytest.approx(metrics["gfn_mAP"], abs=1e-6)
    assert np.mean(firsts) == pytest.approx(metrics["gfn_top1"])


def _shows(match, protocol, query):
    """Whether a match is one of the query's boxes, which are detections."""
    start, stop = protocol.positive_offsets[query : query + 2]
    for row in range(start, stop):
        key = protocol.image_keys[protocol.positive_images[row]]
        number = int(match.path[-6:-4])
        if protocol.image_keys[number] == key:
            return bool(np.allclose(match.box, protocol.positive_boxes[row], atol=1e-3))
    return False


def test_scenes_below_the_metric_s_threshold_are_skipped(
    inferencer, folder, gallery, evaluated
):
    queries, protocol, metrics, outputs = evaluated
    threshold = metrics["scene_threshold"]
    scores, counts = outputs.scene_scores(protocol), outputs.counts
    found = list(answers(inferencer, folder, gallery, queries, threshold))
    for number, result in enumerate(found):
        own = np.arange(IMAGES) != queries[number][0]
        # the gallery reads scenes once more: a score at the threshold may go either way
        sure = np.abs(scores[number] - threshold) > 1e-6
        low = own & (scores[number] < threshold)
        assert counts[low & sure].sum() <= result.skipped <= counts[low | ~sure].sum()
        assert result.searched + result.skipped == counts[own].sum()
    skipped = sum(result.skipped for result in found)
    assert 0 < metrics["scene_filtered"] < 1 and skipped > 0


def test_the_command_filters(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    words = "--config gfn.py --checkpoint gfn.pth --device cpu --score-threshold 0.3"
    query = "--query photos/03.png --box 10 10 60 80 --index g.gallery --out ranked"
    base = ["search", *words.split(), *query.split()]
    assert main([*base, "--gallery", "photos"]) == 0
    plain = json.loads((folder / "ranked/ranked.json").read_text())
    assert plain["skipped"] == 0
    assert main([*base, "--scene-filter"]) == 0
    weighted = json.loads((folder / "ranked/ranked.json").read_text())
    assert (weighted["searched"], weighted["skipped"]) == (plain["searched"], 0)
    assert weighted["matches"][0]["similarity"] < 0.74
    capsys.readouterr()
    assert main([*base, "--scene-filter", "--scene-threshold", "0.73"]) == 0
    nobody = json.loads((folder / "ranked/ranked.json").read_text())
    assert nobody["skipped"] == plain["searched"] and not nobody["matches"]
    text = " ".join(capsys.readouterr().out.split())
    assert "in scenes that cannot hold the person were not compared" in text


def test_a_gallery_may_do_without(inferencer, folder):
    files = dict(config=folder / "gfn.py", checkpoint=folder / "gfn.pth")
    lean = load_inferencer(**files, score_threshold=THRESHOLD, scenes=False)
    index = GalleryIndex()
    update_gallery(lean, index, folder / "photos" / "00.png")
    assert join(index.records()).scenes.shape[1] == 0
    picture = folder / "photos" / "01.png"
    query = read_query(lean, picture, (10, 10, 60, 80), scene_filter=True)
    with pytest.raises(GalleryError, match="knows no scene of"):
        search_person(index, query, scenes=scene_filter_of(query))
    plain = read_query(inferencer, picture, (10, 10, 60, 80))
    np.testing.assert_allclose(plain.embedding, query.embedding, atol=1e-6)
    with pytest.raises(InputError, match="scene_filter=True"):
        scene_filter_of(plain)
