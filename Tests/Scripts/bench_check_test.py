"""scripts/bench_check.py: figures are ratios of a run's own steps, medians of the repeats, and beyond a threshold it ends with 1."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/bench_check.py")


class BenchCheck(unittest.TestCase):
    def check(self, figures, *words):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "assay")
            with open(program, "w") as file:
                file.write('#!/bin/sh\necho "{\\"median\\": $2, \\"name\\": \\"$1\\"}"\n')
            os.chmod(program, 0o755)
            os.mkdir(os.path.join(folder, "thresholds"))
            with open(os.path.join(folder, "thresholds/own.json"), "w") as file:
                json.dump({"steps": {"one": ["bench", "2", "--json"], "two": ["bench", "8", "--json"]}, "figures": figures}, file)
            return subprocess.run(
                [sys.executable, script, program, "--repeats", "1", "--thresholds", os.path.join(folder, "thresholds"), *words],
                capture_output=True, text=True)

    def test_a_ratio_within_its_threshold(self):
        done = self.check([{"name": "one.median / two.median", "most": 0.3}, {"name": "two.median", "least": 8}])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("own: one.median / two.median = 0.25", done.stdout)

    def test_beyond_it_ends_with_one(self):
        for bound in ({"most": 0.2}, {"least": 0.3}):
            done = self.check([{"name": "one.median / two.median", **bound}])
            self.assertEqual(done.returncode, 1)
            self.assertIn("BEYOND", done.stdout)

    def test_a_figure_that_nobody_says_is_an_error(self):
        done = self.check([{"name": "one.mean", "most": 1}])
        self.assertIn("has no figure mean; it has median, peakMiB, seconds", done.stderr)

    def test_an_unknown_name_is_an_error(self):
        self.assertIn("there is no other", self.check([], "other").stderr)


if __name__ == "__main__":
    unittest.main()
