"""The gateway itself. See ARCHITECTURE.md."""

import os

# Before anything loads OpenCV: a picture of 100 kB may claim 2^30 pixels, its own limit, which are 3 GB. The largest
# survey cameras take 100 million.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 27))
