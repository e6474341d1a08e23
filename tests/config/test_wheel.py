"""The wheel: built from the checkout, installed elsewhere, it finds what it carries."""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from edi_gateway.assets import FOLDERS, PACKAGE

CHECKOUT = PACKAGE.parent
ASK = """
import json
from edi_gateway.assets import FOLDERS, PACKAGE, Assets, shipped
roots = {name: shipped(name) for name in FOLDERS}
print(json.dumps({
    "package": str(PACKAGE),
    "folders": {name: str(root) for name, root in roots.items()},
    "files": {name: sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()) for name, root in roots.items()},
    "acme": str(Assets().find("partners", "acme-retail.yaml")),
}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(one) for one in command], cwd=cwd, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as git would clone it, so that building leaves nothing in ours."""
    target = tmp_path_factory.mktemp("checkout") / "edi"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "tests", "demo-*")
    shutil.copytree(CHECKOUT, target, ignore=left_out)
    return target


@pytest.fixture(scope="module")
def wheel(copy: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, copy, cwd=folder)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment that sees our dependencies, but not the checkout."""
    folder = tmp_path_factory.mktemp("venv") / "v"
    venv.create(folder, with_pip=True)
    site = next(folder.glob("lib/python*/site-packages"))
    dependencies = Path(next(path for path in sys.path if path.endswith("site-packages")))
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    return folder / "bin" / "python"


@pytest.mark.slow
def test_a_wheel_holds_every_file_of_the_package(copy: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        held = {name for name in files.namelist() if name.startswith("edi_gateway/") and not name.startswith("edi_gateway/shipped/")}
    files_of_the_package = (path for path in (copy / "edi_gateway").rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    ours = {path.relative_to(copy).as_posix() for path in files_of_the_package}
    assert held == ours
    assert any(name.endswith(".html") for name in ours)
    assert any("/migrations/versions/" in name for name in ours)


@pytest.mark.slow
def test_an_installed_wheel_plays_an_order_to_cash_outside_the_checkout(python: Path, wheel: Path, tmp_path: Path) -> None:
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel, cwd=tmp_path)
    assert "Every document reached its final state" in run(python, "-m", "edi_gateway", "demo", cwd=tmp_path)


@pytest.mark.slow
def test_an_installed_wheel_finds_every_shipped_file_from_outside_the_checkout(
    copy: Path, python: Path, wheel: Path, tmp_path: Path
) -> None:
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel, cwd=tmp_path)
    found = json.loads(run(python, "-c", ASK, cwd=tmp_path))
    assert found["package"].startswith(str(python.parents[1]))
    assert all(path.startswith(found["package"]) for path in found["folders"].values())
    for folder in FOLDERS:
        expected = sorted(
            path.relative_to(copy / folder).as_posix() for path in (copy / folder).rglob("*") if path.is_file() and path.suffix != ".py"
        )
        assert expected
        assert found["files"][folder] == expected
    assert found["acme"].endswith("edi_gateway/shipped/partners/acme-retail.yaml")


@pytest.mark.slow
def test_an_editable_install_finds_the_folders_of_the_checkout(copy: Path, python: Path, tmp_path: Path) -> None:
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", "--editable", copy, cwd=tmp_path)
    found = json.loads(run(python, "-c", ASK, cwd=tmp_path))
    assert found["folders"] == {folder: str(copy / folder) for folder in FOLDERS}
