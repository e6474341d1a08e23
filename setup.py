"""Says which files travel in the wheel: the package's own, and the checkout's maps, schemas, partners, certificates and samples.

setup.cfg cannot do it: `package_dir` there does not reach folders beside the package, and pip refuses `data_files` outside it. And what is
said of `package_data` here takes the place of what setup.cfg says, so all of it stands here.
"""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
SHIPPED = runpy.run_path(str(HERE / "edi_gateway" / "assets.py"))["FOLDERS"]
OWN = {
    "edi_gateway.web": ["templates/*.html", "static/*"],
    "edi_gateway.store": ["migrations/*.py", "migrations/versions/*.py", "migrations/*.mako"],
}
packages = {f"edi_gateway.shipped.{name}": folder for folder, name in SHIPPED.items() if (HERE / folder).is_dir()}


def files(folder: str) -> list[str]:
    """Every file below a folder, as paths from it; scripts that make such files stay behind."""
    root = HERE / folder
    return [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file() and path.suffix not in (".py", ".pyc")]


setup(
    packages=[*find_packages(include=["edi_gateway*"]), *packages],
    package_dir=packages,
    package_data=OWN | {name: files(folder) for name, folder in packages.items()},
)
