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
from mmpsearch.evaluation.functional.scene_filter import scene_scores
from mmpsearch.evaluation.functional.similarity import Similarities
from mmpsearch.evaluation.metrics import SearchOutputs
from mmpsearch.gallery import Where
from mmpsearch.gallery.records import join
from tests.test_evaluation.search_cases import make_protocol

IMAGES, THRESHOLD = 12, 0.3
BASELINES = "configs/person_search_baselines"


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


def detected_pictures(inferencer, monkeypatch):
    """Counts, from now on, the pictures in which the model looks for people."""
    counted, model = [], inferencer.model
    detect = model._detect

    def count(feature_map, data_samples):
        counted.extend(data_samples)
        detect(feature_map, data_samples)

    monkeypatch.setattr(model, "_detect", count)
    return counted


@pytest.mark.parametrize("batch_size", [1, 4])
def test_scenes_first_gives_the_same_answer_from_fewer_detections(
    inferencer, folder, gallery, evaluated, monkeypatch, batch_size
):
    queries, protocol, _, outputs = evaluated
    scores = np.unique(outputs.scene_scores(protocol))
    middle = len(scores) // 2  # no score is so near to it that rounding decides
    widest = middle + int(np.argmax(np.diff(scores[middle : middle + 8])))
    threshold = float(scores[widest : widest + 2].mean())
    whole = list(answers(inferencer, folder, gallery, queries, threshold))
    saved = 0
    for (image, box), expected in zip(queries, whole, strict=True):
        picture = folder / "photos" / f"{image:02}.png"
        query = read_query(inferencer, picture, box, scene_filter=True)
        scenes, index = scene_filter_of(query, threshold), GalleryIndex()
        with monkeypatch.context() as patch:
            patch.setattr(inferencer, "batch_size", batch_size)
            detected = detected_pictures(inferencer, patch)
            with inferencer.only_scenes(scenes) as counts:
                report = update_gallery(inferencer, index, folder / "photos")
        assert len(detected) == counts.looked_into
        assert counts.looked_into + counts.left_out == IMAGES == len(index.files)
        found = search_person(
            index, query, len(gallery), one_per_image=False, scenes=scenes
        )
        assert found.searched == expected.searched and found.skipped == 0
        rows, expected_rows = (
            [(m.path, m.box.round(2).tolist()) for m in answer.matches]
            for answer in (found, expected)
        )
        assert rows == expected_rows
        np.testing.assert_allclose(
            [m.similarity for m in found.matches],
            [m.similarity for m in expected.matches],
            atol=1e-6,
        )
        assert (report.people < len(gallery)) == (counts.left_out > 0)
        saved += counts.left_out
    assert saved > 0
    # afterwards everybody is looked for again
    assert sum(map(len, inferencer.detect(folder / "photos"))) == len(gallery)


def test_the_scene_of_a_query_is_looked_into_all_the_same(inferencer, folder):
    picture = folder / "photos" / "03.png"
    query = read_query(inferencer, picture, (10, 10, 60, 80), scene_filter=True)
    nowhere = scene_filter_of(query, 0.74)  # more than a score can be
    with inferencer.only_scenes(nowhere) as counts:
        again = read_query(inferencer, picture, (10, 10, 60, 80))
        (found,) = inferencer.detect(picture)
    np.testing.assert_allclose(again.embedding, query.embedding, atol=1e-6)
    assert len(found) == 0 and found.scene_embedding is not None
    assert counts.left_out == 2


def test_the_command_looks_at_scenes_first(
    inferencer, folder, gallery, capsys, monkeypatch
):
    monkeypatch.chdir(folder)
    picture = folder / "photos" / "03.png"
    query = read_query(inferencer, picture, (10, 10, 60, 80), scene_filter=True)
    scenes = np.unique(join(gallery.records()).scenes, axis=0)
    scores = np.sort(scene_scores(query.scene_query[None], scenes)[0])
    threshold = f"{scores[5:7].mean():.6f}"
    words = "--config gfn.py --checkpoint gfn.pth --device cpu --score-threshold 0.3"
    query = "--query photos/03.png --box 10 10 60 80 --gallery photos --out first"
    base = ["search", *words.split(), *query.split(), "--scene-filter"]

    def ranked(*options):
        assert main([*base, "--scene-threshold", threshold, *options]) == 0
        return json.loads((folder / "first" / "ranked.json").read_text())

    plain, first = ranked(), ranked("--scene-first")
    assert plain["matches"] == first["matches"] and plain["matches"]
    assert plain["searched"] == first["searched"] and plain["skipped"] > 0
    text = " ".join(capsys.readouterr().out.split())
    assert "not looked for in 6 of 12 pictures: those cannot hold the person" in text
    for wrong, message in (
        (["--scene-first"], "needs --scene-threshold"),
        (["--scene-first", "--scene-threshold", "0.5", "--tracks"], "search alone"),
    ):
        with pytest.raises(SystemExit):
            main([*base, *wrong])
        assert message in capsys.readouterr().err


def test_scenes_first_needs_a_gallery_filter_network(inferencer, folder):
    config = Config.fromfile(f"{BASELINES}/seqnet-tiny_r18_synthetic.py")
    config.test_dataloader.dataset.pipeline = Config.fromfile(
        folder / "gfn.py"
    ).test_dataloader.dataset.pipeline
    with pytest.warns(UserWarning):
        other = PersonSearchInferencer(config)
    query = read_query(
        inferencer, folder / "photos" / "03.png", (10, 10, 60, 80), scene_filter=True
    )
    with pytest.raises(InputError, match="needs a model with a gallery filter"):
        with other.only_scenes(scene_filter_of(query, 0.5)):
            pass
