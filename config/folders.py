"""Where the project's own files are, and where an installation keeps its own."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (BASE_DIR / "manage.py").exists()
# Where pip installed us there is no checkout around the packages: templates and static files lie
# in this one, .env and var/ in the folder that a command is started in.
FILES_DIR = BASE_DIR if IS_CHECKOUT else BASE_DIR / "config"
HOME_DIR = BASE_DIR if IS_CHECKOUT else Path.cwd()
