"""scripts/version.sh: what a tag, commits and edits after it, an archive and a tree without either are called."""
import os
import shutil
import subprocess
import tempfile
import unittest

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


class Version(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.tree = os.path.realpath(os.path.join(self.folder.name, "assay"))
        os.makedirs(os.path.join(self.tree, "scripts"))
        shutil.copy(os.path.join(root, "scripts/version.sh"), os.path.join(self.tree, "scripts"))
        for name in ("VERSION", ".gitattributes"):
            shutil.copy(os.path.join(root, name), self.tree)
        self.git("init", "--quiet")
        self.commit()

    def tearDown(self):
        self.folder.cleanup()

    def git(self, *words):
        own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]
        return subprocess.run(["git", *own, *words], cwd=self.tree, check=True, capture_output=True).stdout

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "one")

    def version(self, tree=None):
        return subprocess.run([os.path.join(tree or self.tree, "scripts/version.sh")], check=True, capture_output=True, text=True).stdout.strip()

    def archive(self):
        place = os.path.join(self.folder.name, "archive")
        os.makedirs(place)
        subprocess.run(["tar", "-x", "-C", place], input=self.git("archive", "HEAD"), check=True)
        return place

    def test_no_tag_is_nothing(self):
        self.assertEqual(self.version(), "")
        self.assertEqual(self.version(self.archive()), "")

    def test_a_tag_is_its_number(self):
        self.git("tag", "-a", "v0.2.0", "-m", "0.2.0")
        self.assertEqual(self.version(), "0.2.0")
        self.assertEqual(self.version(self.archive()), "0.2.0")

    def test_a_commit_after_it_is_dev(self):
        self.git("tag", "v0.2.0-rc.1")
        self.assertEqual(self.version(), "0.2.0-rc.1")
        self.commit()
        self.assertEqual(self.version(), "0.2.0-rc.1+dev")
        self.assertEqual(self.version(self.archive()), "0.2.0-rc.1+dev")

    def test_an_edit_is_dev(self):
        self.git("tag", "v0.2.0")
        with open(os.path.join(self.tree, "scripts/version.sh"), "a") as file:
            file.write("# edited\n")
        self.assertEqual(self.version(), "0.2.0+dev")

    def test_another_repository_around_it_is_not_asked(self):
        self.git("tag", "v0.2.0")
        inner = os.path.join(self.tree, "vendored")
        os.makedirs(os.path.join(inner, "scripts"))
        shutil.copy(os.path.join(self.tree, "scripts/version.sh"), os.path.join(inner, "scripts"))
        self.assertEqual(self.version(inner), "")

    def test_other_tags_are_none(self):
        self.git("tag", "nightly")
        self.assertEqual(self.version(), "")


if __name__ == "__main__":
    unittest.main()
