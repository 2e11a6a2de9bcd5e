"""python -m edge.worker FD FD: a vision worker, started by the daemon with one end each of two socket pairs."""

import os
import sys

from edge.worker.child import main

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
    # All is said and kept. A thread may still wait in FFmpeg for a camera that is gone: an interpreter that ends throws
    # it out of frames of C++, which takes that for a crash (docs.python.org, c-api/init: PyThread_exit_thread).
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
