"""`python -m service.cli`: the same as `liujing`."""

import sys

from service.cli.main import main

sys.exit(main())
