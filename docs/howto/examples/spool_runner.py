"""Send what stands in a spool until told to stop: spool_runner.py SPOOL, with the URL to send by in $CARTERO_URL."""

import logging
import signal
import sys
import threading

import cartero

logging.basicConfig(level=logging.INFO)
told = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: told.set())
cartero.SpoolRunner(sys.argv[1], via=cartero.connect()).run(stop=told.is_set)
