"""``python -m mimekit`` is the ``mimekit`` command."""

import sys

from .cli import main

sys.exit(main())
