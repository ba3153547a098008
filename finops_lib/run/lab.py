"""JupyterLab on the notebooks, for this machine alone: how it is started, and where its kernels work."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from finops_lib.run.catalog import Catalog

COPY = "notebooks"


class HereKernelManager(AsyncMappingKernelManager):
    """Kernels work in the folder where Lab was started: ``lake`` means the same in Lab and in a report."""

    def cwd_for_path(self, path: str, **kwargs: object) -> str:
        """Return the folder where Lab was started, whatever the notebook's own.

        Parameters
        ----------
        path : str
            Of the notebook.
        **kwargs : object
            Not needed.

        Returns
        -------
        str
        """
        return str(Path.cwd())


def own_copy(catalog: Catalog, *, folder: Path) -> Path:
    """Which notebooks may the user change: the repository's own, or a copy of the installed ones.

    Parameters
    ----------
    catalog : Catalog
        The notebooks that the program runs.
    folder : Path
        Where the user works; a copy is made below it, and a file that is there already is left alone.

    Returns
    -------
    Path
    """
    if catalog.folder.name == COPY:
        return catalog.folder
    target = folder / COPY
    target.mkdir(exist_ok=True)
    for source in (catalog.path, *map(catalog.notebook, catalog.entries)):
        if not (target / source.name).exists():
            shutil.copyfile(source, target / source.name)
    return target


def command(notebooks: Path, *, browser: bool) -> list[str]:
    """Which command starts Lab: for this machine alone, asking nobody for news.

    Parameters
    ----------
    notebooks : Path
        Folder that Lab shows.
    browser : bool
        Whether to open one.

    Returns
    -------
    list of str
    """
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.root_dir": str(notebooks.resolve()),
        "ServerApp.kernel_manager_class": f"{__name__}.{HereKernelManager.__name__}",
        "ServerApp.open_browser": str(browser),
        "ServerApp.allow_root": "True",  # in a container there is nobody else
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    return [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in settings.items())]
