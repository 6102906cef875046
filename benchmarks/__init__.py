"""Speed and memory of the barometer, each beside a baseline taken in the same run."""
