"""Export a detector and an embedder to ONNX or OpenVINO, to be searched with together.

python tools/export/export_two_step.py exported/ \\
    --detector torchvision:ssdlite320_mobilenet_v3_large \\
    --embedder configs/reid/bot/bot_r50_market1501.py \\
    --embedder-checkpoint epoch_120.pth
python tools/export/export_two_step.py exported/ --detector yolox_nano.onnx \\
    --embedder osnet.onnx --format openvino --precision int8 --calibration photos/

The folder then has detector.onnx and embedder.onnx (or .xml and .bin). They search:

    demo/search_person.py --model exported/detector.onnx+exported/embedder.onnx
"""

import argparse

from mmpsearch.apis.export import PRECISIONS, calibration_pictures, export_two_step
from mmpsearch.utils.command_line import one_line_errors
from mmpsearch.utils.number_ranges import a_count

SUFFIXES = {"onnx": ".onnx", "openvino": ".xml"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("out", help="folder to write into")
    add("--detector", required=True, help="torchvision:NAME, or an .onnx file")
    add("--detector-checkpoint", help="weights of torchvision's; else downloaded")
    add("--embedder", required=True, help="a re-ID config, or an .onnx file")
    add("--embedder-checkpoint", help="weights of the config")
    add("--format", choices=SUFFIXES, default="onnx", help="of both [onnx]")
    add("--precision", choices=PRECISIONS, default="fp32", help="int8: of openvino")
    add("--calibration", nargs="+", help="pictures such as it will see, for int8")
    add("--pictures", type=a_count, default=100, help="of them, at most [100]")
    add("--unsafe-load", action="store_true", help="unpickle any checkpoint")
    args = parser.parse_args()
    with one_line_errors():
        written = export_two_step(
            args.out,
            args.detector,
            args.embedder,
            args.detector_checkpoint,
            args.embedder_checkpoint,
            SUFFIXES[args.format],
            args.precision,
            calibration_pictures(args.calibration, args.pictures),
            args.unsafe_load,
        )
        print(f"wrote {written[0]} and {written[1]}")


if __name__ == "__main__":
    main()
