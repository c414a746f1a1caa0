/// The parts of a path, as text: nothing is looked up, and every text is a path.
///
/// Foundation's `NSString` has the same, but ends the program for some texts: `deletingLastPathComponent` for one of a single
/// character, `lastPathComponent` for one with several slashes inside and at its end.
extension String {
  /// `c.png` of `a/b/c.png` and of `a//c.png//`; `/` of slashes alone, nothing of nothing.
  package var lastPathComponent: String {
    let end = endOfPath
    guard end != startIndex else { return isEmpty ? "" : "/" }
    return String(self[startOfLastComponent(before: end)..<end])
  }

  /// `a/b` of `a/b/c.png`; `/` of `/a` and of slashes alone, nothing of `a`.
  package var deletingLastPathComponent: String {
    let end = endOfPath
    guard end != startIndex else { return isEmpty ? "" : "/" }
    let folder = unicodeScalars[..<startOfLastComponent(before: end)]
    guard !folder.isEmpty else { return "" }
    guard let last = folder.lastIndex(where: { $0 != "/" }) else { return "/" }
    return String(folder[...last])
  }

  /// `png` of `a/c.png`; nothing of `a.b/c`, `.c` and `c.`.
  package var pathExtension: String {
    let name = lastPathComponent
    guard let dot = name.startOfExtension else { return "" }
    return String(name.unicodeScalars[name.unicodeScalars.index(after: dot)...])
  }

  /// `a/c` of `a/c.png`; slashes at the end go.
  package var deletingPathExtension: String {
    let end = endOfPath
    guard end != startIndex else { return isEmpty ? "" : "/" }
    let path = String(self[..<end])
    let start = path.startOfLastComponent(before: path.endIndex)
    let name = String(path[start...])
    guard let dot = name.startOfExtension else { return path }
    return String(path[..<start]) + String(name.unicodeScalars[..<dot])
  }

  // By scalars: a slash with an accent behind it is a slash to every system.

  /// Before the slashes at the end.
  private var endOfPath: Index {
    unicodeScalars.lastIndex { $0 != "/" }.map { unicodeScalars.index(after: $0) } ?? startIndex
  }

  private func startOfLastComponent(before end: Index) -> Index {
    unicodeScalars[..<end].lastIndex(of: "/").map { unicodeScalars.index(after: $0) } ?? startIndex
  }

  /// The dot, of a name: the last one with something on both sides.
  private var startOfExtension: Index? {
    guard let dot = unicodeScalars.lastIndex(of: "."), dot != startIndex,
      unicodeScalars.index(after: dot) != endIndex
    else { return nil }
    return dot
  }
}
