"""``python -m apimig``, and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from apimig import __version__

        sys.stdout.write(f"apimig {__version__}\n")
        return
    from apimig.cli import app

    app.main(prog_name="apimig")


if __name__ == "__main__":
    main()
