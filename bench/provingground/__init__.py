"""The proving ground: a rendered river bank with a sand-mining site, where the truth about every picture is known.

A development tool. `bpy` (Blender as a Python module, GPL) renders; it is imported by the modules of `blend` alone,
and never by the gateway. Everything else here is NumPy: what stands where, what the camera sees, what a sensor makes
of it, and what a picture truly shows.

    python -m bench.provingground views OUT --seed 31 --count 56     labelled random views
    python -m bench.provingground clip OUT --script day              the demo clip (day | night | empty)
    python -m bench.provingground stills OUT                         the fixed stills
    python -m bench.provingground disturb OUT                        one excavation growing in five stages
    python -m bench.provingground basis OUT --scene bank             passes for days of a fixed camera; see `season`
    python -m bench.provingground strip OUT PICTURE.jpg --scene bank --area 200    a day made from them, with a dig
    python -m bench.provingground sheet FOLDER PICTURE.jpg           contact sheet with the labels drawn
    python -m bench.provingground check FOLDER [--drop]              is every label sound; counts

Frames. World: metres, x east, y north, z up, origin in the middle of the site. A machine: x ahead, y to its left,
z up, origin on the ground under its middle. Camera: OpenCV's, x right, y down, z ahead; a world point P is seen at
K (R P + t). Pixels: origin at the top left corner, a box is x1 y1 x2 y2 with x2 and y2 outside.

Truth of a clip, NAME.json beside NAME.mp4:

    {"camera": {"K": 3x3, "R": 3x3, "t": [3], "size": [w, h], "fps": 8, "mast_height": 16.0},
     "time": "2025-10-16T10:45:00+08:00", "light": "day",
     "frames": [{"t": 0.125, "objects": [{"id": 1, "class": "truck", "kind": "tipper", "state": "moving",
                 "load": "empty", "box": [x1, y1, x2, y2], "visible": 0.97, "ground": [x, y]}]}],
     "events": [{"t": 11.0, "what": "stops", "id": 1}]}

`box` holds the visible part, `visible` the share of the whole silhouette that is seen (0 to 1; what the frame cuts
off counts as hidden), `ground` the origin of the machine in metres. Events: enters, stops, loaded, leaves, gone.

Truth of a view, NAME.json beside NAME.jpg and NAME.txt (YOLO): seed, world, cond (the light and weather), camera (mast,
obl, nadir), hfov, dist, height, sun, time, K, R, t, size; `objects`, the labelled things with cls (index into CLASSES),
class, kind, load (empty, loaded, covered, tipping or ""), box, vis, px, contrast, ground; and `unlabelled`, the same with
`why`: small, hidden, dark, or other (machinery without a class). Those are to be ignored, not taught as background.

Truth of an excavation's stage: camera, time, sun, `disturbed` with kind, area_m2 and polygon in metres, total_m2,
visible_px, objects; NAME_mask.png (255 pit, 128 heap, as if nothing stood before them) and NAME_visible.png.

To set up: python3.11 -m venv V && V/bin/pip install bpy==4.5.15 opencv-python-headless, and ffmpeg for clips; run
V/bin/python in the repository's root. Measured on one thread of a shared machine: a view 12 s (median of 56, 6 samples),
a site 15 to 25 s to build. A frame of the demo's clip takes about 1.2 s of CPU. A season's basis (960x540, 16 passes, 8 samples,
one thread) 5 to 7 minutes, 73 MB; a picture made from it 45 to 60 ms of CPU, with a large growing dig 100 to 180.
"""
