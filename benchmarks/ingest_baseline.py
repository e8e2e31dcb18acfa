#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What indexing costs without Vitrine: the same network on PyTorch and OpenCV, one picture at a time.

    apt-get install --no-install-recommends python3-torch python3-opencv
    benchmarks/ingest_baseline.py MODEL.safetensors FOLDER [THREADS]

Prints pictures per second, from the file to the normalised feature.
"""
import json
import pathlib
import struct
import sys
import time

import cv2
import numpy
import torch
import torch.nn.functional as functional

# expansion, channels, repeats, stride of the first repeat: table 2 of MobileNetV2 (Sandler et al., 2018)
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}


def read_safetensors(path):
    """The metadata and the tensors as float32."""
    data = path.read_bytes()
    (header_length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_length])
    metadata = header.pop("__metadata__", {})
    numpy_types = {"F16": numpy.float16, "F32": numpy.float32}
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] in numpy_types:
            begin, end = (8 + header_length + offset for offset in entry["data_offsets"])
            values = numpy.frombuffer(data[begin:end], numpy_types[entry["dtype"]]).astype(numpy.float32)
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return metadata, tensors


class Network:
    def __init__(self, tensors):
        self.tensors = tensors

    def convolve(self, x, name, stride=1, relu6=True):
        weight = self.tensors[name + ".weight"]
        groups = x.shape[1] // weight.shape[1]
        padding = 0
        if weight.shape[-1] == 3 and stride == 1:
            padding = 1
        elif weight.shape[-1] == 3:
            x = functional.pad(x, (0, 1, 0, 1))  # TensorFlow's "SAME" for even sizes
        x = functional.conv2d(x, weight, self.tensors[name + ".bias"], stride, padding, groups=groups)
        return functional.relu6(x) if relu6 else x

    def feature(self, x):
        x = self.convolve(x, "features.0.0", stride=2)
        block = 1
        for expansion, channels, repeats, stride in STAGES:
            for repeat in range(repeats):
                x = self.block(x, f"features.{block}.conv.", expansion, channels, stride if repeat == 0 else 1)
                block += 1
        x = self.convolve(x, "features.18.0").mean((2, 3))
        if "embedding.weight" in self.tensors:
            x = functional.linear(x, self.tensors["embedding.weight"], self.tensors["embedding.bias"])
        return functional.normalize(x)

    def block(self, x, prefix, expansion, channels, stride):
        y = x
        index = 0
        if expansion != 1:
            y = self.convolve(y, prefix + "0.0")
            index = 1
        y = self.convolve(y, f"{prefix}{index}.0", stride)
        y = self.convolve(y, f"{prefix}{index + 1}", relu6=False)
        return x + y if stride == 1 and x.shape[1] == channels else y


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    if len(sys.argv) == 4:
        torch.set_num_threads(int(sys.argv[3]))
    metadata, tensors = read_safetensors(pathlib.Path(sys.argv[1]))
    side = int(metadata["input_px"])
    network = Network(tensors)
    files = sorted(p for p in pathlib.Path(sys.argv[2]).rglob("*") if p.suffix.lower() in EXTENSIONS)
    done = 0
    start = time.perf_counter()
    with torch.no_grad():
        for file in files:
            image = cv2.imread(str(file))
            if image is None:
                continue
            image = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), (side, side), interpolation=cv2.INTER_AREA)
            x = torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0).float() / 127.5 - 1
            network.feature(x).numpy()
            done += 1
    seconds = time.perf_counter() - start
    print(f"{done / seconds:.1f} pictures/s ({done} pictures, {seconds:.1f} s, {torch.get_num_threads()} threads)")


if __name__ == "__main__":
    main()
