import AssayTestSupport
import Foundation
import Synchronization

/// Folders that targets write to. They live as long as the program, and go with it.
enum ScratchFolder {
  private static let paths = Mutex<[String]>([])
  private static let removal: Void = {
    atexit {
      for path in ScratchFolder.paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }
  }()

  static func make() -> TemporaryFolder {
    _ = removal
    let folder = TemporaryFolder()
    paths.withLock { $0.append(folder.path) }
    return folder
  }
}
