"""python -m edge.worker FD FD: a vision worker, started by the daemon with one end each of two socket pairs."""

import sys

from edge.worker.child import main

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
