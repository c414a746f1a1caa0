"""What a target may not depend on, asked of Package.swift: a program that only inspects links no training code."""
import json
import os
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What inspects, and what serves what inspects.
INSPECTING = ["AssayInspection", "AssayEvaluation", "AssayStation", "AssayHTTP", "AssayPlant"]
TRAINING = {"COneDNN", "CKernels", "AssayLearning", "AssayTraining", "AssayMethods", "AssayRetraining"}


def dependencies():
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for target in json.loads(dump.stdout)["targets"]:
        names = [list(own.values())[0][0] for own in target["dependencies"]]
        found[target["name"]] = set(names)
    return found


def reached(start, edges):
    found, waiting = set(), [start]
    while waiting:
        for name in edges.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


class TargetsTest(unittest.TestCase):
    def test_inspecting_needs_no_training(self):
        edges = dependencies()
        for name in INSPECTING:
            with self.subTest(name):
                self.assertIn(name, edges)
                self.assertEqual(reached(name, edges) & TRAINING, set())

    def test_training_is_seen(self):
        self.assertLessEqual({"COneDNN", "AssayLearning", "AssayTraining"}, reached("AssayMethods", dependencies()))


if __name__ == "__main__":
    unittest.main()
