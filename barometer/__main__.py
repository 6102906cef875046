"""python -m barometer: the command line."""

from barometer.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
