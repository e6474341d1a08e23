"""Maps the checkout's maps, schemas, partners, certificates and samples into the wheel; everything else stands in setup.cfg."""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
CARRIED = {"maps": "maps", "schemas": "schemas", "partners": "partners", "certs.example": "certs_example", "samples": "samples"}


def carried_files() -> list[str]:
    """The carried folders' files, as paths relative to the package that stands for them."""
    return ["**/*"]


setup(
    packages=[
        *__import__("setuptools").find_packages(include=["edi_gateway*"]),
        *(f"edi_gateway.carried.{name}" for name in CARRIED.values()),
    ],
    package_dir={f"edi_gateway.carried.{name}": folder for folder, name in CARRIED.items()},
    package_data={f"edi_gateway.carried.{name}": carried_files() for name in CARRIED.values()},
)
