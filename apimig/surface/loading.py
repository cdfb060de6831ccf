"""Finds or makes the surface of a release: shipped, cached, or read from its file."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apimig.errors import UsageError
from apimig.surface import store
from apimig.surface.model import Surface

if TYPE_CHECKING:
    from apimig.surface.reading import Tree

Progress = Callable[[str], None]  # told what is being done now

_RELEASE = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:===?|@|\s)\s*v?([0-9][A-Za-z0-9.!+_-]*)\s*$")
_ARCHIVES = (".whl", ".tar.gz", ".tar.bz2", ".zip", ".tgz")


@dataclass(frozen=True, slots=True)
class Options:
    """How surfaces are obtained.

    ``offline`` never downloads; ``cache`` reads and writes the user's cache; ``introspect`` also looks at the installed
    release from inside, ``plain`` takes none that did; without ``shipped`` those that come with apimig are passed over.
    """

    offline: bool = False
    cache: bool = True
    introspect: bool = False
    shipped: bool = True
    plain: bool = False


def surface(
    release: str | Path,
    *,
    introspect: bool = False,
    offline: bool = False,
    cache: bool = True,
    shipped: bool = True,
    plain: bool = False,
    progress: Progress | None = None,
) -> Surface:
    """The public surface of a release: ``"pandas==1.5.3"``, or the path of a wheel, source archive or folder.

    With ``offline`` nothing is downloaded: what is neither shipped nor cached is a UsageError that says so.
    Nothing of the release is run, unless ``introspect`` asks for it: then the release is installed with uv in an
    environment of its own, and a process with limits imports it there. Shipped surfaces are of that kind, and one that
    was made so before is taken also where nothing asks for it, unless ``plain`` does not want it.
    """
    options, tell = Options(offline, cache, introspect, shipped, plain), progress or _silent
    if (path := _as_path(release)) is not None:
        with _quiet():
            return _from_folder(path, tell) if path.is_dir() else _from_file(path, options, tell)
    distribution, version = parse_release(str(release))
    if (known := _known(distribution, version, options)) is not None:
        return known
    if offline:
        raise _not_here(distribution, version)
    with _quiet():
        return _downloaded(distribution, version, options, tell)


def parse_release(text: str) -> tuple[str, str]:
    """Distribution and version of ``pandas==1.5.3``. Raises UsageError for anything else."""
    match = _RELEASE.match(text)
    if match is None:
        raise UsageError(
            f"{text!r} names no release",
            help="Write it as pandas==1.5.3, or give the path of a wheel or source archive.",
        )
    return match.group(1), match.group(2)


def identity(distribution: str, version: str) -> str:
    """Changes when another surface would be taken for the release; empty while none is shipped or cached."""
    from apimig.surface.shipment import shipment_of

    return shipment_of(distribution, version) or store.files_of(distribution, version)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what Python's parser warns of in a library's text: its users cannot mend it."""
    with warnings.catch_warnings():
        for category in (SyntaxWarning, DeprecationWarning):
            warnings.simplefilter("ignore", category)
        yield


def _silent(_: str) -> None:
    pass


def _as_path(release: str | Path) -> Path | None:
    if isinstance(release, Path) or release.endswith(_ARCHIVES) or "/" in release or release in (".", ".."):
        path = Path(release)
        if not path.exists():
            raise UsageError(f"{path} does not exist", help="Give a release as pandas==1.5.3, or an existing file.")
        return path
    return None


def _known(distribution: str, version: str, options: Options) -> Surface | None:
    from apimig.surface.shipment import shipped

    if options.shipped and not options.plain and (found := shipped(distribution, version)) is not None:
        return found
    if not options.cache:
        return None
    return store.cached(distribution, version, probed=options.introspect, plain=options.plain)


def _not_here(distribution: str, version: str) -> UsageError:
    from apimig.surface.shipment import shipped_versions

    near = sorted({*shipped_versions(distribution), *store.known_versions(distribution)})
    here = f"Here are {', '.join(near)}." if near else f"No release of {distribution} is here."
    return UsageError(
        f"The surface of {distribution} {version} is neither shipped nor cached, and --offline forbids the download",
        help=f"{here} Without it, uses of {distribution} are checked by rules alone. Run once without --offline.",
    )


def _downloaded(distribution: str, version: str, options: Options, tell: Progress) -> Surface:
    from apimig.surface.fetching import download

    with tempfile.TemporaryDirectory(prefix="apimig-") as folder:
        tell(f"downloading {distribution} {version}")
        file = download(distribution, version, Path(folder))
        return _from_file(file, options, tell, asked=(distribution, version))


def _from_file(file: Path, options: Options, tell: Progress, *, asked: tuple[str, str] | None = None) -> Surface:
    from apimig.surface.fetching import digest_of
    from apimig.surface.unpacking import unpack

    digest = digest_of(file)
    with tempfile.TemporaryDirectory(prefix="apimig-") as folder:
        tell(f"unpacking {file.name}")
        unpacked = unpack(file, Path(folder))
        name, version = asked or (unpacked.name or file.name.split("-")[0], unpacked.version or "0")
        if options.cache:
            known = store.cached(name, version, digest=digest, probed=options.introspect, plain=options.plain)
            if known is not None:
                return known
        made, tree = _read(unpacked.folder, unpacked.roots, name, version, digest, tell)
        if not unpacked.typed and not options.offline:
            made = _typed(made, tell)
        if options.introspect:
            made = _introspected(made, tree, file, tell)
    if options.cache:
        store.keep(made)
    return made


def _from_folder(folder: Path, tell: Progress) -> Surface:
    from apimig.surface.unpacking import packages_in

    return _read(folder, packages_in(folder), folder.resolve().name, "0", "", tell)[0]


def _read(
    folder: Path, roots: tuple[str, ...], name: str, version: str, digest: str, tell: Progress
) -> tuple[Surface, Tree]:
    from apimig.surface.building import Release, build
    from apimig.surface.reading import read_tree

    if not roots:
        raise UsageError(
            f"{name} {version} holds no Python package", help="A surface is read from packages and modules."
        )
    tell(f"reading {name} {version}")
    tree = read_tree(folder, roots)
    return build(Release(name, version, roots, digest), tree), tree


def _typed(made: Surface, tell: Progress) -> Surface:
    from apimig.surface.stubs import fetch_stubs, stub_distribution, with_stubs

    if not (name := stub_distribution(made)):
        return made
    tell(f"looking for {name}")
    with tempfile.TemporaryDirectory(prefix="apimig-") as folder:
        stubs = fetch_stubs(made, Path(folder))
    return made if stubs is None else with_stubs(made, stubs)


def _introspected(made: Surface, tree: Tree, file: Path, tell: Progress) -> Surface:
    from apimig import sandbox
    from apimig.surface.introspection import introspect
    from apimig.surface.refining import refine

    with tempfile.TemporaryDirectory(prefix="apimig-") as folder:
        tell(f"looking at {made} from inside")
        if warning := sandbox.kind().warning:
            tell(warning)
        return refine(made, introspect(made, tree, file, Path(folder)))
