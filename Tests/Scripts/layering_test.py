"""scripts/layering: what of Swift's text names a type, where it is declared, and what is a circle."""
import importlib.machinery
import importlib.util
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
path = os.path.join(os.path.dirname(__file__), "../../scripts/layering")
loader = importlib.machinery.SourceFileLoader("layering", path)
layering = importlib.util.module_from_spec(importlib.util.spec_from_loader("layering", loader))
loader.exec_module(layering)


def house(files):
    """The house of these files, path by text, of targets Low and High."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
            with open(os.path.join(root, name), "w") as file:
                file.write(text)
        layering.ROOT = root
        layering.targets = lambda: {"Low": "Sources/Low", "High": "Sources/High"}
        return layering.House()


def edges(files, room="Sources/Low"):
    return set(house({"Sources/Low/" + name: text for name, text in files.items()}).rooms().get(room, {}))


class Text(unittest.TestCase):
    def words(self, text):
        return layering.code_of(text).split()

    def test_comments_are_nothing(self):
        self.assertEqual(self.words("a // B\nc /* D /* E */ F */ g"), ["a", "c", "g"])

    def test_strings_are_nothing(self):
        self.assertEqual(self.words(r'a "B \" C" d "" e'), ["a", "d", "e"])
        self.assertEqual(self.words('a #"B " \\(C)"# d'), ["a", "d"])
        self.assertEqual(self.words('a """\n B "C" D\n """ e'), ["a", "e"])

    def test_regular_expressions_are_nothing(self):
        self.assertEqual(self.words('a #/"B/# c'), ["a", "c"])

    def test_what_a_string_interpolates_is_code(self):
        self.assertEqual(self.words(r'a "B \(C("D \(E)", f: (g))) H" i'), ["a", "(C(", "(E)", ",", "f:", "(g)))", "i"])
        self.assertEqual(self.words('a #"B \\#(C) D"# e'), ["a", "(C)", "e"])


class Edges(unittest.TestCase):
    def test_a_named_type_is_an_edge(self):
        self.assertEqual(edges({"A/A.swift": "struct A { let b: B }", "B/B.swift": "struct B {}"}), {("A", "B")})

    def test_own_files_of_a_folder_are_a_room(self):
        self.assertEqual(edges({"A.swift": "struct A { let b: B }", "B/B.swift": "struct B {}"}), {(".", "B")})

    def test_an_extension_names_its_type(self):
        self.assertEqual(edges({"A/A.swift": "struct A {}", "B/A+B.swift": "extension A { func b() {} }"}), {("B", "A")})

    def test_a_nested_type_is_not_another_of_its_name(self):
        files = {
            "A/A.swift": "struct A { struct Options {}\n let own: Options }",
            "B/B.swift": "struct B { let own: A.Options }",
            "C/C.swift": "struct C { let own: Options }", "D/Options.swift": "struct Options {}"}
        self.assertEqual(edges(files), {("B", "A"), ("C", "D")})

    def test_a_nested_type_is_seen_in_an_extension(self):
        files = {
            "A/A.swift": "struct A {}", "B/Limits.swift": "extension A { struct Limits {} }",
            "C/A+C.swift": "extension A { func c(_ own: Limits) {} }"}
        self.assertEqual(edges(files), {("B", "A"), ("C", "A"), ("C", "B")})

    def test_a_private_type_is_seen_by_its_file_only(self):
        files = {"A/A.swift": "private struct Part {}\n struct A { let own: Part }", "B/B.swift": "struct B { let own: Part }"}
        self.assertEqual(edges(files), set())

    def test_a_static_member_is_where_the_extension_is(self):
        files = {
            "A/A.swift": "struct A {}", "B/A+B.swift": "extension A { static let common = A() }",
            "C/C.swift": "let c = A.common"}
        self.assertEqual(edges(files), {("B", "A"), ("C", "A"), ("C", "B")})

    def test_folders_in_folders_are_a_level_of_their_own(self):
        files = {
            "A/A.swift": "struct A { let own: Inner }", "A/Deep/Inner.swift": "struct Inner { let own: Other }",
            "A/Wide/Other.swift": "struct Other {}"}
        self.assertEqual(edges(files), set())
        self.assertEqual(edges(files, "Sources/Low/A"), {(".", "Deep"), ("Deep", "Wide")})

    def test_a_type_of_another_target_counts_only_where_it_is_imported(self):
        both = {"Sources/Low/A/A.swift": "public struct A {}", "Sources/High/B/A.swift": "struct A {}"}
        found = house(both | {"Sources/High/C/C.swift": "import Low\nlet c = Low.A()"})
        self.assertEqual({names for names in map(frozenset, found.ties.values())}, {frozenset({"A"})})
        self.assertEqual(list(found.ties), [("Sources/High/C/C.swift", "Sources/Low/A/A.swift")])


class Circles(unittest.TestCase):
    def test_a_circle_is_who_reaches_whom(self):
        self.assertEqual(layering.circles({("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")}), [["a", "b", "c"]])
        self.assertEqual(layering.circles({("a", "b"), ("b", "c"), ("a", "c")}), [])

    def test_the_lightest_edge_breaks_it(self):
        self.assertEqual(layering.feedback(["a", "b", "c"], {("a", "b"): 5, ("b", "c"): 4, ("c", "a"): 1}), [("c", "a")])


if __name__ == "__main__":
    unittest.main()
