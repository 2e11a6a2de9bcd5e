"""python -m edge: the same as the `sandwatch` command."""

from edge.cli import main

if __name__ == "__main__":
    main()
