"""Makes the file of shipped surfaces of one library: data/surfaces/<library>.surfaces.

    python benchmarks/ship_surfaces.py pandas 1.5.3 2.0.3 2.2.3
    python benchmarks/ship_surfaces.py pandas          # again for the releases it holds

Every release is downloaded, read, and looked at from inside in an environment of its own.
"""

from __future__ import annotations

import sys

import apimig
from apimig.errors import ApimigError
from apimig.surface.shipment import ship, shipped_versions


def main() -> None:
    name, *versions = sys.argv[1:]
    made = []
    for version in versions or shipped_versions(name):
        try:
            made.append(apimig.surface(f"{name}=={version}", introspect=True, shipped=False))
        except ApimigError as error:
            print(f"{name} {version} is left out: {error}")
            continue
        print(f"{made[-1]}: {len(made[-1])} symbols; {'; '.join(made[-1].notes)}")
    file = ship(made)
    print(f"{file.name}: {len(made)} releases, {file.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
