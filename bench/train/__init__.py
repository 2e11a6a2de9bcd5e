"""Training the shipped detector: from folders of labelled pictures to an ONNX file.

    python -m bench.train prepare --data DIR --folder RUN --teacher YOLOX_NANO.onnx --teacher DEIM.onnx
    torchrun --nproc-per-node 2 -m bench.train fit --data DIR --folder RUN --weights YOLOX_NANO.onnx --rendered VIEWS
    python -m bench.train export --folder RUN --to NAME.onnx

`fit` and `export` need PyTorch (the extra `train`); the rest is NumPy, OpenCV and ONNX Runtime. What was trained
is measured by `python -m bench eyes`.
"""
