"""python -m edge.worker FD: a vision worker, started by the daemon with one end of a socket pair."""

import sys

from edge.worker.child import main

if __name__ == "__main__":
    main(int(sys.argv[1]))
