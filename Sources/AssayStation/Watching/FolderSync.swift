import Foundation

/// Names on the disk: a file that was moved is where it was moved to after a loss of power, too.
enum FolderSync {
  /// A file system that cannot do it (some network shares) does it by itself or never; nothing is to be done then.
  static func sync(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = fsync(descriptor)
  }
}
