"""``python -m apimig``, and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from apimig import __version__  # noqa: PLC0415 - the version is asked often, and needs nothing else

        sys.stdout.write(f"apimig {__version__}\n")
        return
    from apimig.cli import app  # noqa: PLC0415 - see above

    app.main(prog_name="apimig")


if __name__ == "__main__":
    main()
