#!/usr/bin/env python3
"""Test the cloud itself: python3 tests/cloud/selftest.py [-v] [MODULE...]"""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.discover(HERE / "selftests", "*_test.py", HERE)
    result = unittest.TextTestRunner(verbosity=1 + ("-v" in sys.argv)).run(suite)
    sys.exit(not result.wasSuccessful())
