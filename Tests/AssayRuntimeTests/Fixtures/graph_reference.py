#!/usr/bin/env python3
"""What ONNX Runtime (1.32) makes of a graph and a picture by formula: graph_reference.py GRAPH.onnx FOLDER

Writes input.bin and output0.bin, output1.bin ... as 32-bit floats, for PublishedGraphTests."""
import os
import sys

import numpy
import onnxruntime

graph, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
port = session.get_inputs()[0]
shape = [extent if isinstance(extent, int) else known for extent, known in zip(port.shape, (1, 3, 224, 224))]
rows, columns = numpy.mgrid[: shape[2], : shape[3]]
planes = [128 + 60 * numpy.sin(rows / (7 + c)) + 60 * numpy.cos(columns / (11 + c)) for c in range(shape[1])]
image = numpy.stack(planes)[None].astype(numpy.float32)
image.tofile(f"{folder}/input.bin")
for index, values in enumerate(session.run(None, {port.name: image})):
    values.astype(numpy.float32).tofile(f"{folder}/output{index}.bin")
