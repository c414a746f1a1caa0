import AssayBase
import CFileSystem
import Foundation

/// Names that a folder takes.
package enum FileName {
  /// Bytes of a name at most in a folder; 255 where the file system does not say.
  static func limit(in folder: String) -> Int {
    let limit = pathconf(folder, Int32(_PC_NAME_MAX))
    return limit > 0 ? limit : 255
  }

  /// `name.png` as it is for 1, `name-2.png` for 2; shortened before the number where it would be too long.
  /// - Parameter limit: bytes.
  package static func numbered(_ name: String, _ number: Int, limit: Int) -> String {
    guard number > 1 || name.utf8.count > limit else { return name }
    let suffix = name.pathExtension
    let end = (number > 1 ? "-\(number)" : "") + (suffix.isEmpty ? "" : "." + suffix)
    var stem = name.deletingPathExtension
    // Whole characters, so that it stays UTF-8.
    while !stem.isEmpty, stem.utf8.count + end.utf8.count > limit { stem.removeLast() }
    return stem + end
  }
}

/// Renames, and never replaces what has the new name.
enum Renaming {
  /// - Returns: `errno`, 0 when it is done; `EEXIST` when something has the name, `EXDEV` for another file system.
  static func withoutReplacing(_ from: String, _ to: String) -> Int32 {
    if renameat2(AT_FDCWD, from, AT_FDCWD, to, ASSAY_RENAME_NOREPLACE) == 0 { return 0 }
    let code = errno
    // File systems that do not know it (some network shares): a hard link cannot replace either.
    guard code == EINVAL || code == ENOSYS || code == EOPNOTSUPP else { return code }
    if link(from, to) == 0 { return unlink(from) == 0 ? 0 : errno }
    let second = errno
    guard second == EPERM || second == EOPNOTSUPP || second == ENOSYS || second == EMLINK else { return second }
    // Without either there is a moment in which another could take the name.
    guard FileMark(path: to) == nil else { return EEXIST }
    return rename(from, to) == 0 ? 0 : errno
  }
}
