"""``python -m mmpsearch`` is the command ``mmpsearch``."""

import sys

from mmpsearch.cli.main import main

sys.exit(main())
