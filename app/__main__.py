"""`python -m app` is `presend`."""

from app.cli import main

raise SystemExit(main())
