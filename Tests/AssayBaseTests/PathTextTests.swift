import AssayBase
import Testing

/// What POSIX calls the base name and the directory name of a path, but that a folder that is not named is nothing instead of
/// a dot.
@Suite struct PathTextTests {
  @Test(arguments: [
    ("a/b/c.png", "c.png", "a/b", "png", "a/b/c"),
    ("c.png", "c.png", "", "png", "c"),
    ("/c", "c", "/", "", "/c"),
    ("a//b//", "b", "a", "", "a//b"),
    ("a.b/c", "c", "a.b", "", "a.b/c"),
    (".hidden", ".hidden", "", "", ".hidden"),
    ("a/.x.png", ".x.png", "a", "png", "a/.x"),
    ("c.", "c.", "", "", "c."),
    ("part.tar.gz", "part.tar.gz", "", "gz", "part.tar"),
    ("ä/ü.JPG", "ü.JPG", "ä", "JPG", "ä/ü"),
    ("..", "..", "", "", ".."),
    // Foundation's end the program on these.
    ("a", "a", "", "", "a"),
    ("a/", "a", "", "", "a"),
    (".", ".", "", "", "."),
    ("i/////m.g//", "m.g", "i", "g", "i/////m"),
    ("", "", "", "", ""),
    ("/", "/", "/", "", "/"),
    ("///", "/", "/", "", "/"),
    // A combining acute accent behind the slash.
    ("a/\u{301}b", "\u{301}b", "a", "", "a/\u{301}b"),
  ]) func parts(_ path: String, _ name: String, _ folder: String, _ kind: String, _ stem: String) {
    #expect(path.lastPathComponent == name && path.deletingLastPathComponent == folder)
    #expect(path.pathExtension == kind && path.deletingPathExtension == stem)
  }
}
