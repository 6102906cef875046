"""python -m barometer: the command line."""

import signal
import sys

if __name__ == "__main__":
    try:
        from barometer.cli import main

        main()
    except KeyboardInterrupt:  # before there is a command to stop
        print("Stopped.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
else:
    from barometer.cli import main

__all__ = ["main"]
